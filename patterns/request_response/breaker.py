"""A circuit breaker, in the three states that Nygard gave it in "Release It!"."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from patterns.core.clock import Clock

State = Literal["closed", "open", "half-open"]

FAILURES = 5
"""Failures in a row that open it."""

COOLING_SECONDS = 2.0


class Breaker:
    """Closed it counts failures, open it refuses, half-open it lets one trial through.

    Args:
        clock: the run's.
        changed: told each new state.
    """

    def __init__(self, clock: Clock, changed: Callable[[State], None]) -> None:
        self.state: State = "closed"
        self._clock, self._changed = clock, changed
        self._failures = 0
        self._on_trial = False

    def lets_through(self) -> bool:
        """Whether a call may be made now. In half-open only the first one: it is the trial."""
        if self.state == "closed":
            return True
        if self.state == "half-open" and not self._on_trial:
            self._on_trial = True
            return True
        return False

    def learn(self, succeeded: bool) -> None:
        """Take the outcome of a call that was let through into account."""
        self._on_trial = False
        if succeeded:
            self._failures = 0
            self._become("closed")
            return
        self._failures += 1
        if self.state == "half-open" or (self.state == "closed" and self._failures >= FAILURES):
            self._become("open")
            self._clock.call_later(COOLING_SECONDS, lambda: self._become("half-open"))

    def _become(self, state: State) -> None:
        if state != self.state and (state != "half-open" or self.state == "open"):
            self.state = state
            self._changed(state)
