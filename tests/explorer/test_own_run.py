"""Questions from a run: each answer is what the log says, and a log that says nothing asks nothing."""

from __future__ import annotations

import gzip
import html
import re
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from explorer.learning.reviewing import list_items
from explorer.models import Answer, Question, ReviewItem, SavedRun
from explorer.quizzes.asked import key_of
from explorer.quizzes.own_run import make_questions
from explorer.quizzes.run_question import RunQuestion
from explorer.quizzes.run_views import read_questions
from explorer.quizzes.store import Sheet
from patterns.core.pattern import discover
from patterns.host.recording import Reader, upgrade

FAULTS = {"kind": "faulted", "fault": "drop", "target": "b", "phase": "asked"}


def sent(
    seq: int, at: float, message: str, attempt: int = 1, target: str = "b", source: str = "a", why: str = ""
) -> dict[str, Any]:
    return {
        "seq": seq, "at": at, "kind": "sent", "message": message, "source": source, "target": target,
        "attempt": attempt, "hop": seq, "why": why,
    }  # fmt: skip


def received(seq: int, at: float, message: str, hop: int, node: str = "b") -> dict[str, Any]:
    return {"seq": seq, "at": at, "kind": "received", "message": message, "node": node, "hop": hop}


def dropped(seq: int, at: float, message: str, hop: int, node: str, why: str = "drop:b") -> dict[str, Any]:
    return {**received(seq, at, message, hop, node), "kind": "dropped", "where": "a→b", "why": why}


def settled(seq: int, at: float, message: str, outcome: str, node: str = "b") -> dict[str, Any]:
    return {"seq": seq, "at": at, "kind": "settled", "message": message, "node": node, "outcome": outcome}


def faulted(seq: int, at: float, target: str, fault: str = "crash") -> dict[str, Any]:
    return {"seq": seq, "at": at, "kind": "faulted", "fault": fault, "target": target, "phase": "seen"}


def message(name: str, role: str = "event", cause: str = "") -> tuple[str, dict[str, str]]:
    return name, {"role": role, "causation_id": cause}


MESSAGES = dict(
    [
        *(message(name) for name in ("1", "2")), message("r2/reply", "reply", "1"), message("no", "error", "1"),
        message("r2/stock", "request", "1"), message("r2/stock/reply", "error", "r2/stock"),
    ]
)  # fmt: skip
"""An answer's name says nothing: who caused it does."""


def ask(*events: dict[str, Any], about: str) -> list[RunQuestion]:
    begun = [{**FAULTS, "seq": 0, "at": 0.0}, *events]
    questions = make_questions(begun, {"a": "Shop", "b": "Bank", "c": "Stock"}, MESSAGES)
    assert all(sum(choice.correct for choice in question.choices) == 1 for question in questions)
    assert all(len({choice.text for choice in question.choices}) == len(question.choices) for question in questions)
    assert all(choice.fails and (choice.correct or choice.tempts) for q in questions for choice in q.choices)
    assert all(len({*question.hints}) == 3 for question in questions)
    return [question for question in questions if question.key.startswith(about)]


def reply(seq: int, at: float, name: str = "r2/reply") -> dict[str, Any]:
    return sent(seq, at, name, source="b", target="a")


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ([dropped(2, 0.5, "1", 1, "b")], "never got into Bank"),
        ([received(2, 0.5, "1", 1), reply(3, 0.6), dropped(4, 0.9, "r2/reply", 3, "a")], "answer was lost"),
        ([received(2, 0.5, "1", 1), reply(3, 0.6, "no"), received(4, 0.9, "no", 3, "a")], "could not handle"),
        ([received(2, 0.5, "1", 1), settled(3, 0.9, "1", "nack")], "could not handle"),
        ([received(2, 0.5, "1", 1), settled(3, 0.9, "1", "error", "a")], "could not handle"),
        ([received(2, 0.5, "1", 1), settled(3, 0.6, "1", "applied"), faulted(4, 0.6, "b")], "died or was stopped"),
        ([received(2, 0.5, "1", 1), settled(3, 0.6, "1", "lost")], "died or was stopped"),
        ([received(2, 0.5, "1", 1)], "had not come in time"),
    ],
)
def test_the_cause_of_a_retry_is_read_from_the_log(between: list[dict[str, Any]], expected: str) -> None:
    later = [received(9, 2.2, "1", 8), reply(10, 2.5)]
    if expected == "had not come in time":
        later += [reply(11, 2.6), received(12, 2.7, "r2/reply", 11, "a")]
    (question,) = ask(sent(1, 0.0, "1"), *between, sent(8, 2.0, "1", attempt=2), *later, about="retry")
    assert expected in question.expected


