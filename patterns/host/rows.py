"""Rows of an events frame count from the rows before them; here they stand alone. `net/rows.js` is the twin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from patterns.host.protocol import BACK, ROW

Row = list[Any]
MESSAGE, SENT = ROW["message"], ROW["sent"]
_OF_MESSAGE = frozenset(ROW[kind] for kind, field in BACK.items() if field == "message")
_OF_HOP = frozenset(ROW[kind] for kind, field in BACK.items() if field == "hop")


def unfold(frame: dict[str, Any], messages: int, hops: int) -> Iterator[Row]:
    """The rows of an events frame with their times from 0 and their messages and hops by number.

    Args:
        frame: as it was sent; stays as it is.
        messages, hops: how many there were before it.
    """
    at = frame["base"]
    for row in frame["rows"]:
        kind = row[0]
        if kind == MESSAGE:
            messages += 1
            yield row
            continue
        at += row[1]
        whole = [kind, at, *row[2:]]
        if kind in _OF_MESSAGE:
            whole[2] = messages - 1 - row[2]
        elif kind in _OF_HOP:
            whole[2] = hops - 1 - row[2]
        hops += kind == SENT
        yield whole


def fold(frame: dict[str, Any], messages: int, hops: int) -> tuple[int, int]:
    """The other way round, in place, for a frame whose rows count their times from its `base` and name messages and
    hops by number; returns how many there are then."""
    at = 0
    for row in frame["rows"]:
        kind = row[0]
        if kind == MESSAGE:
            messages += 1
            continue
        row[1], at = row[1] - at, row[1]
        if kind in _OF_MESSAGE:
            row[2] = messages - 1 - row[2]
        elif kind in _OF_HOP:
            row[2] = hops - 1 - row[2]
        hops += kind == SENT
    return messages, hops
