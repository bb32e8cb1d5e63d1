"""Checkers: what holds, what is violated and by which event, and what the log does not settle yet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from patterns.core.invariants import Agree, Arrives, AtMostOnce, Checker, EndsWithin, InOrder, Never
from patterns.core.log import Changed, Event, RunLog


class Story:
    """A log whose events are `changed`: the quantity is the verb, the node the key, the value a number."""

    def __init__(self, checker: Checker) -> None:
        self.now = 0.0
        self.log = RunLog(lambda: self.now)
        self.checker = checker
        self.log.observe(lambda event: checker.observe(event, self.log))

    def tell(self, verb: str, key: str, number: float = 0.0, at: float | None = None) -> str:
        self.now = self.now if at is None else at
        self.log.changed(key, verb, number)
        return self.checker.status


def _on(verb: str):
    def key(event: Event, log: RunLog) -> str | None:
        return event.node if isinstance(event, Changed) and event.quantity == verb else None

    return key


def _step(verb: str):
    def step(event: Event, log: RunLog) -> tuple[str, float] | None:
        if isinstance(event, Changed) and event.quantity == verb:
            return event.node, float(event.value)
        return None

    return step


def _arrives(at_end: bool = False) -> Arrives:
    def promised(event: Event, log: RunLog) -> list[str]:
        return [key] if (key := _on("promise")(event, log)) else []

    return Arrives(promised, _on("arrive"), _on("lose"), at_end)


@given(st.lists(st.sampled_from("abc"), max_size=12))
def test_a_second_effect_of_the_same_key_is_a_duplicate(keys: list[str]) -> None:
    story = Story(AtMostOnce(_on("do")))
    for key in keys:
        story.tell("do", key)
    repeats = [place for place, key in enumerate(keys, 1) if key in keys[: place - 1]]
    assert story.checker.count == len(repeats)
    assert story.checker.first == (repeats[0] if repeats else None)
    assert story.checker.status == ("violated" if repeats else "holds")


def test_a_promise_is_unknown_until_it_is_kept_or_lost() -> None:
    story = Story(_arrives())
    assert story.checker.status == "holds"
    assert story.tell("promise", "a") == "unknown"
    assert story.tell("arrive", "a") == "holds"
    assert story.tell("lose", "a") == "holds"
    story.tell("promise", "b")
    assert story.tell("lose", "b") == "violated"
    assert story.checker.first == 5


def test_what_is_open_at_the_end_is_lost_only_if_it_is_said_so() -> None:
    for at_end, status in ((False, "unknown"), (True, "violated")):
        story = Story(_arrives(at_end))
        story.tell("promise", "a")
        story.log.ended("enough")
        assert story.checker.status == status


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5)), max_size=15))
def test_a_number_after_a_greater_one_of_its_key_is_out_of_order(steps: list[tuple[str, int]]) -> None:
    story = Story(InOrder(_step("do")))
    for key, number in steps:
        story.tell("do", key, number)
    late = sum(any(k == key and n > number for k, n in steps[:i]) for i, (key, number) in enumerate(steps))
    assert story.checker.count == late


def test_never_is_broken_by_each_event_picked_out() -> None:
    story = Story(Never(lambda event, log: isinstance(event, Changed) and event.value == 1))
    assert [story.tell("x", "a", number) for number in (0, 1, 1)] == ["holds", "violated", "violated"]
    assert (story.checker.first, story.checker.count) == (2, 2)


def test_what_takes_too_long_is_stuck_at_the_first_event_that_shows_it() -> None:
    story = Story(EndsWithin(_on("begin"), _on("end"), 2.0))
    story.tell("begin", "a", at=0.0)
    story.tell("begin", "b", at=1.0)
    assert story.tell("end", "a", at=2.0) == "holds"
    assert story.tell("other", "x", at=3.0) == "holds"
    assert story.tell("other", "x", at=3.1) == "violated"
    assert story.checker.first == 5


def test_counts_that_differ_are_unknown_while_running_and_violated_at_the_end() -> None:
    story = Story(Agree(_step("count")))
    assert story.tell("count", "a", 1) == "holds"
    assert story.tell("count", "b", 2) == "unknown"
    assert story.tell("count", "a", 2) == "holds"
    story.tell("count", "a", 3)
    story.log.ended("enough")
    assert story.checker.status == "violated"
