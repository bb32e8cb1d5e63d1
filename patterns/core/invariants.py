"""What must hold: checkers that watch the log and say holds, violated or unknown.

Each names the first event that broke it. `unknown` means that the log does not settle it yet: a message under way is
neither lost nor
delivered. A pattern declares an invariant with one of the checkers below and tells it, by small functions of an
event, what counts.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Literal

from patterns.core.log import Ended, Event, RunLog

Status = Literal["holds", "violated", "unknown"]
Key = Callable[[Event, RunLog], Hashable | None]
"""What an event is about, or None if it is about nothing the checker counts."""


class Checker:
    """Watches a log. `first` is the seq of the event that broke the invariant, `count` how often it was broken."""

    def __init__(self) -> None:
        self.first: int | None = None
        self.count = 0
        self.pending = False

    @property
    def status(self) -> Status:
        """What the events so far say."""
        if self.count:
            return "violated"
        return "unknown" if self.pending else "holds"

    def observe(self, event: Event, log: RunLog) -> None:
        """Take one event into account."""
        raise NotImplementedError(type(self).__name__)

    def _break(self, event: Event) -> None:
        self.count += 1
        if self.first is None:
            self.first = event.seq


class AtMostOnce(Checker):
    """Duplicated: the same key is seen a second time."""

    def __init__(self, effect: Key) -> None:
        super().__init__()
        self._effect = effect
        self._seen: set[Hashable] = set()

    def observe(self, event: Event, log: RunLog) -> None:
        key = self._effect(event, log)
        if key is None:
            return
        if key in self._seen:
            self._break(event)
        self._seen.add(key)


class Arrives(Checker):
    """Lost: what was promised never arrives, because nobody holds it any more or the run ended without it.

    Args:
        promised: keys that an event promises (none, one or many).
        arrived: the key that an event fulfils.
        lost: the key that an event proves to be lost for good.
        at_end: whether what is still open at the end counts as lost; else it stays unknown.
    """

    def __init__(
        self, promised: Callable[[Event, RunLog], Iterable[Hashable]], arrived: Key, lost: Key, at_end: bool = False
    ) -> None:
        super().__init__()
        self._promised, self._arrived, self._lost, self._at_end = promised, arrived, lost, at_end
        self._open: set[Hashable] = set()

    def observe(self, event: Event, log: RunLog) -> None:
        self._open.update(self._promised(event, log))
        if (key := self._arrived(event, log)) is not None:
            self._open.discard(key)
        if (key := self._lost(event, log)) is not None and key in self._open:
            self._open.discard(key)
            self._break(event)
        if self._at_end and isinstance(event, Ended):
            for _ in self._open:
                self._break(event)
            self._open.clear()
        self.pending = bool(self._open)


class InOrder(Checker):
    """Reordered: within one key, a number comes after a greater one. The step gives (key, number)."""

    def __init__(self, step: Callable[[Event, RunLog], tuple[Hashable, float] | None]) -> None:
        super().__init__()
        self._step = step
        self._highest: dict[Hashable, float] = {}

    def observe(self, event: Event, log: RunLog) -> None:
        step = self._step(event, log)
        if step is None:
            return
        key, number = step
        highest = self._highest.get(key)
        if highest is not None and number < highest:
            self._break(event)
        else:
            self._highest[key] = number


class Never(Checker):
    """Broken by each event that the condition picks out."""

    def __init__(self, condition: Callable[[Event, RunLog], bool]) -> None:
        super().__init__()
        self._condition = condition

    def observe(self, event: Event, log: RunLog) -> None:
        if self._condition(event, log):
            self._break(event)


class EndsWithin(Checker):
    """Stuck: something begun is not over after `seconds` of run time. Begins and ends are told by key."""

    def __init__(self, begins: Key, ends: Key, seconds: float) -> None:
        super().__init__()
        self._begins, self._ends, self._seconds = begins, ends, seconds
        self._open: dict[Hashable, float] = {}

    def observe(self, event: Event, log: RunLog) -> None:
        if (key := self._begins(event, log)) is not None:
            self._open.setdefault(key, event.at)
        if (key := self._ends(event, log)) is not None:
            self._open.pop(key, None)
        while self._open and event.at - self._open[oldest := next(iter(self._open))] > self._seconds:
            del self._open[oldest]
            self._break(event)


class Agree(Checker):
    """Unbalanced or stale: several nodes hold a quantity that must be equal once nothing moves.

    Unknown while they differ; violated when they still differ at the end of the run.
    """

    def __init__(self, reading: Callable[[Event, RunLog], tuple[Hashable, float] | None]) -> None:
        super().__init__()
        self._reading = reading
        self._values: dict[Hashable, float] = {}

    def observe(self, event: Event, log: RunLog) -> None:
        if (reading := self._reading(event, log)) is not None:
            self._values[reading[0]] = reading[1]
        self.pending = len(set(self._values.values())) > 1
        if self.pending and isinstance(event, Ended):
            self._break(event)


@dataclass(frozen=True, slots=True)
class Invariant:
    """A declared invariant: `name` is one of lost, duplicated, reordered, unbalanced, stuck, stale; `label` says in
    words what must hold; `make` builds a fresh checker for one run."""

    name: str
    label: str
    make: Callable[[], Checker]
    help: str = ""
