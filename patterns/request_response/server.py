"""A node that answers: what every server does before, around and after the work itself."""

from __future__ import annotations

import asyncio
from functools import partial

from patterns.carriers.call import Request, Response
from patterns.core.faults import Asked
from patterns.core.log import LogClosed, Outcome
from patterns.core.message import Message
from patterns.request_response.api import data_of
from patterns.request_response.job import Job
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Call, Network

MOST_REPLICAS = 4

ERRORS = {
    "error-400": (400, "bad request"),
    "error-404": (404, "not found"),
    "error-429": (429, "too many requests"),
    "error-500": (500, "internal error"),
}
"""The faults by which a server answers at once, and does nothing."""


class Server:
    """Takes requests in, gives responses out, and can crash. Subclasses say what the `answer` is."""

    replicas = 1

    def __init__(self, network: Network, name: str, narrator: Narrator) -> None:
        self.network, self.name, self.narrator = network, name, narrator
        self.run, self.clock, self.log = network.run, network.run.clock, network.run.log
        self.jobs: dict[str, Job] = {}

    async def answer(self, job: Job) -> Response:
        """Do the work."""
        raise NotImplementedError(self.name)

    async def open(self) -> None:
        """Listen: one server for each replica."""
        for number in range(1, self.replicas + 1):
            await self.network.carrier.serve(f"{self.name}-{number}", partial(self.receive, number))

    async def receive(self, replica: int, request: Request) -> Response:
        """Answer one request, in time or not at all."""
        if request.method == "DELETE":
            return self._stop_job(data_of(request)["job"])
        call = self.network.land(request)
        if call is None:
            return Response(499)
        job = self.jobs[call.tag] = self._job(call, replica, request)
        try:
            return await self.network.reply(call, await self._work(job), job.why, job.parents)
        except LogClosed:
            return Response(503)

    async def crash(self, asked: Asked) -> None:
        """Close every socket; what is under work is lost."""
        self.log.changed(self.name, "state", "down", why=asked.key)
        self.narrator.say(self.name, f"{self.name.capitalize()} crashes, so its connections break")
        for number in range(1, self.replicas + 1):
            await self.network.carrier.crash(f"{self.name}-{number}")

    async def restart(self) -> None:
        """Listen again, with empty hands."""
        await self.open()
        self.log.changed(self.name, "state", "up")

    async def _work(self, job: Job) -> Response:
        try:
            return await self._answer_or_fail(job)
        except asyncio.CancelledError:
            self._ended_early(job)
            raise
        finally:
            self.jobs.pop(job.tag, None)
            for timer in job.timers:
                timer.cancel()

    async def _answer_or_fail(self, job: Job) -> Response:
        for fault, (status, words) in ERRORS.items():
            if why := self.run.faults.strikes(fault, self.name):
                job.why = why
                return Response(status, {"error": words})
        if asked := self.run.faults.on("slow", self.name):
            job.why = asked.key
        response = await self.answer(job)
        if why := self.run.faults.strikes("fail-late", self.name):
            job.why = why
            return Response(500, {"error": "failed after its work"})
        return response

    def extra_seconds(self) -> float:
        """How much longer the work takes because this node is slow."""
        asked = self.run.faults.on("slow", self.name)
        return asked.amount if asked else 0.0

    def _job(self, call: Call, replica: int, request: Request) -> Job:
        headers = request.headers
        # What is left is told, not when it is over: in the world the clocks of two machines differ.
        expires = self.clock.now() + float(headers["x-timeout"])
        listens = self.run.on("deadline-propagation")
        key = headers.get("idempotency-key", "")
        until = expires if listens else None
        job = Job(call, data_of(request), key, replica, expires, until, asyncio.current_task())
        if listens:
            job.timers.append(self.clock.call_at(expires, lambda: self._too_late(job)))
        return job

    async def check_deadline(self, job: Job) -> None:
        """Do not begin what is too late already, even if it came in before deadlines were listened to."""
        if self.run.on("deadline-propagation") and self.clock.now() >= job.expires:
            self._too_late(job)
            await self.clock.sleep(0)

    def _too_late(self, job: Job) -> None:
        self.narrator.say(self.name, "Its caller has gone, so the work is stopped", job.call.message.id)
        job.stop(job.why or "deadline passed")

    def _stop_job(self, tag: str) -> Response:
        job = self.jobs.get(tag)
        if job is not None:
            self.narrator.say(self.name, "Another answer came first, so this work is cancelled", job.call.message.id)
            job.stop(job.why or "cancelled by its caller")
        return Response(204)

    def _ended_early(self, job: Job) -> None:
        if self.log.closed:
            return
        if job.stopped:
            self._settle(job.call.message, "expired", job.stopped)
        else:
            self._settle(job.call.message, "lost", f"crash:{self.name}")

    def _settle(self, message: Message, outcome: Outcome, why: str) -> None:
        self.log.settled(message, self.name, outcome, why)
