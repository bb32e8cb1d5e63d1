"""The quiz of a pattern, as a visitor without JavaScript meets it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from explorer.models import Answer, Note, Question, ReviewItem
from explorer.quizzes.asked import key_of
from explorer.quizzes.store import list_questions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _content(db: None) -> None:
    call_command("content", verbosity=0)


@pytest.fixture
def visitor(client: Client) -> Client:
    client.get("/")  # gets the cookie
    return client


def first(kind: str, slug: str = "pub-sub") -> Question:
    return Question.objects.filter(kind=kind, claim__card=slug).order_by("slug")[0]


def address(question: Question) -> str:
    return f"/patterns/{question.claim.card_id}/quiz/{question.slug}/"


def sheet_of(client: Client, question: Question) -> str:
    page = client.get(address(question)).content.decode()
    found = re.search(r'name="sheet" value="([^"]+)"', page)
    assert found
    return found.group(1)


def right_form(question: Question) -> dict[str, Any]:
    if question.kind == "order":
        return {f"place-{key_of(step)}": place for place, step in enumerate(question.answer["steps"], 1)}
    if question.kind == "match":
        return {f"pair-{key_of(left)}": key_of(right) for left, right in question.answer["pairs"]}
    return {"option": [key_of(option["text"]) for option in question.options if option["correct"]]}


def wrong_form(question: Question) -> dict[str, Any]:
    return {"option": [key_of(option["text"]) for option in question.options if not option["correct"]][:1]}


def send(client: Client, question: Question, form: dict[str, Any], sheet: str = "") -> Any:
    return client.post(address(question), {"sheet": sheet or sheet_of(client, question), **form})


def test_every_question_that_needs_no_run_can_be_opened(visitor: Client) -> None:
    asked = list_questions().exclude(kind__in=("predict-the-run", "spot-the-fault"))
    assert {visitor.get(address(question)).status_code for question in asked} == {200}


def test_questions_that_need_a_run_appear_only_where_there_is_a_lab(visitor: Client) -> None:
    without = [q.slug for q in Question.objects.filter(kind="spot-the-fault", claim__card="etl")]
    assert without
    assert not list_questions("etl").filter(slug__in=without).exists()
    assert visitor.get(f"/patterns/etl/quiz/{without[0]}/").status_code == 404
    assert list_questions("pub-sub").filter(kind="spot-the-fault").exists()


@pytest.mark.parametrize("kind", ["single", "multiple", "order", "match"])
def test_a_right_answer_is_right_and_says_what_was_expected(visitor: Client, kind: str) -> None:
    question = Question.objects.filter(kind=kind).order_by("slug")[0]
    answered = send(visitor, question, right_form(question))
    assert answered.status_code == 302
    assert "That is right" in visitor.get(answered.url).content.decode()
    assert ReviewItem.objects.get(question=question.slug).step == 0
    assert Note.objects.get(kind="answer").data["right"] is True


def test_a_wrong_option_says_why_it_tempts_and_why_it_fails(visitor: Client) -> None:
    question = first("single")
    page = visitor.get(send(visitor, question, wrong_form(question)).url).content.decode()
    assert "Not this time" in page
    assert page.count("Tempts") == sum(not option["correct"] for option in question.options)


def test_a_reload_shows_the_same_numbers_and_the_next_try_others(visitor: Client) -> None:
    question = Question.objects.get(slug="BA-Q6")
    stem = re.compile(r'id="stem"[^>]*>(.*?)</h1>', re.S)

    def shown() -> str:
        found = stem.search(visitor.get(address(question)).content.decode())
        assert found
        return found.group(1)

    before = shown()
    assert shown() == before
    for _ in range(12):  # of so few numbers chance alone would draw the same twice running
        send(visitor, question, {"number": "1"})
        after = shown()
        assert after != before
        before = after


def test_an_answer_sent_twice_counts_once(visitor: Client) -> None:
    question = first("single")
    sheet = sheet_of(visitor, question)
    one = send(visitor, question, right_form(question), sheet)
    two = send(visitor, question, wrong_form(question), sheet)
    assert one.url == two.url
    assert Answer.objects.count() == Note.objects.count() == 1
    assert Answer.objects.get().right


def test_an_answer_to_a_changed_question_says_so_and_keeps_what_was_typed(visitor: Client) -> None:
    question = first("numeric", "api-gateway")
    sheet = sheet_of(visitor, question)
    question.stem += " (Round down.)"
    question.save()
    answered = send(visitor, question, {"number": "123.5"}, sheet)
    page = answered.content.decode()
    assert answered.status_code == 409
    assert "was changed while you had it open" in page
    assert 'value="123.5"' in page
    assert not Answer.objects.exists()


def test_ten_thousand_characters_get_a_sentence_beside_the_field(visitor: Client) -> None:
    question = first("numeric", "api-gateway")
    answered = send(visitor, question, {"number": "9" * 10_000})
    page = answered.content.decode()
    assert answered.status_code == 422
    assert "10,000 characters long" in page
    assert "9" * 100 not in page


def test_a_forged_sheet_is_refused_and_nothing_is_kept(visitor: Client) -> None:
    question = first("single")
    answered = send(visitor, question, right_form(question), sheet_of(visitor, question)[:-2] + "xx")
    assert answered.status_code == 400
    assert "send it once more" in answered.content.decode()
    assert not Answer.objects.exists()


def test_hints_come_one_after_the_other_and_keep_what_was_chosen(visitor: Client) -> None:
    question = first("single")
    chosen = key_of(question.options[1]["text"])
    page = send(visitor, question, {"option": chosen, "hint": "1"}).content.decode()
    assert page.count("<li>", page.index('class="hints"'), page.index("</ol>", page.index('class="hints"'))) == 1
    assert re.search(rf'value="{chosen}" checked', page)
    send(visitor, question, {"option": chosen, "hints": "1"})
    assert Answer.objects.get().hints == 1


def test_confidence_is_kept_and_changes_no_verdict(visitor: Client) -> None:
    question = first("single")
    send(visitor, question, {**right_form(question), "confidence": "50"})
    answer = Answer.objects.get()
    assert (answer.right, answer.confidence) == (True, 50)


def test_somebody_elses_answer_is_not_shown(visitor: Client) -> None:
    question = first("single")
    url = send(visitor, question, right_form(question)).url
    assert "That is right" not in Client().get(url).content.decode()


def test_htmx_gets_the_question_alone(visitor: Client) -> None:
    page = visitor.get(address(first("single")), headers={"HX-Request": "true"}).content.decode()
    assert page.lstrip().startswith("<article")
