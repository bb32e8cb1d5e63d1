"""What is due for a visitor today: rows of the database made into the agenda's items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from explorer.learning.agenda import SECONDS_A_DAY, Item, is_confident_error, plan_today
from explorer.learning.related import enrol_bets, list_errors
from explorer.models import Answer, Card, Question, ReviewItem
from explorer.quizzes.asked import RIDDLE
from explorer.quizzes.recordings import find_riddles
from explorer.quizzes.store import list_questions
from explorer.quizzes.truths import settle_ready

RIDDLE_KIND = "recording"


@dataclass(frozen=True, slots=True)
class Today:
    """What is asked today, in order; how many more are due and wait; when the next one comes if none is left."""

    items: list[Item]
    waiting: int
    next_due: datetime | None

    @property
    def minutes(self) -> int:
        """About how long it takes."""
        return -(-sum(item.seconds for item in self.items) // 60)


def plan_review(visitor_id: str, now: datetime) -> Today:
    """Today's review. What was repeated today already counts towards the five minutes; what waited for a run that is
    over by now is settled first."""
    settle_ready(visitor_id)
    enrol_bets(visitor_id)
    items = list_items(visitor_id)
    kinds = {item.question: item for item in items}
    spent, last = _look_back(visitor_id, now, kinds)
    today = plan_today(items, now, list_confused(), SECONDS_A_DAY - spent, last)
    due = sum(item.due <= now for item in items)
    return Today(today, due - len(today), min((item.due for item in items), default=None))


def list_items(visitor_id: str) -> list[Item]:
    """Everything that comes back some day; what can no longer be asked is left out."""
    rows = {row.question: row.due for row in ReviewItem.objects.filter(visitor=visitor_id)}
    errors = _list_errors(visitor_id)
    found = [(question.slug, question.claim.card_id, question.kind) for question in list_questions()]
    found += [(riddle, pattern, RIDDLE_KIND) for riddle, pattern in find_riddles().items()]
    return [Item(slug, pattern, kind, rows[slug], errors.get(slug)) for slug, pattern, kind in found if slug in rows]


def list_confused() -> dict[str, set[str]]:
    """By pattern, those that its card names as related or easily confused."""
    return {card.slug: {row["slug"] for row in card.related} for card in Card.objects.only("slug", "related")}


def _look_back(visitor_id: str, now: datetime, items: dict[str, Item]) -> tuple[int, str]:
    """Seconds of today that went into repeating something, and the pattern of the newest answer of today."""
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    answers = list(Answer.objects.filter(visitor=visitor_id).order_by("at").values_list("question", "at"))
    before = {question for question, at in answers if at < begin}
    again = [slug for slug, at in answers if at >= begin and (slug in before or slug.startswith(RIDDLE))]
    spent = sum(items[slug].seconds for slug in again if slug in items)
    last = items.get(answers[-1][0]) if answers and answers[-1][1] >= begin else None
    return spent, last.pattern if last else ""


def _list_errors(visitor_id: str) -> dict[str, datetime]:
    """When somebody was sure and wrong, by the question that puts it right: its own newest answer, a bet on its claim,
    a question about his own run."""
    newest: dict[str, datetime | None] = {}
    answers = Answer.objects.filter(visitor=visitor_id).exclude(right=None).order_by("at")
    for question, right, confidence, at in answers.values_list("question", "right", "confidence", "at"):
        newest[question] = at if is_confident_error(right, confidence) else None
    own = {question: at for question, at in newest.items() if at is not None}
    return list_errors(visitor_id) | own


def find_question(slug: str) -> Question | None:
    """A question that can be asked now."""
    return list_questions().filter(slug=slug).first()
