"""The review page: what is due comes, what is not waits, and a recording is shown without its labels."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.core.management import call_command
from django.db.models import F
from django.test import Client
from django.utils import timezone

from explorer.models import Answer, Question, ReviewItem, Visitor
from explorer.quizzes.asked import key_of
from explorer.quizzes.clues import TEXTS
from explorer.quizzes.recordings import (
    choose,
    find_riddles,
    list_recordings,
    read_recording,
    read_scene,
    tell_lines,
)
from explorer.quizzes.riddle import Riddle, open_riddle
from explorer.quizzes.store import Sheet
from explorer.quizzes.unlabelled import strip_recording
from patterns.core.pattern import discover
from patterns.core.scenario import Scenario
from patterns.host.recording import Reader

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


def ask_riddle(client: Client, pattern: str = "pub-sub") -> str:
    """Make the riddle of a pattern the one thing that is due; return its id."""
    riddle = next(riddle for riddle, slug in find_riddles().items() if slug == pattern)
    owe(client, single(pattern).slug, 3)
    owe(client, riddle, -1)
    return riddle


def read_replay(page: str) -> dict[str, Any]:
    found = re.search(r'<script id="replay-data" type="application/json">(.*?)</script>', page)
    assert found
    return dict(orjson.loads(found.group(1)))


def names_of(slug: str) -> set[str]:
    """Every name by which somebody could tell the pattern: its own, its parts', its faults' and tours'."""
    lab = discover()[slug]
    names = {lab.slug, lab.title, lab.slug.replace("-", "_")}
    for part in (*lab.nodes, *lab.remedies, *lab.faults, *lab.scenarios):
        names |= {getattr(part, "name", ""), part.title if isinstance(part, Scenario) else part.label}
    return {name.lower() for name in names if len(name) > 2}


@pytest.mark.parametrize("pattern", sorted(find_riddles().values()))
def test_a_riddle_names_nothing_before_it_is_answered(visitor: Client, pattern: str) -> None:
    riddle = ask_riddle(visitor, pattern)
    response = visitor.get("/review/")
    page = response.content.decode()
    replay = read_replay(page)
    assert replay["moment"] is None
    recording = visitor.get(replay["address"]).content.decode()
    told = page.split("<h1")[1].split("<form")[0].lower()
    for name in names_of(pattern):
        for place in (riddle, replay["address"], recording.lower(), told, orjson.dumps(replay["lab"]).decode().lower()):
            assert not re.search(rf"(?<![a-z]){re.escape(name)}(?![a-z])", place), (name, place[:80])


EVERY_RECORDING = [(slug, name) for slug in find_riddles().values() for name in list_recordings(slug)]


@pytest.mark.parametrize(("pattern", "name"), EVERY_RECORDING)
def test_without_its_names_a_recording_is_the_same_run(pattern: str, name: str) -> None:
    golden = read_recording(name)
    bare = strip_recording(read_recording(name))
    kinds = ("sent", "received", "dropped", "settled")
    before = [event for event in Reader().read(golden) if event["kind"] in kinds]
    after = list(Reader().read(bare))
    same = ("kind", "at", "hop", "attempt", "flight", "outcome")
    assert [[event.get(name) for name in same] for event in after] == [
        [event.get(name) for name in same] for event in before
    ]
    called = {}
    for was, now in zip(before, after, strict=True):
        for name in ("message", "source", "target", "node"):
            if name in was:
                kind = "message" if name == "message" else "part"
                assert called.setdefault((kind, was[name]), now[name]) == now[name]
    assert len(set(called.values())) == len(called)


@pytest.mark.parametrize(("pattern", "name"), EVERY_RECORDING)
def test_no_recording_names_anything_once_it_is_stripped(pattern: str, name: str) -> None:
    bare = orjson.dumps(strip_recording(read_recording(name))).decode().lower()
    for word in names_of(pattern):
        assert not re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", bare), word


def test_the_words_and_the_stage_call_a_part_the_same() -> None:
    name = "golden/pub-sub.json"
    bare = strip_recording(read_recording(name))
    first = next(event for event in Reader().read(bare) if event["kind"] == "sent")
    line = next(line.text for line in tell_lines(read_scene("pub-sub", name).events) if " sends " in line.text)
    assert line == f"{first['source']} sends message {first['message']} to {first['target']}"


@pytest.mark.parametrize(("pattern", "name"), EVERY_RECORDING)
def test_each_recording_shows_a_clue_that_none_of_the_other_patterns_offered_has(
    visitor: Client, pattern: str, name: str
) -> None:
    choices = choose(read_scene(pattern, name))
    assert choices.right
    assert len(choices.cards) == len(choices.others) + 1 >= 3
    for sign in choices.right:
        assert sign in choices.own
        assert not any(sign in others for others in choices.others)


