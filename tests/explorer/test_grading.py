"""Grading: right is right in any order of options, wrong is told apart, and no text makes it fail."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.quizzes.asked import Asked, key_of
from explorer.quizzes.drawing import SEED_BITS, draw, seed_for
from explorer.quizzes.grading import Truth, grade
from explorer.quizzes.reading import Unreadable, read_answer, read_confidence, read_number

seeds = st.integers(0, 2**SEED_BITS - 1)


def ask(kind: str, options: list[dict[str, Any]] | None = None, stem: str = "What?", **answer: Any) -> Asked:
    return Asked("PS-Q1", "pub-sub", kind, stem, tuple(options or ()), answer)


def choices(*right: bool) -> list[dict[str, Any]]:
    return [{"text": f"option {n}", "correct": is_right} for n, is_right in enumerate(right)]


MULTIPLE = ask("multiple", choices(True, False, True, False))
ORDER = ask("order", steps=["first", "second", "third", "fourth"])
MATCH = ask("match", pairs=[["a", "1"], ["b", "2"], ["c", "3"], ["d", "4"]])
NUMERIC = ask(
    "numeric", [{"text": "sum", "formula": "n+m", "correct": False, "tempts": "t", "fails": "f"}], "{n} by {m}?",
    parameters={"n": {"min": 3, "max": 9, "step": 1}, "m": {"choices": [20, 30]}}, formula="n*m", tolerance=0.01,
    tolerance_kind="relative", unit="ms",
)  # fmt: skip
RANGES = ask(
    "predict-the-run", [{"text": "few", "range": [0, 5]}, {"text": "many", "range": [5, 50]}], metric="x", seed=1
)


@given(seeds)
def test_the_same_seed_draws_the_same_question(seed: int) -> None:
    assert draw(NUMERIC, seed) == draw(NUMERIC, seed)


@given(seeds)
def test_every_option_is_shown_once_in_any_order(seed: int) -> None:
    assert sorted(choice.text for choice in draw(MULTIPLE, seed).choices) == [f"option {n}" for n in range(4)]


@given(seeds)
def test_steps_are_never_shown_in_the_right_order(seed: int) -> None:
    assert [choice.text for choice in draw(ORDER, seed).choices] != ORDER.steps


@given(seeds, st.sets(st.integers(0, 3), min_size=1))
def test_several_answers_are_right_exactly_if_all_and_only_the_right_ones_are_ticked(
    seed: int, picked: set[int]
) -> None:
    form = {"option": [key_of(f"option {n}") for n in picked]}
    assert grade(MULTIPLE, draw(MULTIPLE, seed), read_answer(MULTIPLE, form)).right is (picked == {0, 2})


@given(seeds, st.permutations(ORDER.steps))
def test_an_order_is_right_exactly_if_it_is_the_order(seed: int, steps: list[str]) -> None:
    form = {f"place-{key_of(step)}": [str(place)] for place, step in enumerate(steps, 1)}
    graded = grade(ORDER, draw(ORDER, seed), read_answer(ORDER, form))
    assert graded.right is (steps == ORDER.steps)
    assert sum(r.mark == "right" for r in graded.remarks) == sum(
        a == b for a, b in zip(steps, ORDER.steps, strict=True)
    )


@given(seeds, st.permutations(["1", "2", "3", "4"]))
def test_a_match_is_right_exactly_if_every_pair_is(seed: int, rights: list[str]) -> None:
    form = {f"pair-{key_of(left)}": [key_of(right)] for left, right in zip("abcd", rights, strict=True)}
    assert grade(MATCH, draw(MATCH, seed), read_answer(MATCH, form)).right is (rights == ["1", "2", "3", "4"])


@given(seeds, st.floats(-0.05, 0.05))
def test_a_number_is_right_within_the_tolerance(seed: int, off: float) -> None:
    drawn = draw(NUMERIC, seed)
    right = drawn.parameters["n"] * drawn.parameters["m"]
    typed = f"{right * (1 + off):.9f}"
    assert grade(NUMERIC, drawn, typed).right is (abs(float(typed) - right) <= 0.01 * right + 1e-9 * right)


@given(seeds)
def test_a_wrong_way_to_compute_is_recognised(seed: int) -> None:
    drawn = draw(NUMERIC, seed)
    graded = grade(NUMERIC, drawn, str(drawn.parameters["n"] + drawn.parameters["m"]))
    assert (graded.right, graded.remarks[0].mark) == (False, "wrong")


@given(st.text(max_size=200))
def test_any_text_is_a_number_or_gets_a_sentence(text: str) -> None:
    sentence = "."
    try:
        read_number(text)
    except Unreadable as problem:
        sentence = str(problem)
    assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1,000.5", 1000.5), ("2,5", 2.5), ("−3", -3), ("50 %", 50), ("1e3", 1000), (" 7 ", 7), (".5", 0.5)],
)
def test_numbers_are_read_as_people_write_them(typed: str, value: float) -> None:
    assert read_number(typed) == value


def test_ten_thousand_characters_are_no_number_and_the_sentence_says_how_many_may_be() -> None:
    with pytest.raises(Unreadable, match="10,000 characters long; a number here has at most 30"):
        read_number("9" * 10_000)


def test_two_steps_at_one_place_get_a_sentence() -> None:
    form = {f"place-{key_of(step)}": ["1"] for step in ORDER.steps}
    with pytest.raises(Unreadable, match="each place takes one step"):
        read_answer(ORDER, form)


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Unreadable, match="not one of the choices"):
        read_answer(MULTIPLE, {"option": ["../../etc"]})


@given(st.floats(0, 50))
def test_a_prediction_is_right_if_its_range_holds_what_the_run_measured(measured: float) -> None:
    graded = grade(RANGES, draw(RANGES, 1), key_of("few"), Truth(measured, "s"))
    assert graded.right is (measured <= 5)


@given(st.floats(50, 1e6, exclude_min=True))
def test_what_no_range_holds_makes_nobody_wrong(measured: float) -> None:
    graded = grade(RANGES, draw(RANGES, 1), key_of("few"), Truth(measured, "s"))
    assert (graded.right, graded.remarks) == (None, ())
    assert graded.expected.endswith(" s")


def test_a_prediction_waits_for_its_run() -> None:
    assert grade(RANGES, draw(RANGES, 1), key_of("few"), None).right is None


def test_confidence_may_be_left_out_and_must_be_a_per_cent() -> None:
    assert read_confidence({}) is None
    with pytest.raises(Unreadable):
        read_confidence({"confidence": ["250"]})


def test_a_better_explanation_is_the_same_question_and_another_answer_is_not() -> None:
    better = ask("multiple", [{**option, "fails": "because"} for option in choices(True, False, True, False)])
    other = ask("multiple", choices(True, True, True, False))
    assert better.fingerprint == MULTIPLE.fingerprint != other.fingerprint


def test_seeds_differ_from_try_to_try() -> None:
    assert seed_for("visitor", "PS-Q1", 0) != seed_for("visitor", "PS-Q1", 1)


@given(seeds, st.permutations(ORDER.steps))
def test_an_order_shows_what_was_expected_beside_what_came_place_by_place(seed: int, steps: list[str]) -> None:
    form = {f"place-{key_of(step)}": [str(place + 1)] for place, step in enumerate(steps)}
    graded = grade(ORDER, draw(ORDER, seed), read_answer(ORDER, form))
    assert (graded.expected_rows, graded.got_rows) == (ORDER.steps, steps)


def test_an_order_that_lost_a_step_meanwhile_still_shows_all_that_was_expected() -> None:
    graded = grade(ORDER, draw(ORDER, 1), [key_of("second"), key_of("first")])
    assert graded.right is False
    assert graded.expected_rows == ORDER.steps
    assert len(graded.got_rows) == len(ORDER.steps)


def test_a_match_shows_each_pair_as_it_was_expected_and_as_it_came() -> None:
    chosen = {key_of(left): key_of(right) for left, right in zip("abcd", "2134", strict=True)}
    graded = grade(MATCH, draw(MATCH, 1), chosen)
    assert graded.right is False
    assert graded.rows[0] == ("a: 1", "a: 2")
    assert graded.rows[2] == ("c: 3", "c: 3")
