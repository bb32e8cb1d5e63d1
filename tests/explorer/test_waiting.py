"""Answers that wait for a run: settled wherever progress is read, and never against a question that was changed."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from explorer.learning.reviewing import list_items
from explorer.learning.visitors import COOKIE, read_visitor
from explorer.models import Answer, Bet, Note, Question, ReviewItem, SavedRun, Trial, Visitor
from explorer.quizzes.asked import key_of
from explorer.quizzes.store import as_asked, list_questions

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(client: Client) -> Client:
    call_command("content", verbosity=0)
    client.get("/")
    return client


def prediction() -> Question:
    question = list_questions("pub-sub").filter(kind="predict-the-run").order_by("slug")[0]
    assert "metric" in question.answer
    return question


def trial_of(question: Question, **fields: Any) -> Trial:
    asked = as_asked(question)
    name = f"?{asked.slug}@{asked.fingerprint}"
    return Trial.objects.create(claim=name, pattern=asked.pattern, engine="builtin", seed=1, **fields)


def predict(client: Client, question: Question, option: int) -> str:
    address = f"/patterns/pub-sub/quiz/{question.slug}/"
    sheet = re.search(r'name="sheet" value="([^"]+)"', client.get(address).content.decode())
    assert sheet
    form = {"sheet": sheet.group(1), "option": key_of(question.options[option]["text"]), "confidence": "90"}
    return str(client.post(address, form).url)


def finish(question: Question, value: float) -> None:
    """The run is over, and has measured a value."""
    metrics = {question.answer["metric"]: {"value": value, "unit": "orders"}}
    trial = Trial.objects.get(claim__startswith=f"?{question.slug}@")
    Trial.objects.filter(pk=trial.pk).update(state="done", report={"metrics": metrics}, finished=timezone.now())
    run = SavedRun.objects.create(
        pattern="pub-sub", engine="builtin", seed=1, title="Q", events=1, seconds=1, recording=b""
    )
    trial.runs.add(run)


@pytest.mark.parametrize("page", ["/review/", "/progress/"])
def test_an_answer_is_settled_once_its_run_is_over_and_progress_is_read(visitor: Client, page: str) -> None:
    question = prediction()
    trial_of(question)
    predict(visitor, question, 0)
    assert Answer.objects.get().right is None
    visitor.get(page)
    assert Answer.objects.get().right is None
    low, high = question.options[0]["range"]
    finish(question, (low + high) / 2)
    visitor.get(page)
    assert Answer.objects.get().right is True
    assert ReviewItem.objects.filter(question=question.slug).exists()
    note = Note.objects.get()
    assert note.data["given"] == question.options[0]["text"].rstrip(".")
    assert note.data["expected"] == f"{(low + high) / 2:g} orders"
    assert question.stem in note.text
    assert f"/runs/{note.data['run']}/" in visitor.get("/progress/notebook/").content.decode()
    visitor.get(page)
    assert Note.objects.count() == 1


def test_an_answer_to_a_question_that_was_changed_meanwhile_is_not_graded_and_the_page_says_so(visitor: Client) -> None:
    question = prediction()
    trial_of(question)
    feedback = predict(visitor, question, 0)
    question.options[0]["range"], question.stem = [1e6, 2e6], f"{question.stem} (Changed.)"
    question.save()
    trial_of(question, state="done", report={"metrics": {question.answer["metric"]: {"value": 1.0, "unit": "orders"}}})
    visitor.get("/review/")
    page = visitor.get(feedback).content.decode()
    assert "It counts neither way" in page
    assert "so it is not graded" in page
    assert Answer.objects.get().right is None
    assert not ReviewItem.objects.exists()


def test_what_none_of_the_answers_covers_counts_neither_way(visitor: Client) -> None:
    question = prediction()
    trial_of(question)
    feedback = predict(visitor, question, 0)
    finish(question, 1e9)
    page = visitor.get(feedback).content.decode()
    assert "The run could not tell" in page
    assert "none of the answers" in page
    assert Answer.objects.get().right is None


def bet(person: Visitor, claim: str, confidence: int) -> None:
    settled = {"right": False, "first": True, "measured": 2, "unit": "orders"}
    Bet.objects.create(visitor=person, claim=claim, answer=5, confidence=confidence, settled=settled)


def test_a_sure_and_wrong_bet_brings_a_question_about_its_claim_and_an_unsure_one_does_not(visitor: Client) -> None:
    person = Visitor.objects.create(id=read_visitor(visitor.cookies[COOKIE].value))
    question = list_questions("pub-sub").filter(kind="single").order_by("slug")[0]
    bet(person, question.claim_id, 60)
    visitor.get("/review/")
    assert not ReviewItem.objects.exists()
    bet(person, question.claim_id, 90)
    for _ in range(2):
        visitor.get("/review/")
    (item,) = list_items(str(person.pk))
    assert Question.objects.get(slug=item.question).claim_id == question.claim_id
    assert item.urgent
    Answer.objects.create(
        submission="6f1d3a52-0000-4000-8000-000000000001", visitor=person, question=item.question, fingerprint="x",
        seed=1, given="x", right=True, at=timezone.now(),
    )  # fmt: skip
    assert not list_items(str(person.pk))[0].urgent
