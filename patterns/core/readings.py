"""What invariants and metrics said, and when: a pure function of the log, worked out when it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patterns.core.invariants import Checker, Invariant, Status
from patterns.core.log import Ended, Event, RunLog
from patterns.core.metrics import Meter, Metric

SAMPLE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Mark:
    """An invariant's light changed with event `seq`; `first` is the seq that broke it, 0 if none did."""

    seq: int
    at: float
    invariant: str
    status: Status
    count: int
    first: int


@dataclass(frozen=True, slots=True)
class Sample:
    """A metric read `value`, in its declared unit, at event `seq`."""

    seq: int
    at: float
    metric: str
    value: float


class Readings:
    """Reads a log with fresh checkers and meters, as far as it has come, whenever somebody asks.

    A run that nobody watches pays nothing for them: they cost as much as the backend itself.
    """

    def __init__(self, invariants: Sequence[Invariant], metrics: Sequence[Metric], log: RunLog) -> None:
        self._checkers: dict[str, Checker] = {item.name: item.make() for item in invariants}
        self._meters: dict[str, Meter] = {item.name: item.make() for item in metrics}
        self._taken: list[Mark | Sample] = []
        self._log = log
        self._read = 0
        self._lights: dict[str, tuple[Status, int]] = dict.fromkeys(self._checkers, ("holds", 0))
        self._sampled: dict[str, float] = {}
        self._next_sample = 0.0

    @property
    def checkers(self) -> dict[str, Checker]:
        """Each invariant's checker, by name."""
        self._catch_up()
        return self._checkers

    @property
    def meters(self) -> dict[str, Meter]:
        """Each metric's meter, by name."""
        self._catch_up()
        return self._meters

    @property
    def taken(self) -> list[Mark | Sample]:
        """Marks and samples in the order of the log."""
        self._catch_up()
        return self._taken

    def _catch_up(self) -> None:
        events = self._log.events
        while self._read < len(events):
            self._read += 1
            self._observe(events[self._read - 1])

    def _observe(self, event: Event) -> None:
        for name, checker in self._checkers.items():
            checker.observe(event, self._log)
            light = (checker.status, checker.count)
            if light != self._lights[name]:
                self._lights[name] = light
                self._taken.append(Mark(event.seq, event.at, name, *light, checker.first or 0))
        for meter in self._meters.values():
            meter.observe(event, self._log)
        if event.at >= self._next_sample or isinstance(event, Ended):
            self._next_sample = event.at + SAMPLE_SECONDS
            self._sample(event)

    def _sample(self, event: Event) -> None:
        for name, meter in self._meters.items():
            value = meter.value
            if value is not None and value != self._sampled.get(name):
                self._sampled[name] = value
                self._taken.append(Sample(event.seq, event.at, name, value))