def test_an_answer_that_nobody_waits_for_any_more_is_late_and_not_lost() -> None:
    events = [
        sent(1, 0.0, "1"), received(2, 0.5, "1", 1), reply(3, 0.9), dropped(4, 1.9, "r2/reply", 3, "a", "nobody waits"),
        sent(8, 2.0, "1", attempt=2),
    ]  # fmt: skip
    (question,) = ask(*events, about="retry")
    assert "had not come in time" in question.expected


def test_the_loss_of_what_was_asked_on_its_behalf_is_no_lost_answer() -> None:
    events = [
        sent(1, 0.0, "1"), received(2, 0.1, "1", 1), sent(3, 0.2, "r2/stock", source="b", target="c"),
        dropped(4, 0.3, "r2/stock", 3, "c"), reply(5, 0.4, "no"), received(6, 0.5, "no", 5, "a"),
        sent(8, 2.0, "1", attempt=2),
    ]  # fmt: skip
    (question,) = ask(*events, about="retry")
    assert "could not handle" in question.expected


def test_a_hedge_is_no_retry() -> None:
    events = [sent(1, 0.0, "1"), dropped(2, 0.5, "1", 1, "b"), sent(3, 0.6, "1", attempt=2, why="hedge")]
    assert ask(*events, about="retry") == []
    assert ask(*events, sent(4, 0.9, "1", attempt=3), about="retry") == []


def test_where_the_log_leaves_the_cause_open_nothing_is_asked() -> None:
    events = [sent(1, 0.0, "1"), received(2, 0.5, "1", 1), sent(8, 2.0, "1", attempt=2)]
    assert ask(*events, about="retry") == []


def test_the_message_that_took_longest_is_the_one_with_the_longest_life_and_its_time_counts_once() -> None:
    wide = [sent(n, 0.0, "2", target=node) for n, node in ((1, "b"), (2, "c"), (3, "d"))]
    wide += [received(n + 3, 0.9, "2", n, node) for n, node in ((1, "b"), (2, "c"), (3, "d"))]  # three flights at once
    long = [sent(7, 1.0, "1"), received(8, 1.1, "1", 7), settled(9, 2.2, "1", "applied")]
    (question,) = ask(*wide, *long, about="where")
    assert question.stem == "No message took longer than #1: 1.20 s. Where did most of that time go?"
    assert question.expected == "at Bank"
    assert "at Bank 1.10 s, in flight 0.10 s" in question.because


def test_who_sends_again_has_waited_for_the_target_meanwhile() -> None:
    events = [
        sent(1, 0.0, "1"), dropped(2, 0.5, "1", 1, "b"), sent(3, 5.0, "1", attempt=2), received(4, 5.1, "1", 3),
        settled(5, 5.2, "1", "applied"),
    ]  # fmt: skip
    (question,) = ask(*events, about="where")
    assert question.expected == "at Shop"
    assert "5.00 s at Shop, from 0.00 s on, waiting for Bank" in question.because


def test_a_caller_that_waits_for_another_is_where_the_other_is() -> None:
    events = [
        sent(1, 0.0, "1"), received(2, 0.1, "1", 1), sent(3, 0.2, "r2/stock", source="b", target="c"),
        received(4, 0.3, "r2/stock", 3, "c"), sent(5, 3.0, "r2/stock/reply", source="c", target="b"),
        received(6, 3.1, "r2/stock/reply", 5, "b"), reply(7, 3.2), received(8, 3.3, "r2/reply", 7, "a"),
        settled(9, 3.3, "1", "reply", "a"),
    ]  # fmt: skip
    (question,) = ask(*events, about="where")
    assert question.expected == "at Stock"
    assert "Of its 3.30 s" in question.because


def test_the_loss_of_another_message_causes_no_retry_of_this_one() -> None:
    events = [
        sent(1, 0, "1"), sent(2, 0, "2"), dropped(3, 0.5, "2", 2, "b"), received(4, 0.6, "1", 1),
        sent(5, 2.0, "1", attempt=2), reply(6, 2.1),
    ]  # fmt: skip
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
    assert make_questions([], {}, {}) == []


