"""Many callers who were all turned away at the same moment, and all want in again."""

from __future__ import annotations

from patterns.carriers.call import Response
from patterns.carriers.direct import Direct
from patterns.core.clock import ManualClock
from patterns.core.experiment import Measurements, Show, Size
from patterns.core.log import Sent
from patterns.core.message import Message
from patterns.core.pattern import Settings, discover
from patterns.core.run import Run
from patterns.request_response import evidence as e
from patterns.request_response.answer import Answer
from patterns.request_response.caller import Caller, Question
from patterns.request_response.job import Job
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.service import Service

GUESTS, ROOM = 200, 10
"""Callers, and how many of them the server can take at once."""

WAY, WORK = 0.1, 0.19
"""Seconds one way and of work. Who is turned away and comes again at once is back after 2 × 0.1 s, a round; so in each
round every place is free again, and is taken once."""

SETTINGS: Settings = {
    "replicas": 1.0, "workers": float(ROOM), "service-time": WORK, "network-latency": WAY, "timeout": 1.0,
}  # fmt: skip


class Bounded(Service):
    """Price with a bound: while all of its workers are busy it says no at once, where the lab's queues."""

    async def answer(self, job: Job) -> Response:
        if self._workers[job.replica].busy >= ROOM:
            return Response(503, {"error": "full"})
        return await super().answer(job)


class Crowd(Caller):
    """The lab's caller, which waits between two tries as the lab does; but tries until it is served."""

    def _may_retry(self, answer: Answer, attempt: int) -> bool:
        return True


async def _serve_crowd(seed: int, show: Show, jitter: bool) -> Measurements:
    """Let all of them call at once, in a run of the lab in which nobody else is."""
    clock = ManualClock()
    run = Run(discover()["request-response"], seed, {**SETTINGS, "retry-backoff": jitter}, clock=clock)
    narrator, network = Narrator(run.log, clock), Network(run, Direct())
    await Bounded(network, "price", narrator).open()
    crowd = Crowd(network, "page", narrator)
    guests = [run.spawn(_call(crowd, number), f"guest {number}") for number in range(1, GUESTS + 1)]
    while not all(guest.done() for guest in guests):
        await clock.run_for(1.0)
    await run.stop("all are served")
    await network.close()
    show(run)
    return {"calls": calls(run), "served": served(run)}


def calls(run: Run) -> float:
    """Every try, whether it was taken in or turned away."""
    return len(e.exchanges(run, "page", "price"))


def served(run: Run) -> float:
    """Tries that got a place and were worked on."""
    told = (run.log.messages[event.message] for event in run.log if isinstance(event, Sent) and event.source == "price")
    return sum(message.role == "reply" for message in told)


async def _call(crowd: Crowd, number: int) -> None:
    name = f"guest{number}"
    message = Message(name, "GetPrice", "page", crowd.clock.now(), "price", {"product": number}, "request", name)
    crowd.settle(message, await crowd.ask(Question(message, "price", lambda: crowd.run.number("timeout"))))


async def crowd_in_step(seed: int, size: Size, show: Show) -> Measurements:
    """All who were refused come again together, at once."""
    return await _serve_crowd(seed, show, jitter=False)


async def crowd_with_jitter(seed: int, size: Size, show: Show) -> Measurements:
    """Each waits a time of his own, drawn as the lab draws it for its backoff."""
    return await _serve_crowd(seed, show, jitter=True)
