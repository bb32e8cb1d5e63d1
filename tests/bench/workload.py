"""A log that grows evenly, without a backend: what is measured is how it gets to the viewer."""

from __future__ import annotations

from types import SimpleNamespace

from patterns.core.clock import LiveClock
from patterns.core.link import Link
from patterns.core.message import Message
from patterns.core.pattern import Node, Pattern
from patterns.core.run import Run

EVENTS_PER_FRAME = 8
"""What pub-sub records in 50 ms at its default rate."""

MOST_FRAMES = 170
"""Enough for all repetitions."""

STEADY = Pattern(
    slug="steady", title="Steady", backend="", nodes=(Node("a", "A", "client", 0, 0), Node("b", "B", "service", 9, 9)),
    links=(Link("a", "b"),), controls=(), remedies=(), faults=(), invariants=(), metrics=(), figures=(), scenarios=(),
    fidelity=(),
)  # fmt: skip


class Workload:
    """One learner's run, recorded beforehand for so many frames. Must be made inside an event loop."""

    def __init__(self, frames: int) -> None:
        self.run = Run(STEADY, clock=LiveClock())
        for number in range(1, frames * EVENTS_PER_FRAME // 4 + 1):
            self._ask(number)
        self.run.readings = SimpleNamespace(taken=[])  # the rival has neither invariants nor metrics
        self._recorded = self.run.log.events
        self.run.log.events = []

    def work(self) -> None:
        """What happens in 50 ms."""
        done = len(self.run.log.events)
        self.run.log.events += self._recorded[done : done + EVENTS_PER_FRAME]

    def _ask(self, number: int) -> None:
        """One request: sent, received, settled, and a queue's depth."""
        log, at = self.run.log, number * 0.025
        message = Message(str(number), "OrderPlaced", "a", at, subject="orders.placed")
        events = (
            log.sent(message, "a", "b", at + 0.04),
            log.received(message.id, "b", log.hops),
            log.settled(message, "b", "applied"),
            log.changed("b", "backlog", float(number % 7), "messages"),
        )
        for event in events:
            event.at = at
