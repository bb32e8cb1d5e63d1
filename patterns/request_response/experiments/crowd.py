"""Many callers who were all turned away at the same moment, and all want in again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from patterns.core.clock import ManualClock, seeded
from patterns.core.experiment import Measurements, Size
from patterns.request_response.retrying import full_jitter

GUESTS, ROOM = 200, 10
"""Callers, and how many of them the server can take in each round."""

ROUND = 0.2
"""Seconds of a round."""


class Door:
    """A server that takes so many calls a round and refuses the others."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock, self._taken = clock, Counter[int]()
        self.calls = 0

    def knock(self) -> bool:
        """Whether there is room now."""
        self.calls += 1
        number = round(self._clock.now() / ROUND, 6) // 1
        self._taken[int(number)] += 1
        return self._taken[int(number)] <= ROOM


async def _knock_until_served(clock: ManualClock, door: Door, wait: Callable[[int], float]) -> None:
    attempt = 1
    while not door.knock():
        await clock.sleep(wait(attempt))
        attempt += 1


async def _serve_crowd(wait_of: Callable[[int], Callable[[int], float]]) -> Measurements:
    clock = ManualClock()
    door = Door(clock)
    guests = [asyncio.ensure_future(_knock_until_served(clock, door, wait_of(guest))) for guest in range(GUESTS)]
    while not all(guest.done() for guest in guests):
        await clock.run_for(ROUND)
    return {"calls": door.calls}


async def crowd_in_step(seed: int, size: Size) -> Measurements:
    """All who were refused come again together, a round later."""
    return await _serve_crowd(lambda guest: lambda attempt: ROUND)


async def crowd_with_jitter(seed: int, size: Size) -> Measurements:
    """Each waits a time of his own, drawn as the lab draws it for its backoff."""

    def wait_of(guest: int) -> Callable[[int], float]:
        source = seeded(seed, f"guest {guest}")
        return lambda attempt: full_jitter(attempt, source)

    return await _serve_crowd(wait_of)
