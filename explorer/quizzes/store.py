"""Questions and answers in the database: which question, drawn how, for whom; and each answer kept once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from explorer.learning.agenda import plan_next
from explorer.learning.visitors import get_or_create
from explorer.models import Answer, Note, Question, ReviewItem, Visitor
from explorer.quizzes.asked import RUN_KINDS, Asked
from explorer.quizzes.drawing import Drawn, draw, seed_for
from explorer.quizzes.recordings import find_riddle
from patterns.core.pattern import discover

SALT = "a question's sheet"


RETAKES = 64
"""Draws until the numbers differ from the last ones: with two sets of numbers, one in 2^64 would not do."""
RIDDLE_AFTER = timedelta(days=1)
"""A pattern's recording is shown without its labels from a day after its first question was answered."""


class Damaged(ValueError):
    """The sheet of a form is not one that this site has made."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a form carries, signed: which question it showed, as it then was, and the id of its one submission."""

    submission: str
    question: str
    fingerprint: str
    seed: int

    def sign(self) -> str:
        """The sheet as the hidden field of a form."""
        return signing.dumps([self.submission, self.question, self.fingerprint, self.seed], salt=SALT)


@dataclass(frozen=True, slots=True)
class Told:
    """What the notebook keeps of an answer: the question, what was said, what is right, and the id of the run."""

    stem: str
    got: str
    expected: str
    run: str = ""


def read_sheet(signed: str) -> Sheet:
    """The sheet in a form; raises Damaged."""
    try:
        submission, question, fingerprint, seed = signing.loads(signed, salt=SALT)
        return Sheet(str(uuid.UUID(submission)), question, fingerprint, seed)
    except (signing.BadSignature, ValueError) as problem:
        raise Damaged from problem


def as_asked(question: Question) -> Asked:
    """A row as the rules see it."""
    return Asked(
        question.slug, question.claim.card_id, question.kind, question.stem, tuple(question.options),
        question.answer, question.explanation, tuple(question.hints),
    )  # fmt: skip


def list_questions(pattern: str = "") -> QuerySet[Question]:
    """Questions that can be asked now, of one pattern or of all: those that need a run wait for their lab."""
    rows = Question.objects.select_related("claim", "claim__card")
    if pattern:
        rows = rows.filter(claim__card=pattern)
    runs = rows.filter(kind__in=RUN_KINDS, claim__card__in=list(discover()))
    return (rows.exclude(kind__in=RUN_KINDS) | runs).order_by("claim__card__position", "slug")


def in_order(questions: Iterable[Question]) -> list[Question]:
    """PS-Q2 before PS-Q10."""
    return sorted(questions, key=lambda row: (row.claim.card.position, len(row.slug), row.slug))


def make_sheet(visitor_id: str, asked: Asked) -> Sheet:
    """A sheet for the next answer: drawn alike until it is given, so that a reload changes nothing; and with other
    numbers than the last time."""
    seeds = Answer.objects.filter(visitor=visitor_id, question=asked.slug).order_by("at").values_list("seed", flat=True)
    times, last = len(seeds), (draw(asked, seeds[len(seeds) - 1]).parameters if seeds else {})
    following = (seed_for(visitor_id, asked.slug, times, retake) for retake in range(RETAKES))
    seed = next((seed for seed in following if not last or draw(asked, seed).parameters != last), 0)
    return Sheet(str(uuid.uuid4()), asked.slug, asked.fingerprint, seed)


def draw_sheet(asked: Asked, sheet: Sheet) -> Drawn:
    """What the learner sees of the question."""
    return draw(asked, sheet.seed)


def keep_answer(
    visitor_id: str, asked: Asked, sheet: Sheet, given: Any, right: bool | None, confidence: int | None, hints: int,
    at: datetime, told: Told | None = None,
) -> Answer:  # fmt: skip
    """Keep an answer, plan its return and write it down. Sent twice, it is the answer that was kept first."""
    with transaction.atomic():
        visitor = get_or_create(visitor_id)
        answer, new = Answer.objects.get_or_create(
            submission=sheet.submission,
            defaults={
                "visitor": visitor, "question": asked.slug, "fingerprint": sheet.fingerprint, "seed": sheet.seed,
                "given": given, "right": right, "confidence": confidence, "hints": hints, "at": at,
            },
        )  # fmt: skip
        if new and right is not None and visitor is not None:
            settle(visitor, asked.pattern, answer, told)
    return answer


def settle(visitor: Visitor, pattern: str, answer: Answer, told: Told | None = None) -> None:
    """What follows once it is known whether an answer is right: when it comes back, that the pattern's recording comes
    without its labels from now on, and a line in the notebook."""
    item = ReviewItem.objects.filter(visitor=visitor, question=answer.question).first()
    known = item.step if item else None
    if item is not None and answer.right and item.due > answer.at:
        step, due = item.step, item.due  # right before it was due: nothing was forgotten yet, so nothing is gained
    else:
        step, due = plan_next(known, bool(answer.right), answer.at)
    ReviewItem.objects.update_or_create(
        visitor=visitor, question=answer.question, defaults={"step": step, "due": due, "last": answer.at}
    )
    if (riddle := find_riddle(pattern)) and answer.question != riddle:
        first = {"due": answer.at + RIDDLE_AFTER}
        ReviewItem.objects.get_or_create(visitor=visitor, question=riddle, defaults=first)
    _note(visitor, pattern, answer, told)


def _note(visitor: Visitor, pattern: str, answer: Answer, told: Told | None) -> None:
    verdict = ("right" if answer.right else "wrong") + _sureness(answer)
    data: dict[str, Any] = {"question": answer.question, "right": answer.right, "confidence": answer.confidence}
    if told is None:
        text = f"A recording without its labels: {verdict}"
    else:
        found = f" The run measured {told.expected}." if told.run else ""
        text = f"{answer.question}: {told.stem} You said “{told.got}”: {verdict}.{found}"
        data |= {"stem": told.stem, "given": told.got, "expected": told.expected, "run": told.run}
    link = f"/review/?question={answer.question}&answer={answer.pk}"
    Note.objects.create(visitor=visitor, kind="answer", pattern=pattern, text=text, link=link, data=data)


def _sureness(answer: Answer) -> str:
    return f", {answer.confidence} % sure" if answer.confidence is not None else ""
