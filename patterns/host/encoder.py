"""The log of a run as frames: each event becomes a row once, each frame is encoded once, for all viewers.

This is the hot path of a site full of learners with a run each, so the state that a snapshot needs is folded only when
somebody asks for one, and what every row needs is looked up once a frame.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import orjson

from patterns.core.log import Changed, Dropped, Ended, Event, Faulted, Noted, Received, Sent, Settled, Tuned
from patterns.core.message import Message
from patterns.core.readings import Mark
from patterns.core.run import Run
from patterns.host.protocol import OUTCOMES, PHASES, ROW, STATUSES, TICKS_PER_SECOND
from patterns.host.state import State

Row = list[Any]


def ticks(seconds: float) -> int:
    """Seconds as the protocol's ticks of 0.1 ms."""
    return round(seconds * TICKS_PER_SECOND)


class Names(dict[Any, int]):
    """Numbers names as they first appear: `names[name]` is its number. A name is a string or a tuple of strings and
    numbers."""

    def __init__(self) -> None:
        super().__init__({"": 0})
        self.all: list[Any] = [""]  # number 0 is no name: a field at its default can be left out

    def __missing__(self, name: Any) -> int:
        number = self[name] = len(self.all)
        self.all.append(name)
        return number


class Encoder:
    """Turns what a run recorded since the last call into one frame. One per run.

    `frame()` gives the bytes for every viewer; `history` keeps all frames so far, as (last seq, bytes), for a viewer
    who comes back and for a recording.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.settings = dict(run.settings)  # as the run began: what is turned later is in the log
        self.names = Names()
        self.seq = 0
        self.history: list[tuple[int, bytes]] = []
        self._state = State()
        self._folded = 0
        self._taken = 0
        # a metric that no chart shows would only make the frames longer
        self._charted = {metric for figure in run.pattern.figures for metric in figure.metrics}
        self._messages: dict[str, int] = {}
        self._hops = self._now = 0
        self._points: list[int] = []
        self._rows: list[Row] = []

    def frame(self) -> bytes | None:
        """The next frame, or None if nothing new was recorded."""
        events = self.run.log.events[self.seq :]
        if not events:
            return None
        first, known, base = self.seq + 1, len(self.names.all), ticks(events[0].at)
        rows = self._make_rows(events, base)
        self.seq += len(events)
        content = {"t": "events", "seq": first, "base": base, "now": ticks(self.run.clock.now())}
        if len(self.names.all) > known:
            content["names"] = self.names.all[known:]
        content["rows"] = rows
        frame = orjson.dumps(content)
        self.history.append((self.seq, frame))
        return frame

    def since(self, seq: int) -> list[bytes] | None:
        """The frames that a viewer who holds everything up to `seq` still needs; None if no frame ended there, since
        half a frame would give him its names and messages twice."""
        place = bisect_right(self.history, seq, key=itemgetter(0))
        if seq and (place == 0 or self.history[place - 1][0] != seq):
            return None
        return [frame for _, frame in self.history[place:]]

    def snapshot(self) -> bytes:
        """The state as of the last frame, for a viewer who has nothing or lags too far behind."""
        for _, frame in self.history[self._folded :]:
            self._state.fold(orjson.loads(frame))
        self._folded = len(self.history)
        head = {"t": "snapshot", "seq": self.seq, "now": ticks(self.run.clock.now())}
        return orjson.dumps({**head, "names": self.names.all, **self._state.snapshot()})

    def _make_rows(self, events: list[Event], base: int) -> list[Row]:
        rows = self._rows = []
        points = self._points
        for point in self.run.log.code[len(points) :]:
            points.append(self.names[point.file, point.function, point.line])
        before = base
        for event in events:
            self._now = now = round(event.at * TICKS_PER_SECOND)
            rows.append(_MAKERS[type(event)](self, event, now - before, points[event.code]))
            before = now
        self._add_readings(before)
        return rows

    def _add_readings(self, before: int) -> None:
        taken = self.run.readings.taken
        for reading in taken[self._taken :]:
            now = ticks(reading.at)
            if isinstance(reading, Mark):
                light = (self.names[reading.invariant], STATUSES.index(reading.status))
                self._rows.append([ROW["light"], now - before, *light, reading.count, reading.first])
            elif reading.metric in self._charted:
                self._rows.append(
                    [ROW["reading"], now - before, self.names[reading.metric], _rounded(reading.value, 4)]
                )
            else:
                continue
            before = now
        self._taken = len(taken)

    def _back(self, identity: str) -> int:
        """How many messages are newer than this one; before its first event, a row says what it is."""
        messages = self._messages
        number = messages.get(identity)
        if number is None:
            self._rows.append(self._message(self.run.log.messages[identity], len(messages)))
            messages[identity] = len(messages)
            return 0
        return len(messages) - 1 - number

    def _message(self, message: Message, number: int) -> Row:
        messages, before, first = self._messages, message.causation_id, message.correlation_id
        cause = messages.get(before, number) if before else number
        story = messages.get(first, number) if first else number
        identity: str | int = message.id
        if cause < number and message.id.startswith(before + "/"):
            identity = self.names[message.id.removeprefix(before)]
        row: Row = [0, self.names[message.type, message.role, message.source], self.names[message.subject], identity]
        if story < number:
            return [*row, number - cause, number - story]
        return [*row, number - cause] if cause < number else row

    def _sent(self, event: Sent, at: int, code: int) -> Row:
        self._hops += 1
        flight = round(event.due * TICKS_PER_SECOND) - self._now
        row: Row = [1, at, self._back(event.message), self.names[event.source, event.target], flight, code]
        if event.why:
            return [*row, event.attempt, self.names[event.why]]
        return row if event.attempt == 1 else [*row, event.attempt]

    def _received(self, event: Received, at: int, code: int) -> Row:
        row = [2, at, self._hops - event.hop, code]
        return [*row, self.names[event.why]] if event.why else row

    def _dropped(self, event: Dropped, at: int, code: int) -> Row:
        return [3, at, self._hops - event.hop, code, self.names[event.why]]

    def _settled(self, event: Settled, at: int, code: int) -> Row:
        row = [4, at, self._back(event.message), self.names[event.node], _OUTCOME[event.outcome], code]
        return [*row, self.names[event.why]] if event.why else row

    def _changed(self, event: Changed, at: int, code: int) -> Row:
        value = event.value
        if isinstance(value, float):
            value = _rounded(value, 6)
        row = [5, at, self.names[event.node, event.quantity, event.unit], value, code]
        return [*row, self.names[event.why]] if event.why else row

    def _noted(self, event: Noted, at: int, code: int) -> Row:
        row = [6, at, self.names[event.node], self.names[event.text], code]
        if event.message in self.run.log.messages:
            back = self._back(event.message)
            row.append(len(self._messages) - back)
        return row

    def _faulted(self, event: Faulted, at: int, code: int) -> Row:
        fault = self.names[event.fault, event.target]
        row = [7, at, fault, PHASES.index(event.phase), code, event.evidence, self.names[event.by]]
        return _trimmed([*row, _rounded(event.amount, 6)], 5)

    def _tuned(self, event: Tuned, at: int, code: int) -> Row:
        return [8, at, self.names[event.control], event.value, code, self.names[event.by]]

    def _ended(self, event: Ended, at: int, code: int) -> Row:
        return [9, at, self.names[event.why], code]


_MAKERS: dict[type[Event], Callable[[Encoder, Any, int, int], Row]] = {
    Sent: Encoder._sent,
    Received: Encoder._received,
    Dropped: Encoder._dropped,
    Settled: Encoder._settled,
    Changed: Encoder._changed,
    Noted: Encoder._noted,
    Faulted: Encoder._faulted,
    Tuned: Encoder._tuned,
    Ended: Encoder._ended,
}
"""One table for all runs: with hundreds of them, what each has of its own has left the processor's cache when its turn
comes."""
_OUTCOME = {outcome: number for number, outcome in enumerate(OUTCOMES)}


def _rounded(value: float, digits: int) -> float:
    """As few characters as say it to so many significant digits: a whole number loses its ".0"."""
    if value.is_integer() and abs(value) < 10**digits:  # most are, and the way through text is slow
        return int(value)
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() else short


def _trimmed(row: Row, least: int) -> Row:
    """Without the zeroes at the end, down to `least` elements: readers fill them in."""
    while len(row) > least and row[-1] == 0:
        row.pop()
    return row
