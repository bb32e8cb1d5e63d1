"""An account takes a browser's record along, merges another's, and never takes one that is somebody else's."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from explorer.learning.visitors import COOKIE, read_visitor
from explorer.models import Answer, ReviewItem, Tick, Visitor

pytestmark = pytest.mark.django_db
WORDS = {"username": "ada", "password1": "quarry-lantern-7", "password2": "quarry-lantern-7"}
SAME = {"username": "ada", "password": "quarry-lantern-7"}


def who(client: Client) -> Visitor:
    return Visitor.objects.get_or_create(id=read_visitor(client.cookies[COOKIE].value))[0]


def answer(client: Client, question: str, step: int = 0) -> None:
    now = timezone.now()
    Answer.objects.create(
        submission=uuid4(),
        visitor=who(client),
        question=question,
        fingerprint="x",
        seed=1,
        given="a",
        right=True,
        at=now,
    )
    ReviewItem.objects.create(visitor=who(client), question=question, step=step, due=now, last=now)


@pytest.fixture
def browser() -> Client:
    client = Client()
    client.get("/progress/")
    return client


@pytest.fixture
def other() -> Client:
    client = Client()
    client.get("/progress/")
    return client


def test_a_new_account_keeps_what_the_browser_had(browser: Client) -> None:
    answer(browser, "PS-Q1")
    before = who(browser)
    browser.post("/account/register/", WORDS)
    assert who(browser) == before
    assert "Logged in as" in browser.get("/progress/").content.decode()
    assert Answer.objects.get().visitor.user.username == "ada"


def test_logging_in_elsewhere_merges_what_was_done_there(browser: Client, other: Client) -> None:
    answer(browser, "PS-Q1")
    browser.post("/account/register/", WORDS)
    answer(other, "PS-Q2")
    answer(other, "PS-Q1", step=2)
    other.post("/account/login/", SAME)
    assert who(other) == who(browser)
    assert who(browser).answers.count() == 3
    assert dict(who(browser).review.values_list("question", "step")) == {"PS-Q1": 2, "PS-Q2": 0}


def test_after_logging_out_the_browser_begins_anew(browser: Client) -> None:
    answer(browser, "PS-Q1")
    browser.post("/account/register/", WORDS)
    browser.post("/account/logout/")
    browser.get("/progress/")
    assert not who(browser).answers.exists()
    assert Answer.objects.count() == 1


def test_a_second_account_in_one_browser_takes_nothing_from_the_first(browser: Client) -> None:
    answer(browser, "PS-Q1")
    browser.post("/account/register/", WORDS)
    browser.post("/account/register/", {**WORDS, "username": "grace"})
    assert Answer.objects.get().visitor.user.username == "ada"
    assert not who(browser).answers.exists()


def test_a_wrong_password_gets_a_sentence(browser: Client) -> None:
    answered = browser.post("/account/login/", SAME)
    assert answered.status_code == 422
    assert "correct username and password" in answered.content.decode()


def test_delete_everything_deletes_the_account_too(browser: Client) -> None:
    browser.post("/account/register/", WORDS)
    answer(browser, "PS-Q1")
    browser.post("/progress/delete/", {"sure": "yes"})
    assert not get_user_model().objects.exists()
    assert not Visitor.objects.exists()


def test_ticks_of_two_browsers_come_together_without_a_double(browser: Client, other: Client) -> None:
    for client, steps in ((browser, ("rr-card", "rr-storm")), (other, ("rr-storm", "choose"))):
        Tick.objects.bulk_create(Tick(visitor=who(client), step=step) for step in steps)
    browser.post("/account/register/", WORDS)
    other.post("/account/login/", SAME)
    assert sorted(who(other).ticks.values_list("step", flat=True)) == ["choose", "rr-card", "rr-storm"]


def test_who_logs_out_leaves_no_ticks_in_the_browser(browser: Client) -> None:
    browser.post("/paths/tick/", {"step": "rr-card"})
    browser.post("/account/register/", WORDS)
    browser.post("/account/logout/")
    assert 'aria-pressed="true"' not in browser.get("/paths/").content.decode()
    assert Tick.objects.count() == 1
