"""Questions and answers in the database: which question, drawn how, for whom; and each answer kept once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet

from explorer.learning.agenda import plan_next
from explorer.learning.visitors import get_or_create
from explorer.models import Answer, Note, Question, ReviewItem, Visitor
from explorer.quizzes.asked import RIDDLE, RUN_KINDS, Asked
from explorer.quizzes.drawing import Drawn, draw, seed_for
from patterns.core.pattern import discover

SALT = "a question's sheet"


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
    """A sheet for the next answer: drawn alike until it is given, so that a reload changes nothing."""
    times = Answer.objects.filter(visitor=visitor_id, question=asked.slug).count()
    return Sheet(str(uuid.uuid4()), asked.slug, asked.fingerprint, seed_for(visitor_id, asked.slug, times))


def draw_sheet(asked: Asked, sheet: Sheet) -> Drawn:
    """What the learner sees of the question."""
    return draw(asked, sheet.seed)


def keep_answer(
    visitor_id: str, asked: Asked, sheet: Sheet, given: Any, right: bool | None, confidence: int | None, hints: int,
    at: datetime,
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
            settle(visitor, asked.pattern, answer)
    return answer


def settle(visitor: Visitor, pattern: str, answer: Answer) -> None:
    """What follows once it is known whether an answer is right: when it comes back, and a line in the notebook."""
    item = ReviewItem.objects.filter(visitor=visitor, question=answer.question).first()
    known = item.step if item else None
    if item is not None and answer.right and item.due > answer.at:
        step, due = item.step, item.due  # right before it was due: nothing was forgotten yet, so nothing is gained
    else:
        step, due = plan_next(known, bool(answer.right), answer.at)
    ReviewItem.objects.update_or_create(
        visitor=visitor, question=answer.question, defaults={"step": step, "due": due, "last": answer.at}
    )
    Note.objects.create(
        visitor=visitor, kind="answer", pattern=pattern,
        text=f"{_name(answer.question)}: {'right' if answer.right else 'wrong'}" + _sureness(answer),
        link=f"/review/?question={answer.question}&answer={answer.pk}",
        data={"question": answer.question, "right": answer.right, "confidence": answer.confidence},
    )  # fmt: skip


def _name(question: str) -> str:
    return "A recording without its labels" if question.startswith(RIDDLE) else question


def _sureness(answer: Answer) -> str:
    return f", {answer.confidence} % sure" if answer.confidence is not None else ""
