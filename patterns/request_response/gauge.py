"""A quantity of a node that changes too often to record every time."""

from __future__ import annotations

from patterns.core.clock import Clock
from patterns.core.log import RunLog

PLUMBING = True
"""The log shows the line that called this module."""

INTERVAL = 0.1
"""Seconds of run time between two records."""


class Gauge:
    """Records a value at most ten times a second, so that 150 widgets a page fit the log.

    What is recorded is the value once everything that happens at that moment has happened.
    """

    def __init__(self, log: RunLog, clock: Clock, node: str, quantity: str, unit: str) -> None:
        self._log, self._clock, self._node, self._quantity, self._unit = log, clock, node, quantity, unit
        self._value: float | str | None = None
        self._recorded: float | str | None = None
        self._last = float("-inf")
        self._due = False

    def show(self, value: float | str) -> None:
        """Take a new value, to be recorded soon."""
        self._value = value
        if not self._due and value != self._recorded:
            self._due = True
            self._clock.call_at(max(self._clock.now(), self._last + INTERVAL), self._record)

    def _record(self) -> None:
        self._due = False
        if self._value is not None and self._value != self._recorded and not self._log.closed:
            self._recorded, self._last = self._value, self._clock.now()
            self._log.changed(self._node, self._quantity, self._value, self._unit)
