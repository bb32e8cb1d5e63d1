"""Mastery: three right over at least two kinds of question in a group of claims."""

from __future__ import annotations

from datetime import date

import pytest

from explorer.learning.mastery import Asking, Given, Standing, assess

QUESTIONS = [
    Asking("Q1", "how", "single"),
    Asking("Q2", "how", "numeric"),
    Asking("Q3", "how", "single"),
    Asking("Q4", "con", "order"),
]
ONE, TWO, THREE = date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 3)


def stand(*given: tuple[str, bool, date], group: str = "how") -> Standing:
    return next(s for s in assess(QUESTIONS, [Given(*each) for each in given]) if s.group == group)


def test_three_right_over_two_kinds_are_mastery() -> None:
    assert stand(("Q1", True, ONE), ("Q2", True, ONE), ("Q3", True, ONE)).mastered


def test_three_right_of_one_kind_are_not_where_there_is_another() -> None:
    standing = stand(("Q1", True, ONE), ("Q3", True, ONE), ("Q1", True, TWO))
    assert not standing.mastered
    assert standing.missing == "one of another kind"


@pytest.mark.parametrize("times", [2, 5])
def test_one_question_counts_once_a_day(times: int) -> None:
    assert stand(*[("Q2", True, ONE)] * times).right == 1


def test_wrong_answers_count_for_nothing() -> None:
    assert stand(("Q1", False, ONE), ("Q2", False, ONE)).right == 0


def test_a_group_that_asks_in_one_kind_only_needs_no_other() -> None:
    assert stand(("Q4", True, ONE), ("Q4", True, TWO), ("Q4", True, THREE), group="con").mastered


def test_an_answer_to_a_question_that_is_gone_counts_for_nothing() -> None:
    assert stand(("GONE", True, ONE)).right == 0
