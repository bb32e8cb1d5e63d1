"""Meters: each value is computed from events."""

from __future__ import annotations

from collections.abc import Iterable
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from patterns.core.log import Changed, Event, RunLog
from patterns.core.metrics import Highest, Level, Meter, Quantile, Rate, Ratio, Total

NUMBERS = st.lists(st.integers(-50, 50), min_size=1, max_size=40)


def _amount(event: Event, log: RunLog) -> float | None:
    return float(event.value) if isinstance(event, Changed) and event.quantity == "x" else None


def _negative(event: Event, log: RunLog) -> float | None:
    value = _amount(event, log)
    return 1.0 if value is not None and value < 0 else None


def _one(event: Event, log: RunLog) -> float | None:
    return None if _amount(event, log) is None else 1.0


def _read(meter: Meter, numbers: Iterable[float], gap: float = 0.0) -> Meter:
    now = [0.0]
    log = RunLog(lambda: now[0])
    log.observe(lambda event: meter.observe(event, log))
    for number in numbers:
        now[0] += gap
        log.changed("node", "x", number)
        log.changed("node", "y", 1000)  # of no concern
    return meter


@given(NUMBERS)
def test_total_level_and_highest_say_what_their_names_say(numbers: list[int]) -> None:
    assert _read(Total(_amount), numbers).value == sum(numbers)
    assert _read(Level(_amount), numbers).value == numbers[-1]
    assert _read(Highest(_amount), numbers).value == max(numbers)


@given(NUMBERS)
def test_a_ratio_is_one_total_over_another(numbers: list[int]) -> None:
    assert _read(Ratio(_negative, _one), numbers).value == sum(n < 0 for n in numbers) / len(numbers)


@given(NUMBERS, st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_a_quantile_is_the_nearest_rank_of_the_last_ones(numbers: list[int], q: float) -> None:
    last = sorted(numbers[-10:])
    assert _read(Quantile(_amount, q, size=10), numbers).value == last[ceil(q * len(last)) - 1]


def test_a_rate_forgets_what_is_older_than_its_window() -> None:
    assert _read(Rate(_one, window=2.0), range(1, 21), gap=0.1).value == 10.0
    meter = Rate(_one, window=2.0)
    now = [0.0]
    log = RunLog(lambda: now[0])
    log.observe(lambda event: meter.observe(event, log))
    for at, quantity in ((1.0, "x"), (2.0, "x"), (10.0, "y")):
        now[0] = at
        log.changed("node", quantity, 1)
    assert meter.value == 0.0


def test_a_meter_that_has_seen_nothing_has_nothing_to_say() -> None:
    assert [meter.value for meter in (Level(_amount), Highest(_amount), Ratio(_one, _one), Quantile(_one, 0.5))] == [
        None,
        None,
        None,
        None,
    ]
