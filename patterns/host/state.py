"""What is true now, folded from rows: who flies, each gauge, each light. The browser's reducer is its twin.

Property (tested): apply(snapshot(a), rows a..b) = snapshot(b).
"""

from __future__ import annotations

from typing import Any

from patterns.core.log import FIELDS
from patterns.host.protocol import PHASES, ROW
from patterns.host.rows import Row, unfold

_COUNTED = frozenset(ROW[kind] for kind in FIELDS)
_HEALED = PHASES.index("healed")


class State:
    """Rows that still matter, made to stand alone. Each is kept with its seq, 0 if it is no log event."""

    def __init__(self) -> None:
        self.messages: list[Row] = []
        self.hops = 0
        self.dropped = 0
        self.flying: dict[int, tuple[int, Row]] = {}
        self.latest: dict[tuple[int, Any], tuple[int, Row]] = {}

    def fold(self, frame: dict[str, Any]) -> None:
        """Fold in an `events` frame."""
        seq = frame["seq"]
        for row in unfold(frame, len(self.messages), self.hops):
            counted = row[0] in _COUNTED
            self.apply(row, seq if counted else 0)
            seq += counted

    def apply(self, row: Row, seq: int) -> None:
        """Fold in one row that stands alone."""
        kind = row[0]
        if kind == ROW["message"]:
            self.messages.append(row)
            return
        if kind == ROW["sent"]:
            self.flying[self.hops] = (seq, row)
            self.hops += 1
        elif kind in (ROW["received"], ROW["dropped"]):
            self.flying.pop(row[2], None)
            self.dropped += kind == ROW["dropped"]
        elif kind == ROW["faulted"] and row[3] == _HEALED:
            self.latest.pop((kind, row[2]), None)
        elif kind != ROW["settled"]:
            # gauge, caption at a node, fault, control, light, metric: the newest of each says it all
            self.latest[(kind, None if kind == ROW["ended"] else row[2])] = (seq, row)

    def snapshot(self) -> dict[str, Any]:
        """The rows, seqs and counts of a `snapshot` frame."""
        kept = sorted([*self.flying.values(), *self.latest.values()], key=lambda item: (item[1][1], item[0]))
        return {
            "rows": [*self.messages, *(row for _, row in kept)],
            "seqs": [*(0 for _ in self.messages), *(seq for seq, _ in kept)],
            "flying": [hop for hop, (_, row) in sorted(self.flying.items())],
            "hops": self.hops,
            "dropped": self.dropped,
        }

    @classmethod
    def restore(cls, frame: dict[str, Any]) -> State:
        """The state that a snapshot frame describes."""
        state = cls()
        flying = iter(frame["flying"])
        for row, seq in zip(frame["rows"], frame["seqs"], strict=True):
            if row[0] == ROW["sent"]:
                state.flying[next(flying)] = (seq, row)
            else:
                state.apply(row, seq)
        state.hops, state.dropped = frame["hops"], frame["dropped"]
        return state
