"""A way from one node to another, and one flight over it.

Latency, jitter, loss, duplication and reordering are put on as a network emulator (Linux netem) would, from a seeded
source, so that a human can see a hop and a test can repeat it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from patterns.core.clock import Clock
from patterns.core.log import RunLog
from patterns.core.message import Message


@dataclass(frozen=True, slots=True)
class Link:
    """A declared way. Latency and jitter in seconds; loss, duplication and reordering are ratios of flights (0..1).

    Each flight takes latency + U(0, jitter). A link delivers in order, as TCP does; a reordered flight takes a whole
    latency longer and is allowed to be overtaken. `both_ways` lets replies use it. `shown_with` names a switch without
    which it is hidden.
    """

    source: str
    target: str
    latency: float = 0.04
    jitter: float = 0.0
    loss_ratio: float = 0.0
    duplication_ratio: float = 0.0
    reordering_ratio: float = 0.0
    protocol: str = "in process"
    both_ways: bool = True
    shown_with: str = ""

    @property
    def name(self) -> str:
        return f"{self.source}→{self.target}"


@dataclass(slots=True)
class Flight:
    """One hop under way. `lost_to` says what will take it, if anything."""

    message: Message
    target: str
    due: float
    hop: int
    attempt: int
    link: str
    log: RunLog
    lost_to: str = ""

    def land(self) -> None:
        """Record that it arrived."""
        self.log.received(self.message.id, self.target, self.hop)

    def drop(self) -> None:
        """Record that it never will."""
        self.log.dropped(self.message.id, self.target, self.hop, self.link, self.lost_to)


@dataclass(slots=True)
class Wire:
    """A link at work in one run, in one direction. The ratios may be changed while it runs (faults do)."""

    source: str
    target: str
    link: Link
    clock: Clock
    log: RunLog
    random: random.Random
    latency: float = field(init=False)
    loss_ratio: float = field(init=False)
    duplication_ratio: float = field(init=False)
    reordering_ratio: float = field(init=False)
    _last_due: float = 0.0

    def __post_init__(self) -> None:
        self.latency = self.link.latency
        self.loss_ratio = self.link.loss_ratio
        self.duplication_ratio = self.link.duplication_ratio
        self.reordering_ratio = self.link.reordering_ratio

    def launch(self, message: Message, attempt: int = 1, lost_to: str = "", why: str = "", late: float = 0.0) -> Flight:
        """Begin one hop and decide its fate. Whoever launches lands or drops it at `due`.

        A flight that is `late` takes that many seconds longer, and may be overtaken.
        """
        due = self._due() if not late else self.clock.now() + self.latency + late
        if not lost_to and self.loss_ratio and self.random.random() < self.loss_ratio:
            lost_to = "loss"
        sent = self.log.sent(message, self.source, self.target, due, attempt, why)
        return Flight(message, self.target, due, sent.hop, attempt, self.link.name, self.log, lost_to)

    def send(
        self, message: Message, deliver: Callable[[Message], None], attempt: int = 1, lost_to: str = "", why: str = ""
    ) -> None:
        """Fly a message in process; `deliver` is called with it when it lands, twice if the link doubles it."""
        self._fly(self.launch(message, attempt, lost_to, why), deliver)
        if self.duplication_ratio and self.random.random() < self.duplication_ratio:
            self._fly(self.launch(message, attempt, why="duplication"), deliver)

    async def carry(self, message: Message, attempt: int = 1, lost_to: str = "", why: str = "") -> Flight:
        """Let the hop's latency pass, for a carrier that moves the bytes itself. Lands nothing; drops what is lost."""
        flight = self.launch(message, attempt, lost_to, why)
        await self.clock.sleep_until(flight.due)
        if flight.lost_to:
            flight.drop()
        return flight

    def _fly(self, flight: Flight, deliver: Callable[[Message], None]) -> None:
        def arrive() -> None:
            if flight.lost_to:
                flight.drop()
            else:
                flight.land()
                deliver(flight.message)

        self.clock.call_at(flight.due, arrive)

    def _due(self) -> float:
        due = self.clock.now() + self.latency + (self.random.random() * self.link.jitter if self.link.jitter else 0.0)
        if self.reordering_ratio and self.random.random() < self.reordering_ratio:
            return due + max(self.latency, 0.001)
        self._last_due = max(self._last_due, due)
        return self._last_due
