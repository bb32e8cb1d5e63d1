"""What somebody has done as a file: signed, so that a forged one is refused; and all of it deleted.

Longer than most: what is written, what is read back and what is merged stand side by side, field by field.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from explorer.models import Answer, Bet, Note, ReviewItem, SavedRun, Tick, Trial, Visitor

FORMAT = "pattern-explorer-progress"
VERSION = 1
LARGEST_BYTES = 4 * 1024 * 1024
SALT = "exported progress"
LEFT_OUT = (
    "The recordings of kept runs are not in this file, only what was run, with which seed and settings: keep them with "
    "“Export” on each run's page. Reports of trials stay with this site too; the file has their verdicts."
)
RUN_NOTE = "run"
"""The kind of a note about a run that was kept elsewhere."""
RUN = ("pattern", "engine", "seed", "title", "settings", "events", "seconds")
TRIAL = ("claim", "pattern", "engine", "seed", "size", "verdict")
ANSWER = ("question", "fingerprint", "seed", "given", "right", "confidence", "hints")


class BadFile(ValueError):
    """The file cannot be imported; the sentence says why, and what would be right."""


def write_record(visitor: Visitor) -> bytes:
    """Everything about answers, reviews, bets, notes and ticks, and what was run, signed by this site."""
    record = {
        "format": FORMAT,
        "version": VERSION,
        "left_out": LEFT_OUT,
        "made": timezone.now().isoformat(timespec="seconds"),
        "answers": [
            {"id": str(row.pk), "at": row.at.isoformat(), **{name: getattr(row, name) for name in ANSWER}}
            for row in visitor.answers.order_by("at")
        ],
        "review": [
            {"question": row.question, "step": row.step, "due": row.due.isoformat(), "last": _spell(row.last)}
            for row in visitor.review.order_by("question")
        ],
        "bets": [
            {
                "id": str(row.pk), "claim": row.claim, "answer": row.answer, "confidence": row.confidence,
                "placed": row.placed.isoformat(), "settled": row.settled,
            }
            for row in visitor.bets.order_by("placed")
        ],
        "notes": [
            {
                "kind": row.kind, "pattern": row.pattern, "text": row.text, "link": row.link, "data": row.data,
                "at": row.at.isoformat(),
            }
            for row in visitor.notes.order_by("at", "pk")
        ],
        "ticks": [{"step": row.step, "at": row.at.isoformat()} for row in visitor.ticks.order_by("at", "step")],
        "trials": [
            {"id": str(row.pk), "finished": _spell(row.finished), **{name: getattr(row, name) for name in TRIAL}}
            for row in visitor.trials.filter(state=Trial.State.DONE).order_by("created")
        ],
        "runs": [
            {"id": str(row.pk), "at": row.created.isoformat(), **{name: getattr(row, name) for name in RUN}}
            for row in visitor.runs.defer("recording").order_by("created")
        ],
    }  # fmt: skip
    whole = {"record": record, "signature": _sign(record)}
    return json.dumps(whole, ensure_ascii=False, indent=1).encode()


def check_size(size_bytes: int) -> None:
    """Raises BadFile for what is too large to be read at all."""
    if size_bytes > LARGEST_BYTES:
        most = f"{LARGEST_BYTES // 2**20} MB"
        raise BadFile(f"The file has {size_bytes / 2**20:.1f} MB; a progress file has at most {most}.")


def read_record(content: bytes) -> dict[str, Any]:
    """The record in a file that this site has written.

    Raises:
        BadFile: too large, no progress file, changed since, or of a later version.
    """
    check_size(len(content))
    try:
        whole = json.loads(content)
        record, signature = whole["record"], whole["signature"]
        known = record["format"] == FORMAT
    except (ValueError, KeyError, TypeError, RecursionError) as problem:
        raise BadFile("That is no progress file. Choose the one that “Export” on this page gave you.") from problem
    if not known or not isinstance(signature, str) or not _is_signed(record, signature):
        raise BadFile(
            "The signature does not fit: the file was changed since it was exported, or another site wrote it. "
            "Nothing was imported. Export it once more, and leave it as it is."
        )
    if record["version"] != VERSION:
        raise BadFile(f"The file is of version {record['version']}; this site reads version {VERSION}.")
    return dict(record)


def add_record(visitor: Visitor, record: dict[str, Any]) -> int:
    """Add what the visitor does not have yet, and return how much that was; a second import adds nothing."""
    with transaction.atomic():
        return (
            _add_answers(visitor, record["answers"])
            + _add_review(visitor, record["review"])
            + _add_bets(visitor, record["bets"])
            + _add_notes(visitor, record["notes"])
            + _add_ticks(visitor, record.get("ticks", []))  # older files lack this and what follows
            + _add_trials(visitor, record.get("trials", []))
            + _add_runs(visitor, record.get("runs", []))
        )


def delete_everything(visitor: Visitor) -> None:
    """Delete a visitor with all that hangs on him, his kept runs and his account too."""
    with transaction.atomic():
        SavedRun.objects.filter(visitor=visitor).delete()
        user = visitor.user
        visitor.delete()
        if user is not None:
            user.delete()


def adopt(visitor: Visitor, other: Visitor) -> None:
    """Give all that hangs on `other` to `visitor`, and forget the empty row."""
    with transaction.atomic():
        other.answers.update(visitor=visitor)
        other.runs.update(visitor=visitor)
        other.notes.update(visitor=visitor)
        other.bets.exclude(trial__in=visitor.bets.exclude(trial=None).values("trial")).update(visitor=visitor)
        for trial in other.trials.all():
            trial.visitors.add(visitor)
        rows = other.review.all()
        _add_ticks(visitor, [{"step": row.step, "at": row.at} for row in other.ticks.all()])
        _add_review(visitor, [{"question": r.question, "step": r.step, "due": r.due, "last": r.last} for r in rows])
        other.delete()


def _add_answers(visitor: Visitor, rows: list[dict[str, Any]]) -> int:
    mine = set(visitor.answers.values_list("pk", flat=True))
    added = 0
    for row in rows:
        original, copy = uuid.UUID(row["id"]), _copy_of(visitor, row["id"])
        if original in mine or copy in mine:
            continue
        fields = {name: row[name] for name in ANSWER}
        Answer.objects.create(submission=copy, visitor=visitor, at=_read(row["at"]), **fields)
        added += 1
    return added


def _add_review(visitor: Visitor, rows: list[dict[str, Any]]) -> int:
    mine = {item.question: item for item in visitor.review.all()}
    added = 0
    for row in rows:
        item = mine.get(row["question"])
        last = _read(row["last"])
        if item is not None and (last is None or (item.last and item.last >= last)):
            continue
        fields = {"step": row["step"], "due": _read(row["due"]), "last": last}
        ReviewItem.objects.update_or_create(visitor=visitor, question=row["question"], defaults=fields)
        added += 1
    return added


def _add_bets(visitor: Visitor, rows: list[dict[str, Any]]) -> int:
    mine = set(visitor.bets.values_list("pk", flat=True))
    added = 0
    for row in rows:
        copy = _copy_of(visitor, row["id"])
        if copy in mine or uuid.UUID(row["id"]) in mine:
            continue
        fields = {name: row[name] for name in ("claim", "answer", "confidence", "settled")}
        Bet.objects.create(pk=copy, visitor=visitor, **fields)
        Bet.objects.filter(pk=copy).update(placed=_read(row["placed"]))
        added += 1
    return added


def _add_notes(visitor: Visitor, rows: list[dict[str, Any]]) -> int:
    mine = set(visitor.notes.values_list("text", "at"))
    added = 0
    for row in rows:
        at = _read(row["at"])
        if (row["text"], at) in mine:
            continue
        fields = {name: row[name] for name in ("kind", "pattern", "text", "link", "data")}
        note = Note.objects.create(visitor=visitor, **fields)
        Note.objects.filter(pk=note.pk).update(at=at)
        added += 1
    return added


def _add_ticks(visitor: Visitor, rows: list[dict[str, Any]]) -> int:
    mine = set(visitor.ticks.values_list("step", flat=True))
    new = [Tick(visitor=visitor, step=row["step"], at=_read(row["at"])) for row in rows if row["step"] not in mine]
    return len(Tick.objects.bulk_create(new))


def _add_trials(visitor: Visitor, rows: list[dict[str, Any]]) -> int:
    """The site still has the trials; they count as his from now on."""
    wanted = [row["id"] for row in rows]
    new = Trial.objects.filter(pk__in=wanted).exclude(visitors=visitor)
    return len([trial.visitors.add(visitor) for trial in new])


def _add_runs(visitor: Visitor, rows: list[dict[str, Any]]) -> int:
    """A kept run's recording stays where it was kept; what was run becomes a line of the notebook, and counts."""
    kept = set(visitor.runs.values_list("pk", flat=True))
    known = {note.data.get("id") for note in visitor.notes.filter(kind=RUN_NOTE)}
    new = [row for row in rows if row["id"] not in known and uuid.UUID(row["id"]) not in kept]
    for row in new:
        text = f"{row['title'] or 'a run'}: seed {row['seed']}, {row['engine']}, {row['seconds']:.1f} s (imported)"
        there = SavedRun.objects.filter(pk=row["id"]).exists()
        link = reverse("run", args=[row["id"]]) if there else ""
        note = Note.objects.create(
            visitor=visitor, kind=RUN_NOTE, pattern=row["pattern"], text=text, link=link, data=row
        )
        Note.objects.filter(pk=note.pk).update(at=_read(row["at"]))
    return len(new)


def _sign(record: dict[str, Any]) -> str:
    return Signer(salt=SALT).signature(json.dumps(record, sort_keys=True, ensure_ascii=False))


def _is_signed(record: dict[str, Any], signature: str) -> bool:
    words = json.dumps(record, sort_keys=True, ensure_ascii=False)
    try:  # half of a pair of surrogates can be written in JSON and cannot be encoded: this site never signed one
        Signer(salt=SALT, sep=":").unsign(f"{words}:{signature}")
    except (BadSignature, UnicodeEncodeError):
        return False
    return True


def _spell(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _read(moment: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(moment) if isinstance(moment, str) else moment


def _copy_of(visitor: Visitor, original: str) -> uuid.UUID:
    """The id of a row's copy with this visitor: the same at every import, and no other visitor's."""
    return uuid.uuid5(uuid.UUID(str(visitor.pk)), original)
