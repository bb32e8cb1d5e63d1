"""The run log: the append-only list of what happened in a run, and the only source for everything shown of it.

Stage, captions, charts, invariants, transcript, experiments, quiz answers and exports are pure functions of
(log, cursor). An event knows the line of the backend that recorded it, so that the page can show that line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, ClassVar, Literal

from patterns.core.clock import StoryOver
from patterns.core.message import Message

CAP_EVENTS = 50_000
CAPTION_WORDS = 12

Outcome = Literal["ack", "nack", "reply", "error", "expired", "dead-lettered", "accepted", "applied", "skipped", "lost"]
"""How a message's stay at a node ended. `accepted`: the node vouches for it from now on. `applied`: its effect on the
business happened. `skipped`: recognised as already applied. `lost`: nobody holds it any more."""

Phase = Literal["asked", "seen", "healed"]


@dataclass(slots=True)
class Event:
    """seq counts from 1; at is seconds of run time; code numbers the line that recorded it (`RunLog.code`)."""

    kind: ClassVar[str] = "event"
    seq: int
    at: float
    code: int


@dataclass(slots=True)
class Sent(Event):
    """A hop began: message leaves source for target and will land at `due`. One message may fly many hops."""

    kind: ClassVar[str] = "sent"
    message: str
    source: str
    target: str
    due: float
    attempt: int
    hop: int
    why: str = ""


@dataclass(slots=True)
class Received(Event):
    """The hop landed at node."""

    kind: ClassVar[str] = "received"
    message: str
    node: str
    hop: int
    why: str = ""


@dataclass(slots=True)
class Dropped(Event):
    """The hop never landed; `node` is where it was bound, `where` the link, `why` the fault or rule that took it."""

    kind: ClassVar[str] = "dropped"
    message: str
    node: str
    hop: int
    where: str
    why: str


@dataclass(slots=True)
class Settled(Event):
    """The stay of a message at a node ended in an outcome."""

    kind: ClassVar[str] = "settled"
    message: str
    node: str
    outcome: Outcome
    why: str = ""


@dataclass(slots=True)
class Changed(Event):
    """A quantity of a node has a new value: queue depth, balance, breaker state, watermark."""

    kind: ClassVar[str] = "changed"
    node: str
    quantity: str
    value: float | str
    unit: str
    why: str = ""


@dataclass(slots=True)
class Noted(Event):
    """A caption at a node: at most 12 words, cause before effect, present tense."""

    kind: ClassVar[str] = "noted"
    node: str
    text: str
    message: str = ""


@dataclass(slots=True)
class Faulted(Event):
    """A fault was asked for, was seen in the log (`evidence` is the seq that shows it), or was healed."""

    kind: ClassVar[str] = "faulted"
    fault: str
    target: str
    phase: Phase
    evidence: int = 0
    by: str = ""
    amount: float = 0.0


@dataclass(slots=True)
class Tuned(Event):
    """A control or remedy has a new value."""

    kind: ClassVar[str] = "tuned"
    control: str
    value: float | str | bool
    by: str


@dataclass(slots=True)
class Ended(Event):
    """The run is over; always the last event."""

    kind: ClassVar[str] = "ended"
    why: str


KINDS: tuple[type[Event], ...] = (Sent, Received, Dropped, Settled, Changed, Noted, Faulted, Tuned, Ended)
FIELDS: dict[str, tuple[str, ...]] = {kind.kind: tuple(f.name for f in fields(kind)) for kind in KINDS}


@dataclass(frozen=True, slots=True)
class CodePoint:
    """A line of a backend: module path below `patterns/`, function, line number."""

    file: str
    function: str
    line: int


class LogClosed(StoryOver):
    """Something was recorded after the run had ended."""


_PATTERNS = str(Path(__file__).parent.parent)
_PLUMBING = tuple(str(Path(_PATTERNS) / room) for room in ("core", "carriers"))


class RunLog:
    """What happened, in order.

    Args:
        now: reads the run's clock, in seconds.
        cap: events after which the run must stop; `on_full` is called once when it is reached.
        on_full: ends the run.
    """

    def __init__(
        self, now: Callable[[], float], cap: int = CAP_EVENTS, on_full: Callable[[], None] | None = None
    ) -> None:
        self.events: list[Event] = []
        self.messages: dict[str, Message] = {}
        self.code: list[CodePoint] = []
        self.closed = False
        self.hops = 0
        self._now = now
        self._cap = cap
        self._on_full = on_full
        self._points: dict[tuple[CodeType, int], int] = {}
        self._observers: list[Callable[[Event], None]] = []
        self._telling, self._told = False, 0

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __len__(self) -> int:
        return len(self.events)

    def observe(self, observer: Callable[[Event], None]) -> None:
        """Call `observer` with each event as it is appended. An observer may append in turn."""
        self._observers.append(observer)

    def sent(self, message: Message, source: str, target: str, due: float, attempt: int = 1, why: str = "") -> Sent:
        """Record that a hop began; `due` is when it will land, in seconds of run time."""
        self.messages.setdefault(message.id, message)
        self.hops += 1
        return self._append(Sent(*self._stamp(), message.id, source, target, due, attempt, self.hops, why))

    def received(self, message: str, node: str, hop: int, why: str = "") -> Received:
        """Record that hop number `hop` landed."""
        return self._append(Received(*self._stamp(), message, node, hop, why))

    def dropped(self, message: str, node: str, hop: int, where: str, why: str) -> Dropped:
        """Record that hop number `hop` will never land."""
        return self._append(Dropped(*self._stamp(), message, node, hop, where, why))

    def settled(self, message: Message, node: str, outcome: Outcome, why: str = "") -> Settled:
        """Record how the stay of a message at a node ended."""
        self.messages.setdefault(message.id, message)
        return self._append(Settled(*self._stamp(), message.id, node, outcome, why))

    def changed(self, node: str, quantity: str, value: float | str, unit: str = "", why: str = "") -> Changed:
        """Record a quantity's new value."""
        return self._append(Changed(*self._stamp(), node, quantity, value, unit, why))

    def noted(self, node: str, text: str, message: str = "") -> Noted:
        """Record a caption.

        Raises:
            ValueError: more than 12 words.
        """
        if len(text.split()) > CAPTION_WORDS:
            raise ValueError(f"caption of more than {CAPTION_WORDS} words at {node}: {text!r}")
        return self._append(Noted(*self._stamp(), node, text, message))

    def faulted(
        self, fault: str, target: str, phase: Phase, evidence: int = 0, by: str = "", amount: float = 0.0
    ) -> Faulted:
        """Record a fault's phase; `amount` is how much was asked for, in the fault's unit."""
        return self._append(Faulted(*self._stamp(), fault, target, phase, evidence, by, amount))

    def tuned(self, control: str, value: float | str | bool, by: str) -> Tuned:
        """Record a control's new value and who set it."""
        return self._append(Tuned(*self._stamp(), control, value, by))

    def ended(self, why: str) -> Ended:
        """Record the end and close the log."""
        event = self._append(Ended(*self._stamp(), why))
        self.closed = True
        return event

    def _stamp(self) -> tuple[int, float, int]:
        if self.closed:
            raise LogClosed
        return len(self.events) + 1, self._now(), self._locate(sys._getframe(2))

    def _append[E: Event](self, event: E) -> E:
        self.events.append(event)
        self._tell()
        if len(self.events) == self._cap and self._on_full is not None:
            self._on_full()
        return event

    def _tell(self) -> None:
        """Tell observers of each event in order; what one of them appends in answer is told after."""
        if self._telling:
            return
        self._telling = True
        try:
            while self._told < len(self.events):
                event = self.events[self._told]
                self._told += 1
                for observer in self._observers:
                    observer(event)
        finally:
            self._telling = False

    def _locate(self, frame: FrameType) -> int:
        """Number the nearest line outside the plumbing: the line of the backend that a learner should read."""
        found = _teller(frame)
        key = (found.f_code, found.f_lineno)
        number = self._points.get(key)
        if number is None:
            number = self._points[key] = len(self.code)
            file = found.f_code.co_filename.removeprefix(_PATTERNS).lstrip("/\\").replace("\\", "/")
            self.code.append(CodePoint(file, found.f_code.co_qualname, found.f_lineno))
        return number


def _teller(frame: FrameType) -> FrameType:
    """The nearest frame that tells the story. A module of a pattern that only carries out what others tell it says
    `PLUMBING = True`, and the line that called it is shown instead."""
    nearest, found = None, frame
    while True:
        if not found.f_code.co_filename.startswith(_PLUMBING):
            if not found.f_code.co_filename.startswith(_PATTERNS):
                return nearest or frame
            if not found.f_globals.get("PLUMBING"):
                return found
            nearest = nearest or found
        if found.f_back is None:
            return nearest or frame
        found = found.f_back


def as_dict(event: Event) -> dict[str, Any]:
    """One event as plain data: seq, at, kind and the kind's fields, for JSON Lines and the command line."""
    row: dict[str, Any] = {"seq": event.seq, "at": round(event.at, 6), "kind": event.kind}
    row.update((name, getattr(event, name)) for name in FIELDS[event.kind] if name not in ("seq", "at", "code"))
    return row