CAUSES: dict[str, list[str]] = {
    "fan-out": ["answer was lost"],
    "lost-ack": ["answer was lost"],
    "broker-dies": ["answer was lost"],
    "backlog-and-drain": ["died or was stopped"],
    "two-consumers-one-crash": ["died or was stopped"],
    "poison-message": ["could not handle"],
    "retry-blocks-the-partition": ["could not handle"],
    "lost-response-doubles-an-order": ["answer was lost"],
    "retry-storm": ["never got into Stock", "Recommendations could not handle"],
    "storm-stays": ["had not come in time"],
}
"""What a tour does to cause a retry, as its script and captions have it; a tour that is not here retries nothing."""
RECORDINGS = sorted(
    path for path in Path("static/golden").glob("**/*.json") if not path.name.endswith(".payloads.json")
)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
def test_in_every_recording_the_cause_of_a_retry_is_the_one_that_its_tour_is_about(path: Path) -> None:
    recording = upgrade(orjson.loads(path.read_bytes()))
    reader = Reader()
    events = [event for event in reader.read(recording) if event["seq"]]
    lab = discover()[recording["pattern"]]
    labels = {part.name: part.label for part in (*lab.nodes, *lab.faults)}
    questions = make_questions(events, labels, {message["id"]: message for message in reader.messages})
    asked = [question.expected for question in questions if question.key.startswith("retry")]
    expected = CAUSES.get(recording["scenario"], [])
    assert len(asked) == len(expected), (recording["scenario"], asked)
    assert all(cause in answer for cause, answer in zip(expected, asked, strict=True)), asked
    assert all(len(question.choices) == len({c.text for c in question.choices}) > 1 for question in questions)


def test_the_table_of_causes_names_no_tour_that_is_not_recorded() -> None:
    assert CAUSES.keys() <= {orjson.loads(path.read_bytes())["scenario"] for path in RECORDINGS}


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


def sheet_on(page: str) -> str:
    found = re.search(r'name="sheet" value="([^"]+)"', page)
    assert found
    return found.group(1)


@pytest.mark.django_db
def test_each_answer_is_explained_from_the_log_and_hints_come_one_after_the_other(client: Client) -> None:
    run = golden("pub-sub")
    question = read_questions(run)[0]
    address = f"/runs/{run.pk}/quiz/?q=1"
    sheet = sheet_on(client.get(address).content.decode())
    page = client.post(address, {"sheet": sheet, "hint": "2"}).content.decode()
    assert question.hints[1] in html.unescape(page)
    assert question.hints[2] not in html.unescape(page)
    assert not Answer.objects.exists()
    wrong = next(choice for choice in question.choices if not choice.correct)
    form = {"sheet": sheet_on(page), "option": key_of(wrong.text), "hints": "2", "confidence": "90"}
    feedback = html.unescape(client.get(client.post(address, form).url).content.decode())
    assert feedback.count("Tempts") == len(question.choices) - 1
    assert all(choice.fails in feedback for choice in question.choices)
    answer = Answer.objects.get()
    assert (answer.hints, answer.confidence, answer.right) == (2, 90, False)


@pytest.mark.django_db
def test_an_answer_to_another_question_or_to_a_changed_one_is_not_kept(client: Client) -> None:
    run = golden("pub-sub")
    question = read_questions(run)[0]
    address = f"/runs/{run.pk}/quiz/?q=1"
    other = sheet_on(client.get(f"/runs/{run.pk}/quiz/?q=2").content.decode())
    form = {"option": key_of(question.expected)}
    assert client.post(address, {**form, "sheet": other}).status_code == 400
    changed = Sheet(str(uuid4()), f"RUN-{run.pk.hex[:8]}-1", "another", 0)
    refused = client.post(address, {**form, "sheet": changed.sign()})
    assert refused.status_code == 409
    assert "was changed while you had it open" in refused.content.decode()
    assert not Answer.objects.exists()


@pytest.mark.django_db
def test_a_wrong_answer_about_a_run_brings_a_question_about_the_same_matter_into_the_review(client: Client) -> None:
    call_command("content", verbosity=0)
    run = golden("pub-sub")
    question = read_questions(run)[0]
    address = f"/runs/{run.pk}/quiz/?q=1"
    wrong = next(choice for choice in question.choices if not choice.correct)
    form = {"sheet": sheet_on(client.get(address).content.decode()), "option": key_of(wrong.text), "confidence": "90"}
    client.post(address, form)
    item = ReviewItem.objects.get()
    assert Question.objects.get(slug=item.question).claim.card_id == "pub-sub"
    assert item.due - timezone.now() < timedelta(days=1)
    (planned,) = list_items(str(item.visitor_id))
    assert planned.urgent


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
