"""Many callers who were all turned away at the same moment, and all want in again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable

from patterns.core.clock import Clock, ManualClock, seeded
from patterns.core.experiment import Measurements, Show, Size
from patterns.core.message import Message, Role
from patterns.core.pattern import discover
from patterns.core.run import Run
from patterns.request_response.retrying import full_jitter

GUESTS, ROOM = 200, 10
"""Callers, and how many of them the server can take in each round."""

ROUND = 0.2
"""Seconds of a round."""


class Door:
    """A server that takes so many calls a round and refuses the others. It writes into the log of a run of the lab in
    which nobody else is, so that each call and each answer can be looked at; they take no time."""

    def __init__(self, run: Run) -> None:
        self._run, self._taken = run, Counter[int]()
        self.calls, self._waiting = 0, GUESTS

    def knock(self, guest: int, attempt: int) -> bool:
        """Whether there is room now."""
        self.calls += 1
        number = round(self._run.clock.now() / ROUND, 6) // 1
        self._taken[int(number)] += 1
        has_room = self._taken[int(number)] <= ROOM
        self._tell(guest, attempt, has_room)
        return has_room

    def _tell(self, guest: int, attempt: int, has_room: bool) -> None:
        log, now, name = self._run.log, self._run.clock.now(), f"guest{guest}"
        request = Message(name, "Knock", "browser", 0.0, role="request", correlation_id=name)
        role: Role = "reply" if has_room else "error"
        kind = "Welcome" if has_room else "Full"
        answer = Message(f"{name}/{attempt}", kind, "page", now, role=role, correlation_id=name, causation_id=name)
        log.received(name, "page", log.sent(request, "browser", "page", now, attempt).hop)
        log.received(answer.id, "browser", log.sent(answer, "page", "browser", now).hop)
        if has_room:
            log.settled(request, "browser", "reply")
            self._waiting -= 1
            log.changed("browser", "waiting", self._waiting, "callers")


async def _knock_until_served(guest: int, clock: Clock, door: Door, wait: Callable[[int], float]) -> None:
    attempt = 1
    while not door.knock(guest, attempt):
        await clock.sleep(wait(attempt))
        attempt += 1


async def _serve_crowd(seed: int, show: Show, wait_of: Callable[[int], Callable[[int], float]]) -> Measurements:
    clock = ManualClock()
    run = Run(discover()["request-response"], seed, clock=clock)
    door = Door(run)
    guests = [asyncio.ensure_future(_knock_until_served(guest, clock, door, wait_of(guest))) for guest in range(GUESTS)]
    while not all(guest.done() for guest in guests):
        await clock.run_for(ROUND)
    await run.stop("all are served")
    show(run)
    return {"calls": door.calls}


async def crowd_in_step(seed: int, size: Size, show: Show) -> Measurements:
    """All who were refused come again together, a round later."""
    return await _serve_crowd(seed, show, lambda guest: lambda attempt: ROUND)


async def crowd_with_jitter(seed: int, size: Size, show: Show) -> Measurements:
    """Each waits a time of his own, drawn as the lab draws it for its backoff."""

    def wait_of(guest: int) -> Callable[[int], float]:
        source = seeded(seed, f"guest {guest}")
        return lambda attempt: full_jitter(attempt, source)

    return await _serve_crowd(seed, show, wait_of)
