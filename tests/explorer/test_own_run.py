"""Questions from a run: each answer is what the log says, and a log that says nothing asks nothing."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from explorer.models import Answer, SavedRun
from explorer.quizzes.asked import key_of
from explorer.quizzes.own_run import RunQuestion, make_questions
from explorer.quizzes.run_views import read_questions


def sent(seq: int, at: float, message: str, attempt: int = 1, target: str = "b") -> dict[str, Any]:
    return {
        "seq": seq, "at": at, "kind": "sent", "message": message, "source": "a", "target": target,
        "attempt": attempt, "hop": seq,
    }  # fmt: skip


def received(seq: int, at: float, message: str, hop: int, node: str = "b") -> dict[str, Any]:
    return {"seq": seq, "at": at, "kind": "received", "message": message, "node": node, "hop": hop}


def dropped(seq: int, at: float, message: str, hop: int, node: str) -> dict[str, Any]:
    return {**received(seq, at, message, hop, node), "kind": "dropped", "where": "a→b", "why": "a fault"}


def settled(seq: int, at: float, message: str, outcome: str) -> dict[str, Any]:
    return {"seq": seq, "at": at, "kind": "settled", "message": message, "node": "b", "outcome": outcome}


def ask(*events: dict[str, Any], about: str) -> list[RunQuestion]:
    questions = make_questions(events, {"a": "Shop", "b": "Bank"})
    assert all(sum(choice.correct for choice in question.choices) == 1 for question in questions)
    assert all(len({choice.text for choice in question.choices}) == len(question.choices) for question in questions)
    return [question for question in questions if question.key.startswith(about)]


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ([dropped(2, 0.5, "1", 1, "b")], "lost on its way"),
        ([received(2, 0.5, "1", 1), dropped(3, 0.9, "1/ack/b/1", 9, "a")], "answer was lost"),
        ([received(2, 0.5, "1", 1), settled(3, 0.9, "1", "nack")], "could not handle"),
        ([received(2, 0.5, "1", 1)], "had not come in time"),
    ],
)
def test_the_cause_of_a_retry_is_read_from_the_log(between: list[dict[str, Any]], expected: str) -> None:
    (question,) = ask(sent(1, 0.0, "1"), *between, sent(8, 2.0, "1", attempt=2), about="retry")
    assert expected in question.expected


def test_the_loss_of_another_message_causes_no_retry_of_this_one() -> None:
    events = [sent(1, 0, "1"), sent(2, 0, "2"), dropped(3, 0.5, "2", 2, "b"), sent(4, 2.0, "1", attempt=2)]
    (question,) = ask(*events, about="retry")
    assert "had not come in time" in question.expected


def test_who_is_longer_in_flight_is_overtaken() -> None:
    events = [sent(1, 0.0, "1"), sent(2, 0.1, "2"), received(3, 0.2, "2", 2), received(4, 0.9, "1", 1)]
    (question,) = ask(*events, about="overtaken")
    assert "longer in flight" in question.expected
    assert question.stem == "Why did #2 arrive at Bank before #1?"


def test_who_has_to_be_sent_again_is_overtaken() -> None:
    events = [
        sent(1, 0.0, "1"), dropped(2, 0.1, "1", 1, "b"), sent(3, 0.2, "2"), received(4, 0.3, "2", 3),
        sent(5, 1.0, "1", attempt=2), received(6, 1.1, "1", 5),
    ]  # fmt: skip
    (question,) = ask(*events, about="overtaken")
    assert "sent again" in question.expected


def test_messages_that_arrive_in_order_overtake_nobody() -> None:
    events = [sent(1, 0.0, "1"), sent(2, 0.1, "2"), received(3, 0.2, "1", 1), received(4, 0.3, "2", 2)]
    assert ask(*events, about="overtaken") == []


def test_an_empty_log_asks_nothing() -> None:
    assert make_questions([], {}) == []


def golden(slug: str) -> SavedRun:
    found = finders.find(f"golden/{slug}.json")
    assert isinstance(found, str)
    content = Path(found).read_bytes()
    head = orjson.loads(content)
    fields = {name: head[name] for name in ("pattern", "engine", "seed", "title", "settings", "events", "seconds")}
    return SavedRun.objects.create(recording=gzip.compress(content), **fields)


@pytest.mark.django_db
def test_a_kept_run_asks_grades_and_leads_to_the_moment(client: Client) -> None:
    run = golden("pub-sub")
    question = read_questions(run)[0]
    address = f"/runs/{run.pk}/quiz/?q=1"
    client.get("/")
    page = client.get(address).content.decode()
    sheet = re.search(r'name="sheet" value="([^"]+)"', page)
    assert sheet
    assert client.post(address, {"sheet": sheet.group(1)}).status_code == 422
    form = {"sheet": sheet.group(1), "option": key_of(question.expected)}
    first, second = client.post(address, form), client.post(address, form)
    assert first.url == second.url
    assert Answer.objects.get().right
    feedback = client.get(first.url).content.decode()
    assert f"t={question.at:.4f}" in feedback
    assert "That is right" in feedback
    replay = read_replay(feedback)
    assert (replay["moment"], replay["focus"]) == (question.at, question.focus)
    assert replay["address"] == f"/runs/{run.pk}/recording.json"


@pytest.mark.django_db
def test_the_stage_does_not_stand_at_the_answer_before_it_is_given(client: Client) -> None:
    run = golden("pub-sub")
    page = client.get(f"/runs/{run.pk}/quiz/").content.decode()
    replay = read_replay(page)
    assert (replay["moment"], replay["focus"], replay["said"]) == (None, "", "")
    assert read_questions(run)[0].because not in page


def read_replay(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="replay-data" type="application/json">(.*?)</script>', page)
    assert found
    return dict(orjson.loads(found.group(1)))
