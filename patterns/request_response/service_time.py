"""How long a service works on one call.

Drawn anew from (seed, message, try), so that it is the same whatever else happens, over sockets too.
"""

from __future__ import annotations

import math
import random

from patterns.core.run import Run

SLOW_SECONDS = 1.0
"""What a slow call takes on top."""

TAIL_SIGMA = 1.5
"""Of the log-normal spread: one call in a hundred takes 10 times the mean or more."""


def draw(run: Run, tag: str) -> tuple[float, bool]:
    """Seconds of work for one try, and whether it is one of the slow calls."""
    source = run.random(f"service time of {tag}")
    slow = source.random() < run.number("slow-share")
    seconds = _spread(run.choice("service-spread"), run.number("service-time"), source)
    return seconds + (SLOW_SECONDS if slow else 0.0), slow


def _spread(shape: str, mean: float, source: random.Random) -> float:
    if shape == "exponential":
        return source.expovariate(1 / mean)
    if shape == "long-tail":
        return source.lognormvariate(math.log(mean) - TAIL_SIGMA**2 / 2, TAIL_SIGMA)
    return mean
