"""The review over 60 days of a moved clock: spaced, interleaved, five minutes a day, confident errors within a week."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from explorer.learning.agenda import DAYS, SECONDS_A_DAY, SOON, Item, is_confident_error, plan_next, plan_today

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
PATTERNS = ("pub-sub", "request-response", "event-sourcing", "stream-processing")
CONFUSED = {"pub-sub": {"event-sourcing"}, "stream-processing": {"event-sourcing"}}


def items(count: int, due: datetime = START) -> list[Item]:
    return [Item(f"Q{n}", PATTERNS[n % len(PATTERNS)], "single", due) for n in range(count)]


def test_a_question_known_every_time_comes_back_after_1_3_7_16_and_35_days() -> None:
    step, now, gaps = None, START, []
    for _ in range(6):
        step, due = plan_next(step, True, now)
        gaps.append((due - now).days)
        now = due
    assert gaps == [1, 3, 7, 16, 35, 35]


@given(st.integers(0, 4))
def test_a_question_missed_comes_back_tomorrow(step: int) -> None:
    assert plan_next(step, False, START) == (0, START + timedelta(days=1))


def test_sixty_days_of_a_learner_who_forgets_now_and_then() -> None:
    source, steps, due, met = random.Random(7), {}, {}, {}
    sure_and_wrong: dict[str, datetime] = {}
    slowest = timedelta(0)
    for day in range(60):
        now = START + timedelta(days=day)
        if day % 5 == 0 and day < 40:  # four new questions
            for slug in (f"Q{day}-{n}" for n in range(4)):
                steps[slug], due[slug] = plan_next(None, True, now)
                met[slug] = [now]
        todo = [Item(q, PATTERNS[len(q) % 4], "single", due[q], sure_and_wrong.get(q)) for q in steps]
        today = plan_today(todo, now, CONFUSED)
        assert sum(item.seconds for item in today) <= SECONDS_A_DAY
        assert all(item.due <= now for item in today)
        for item in today:
            right = source.random() < 0.85
            if item.question in sure_and_wrong:
                slowest = max(slowest, now - sure_and_wrong.pop(item.question))
            if is_confident_error(right, 90):
                sure_and_wrong[item.question] = now
            steps[item.question], due[item.question] = plan_next(steps[item.question], right, now)
            met[item.question].append(now)
    assert slowest <= SOON
    assert all(now - at <= SOON for at in sure_and_wrong.values())
    assert max(len(times) for times in met.values()) >= len(DAYS)
    assert all(len(times) > 2 for times in met.values())


@given(st.integers(0, 40), st.integers(0, 600))
def test_never_more_than_there_is_time_for(count: int, budget: int) -> None:
    assert sum(item.seconds for item in plan_today(items(count), START, {}, budget)) <= budget


def test_neighbours_are_of_different_patterns_and_preferably_easily_confused() -> None:
    today = plan_today(items(8), START, CONFUSED)
    names = [item.pattern for item in today]
    assert all(a != b for a, b in itertools.pairwise(names))
    assert names[:3] == ["pub-sub", "event-sourcing", "stream-processing"]


@given(st.lists(st.sampled_from(PATTERNS), max_size=8))
def test_two_of_a_kind_meet_only_where_there_is_no_other_way(patterns: list[str]) -> None:
    todo = [Item(f"Q{n}", pattern, "single", START) for n, pattern in enumerate(patterns)]
    names = [item.pattern for item in plan_today(todo, START, CONFUSED)]
    most = max((patterns.count(name) for name in set(patterns)), default=0)
    together = sum(a == b for a, b in itertools.pairwise(names))
    assert together <= max(0, most - (len(patterns) - most) - 1)


def test_a_confident_error_comes_before_what_is_longer_due() -> None:
    old = items(12, START - timedelta(days=9))
    error = Item("wrong", "etl", "single", START, START - timedelta(days=1))
    assert error in plan_today([*old, error], START, {}, budget=100)


def test_nothing_comes_before_it_is_due() -> None:
    assert plan_today(items(5, START + timedelta(seconds=1)), START, {}) == []


def test_a_confident_error_for_which_tomorrow_is_too_late_comes_though_no_time_is_left() -> None:
    made = START - SOON + timedelta(hours=12)
    late, early = (
        Item(f"{at:%d}", "etl", "single", START - timedelta(days=1), at) for at in (made, made + timedelta(1))
    )
    assert plan_today([late, early], START, {}, budget=0) == [late]
