"""Calls made by calling: no socket, so the order of events depends on the run's clock alone."""

from __future__ import annotations

from patterns.carriers.call import Handler, Refused, Request, Response
from patterns.carriers.work import Work


class Direct:
    """A carrier for deterministic tests, and for time that runs faster than sockets can follow."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self._work = Work()

    async def serve(self, address: str, handler: Handler) -> None:
        self._handlers[address] = handler

    async def call(self, address: str, request: Request) -> Response:
        handler = self._handlers.get(address)
        if handler is None:
            raise Refused(f"nobody listens at {address}")
        return await self._work.do(address, handler, request)

    async def crash(self, address: str) -> None:
        self._handlers.pop(address, None)
        await self._work.drop(address)

    async def close(self) -> None:
        self._handlers.clear()
        await self._work.drop_all()
