"""The review page: what is due comes, what is not waits, and a recording is shown without its labels."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from explorer.models import Answer, Question, ReviewItem, Visitor
from explorer.quizzes.asked import key_of
from explorer.quizzes.recordings import find_riddles, list_clues, read_golden, tell_lines
from patterns.core.pattern import discover

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(client: Client) -> Client:
    call_command("content", verbosity=0)
    client.get("/")
    return client


def who(client: Client) -> Visitor:
    from explorer.learning.visitors import COOKIE, read_visitor

    return Visitor.objects.get_or_create(id=read_visitor(client.cookies[COOKIE].value))[0]


def owe(client: Client, question: str, days: int, step: int = 0) -> None:
    due = timezone.now() + timedelta(days=days)
    ReviewItem.objects.create(visitor=who(client), question=question, step=step, due=due)


def answer(client: Client, form: dict[str, Any]) -> Any:
    page = client.get("/review/").content.decode()
    sheet = re.search(r'name="sheet" value="([^"]+)"', page)
    action = re.search(r'action="([^"]+)"', page)
    assert sheet
    assert action
    return client.post(action.group(1), {"sheet": sheet.group(1), **form})


def single(slug: str = "pub-sub") -> Question:
    return Question.objects.filter(kind="single", claim__card=slug).order_by("slug")[0]


def test_somebody_new_is_told_how_the_review_works(visitor: Client) -> None:
    assert "Nothing to review yet" in visitor.get("/review/").content.decode()


def test_what_is_not_due_waits_and_the_page_says_until_when(visitor: Client) -> None:
    owe(visitor, single().slug, 3)
    page = visitor.get("/review/").content.decode()
    assert "Nothing is due" in page
    assert f"{timezone.now() + timedelta(days=3):%A}" in page


def test_a_right_answer_moves_a_due_question_to_its_next_step(visitor: Client) -> None:
    question = single()
    owe(visitor, question.slug, -1, step=1)
    right = [key_of(option["text"]) for option in question.options if option["correct"]]
    feedback = answer(visitor, {"option": right})
    assert "That is right" in visitor.get(feedback.url).content.decode()
    item = ReviewItem.objects.get(question=question.slug)
    assert item.step == 2
    assert (item.due - timezone.now()).days in (6, 7)


def test_practising_before_it_is_due_moves_nothing(visitor: Client) -> None:
    question = single()
    owe(visitor, question.slug, 5, step=2)
    before = ReviewItem.objects.get(question=question.slug).due
    address = f"/patterns/pub-sub/quiz/{question.slug}/"
    sheet = re.search(r'name="sheet" value="([^"]+)"', visitor.get(address).content.decode())
    assert sheet
    right = [key_of(option["text"]) for option in question.options if option["correct"]]
    visitor.post(address, {"sheet": sheet.group(1), "option": right})
    assert ReviewItem.objects.get(question=question.slug).due == before


def test_five_minutes_are_the_limit_and_what_is_left_is_counted(visitor: Client) -> None:
    for question in Question.objects.filter(kind="single")[:20]:
        owe(visitor, question.slug, -1)
    page = visitor.get("/review/").content.decode()
    count = re.search(r"(\d+) today, about (\d) min", page)
    assert count
    assert int(count.group(1)) == 8
    assert int(count.group(2)) <= 5


def test_a_question_that_was_deleted_does_not_come_back(visitor: Client) -> None:
    owe(visitor, "GONE-Q1", -1)
    assert "Nothing to review yet" in visitor.get("/review/").content.decode()


def test_each_lab_with_a_recording_has_a_riddle_whose_lines_name_no_part(visitor: Client) -> None:
    riddles = find_riddles()
    assert riddles
    for slug in riddles.values():
        events = read_golden(slug)
        told = " ".join(line.text for line in tell_lines(events))
        names = {node.name for node in discover()[slug].nodes} | {slug}
        assert not any(re.search(rf"\b{re.escape(name)}\b", told) for name in names)
        assert any(list_clues(events).values())


def test_a_riddle_is_solved_by_the_pattern_and_a_clue_that_the_log_shows(visitor: Client) -> None:
    riddle, pattern = next(iter(find_riddles().items()))
    clues = list_clues(read_golden(pattern))
    seen, unseen = (next(name for name, is_seen in clues.items() if is_seen is wanted) for wanted in (True, False))
    owe(visitor, single(pattern).slug, 3)
    owe(visitor, riddle, -1)
    assert answer(visitor, {"pattern": pattern}).status_code == 422
    answer(visitor, {"pattern": pattern, "clue": unseen})
    ReviewItem.objects.filter(question=riddle).update(due=timezone.now())
    solved = answer(visitor, {"pattern": pattern, "clue": seen})
    assert "That is right" in visitor.get(solved.url).content.decode()
    assert sorted(Answer.objects.filter(question=riddle).values_list("right", flat=True)) == [False, True]
