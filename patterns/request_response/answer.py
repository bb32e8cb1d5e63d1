"""What a caller gets: an answer, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from patterns.carriers.call import Response
from patterns.core.log import Outcome

FINAL = "x-do-not-retry"
"""A failure that carries this header has been retried below; whoever sees it must not try again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP status with its body; `why` says what went wrong on the caller's own side, or which fault did it.

    `reply` is the id of the message that brought it, "" if none did.
    """

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    why: str = ""
    late: bool = False
    final: bool = False
    reply: str = ""

    @classmethod
    def of(cls, response: Response, reply: str) -> Answer:
        """What a server said, in the message of that id."""
        why = "" if response.status < 400 else f"status {response.status}"
        return cls(response.status, response.body or {}, why, final=FINAL in response.headers, reply=reply)

    @property
    def ok(self) -> bool:
        return self.status < 400

    @property
    def outcome(self) -> Outcome:
        """In the words of the log."""
        return "reply" if self.ok else "expired" if self.late else "error"
