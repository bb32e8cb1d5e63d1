"""What is measured: meters that watch the log. Every value has a unit, and every value is computed from events."""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

from patterns.core.log import Event, RunLog

Amount = Callable[[Event, RunLog], float | None]
"""What an event adds to a meter, or None if it does not concern it."""


class Meter:
    """Watches a log. `value` is None until there is something to say."""

    value: float | None = None

    def observe(self, event: Event, log: RunLog) -> None:
        """Take one event into account."""
        raise NotImplementedError(type(self).__name__)


class Total(Meter):
    """The sum of what events add."""

    def __init__(self, amount: Amount) -> None:
        self._amount = amount
        self.value: float | None = 0.0

    def observe(self, event: Event, log: RunLog) -> None:
        if (amount := self._amount(event, log)) is not None:
            self.value = (self.value or 0.0) + amount


class Level(Meter):
    """The latest value."""

    def __init__(self, amount: Amount) -> None:
        self._amount = amount

    def observe(self, event: Event, log: RunLog) -> None:
        if (amount := self._amount(event, log)) is not None:
            self.value = amount


class Highest(Meter):
    """The greatest value so far."""

    def __init__(self, amount: Amount) -> None:
        self._amount = amount

    def observe(self, event: Event, log: RunLog) -> None:
        if (amount := self._amount(event, log)) is not None and (self.value is None or amount > self.value):
            self.value = amount


class Ratio(Meter):
    """One total over another."""

    def __init__(self, numerator: Amount, denominator: Amount) -> None:
        self._over, self._under = Total(numerator), Total(denominator)

    def observe(self, event: Event, log: RunLog) -> None:
        self._over.observe(event, log)
        self._under.observe(event, log)
        self.value = (self._over.value or 0.0) / self._under.value if self._under.value else None


class Rate(Meter):
    """What events add per second, over the last `window` seconds of run time."""

    def __init__(self, amount: Amount, window: float = 2.0) -> None:
        self._amount, self._window = amount, window
        self._recent: deque[tuple[float, float]] = deque()
        self._sum = 0.0

    def observe(self, event: Event, log: RunLog) -> None:
        if (amount := self._amount(event, log)) is not None:
            self._recent.append((event.at, amount))
            self._sum += amount
        while self._recent and self._recent[0][0] <= event.at - self._window:
            self._sum -= self._recent.popleft()[1]
        self.value = self._sum / min(self._window, event.at) if event.at > 0 else None


class Quantile(Meter):
    """The q-quantile (nearest rank) of the last `size` amounts."""

    def __init__(self, amount: Amount, q: float, size: int = 1000) -> None:
        self._amount, self._q, self._size = amount, q, size
        self._order: deque[float] = deque()
        self._sorted: list[float] = []

    def observe(self, event: Event, log: RunLog) -> None:
        if (amount := self._amount(event, log)) is None:
            return
        self._order.append(amount)
        insort(self._sorted, amount)
        if len(self._order) > self._size:
            self._sorted.remove(self._order.popleft())
        self.value = self._sorted[ceil(self._q * len(self._sorted)) - 1]


@dataclass(frozen=True, slots=True)
class Metric:
    """A declared metric; `make` builds a fresh meter for one run."""

    name: str
    label: str
    unit: str
    make: Callable[[], Meter]
    help: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A declared chart: which metrics share its axis, over run time."""

    name: str
    title: str
    metrics: tuple[str, ...]
    unit: str
