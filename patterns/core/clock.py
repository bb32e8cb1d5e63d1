"""Run time: seconds that can be slowed, paused and stepped.

Every wait of a backend's story goes through a clock, so that a learner can watch a 40 ms hop take a second and a
test can live through an hour at once. Both clocks release deadlines through one shared `advance()`, one deadline
at a time: releasing all that is due in one go let a 10 ms timeout lose to a 20 ms sleep, and made the order of
events depend on the speed.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from weakref import WeakKeyDictionary

SETTLING_ROUNDS = 200
"""Turns of the event loop that one deadline may cause before the next is released anyway."""

SLOWEST, FASTEST = 0.05, 10.0
"""The speeds a viewer may choose; tests go far beyond."""

_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


class StoryOver(Exception):
    """A run has ended; what it still had on the clock comes to nothing."""


class Timer:
    """A callback that waits for its moment. Order breaks ties, so equal deadlines fire as they were set."""

    __slots__ = ("callback", "order", "when")

    def __init__(self, when: float, order: int, callback: Callable[[], None] | None) -> None:
        self.when, self.order, self.callback = when, order, callback

    def __lt__(self, other: Timer) -> bool:
        return (self.when, self.order) < (other.when, other.order)

    def cancel(self) -> None:
        self.callback = None


class Clock:
    """What both clocks share: deadlines, and the one way they are released. Times are seconds of run time."""

    def __init__(self) -> None:
        self._now = 0.0
        self._timers: list[Timer] = []
        self._orders = itertools.count()
        self.paused = False

    def now(self) -> float:
        """Seconds of run time since the run began."""
        return self._now

    def next_deadline(self) -> float | None:
        """When the next timer fires, or None if nothing waits."""
        while self._timers and self._timers[0].callback is None:
            heapq.heappop(self._timers)
        return self._timers[0].when if self._timers else None

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back once run time reaches `when`; a moment already past means as soon as possible."""
        timer = Timer(max(when, self.now()), next(self._orders), callback)
        heapq.heappush(self._timers, timer)
        return timer

    def call_later(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back in `seconds` of run time."""
        return self.call_at(self.now() + seconds, callback)

    async def sleep(self, seconds: float) -> None:
        """Wait for `seconds` of run time."""
        await self.sleep_until(self.now() + seconds)

    async def sleep_until(self, when: float) -> None:
        """Wait until run time reaches `when`."""
        awake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.call_at(when, lambda: None if awake.done() else awake.set_result(None))
        try:
            await awake
        finally:
            timer.cancel()

    @asynccontextmanager
    async def timeout(self, seconds: float) -> AsyncIterator[None]:
        """Bound the block by `seconds` of run time.

        Raises:
            TimeoutError: the block was not done in time. A paused clock lets no timeout fire.
        """
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(None) as limit:
            timer = self.call_later(seconds, lambda: limit.reschedule(loop.time()))
            try:
                yield
            finally:
                timer.cancel()

    async def advance(self, until: float) -> None:
        """Release the deadlines up to `until`, in order, each with all it causes before the next."""
        while not self.paused and (when := self.next_deadline()) is not None and when <= until:
            await self._release()
        if not self.paused:
            self._now = max(self._now, until)

    async def _release(self) -> None:
        async with _turn():
            if self.next_deadline() is None:  # cancelled while another run had its turn
                return
            timer = heapq.heappop(self._timers)
            self._now = max(self._now, timer.when)
            callback, timer.callback = timer.callback, None
            if callback is not None:
                with suppress(StoryOver):
                    callback()
            await settle()


class ManualClock(Clock):
    """Jumps where it is told, so that a test never waits."""

    async def run_for(self, seconds: float) -> None:
        """Let `seconds` of run time pass."""
        await settle()
        await self.advance(self._now + seconds)

    async def step(self) -> None:
        """Release the next deadline only, even while paused."""
        await self._release()


class LiveClock(Clock):
    """Follows real time at a speed, from when it is first driven: 1.0 is real time, 0.05 is twenty times slower.

    Between two deadlines it flows; while a deadline is being released it stands still at that deadline, so that
    what a backend computes from `now()` is the same at any speed.
    """

    def __init__(self, speed: float = 1.0) -> None:
        super().__init__()
        self._speed = speed
        self._origin: tuple[float, float] | None = None
        self._releasing = False
        self._changed = asyncio.Event()
        self.latest = 0.0
        """Real seconds by which the deadline that waited longest for its turn was late: a busy machine shows here."""

    @property
    def speed(self) -> float:
        """Seconds of run time per real second."""
        return self._speed

    def now(self) -> float:
        if self._releasing or self.paused:
            return self._now
        flowing = self._flowing()
        due = self.next_deadline()
        self._now = max(self._now, flowing if due is None else min(flowing, due))
        return self._now

    def call_at(self, when: float, callback: Callable[[], None]) -> Timer:
        timer = super().call_at(when, callback)
        if self._timers[0] is timer:
            self._changed.set()
        return timer

    def set_speed(self, speed: float) -> None:
        """Go on at another speed from this moment."""
        self._rebase(self._flowing())
        self._speed = speed
        self._changed.set()

    def pause(self) -> None:
        """Stand still: nothing fires until `resume` or `step`."""
        self.now()
        self.paused = True

    def resume(self) -> None:
        """Go on from where the clock stood."""
        self.paused = False
        self._rebase(self._now)
        self._changed.set()

    async def step(self) -> None:
        """While paused: release the next deadline only."""
        self._releasing = True
        try:
            await self._release()
        finally:
            self._releasing = False

    async def drive(self) -> None:
        """Release deadlines as real time passes, until cancelled. The run keeps this in a task."""
        self._origin = (time.monotonic(), self._now)
        while True:
            self._changed.clear()
            await self._wait()
            self._releasing = True
            try:
                await self._catch_up()
            finally:
                self._releasing = False

    async def _catch_up(self) -> None:
        while not self.paused and (due := self.next_deadline()) is not None and due <= (now := self._flowing()):
            self.latest = max(self.latest, (now - due) / self._speed)
            await self._release()

    async def _wait(self) -> None:
        due = self.next_deadline()
        delay = None if due is None or self.paused else max(0.0, (due - self._flowing()) / self._speed)
        try:
            async with asyncio.timeout(delay):
                await self._changed.wait()
        except TimeoutError:
            return

    def _flowing(self) -> float:
        if self._origin is None:
            return self._now
        real, at = self._origin
        return at + (time.monotonic() - real) * self._speed

    def _rebase(self, at: float) -> None:
        if self._origin is not None:
            self._origin = (time.monotonic(), at)


def _turn() -> asyncio.Lock:
    """One deadline at a time in this event loop: two runs that settle at once would wait for each other."""
    return _turns.setdefault(asyncio.get_running_loop(), asyncio.Lock())


async def settle() -> None:
    """Give way until nothing in this event loop is ready to run, as anyio's `wait_all_tasks_blocked` does."""
    ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
    for _ in range(SETTLING_ROUNDS):
        if not ready:
            return
        await asyncio.sleep(0)


async def wait_real(seconds: float) -> None:
    """Wait in real time: for what lives outside a run's story, such as the host's ticker or a server's start."""
    await asyncio.sleep(seconds)


def real_seconds() -> float:
    """A monotonic reading of real time, for budgets and measurements; never for a backend's story."""
    return time.perf_counter()


def wall_time() -> datetime:
    """The date and time of day, for labels on recordings."""
    return datetime.now(UTC)


def seeded(*parts: object) -> random.Random:
    """A random source of its own for each named purpose, so that one more draw here changes nothing there."""
    return random.Random(":".join(str(part) for part in parts))
