"""Work promised with a 202 and done afterwards. It is held in memory only, so a crash breaks the promise."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from patterns.carriers.call import Response
from patterns.core.run import Run
from patterns.request_response.job import Job


@dataclass(slots=True)
class Promise:
    """One piece of accepted work; `response` is None until it is done."""

    job: Job
    task: asyncio.Task[None] | None = None
    response: Response | None = None


class AcceptedWork:
    """What a server has promised, the page server unless told."""

    def __init__(self, run: Run, node: str = "page") -> None:
        self._run, self._node = run, node
        self._promises: dict[str, Promise] = {}

    def accept(self, job: Job, work: Callable[[Job], Awaitable[Response]]) -> Response:
        """Begin the work and answer at once: 202, with where to ask."""
        promise = self._promises[job.tag] = Promise(replace(job, until=None, in_background=True, timers=[], task=None))
        promise.task = self._run.spawn(self._keep(promise, work), f"work {job.tag}")
        return Response(202, {"work": job.tag}, {"location": f"/status?work={job.tag}"})

    def status(self, job: Job) -> Response:
        """How far it is: 202 not yet, the result itself, or 404 if nobody remembers."""
        promise = self._promises.get(str(job.data["work"]))
        if promise is None:
            return Response(404, {"error": "no such work"})
        return promise.response or Response(202, {"work": job.data["work"]})

    def forget(self, why: str) -> None:
        """The memory is gone: what was promised and is not done is lost."""
        for promise in self._promises.values():
            if promise.response is None and promise.task is not None:
                promise.task.cancel()
                self._run.log.settled(promise.job.call.message, self._node, "lost", why)
        self._promises.clear()

    async def _keep(self, promise: Promise, work: Callable[[Job], Awaitable[Response]]) -> None:
        promise.response = await work(promise.job)
