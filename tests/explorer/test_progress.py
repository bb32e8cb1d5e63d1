"""What somebody has done: shown, exported, imported once, refused if forged, and deleted whole."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from explorer.learning.record import LARGEST_BYTES, add_record, read_record, write_record
from explorer.learning.standing import list_standing
from explorer.learning.visitors import COOKIE, read_visitor
from explorer.models import Answer, Bet, Note, Question, ReviewItem, SavedRun, Tick, Trial, Visitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor(client: Client) -> Client:
    call_command("content", verbosity=0)
    client.get("/")
    return client


def who(client: Client) -> Visitor:
    return Visitor.objects.get_or_create(id=read_visitor(client.cookies[COOKIE].value))[0]


def fill(person: Visitor) -> None:
    now = timezone.now()
    for question in Question.objects.filter(kind="single", claim__card="etl"):
        Answer.objects.create(
            submission=uuid4(), visitor=person, question=question.slug, fingerprint="x", seed=1, given="abc",
            right=True, confidence=90, at=now,
        )  # fmt: skip
        ReviewItem.objects.create(visitor=person, question=question.slug, step=1, due=now, last=now)
    Bet.objects.create(visitor=person, claim="PS-1", answer=5, confidence=70, settled={"right": True, "first": True})
    Note.objects.create(visitor=person, kind="note", pattern="etl", text="A *thought*.")
    Tick.objects.create(visitor=person, step="rr-card", at=now - timedelta(days=2))
    SavedRun.objects.create(
        visitor=person, pattern="pub-sub", engine="builtin", seed=7, title="Fan-out", events=10, seconds=2.0,
        recording=b"",
    )  # fmt: skip


def upload(client: Client, content: bytes) -> Any:
    return client.post("/progress/import/", {"file": SimpleUploadedFile("progress.json", content)})


def test_the_page_shows_every_pattern_and_what_was_answered(visitor: Client) -> None:
    fill(who(visitor))
    page = visitor.get("/progress/").content.decode()
    right = Question.objects.filter(kind="single", claim__card="etl").count()
    assert f"{right} of" in page
    assert "1 run kept" in page
    assert "1 of 1 bets were right" in page


def test_an_export_goes_into_another_browser_and_a_second_import_adds_nothing(visitor: Client) -> None:
    fill(who(visitor))
    exported = visitor.get("/progress/export/").content
    other = Client()
    other.get("/")
    upload(other, exported)
    mine, theirs = who(visitor), who(other)
    assert theirs.answers.count() == mine.answers.count() > 0
    assert [row.due for row in theirs.review.order_by("question")] == [
        row.due for row in mine.review.order_by("question")
    ]
    assert (theirs.notes.get(kind="note").at, theirs.bets.get().placed) == (mine.notes.get().at, mine.bets.get().placed)
    assert list(theirs.ticks.values_list("step", "at")) == list(mine.ticks.values_list("step", "at")) != []
    assert b"was here already" in other.get(upload(other, exported).url).content


def test_importing_ones_own_export_doubles_nothing(visitor: Client) -> None:
    person = who(visitor)
    fill(person)
    assert add_record(person, read_record(write_record(person))) == 0


def test_ticks_move_with_the_file_and_show_on_the_paths(visitor: Client) -> None:
    visitor.post("/paths/tick/", {"step": "rr-card"})
    exported = visitor.get("/progress/export/").content
    other = Client()
    other.get("/")
    upload(other, exported)
    assert other.get("/paths/").content.decode().count('aria-pressed="true"') == 1
    assert "1 step done" in other.get("/progress/").content.decode()


def test_a_tick_written_into_the_file_by_hand_is_refused(visitor: Client) -> None:
    whole = json.loads(visitor.get("/progress/export/").content)
    whole["record"]["ticks"].append({"step": "rr-card", "at": timezone.now().isoformat()})
    assert upload(visitor, json.dumps(whole).encode()).status_code == 422
    assert not Tick.objects.exists()


def test_a_record_from_before_ticks_were_part_of_it_is_still_read(visitor: Client) -> None:
    person = who(visitor)
    fill(person)
    record = read_record(write_record(person))
    del record["ticks"]
    assert add_record(Visitor.objects.create(), record) > 0


def forge(whole: dict[str, Any], place: str) -> bytes:
    half = "\ud800"  # of a pair: JSON can write it, nothing can encode it
    if place == "signature":
        whole["signature"] = half
    else:
        whole["record"]["notes"][0]["text"] = half
    return json.dumps(whole).encode()


@pytest.mark.parametrize("place", ["record", "signature"])
def test_half_a_pair_of_surrogates_is_a_forgery_and_no_failure(visitor: Client, place: str) -> None:
    fill(who(visitor))
    refused = upload(visitor, forge(json.loads(visitor.get("/progress/export/").content), place))
    assert refused.status_code == 422
    assert "The signature does not fit" in refused.content.decode()


def test_a_file_too_large_is_refused_before_it_is_read(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> bytes:
        raise AssertionError("it was read")

    monkeypatch.setattr(TemporaryUploadedFile, "read", refuse, raising=False)
    refused = upload(visitor, b" " * (LARGEST_BYTES + 1))
    assert refused.status_code == 422
    assert "at most 4 MB" in refused.content.decode()


def test_what_was_run_goes_into_the_file_without_its_recordings_and_counts_where_it_is_imported(
    visitor: Client,
) -> None:
    mine = who(visitor)
    fill(mine)
    trial = Trial.objects.create(claim="PS-1", pattern="pub-sub", engine="builtin", seed=3, state="done", verdict="P")
    trial.visitors.add(mine)
    exported = visitor.get("/progress/export/").content
    record = json.loads(exported)["record"]
    assert (record["trials"][0]["verdict"], record["runs"][0]["seed"]) == ("P", 7)
    assert "recordings of kept runs are not in this file" in record["left_out"]
    other = Client()
    other.get("/")
    for _ in range(2):
        upload(other, exported)
    counts = [[(row.trials, row.runs) for row in list_standing(str(person.pk))] for person in (mine, who(other))]
    assert counts[0] == counts[1]
    assert (1, 1) in counts[1]
    assert "Fan-out: seed 7" in other.get("/progress/notebook/").content.decode()


def test_a_forged_file_is_refused_with_a_sentence(visitor: Client) -> None:
    fill(who(visitor))
    whole = json.loads(visitor.get("/progress/export/").content)
    whole["record"]["answers"][0]["right"] = False
    before = Answer.objects.count()
    refused = upload(visitor, json.dumps(whole).encode())
    assert refused.status_code == 422
    assert "The signature does not fit" in refused.content.decode()
    assert Answer.objects.count() == before


@pytest.mark.parametrize("content", [b"", b"hello", b"[]", b'{"record": 1, "signature": 2}', b"\xff\xfe", b"[" * 9000])
def test_what_is_no_progress_file_is_refused_with_a_sentence(visitor: Client, content: bytes) -> None:
    refused = upload(visitor, content)
    assert refused.status_code == 422
    assert "Export" in refused.content.decode()


def test_nothing_is_deleted_without_the_box(visitor: Client) -> None:
    fill(who(visitor))
    assert visitor.post("/progress/delete/").status_code == 422
    assert Answer.objects.exists()


def test_delete_leaves_nothing_of_a_visitor_and_all_of_the_others(visitor: Client) -> None:
    other = Visitor.objects.create()
    fill(other)
    kept = Answer.objects.count()
    fill(who(visitor))
    visitor.post("/progress/delete/", {"sure": "yes"})
    assert list(Visitor.objects.values_list("pk", flat=True)) == [other.pk]
    assert Answer.objects.count() == kept
    assert SavedRun.objects.count() == Note.objects.count() == Bet.objects.count() == Tick.objects.count() == 1


def test_the_notebook_shows_runs_and_notes_and_exports_them_as_markdown(visitor: Client) -> None:
    fill(who(visitor))
    visitor.post("/progress/notebook/add/", {"text": "Try a *longer* timeout.", "pattern": "pub-sub"})
    page = visitor.get("/progress/notebook/").content.decode()
    assert "<em>longer</em>" in page
    assert "Fan-out: seed 7" in page
    exported = visitor.get("/progress/notebook.md").content.decode()
    assert f"## {timezone.now():%Y-%m-%d}" in exported
    assert "**Note** (Pub-Sub): Try a *longer* timeout." in exported or "Try a *longer* timeout." in exported
    assert "[look](http://testserver/runs/" in exported


def test_an_empty_note_and_one_too_long_get_a_sentence_and_keep_the_words(visitor: Client) -> None:
    assert "The note is empty" in visitor.post("/progress/notebook/add/", {"text": "  "}).content.decode()
    page = visitor.post("/progress/notebook/add/", {"text": "word " * 1000}).content.decode()
    assert "4,000 fit" in page
    assert "word word" in page
    assert not Note.objects.exists()


def test_nobody_deletes_somebody_elses_note_or_a_line_that_wrote_itself(visitor: Client) -> None:
    other = Visitor.objects.create()
    theirs = Note.objects.create(visitor=other, kind="note", text="mine")
    wrote_itself = Note.objects.create(visitor=who(visitor), kind="answer", text="PS-Q1: right")
    for note in (theirs, wrote_itself):
        visitor.post(f"/progress/notebook/{note.pk}/delete/")
    assert Note.objects.count() == 2


def test_markup_in_a_note_stays_text(visitor: Client) -> None:
    visitor.post("/progress/notebook/add/", {"text": "<script>alert(1)</script>"})
    assert "<script>alert" not in visitor.get("/progress/notebook/").content.decode()


def test_an_older_import_does_not_undo_a_newer_review(visitor: Client) -> None:
    person = who(visitor)
    fill(person)
    old = read_record(write_record(person))
    newer = timezone.now() + timedelta(hours=1)
    person.review.update(step=3, last=newer)
    add_record(person, old)
    assert set(person.review.values_list("step", flat=True)) == {3}
