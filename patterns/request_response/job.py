"""One request as the server that works on it sees it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from patterns.core.clock import Timer
from patterns.request_response.network import Call


@dataclass(slots=True, eq=False)
class Job:
    """A request under work. `until` is when its caller stops waiting (run time) if deadlines are propagated, `expires`
    when it does in any case; `why` is the fault that slowed it; `stopped` says why it was ended early; `parents` are
    the messages that its answer is made from, if it is made from several."""

    call: Call
    data: dict[str, Any]
    key: str
    replica: int
    expires: float
    until: float | None
    task: asyncio.Task[Any] | None
    why: str = ""
    stopped: str = ""
    slow: bool = False
    in_background: bool = False
    parents: tuple[str, ...] = ()
    timers: list[Timer] = field(default_factory=list)

    @property
    def tag(self) -> str:
        return self.call.tag

    @property
    def product(self) -> int:
        """Which product it is about."""
        return int(self.data.get("product", 0))

    def stop(self, why: str) -> None:
        """End the work: nobody can use its result."""
        if self.task is not None:
            self.stopped = why
            self.task.cancel()
