"""The work under way behind an address: tasks that outlive an impatient caller, and die with their server."""

from __future__ import annotations

import asyncio

from patterns.carriers.call import Handler, Refused, Request, Response


class Work:
    """Runs each call of a handler in a task of its own."""

    def __init__(self) -> None:
        self._tasks: dict[str, set[asyncio.Task[Response]]] = {}

    async def do(self, address: str, handler: Handler, request: Request) -> Response:
        """Answer one request.

        Raises:
            Refused: the work was ended before it had an answer.
        """
        task = asyncio.ensure_future(handler(request))
        tasks = self._tasks.setdefault(address, set())
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        await asyncio.wait([task])  # unlike `await task`, leaves it running when the caller goes
        if task.cancelled():
            raise Refused(f"{address} ended the call without an answer")
        return task.result()

    async def drop(self, address: str) -> None:
        """End all work at an address, and wait until it has ended."""
        tasks = list(self._tasks.get(address, ()))
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def drop_all(self) -> None:
        """End all work everywhere."""
        for address in list(self._tasks):
            await self.drop(address)
