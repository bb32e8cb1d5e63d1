"""A bounded pool of threads with a queue in front, and walls in it (bulkheads) if wanted."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from patterns.core.clock import Clock


@dataclass(slots=True, eq=False)
class Waiting:
    """A call in the queue. `seat` becomes True with a thread, False when its time is over."""

    compartment: str
    seat: asyncio.Future[bool] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Pool:
    """Threads, each held by one call. First come, first served, within the bounds of each compartment.

    Args:
        clock: the run's.
        size: how many threads there are now.
        share: how many of them one compartment may hold now.
        changed: called after each change.
    """

    def __init__(
        self, clock: Clock, size: Callable[[], int], share: Callable[[], int], changed: Callable[[], None]
    ) -> None:
        self._clock, self.size, self._share, self._changed = clock, size, share, changed
        self._held: Counter[str] = Counter()
        self._queue: deque[Waiting] = deque()

    @property
    def busy(self) -> int:
        """Threads held."""
        return self._held.total()

    @property
    def queue(self) -> int:
        """Calls that wait for one."""
        return len(self._queue)

    async def take(self, compartment: str, until: float | None = None) -> bool:
        """Hold a thread, after waiting for one if need be; False if there was none until then (run time)."""
        waiting = Waiting(compartment)
        self._queue.append(waiting)
        self._admit()
        if waiting.seat.done():
            return True
        timer = None if until is None else self._clock.call_at(until, lambda: self._give_up(waiting))
        self._changed()
        try:
            return await waiting.seat
        except asyncio.CancelledError:
            self._leave(waiting)
            raise
        finally:
            if timer is not None:
                timer.cancel()

    def give_back(self, compartment: str) -> None:
        """Let go of a thread; whoever may have it next gets it."""
        self._held[compartment] -= 1
        self._admit()
        self._changed()

    def _admit(self) -> None:
        size, share = self.size(), self._share()
        for waiting in list(self._queue) if self.busy < size else ():
            if waiting.seat.done():  # cancelled in this very turn, and about to leave
                continue
            if self._held[waiting.compartment] < share:
                self._queue.remove(waiting)
                self._held[waiting.compartment] += 1
                waiting.seat.set_result(True)
                self._changed()
            if self.busy >= size:
                return

    def _give_up(self, waiting: Waiting) -> None:
        if not waiting.seat.done():
            self._queue.remove(waiting)
            waiting.seat.set_result(False)
            self._changed()

    def _leave(self, waiting: Waiting) -> None:
        if waiting in self._queue:
            self._queue.remove(waiting)
        elif waiting.seat.done() and not waiting.seat.cancelled() and waiting.seat.result():
            self.give_back(waiting.compartment)  # it got its thread in the very turn in which it was cancelled
