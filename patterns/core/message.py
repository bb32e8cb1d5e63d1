"""A message, with the attributes of CloudEvents 1.0."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Role = Literal["event", "command", "request", "reply", "ack", "error", "batch"]
"""What a message is for; the stage draws each role in a shape of its own."""


@dataclass(frozen=True, slots=True)
class Message:
    """What travels. Unchanged from its birth; a retry flies the same message again.

    id, type, source, subject, time and data are CloudEvents' own attributes; `time` is seconds of run time.
    correlation_id names the story a message belongs to, causation_id the message that caused this one. A message made
    from
    several others (a batch, a window, a join) lists them in `parents`.
    """

    id: str
    type: str
    source: str
    time: float
    subject: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    role: Role = "event"
    correlation_id: str = ""
    causation_id: str = ""
    parents: tuple[str, ...] = ()
