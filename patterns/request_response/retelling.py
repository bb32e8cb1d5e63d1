"""Calls that were made outside the lab, told afterwards as a run of it, so that they can be looked at like any other.

Nothing is told while calls are under way: each keeps four readings of real time, and that is all it costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from patterns.core.clock import ManualClock
from patterns.core.message import Message
from patterns.core.pattern import discover
from patterns.core.run import Run

CALLER, SERVER = "browser", "page"


@dataclass(slots=True)
class Stamps:
    """When one call left, came to the server, was answered there, and had its answer; real seconds of this machine."""

    number: int
    asked: float
    came: float = 0.0
    left: float = 0.0
    heard: float = 0.0


async def retell(calls: Sequence[Stamps], began: float, seed: int, title: str) -> Run:
    """A finished run in which these calls happen at the times at which they did."""
    run = Run(discover()["request-response"], seed, clock=ManualClock())
    run.log.noted(CALLER, title)
    teller = Teller(run, began)
    for call in calls:
        moments = (
            (call.asked, teller.ask),
            (call.came, teller.come),
            (call.left, teller.answer),
            (call.heard, teller.hear),
        )
        for at, tell in moments:
            run.clock.call_at(at - began, partial(tell, call))
    last = max(call.heard for call in calls) - began
    await run.clock.advance(last)
    await run.stop("all calls have their answers")
    return run


class Teller:
    """Writes each moment of a call into the log of a run whose clock stands there."""

    def __init__(self, run: Run, began: float) -> None:
        self._run, self._log, self._began = run, run.log, began
        self._waiting = 0
        self._hops: dict[str, int] = {}

    def ask(self, call: Stamps) -> None:
        """The call leaves."""
        self._send(self._request(call), CALLER, SERVER, call.came)
        self._count(1)

    def come(self, call: Stamps) -> None:
        """It is at the server."""
        self._land(self._request(call).id, SERVER)

    def answer(self, call: Stamps) -> None:
        """The answer leaves."""
        self._send(self._reply(call), SERVER, CALLER, call.heard)

    def hear(self, call: Stamps) -> None:
        """Whoever called has it."""
        self._land(self._reply(call).id, CALLER)
        self._log.settled(self._request(call), CALLER, "reply")
        self._count(-1)

    def _request(self, call: Stamps) -> Message:
        name = f"call{call.number}"
        return Message(name, "Call", CALLER, call.asked - self._began, role="request", correlation_id=name)

    def _reply(self, call: Stamps) -> Message:
        name, at = f"call{call.number}", call.left - self._began
        return Message(f"{name}/reply", "Answer", SERVER, at, role="reply", correlation_id=name, causation_id=name)

    def _send(self, message: Message, source: str, target: str, lands: float) -> None:
        self._hops[message.id] = self._log.sent(message, source, target, lands - self._began).hop

    def _land(self, message: str, node: str) -> None:
        self._log.received(message, node, self._hops[message])

    def _count(self, change: int) -> None:
        self._waiting += change
        self._log.changed(CALLER, "waiting", self._waiting, "calls")
