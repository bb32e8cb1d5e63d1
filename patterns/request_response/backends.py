"""How the page server calls the services: with a thread for each call, behind a breaker, hedged if it may be."""

from __future__ import annotations

from typing import Any

from patterns.core.message import Message
from patterns.request_response.answer import Answer
from patterns.request_response.api import READS
from patterns.request_response.breaker import Breaker, State
from patterns.request_response.caller import Caller, Question
from patterns.request_response.gauge import Gauge
from patterns.request_response.job import Job
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.pool import Pool
from patterns.request_response.topology import SERVICES

COMPARTMENTS = 4
"""A bulkhead gives each of four services a quarter of the threads: 5 of 20."""

BACKGROUND_SECONDS = 120.0
"""How long a call may take that nobody waits for: its result is fetched later."""


class Backends(Caller):
    """The page server's calls to services."""

    def __init__(self, network: Network, narrator: Narrator) -> None:
        super().__init__(network, "page", narrator)
        self.pool = Pool(self.clock, self._size, self._share, self._show)
        self._breakers = {service: self._breaker(service) for service in SERVICES}
        self._busy = Gauge(self.run.log, self.clock, "page", "pool", "threads")
        self._queue = Gauge(self.run.log, self.clock, "page", "queue", "requests")

    def question(
        self, job: Job, kind: str, target: str, data: dict[str, Any], name: str = "", parents: tuple[str, ...] = ()
    ) -> Question:
        """What the page asks of a service for one of its own jobs, or for several `parents` at once."""
        order = job.call.message.subject if kind == "ReserveStock" else ""
        message = Message(
            f"{job.tag}/{name or target}", kind, "page", self.clock.now(), order or target, data, "request",
            job.call.message.correlation_id, job.call.message.id, parents,
        )  # fmt: skip
        short = self.run.faults.on("short-deadline", "page")
        expiry = short.key if short else "timeout"
        return Question(message, target, lambda: self._seconds(job), key=job.key, until=job.until, expiry=expiry)

    async def once(self, question: Question) -> Answer:
        """One try: past the breaker, with a thread, within the time there is."""
        breaker = self._breakers[question.target]
        if self.run.on("circuit-breaker") and not breaker.lets_through():
            return Answer(503, why="breaker open")
        succeeded = False
        try:
            answer = await self._with_a_thread(question)
            succeeded = answer.ok
            return answer
        finally:
            if self.run.on("circuit-breaker") and not self.run.log.closed:
                breaker.learn(succeeded)

    async def _with_a_thread(self, question: Question) -> Answer:
        if not await self.pool.take(question.target, self.clock.now() + self.time_for(question)):
            self.narrator.say("page", f"No thread gets free, so the call to {question.target} fails")
            return Answer(504, why="no free thread", late=True)
        try:
            hedge = self.run.on("hedging") and question.message.type in READS
            return await self.fly(question, self.time_for(question), self.run.number("hedge-after") if hedge else None)
        finally:
            self.pool.give_back(question.target)

    def _seconds(self, job: Job) -> float:
        seconds = BACKGROUND_SECONDS if job.in_background else self.run.number("timeout")
        short = self.run.faults.on("short-deadline", "page")
        return min(seconds, short.amount) if short else seconds

    def _size(self) -> int:
        return int(self.run.number("pool-size"))

    def _share(self) -> int:
        return max(1, self._size() // COMPARTMENTS) if self.run.on("bulkhead") else self._size()

    def _show(self) -> None:
        busy, size, queue = self.pool.busy, self._size(), self.pool.queue
        self._busy.show(f"{busy}/{size}")
        self._queue.show(queue)
        if queue and busy >= size:
            self.narrator.say("page", f"All {size} threads wait for answers, so new calls queue")

    def _breaker(self, service: str) -> Breaker:
        def changed(state: State) -> None:
            if not self.run.log.closed:
                self.run.log.changed(service, "breaker", state)
                self.narrator.say(service, _CAPTIONS[state])

        return Breaker(self.clock, changed)


_CAPTIONS = {
    "open": "Five failures in a row, so the breaker opens",
    "half-open": "Two seconds are over, so one trial call may pass",
    "closed": "The trial call succeeds, so the breaker closes",
}
