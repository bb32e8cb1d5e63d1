"""Captions at decisive moments, few enough to be read."""

from __future__ import annotations

from patterns.core.clock import Clock
from patterns.core.log import RunLog

PLUMBING = True
"""The log shows the line that called this module."""

BETWEEN_ANY, BETWEEN_EQUAL = 1.0, 6.0
"""Seconds of run time between two captions, and between two that say the same thing."""


class Narrator:
    """Says the first of several events that call for the same words."""

    def __init__(self, log: RunLog, clock: Clock) -> None:
        self._log, self._clock = log, clock
        self._last = float("-inf")
        self._said: dict[tuple[str, str], float] = {}

    def say(self, node: str, text: str, message: str = "") -> None:
        """Record a caption, unless one was recorded a moment ago."""
        now, key = self._clock.now(), (node, text)
        if now - self._last < BETWEEN_ANY or now - self._said.get(key, float("-inf")) < BETWEEN_EQUAL:
            return
        self._last = self._said[key] = now
        self._log.noted(node, text, message)
