"""Run time: the order of deadlines, pause, step, speed."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patterns.core.clock import Clock, LiveClock, ManualClock, StoryOver, seeded, settle, wait_real

WAITS = st.lists(st.integers(0, 20), min_size=1, max_size=12)


async def _wake_up_order(clock: Clock, waits: list[int]) -> list[tuple[float, int]]:
    """Sleepers that sleep once more when they wake, so that deadlines are set while others are released."""
    woken: list[tuple[float, int]] = []

    async def sleeper(number: int, seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append((clock.now(), number))
        await clock.sleep(seconds / 2)
        woken.append((clock.now(), -number))

    tasks = [asyncio.create_task(sleeper(number, wait / 10)) for number, wait in enumerate(waits, 1)]
    await settle()
    if isinstance(clock, ManualClock):
        await clock.run_for(10)
    else:
        assert isinstance(clock, LiveClock)
        driver = asyncio.create_task(clock.drive())
        await asyncio.gather(*tasks)
        driver.cancel()
    await asyncio.gather(*tasks)
    return woken


@given(WAITS)
@settings(max_examples=60)
def test_sleepers_wake_in_the_order_of_their_deadlines(waits: list[int]) -> None:
    woken = asyncio.run(_wake_up_order(ManualClock(), waits))
    assert [at for at, _ in woken] == sorted(at for at, _ in woken)
    assert {number: at for at, number in woken if number > 0} == {n: w / 10 for n, w in enumerate(waits, 1)}


@given(WAITS, st.sampled_from([50.0, 500.0, 5000.0]))
@settings(max_examples=25)
def test_the_order_and_the_times_are_the_same_at_any_speed(waits: list[int], speed: float) -> None:
    live = asyncio.run(_wake_up_order(LiveClock(speed), waits))
    assert live == asyncio.run(_wake_up_order(ManualClock(), waits))


async def test_a_timeout_of_10_ms_wins_against_a_sleep_of_20_ms_however_far_time_jumps() -> None:
    clock = ManualClock()
    outcome: list[str] = []

    async def story() -> None:
        try:
            async with clock.timeout(0.01):
                await clock.sleep(0.02)
                outcome.append("slept")
        except TimeoutError:
            outcome.append("timed out")

    task = asyncio.create_task(story())
    await clock.run_for(5)
    await task
    assert outcome == ["timed out"]


async def test_a_timeout_that_is_not_needed_never_fires() -> None:
    clock = ManualClock()

    async def story() -> None:
        async with clock.timeout(1):
            await clock.sleep(0.5)
        await clock.sleep(5)

    task = asyncio.create_task(story())
    await clock.run_for(10)
    assert task.done()
    assert task.exception() is None


async def test_a_paused_clock_fires_nothing_and_steps_one_deadline_at_a_time() -> None:
    clock = ManualClock()
    fired: list[float] = []
    for when in (1.0, 2.0, 3.0):
        clock.call_at(when, lambda: fired.append(clock.now()))
    clock.paused = True
    await clock.run_for(10)
    assert fired == []
    await clock.step()
    assert fired == [1.0]
    clock.paused = False
    await clock.run_for(10)
    assert fired == [1.0, 2.0, 3.0]


async def test_a_live_clock_that_is_paused_stands_still_and_goes_on_from_there() -> None:
    clock = LiveClock(1000)
    driver = asyncio.create_task(clock.drive())
    fired: list[float] = []
    clock.call_at(1.0, clock.pause)
    clock.call_at(2.0, lambda: fired.append(clock.now()))
    await wait_real(0.05)
    assert (clock.now(), fired) == (1.0, [])
    await clock.step()
    assert fired == [2.0]
    clock.resume()
    await wait_real(0.01)
    assert clock.now() > 2.0
    driver.cancel()


async def test_a_live_clock_knows_by_how_much_it_ever_fell_behind() -> None:
    clock = LiveClock(2.0)
    clock.call_at(0.0, lambda: time.sleep(0.05))
    clock.call_at(0.02, lambda: clock.call_later(0.0, driver.cancel))
    driver = asyncio.create_task(clock.drive())
    await asyncio.wait({driver})
    assert clock.latest >= 0.04


async def test_a_live_clock_flows_only_from_when_it_is_driven() -> None:
    clock = LiveClock(1_000_000)
    await wait_real(0.01)
    clock.set_speed(10)
    assert clock.now() == 0.0


async def test_a_change_of_speed_does_not_move_the_present() -> None:
    clock = LiveClock(1000)
    driver = asyncio.create_task(clock.drive())
    await wait_real(0.01)
    before = clock.now()
    clock.set_speed(0.05)
    await wait_real(0.02)
    assert before > 0
    assert clock.now() - before < 1
    driver.cancel()


async def test_a_cancelled_timer_and_a_cancelled_sleeper_are_forgotten() -> None:
    clock = ManualClock()
    fired: list[int] = []
    clock.call_later(1, lambda: fired.append(1)).cancel()
    sleeper = asyncio.create_task(clock.sleep(2))
    await settle()
    sleeper.cancel()
    await settle()
    assert clock.next_deadline() is None
    await clock.run_for(3)
    assert fired == []


async def test_a_deadline_that_outlives_its_run_comes_to_nothing_but_a_mistake_is_told() -> None:
    def over() -> None:
        raise StoryOver

    clock = ManualClock()
    clock.call_later(1, over)
    await clock.run_for(2)
    clock.call_later(1, lambda: [][0])
    with pytest.raises(IndexError):
        await clock.run_for(2)


async def test_two_clocks_that_settle_in_one_loop_do_not_wait_for_each_other() -> None:
    clocks = [LiveClock(500.0) for _ in range(2)]
    drivers = [asyncio.create_task(clock.drive()) for clock in clocks]

    async def count(clock: Clock) -> int:
        for _ in range(200):
            await clock.sleep(0.01)
        return 200

    async with asyncio.timeout(10):
        assert await asyncio.gather(*(count(clock) for clock in clocks)) == [200, 200]
    for driver in drivers:
        driver.cancel()


@given(st.integers(), st.text(max_size=5), st.text(max_size=5))
def test_a_named_source_of_chance_repeats_and_names_do_not_share_one(seed: int, one: str, other: str) -> None:
    draws = [seeded(seed, one).random() for _ in range(2)]
    assert draws[0] == draws[1]
    assert (seeded(seed, other).random() == draws[0]) == (one == other)


async def test_equal_deadlines_fire_in_the_order_they_were_set() -> None:
    clock = ManualClock()
    fired: list[int] = []
    for number in range(20):
        clock.call_at(1.0, lambda number=number: fired.append(number))
    await clock.run_for(2)
    assert fired == list(range(20))
