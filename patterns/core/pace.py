"""How a run goes on that nobody steers: as fast as is honest, and its fault a moment after it began."""

from __future__ import annotations

from patterns.core.clock import Clock, LiveClock, ManualClock
from patterns.core.pattern import Pattern

FAULT_AT = 1.0
"""Run time at which a fault is asked for, unless told, in seconds."""

ENGINE_SPEED, SOCKET_SPEED = 5.0, 4.0
"""Run seconds per real second where a real engine, whose own timers follow real time, or sockets take part."""


def choose_clock(pattern: Pattern, engine: str) -> Clock:
    """Jump through time where nothing real takes part; else follow it as fast as is honest."""
    if pattern.engine(engine).name != "builtin":
        return LiveClock(ENGINE_SPEED)
    return ManualClock() if pattern.transport == "in process" else LiveClock(SOCKET_SPEED)
