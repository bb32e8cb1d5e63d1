"""A log that keeps nothing: what a backend would cost if nobody could look into it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from patterns.core.log import Event, RunLog


class NoLog(RunLog):
    """Counts hops, and remembers neither event nor message."""

    def observe(self, observer: Any) -> None:
        pass

    def sent(self, *arguments: Any, **options: Any) -> Any:
        self.hops += 1
        return SimpleNamespace(hop=self.hops, seq=0, at=0.0)

    def received(self, *arguments: Any, **options: Any) -> Any:
        return None

    dropped = settled = changed = noted = faulted = tuned = received

    def ended(self, why: str) -> Event:
        self.closed = True
        return None  # type: ignore[return-value]