@pytest.mark.parametrize("pattern", sorted(find_riddles().values()))
def test_some_clues_offered_are_right_and_some_are_not(visitor: Client, pattern: str) -> None:
    riddle = open_for(visitor, pattern)
    right = [clue.name in riddle.choices.right for clue in riddle.offered]
    assert True in right
    assert right.count(False) >= 2
    assert all(clue.text == TEXTS[clue.name] for clue in riddle.offered)


def test_a_recording_of_no_riddle_is_not_there(visitor: Client) -> None:
    assert visitor.get("/review/recordings/RIDDLE-000000/0.json").status_code == 404
    riddle, pattern = next(iter(find_riddles().items()))
    assert visitor.get(f"/review/recordings/{riddle}/{len(list_recordings(pattern))}.json").status_code == 404


def open_for(client: Client, pattern: str) -> Riddle:
    riddle = next(riddle for riddle, slug in find_riddles().items() if slug == pattern)
    return open_riddle(str(who(client).pk), riddle)


def guess(client: Client, pattern: str, *, right: bool) -> dict[str, str]:
    riddle = open_for(client, pattern)
    named = (clue.name for clue in riddle.offered if (clue.name in riddle.choices.right) is right)
    return {"pattern": pattern, "clue": next(named)}


def test_a_riddle_is_solved_by_the_pattern_and_a_clue_that_the_log_shows(visitor: Client) -> None:
    riddle, pattern = next(iter(find_riddles().items()))
    ask_riddle(visitor, pattern)
    assert answer(visitor, {"pattern": pattern}).status_code == 422
    answer(visitor, {**guess(visitor, pattern, right=False), "confidence": "90"})
    ReviewItem.objects.filter(question=riddle).update(due=timezone.now())
    form = guess(visitor, pattern, right=True)
    event = open_for(visitor, pattern).scene.signs[form["clue"]]
    solved = answer(visitor, form)
    page = visitor.get(solved.url).content.decode()
    assert "That is right" in page
    assert (read_replay(page)["moment"], read_replay(page)["focus"]) == (event["at"], event["message"])
    answers = Answer.objects.filter(question=riddle).order_by("at").values_list("right", "confidence")
    assert list(answers) == [(False, 90), (True, None)]
    assert ">A recording without its labels: right" in visitor.get("/progress/notebook/").content.decode()


def test_the_next_time_a_riddle_is_another_recording_until_all_were_seen(visitor: Client) -> None:
    riddle, pattern = next(iter(find_riddles().items()))
    ask_riddle(visitor, pattern)
    seen = []
    for _ in list_recordings(pattern):
        page = visitor.get("/review/").content.decode()
        assert read_replay(page)["address"] == read_replay(visitor.get("/review/").content.decode())["address"]
        seen.append(read_replay(page)["address"])
        answer(visitor, guess(visitor, pattern, right=True))
        ReviewItem.objects.filter(question=riddle).update(due=timezone.now())
        Answer.objects.update(at=F("at") - timedelta(days=1))  # another day: five minutes are enough for one
    assert len(set(seen)) == len(list_recordings(pattern)) > 1


def test_a_riddle_takes_no_sheet_but_its_own_as_it_stands(visitor: Client) -> None:
    riddle, pattern = next(iter(find_riddles().items()))
    ask_riddle(visitor, pattern)
    address, form = f"/review/?question={riddle}", guess(visitor, pattern, right=True)
    whole = open_for(visitor, pattern).sheet
    other = Sheet(whole.submission, "PS-Q1", whole.fingerprint, whole.seed)
    changed = Sheet(whole.submission, riddle, "another", whole.seed)
    assert visitor.post(address, {**form, "sheet": other.sign()}).status_code == 400
    assert visitor.post(address, {**form, "sheet": "forged"}).status_code == 400
    refused = visitor.post(address, {**form, "sheet": changed.sign()})
    assert refused.status_code == 409
    assert "was changed while you had it open" in refused.content.decode()
    assert not Answer.objects.exists()
    twice = [visitor.post(address, {**form, "sheet": whole.sign()}).url for _ in range(2)]
    assert twice[0] == twice[1]
    assert Answer.objects.count() == 1


def test_the_first_answer_about_a_pattern_brings_its_riddle_tomorrow_and_the_second_does_not_move_it(
    visitor: Client,
) -> None:
    riddle = next(riddle for riddle, slug in find_riddles().items() if slug == "pub-sub")
    for question in Question.objects.filter(kind="single", claim__card="pub-sub").order_by("slug")[:2]:
        owe(visitor, question.slug, -1)
    answer(visitor, {"option": "nothing that is offered"})
    assert not ReviewItem.objects.filter(question=riddle).exists()
    due = []
    for _ in range(2):
        asked = re.search(r"question=([A-Z0-9-]+)", visitor.get("/review/").content.decode())
        assert asked
        options = Question.objects.get(slug=asked.group(1)).options
        answer(visitor, {"option": key_of(options[0]["text"])})
        due.append(ReviewItem.objects.get(question=riddle).due)
    assert due[0] == due[1]
    assert due[0] - timezone.now() < timedelta(days=1)
