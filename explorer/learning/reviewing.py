"""What is due for a visitor today: rows of the database made into the agenda's items."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from explorer.learning.agenda import SECONDS_A_DAY, Item, is_confident_error, plan_today
from explorer.models import Answer, Card, Question, ReviewItem
from explorer.quizzes.recordings import find_riddles
from explorer.quizzes.store import list_questions

RIDDLE_KIND = "recording"
RIDDLE_AFTER = timedelta(days=1)
"""A pattern's recording is shown without its labels from a day after its first question came back."""


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
    """Today's review. What was repeated today already counts towards the five minutes."""
    items = list_items(visitor_id)
    kinds = {item.question: item for item in items}
    spent, last = _look_back(visitor_id, now, kinds)
    today = plan_today(items, now, list_confused(), SECONDS_A_DAY - spent, last)
    due = sum(item.due <= now for item in items)
    return Today(today, due - len(today), min((item.due for item in items), default=None))


def list_items(visitor_id: str) -> list[Item]:
    """Everything that comes back some day; what can no longer be asked is left out."""
    rows = {row.question: row for row in ReviewItem.objects.filter(visitor=visitor_id)}
    urgent = _confident_errors(visitor_id)
    items = [
        Item(question.slug, question.claim.card_id, question.kind, rows[question.slug].due, question.slug in urgent)
        for question in list_questions().filter(slug__in=rows)
    ]
    return items + _list_riddles(rows, items, urgent)


def list_confused() -> dict[str, set[str]]:
    """By pattern, those that its card names as related or easily confused."""
    return {card.slug: {row["slug"] for row in card.related} for card in Card.objects.only("slug", "related")}


def _list_riddles(rows: dict[str, ReviewItem], items: list[Item], urgent: set[str]) -> list[Item]:
    """Recordings without labels, of the patterns that the visitor has met in questions."""
    found = []
    for riddle, pattern in find_riddles().items():
        met = [item.due for item in items if item.pattern == pattern]
        if riddle in rows:
            found.append(Item(riddle, pattern, RIDDLE_KIND, rows[riddle].due, riddle in urgent))
        elif met:
            found.append(Item(riddle, pattern, RIDDLE_KIND, min(met) + RIDDLE_AFTER))
    return found


def _look_back(visitor_id: str, now: datetime, items: dict[str, Item]) -> tuple[int, str]:
    """Seconds of today that went into repeating something, and the pattern of the newest answer."""
    begin = now.replace(hour=0, minute=0, second=0, microsecond=0)
    answers = list(Answer.objects.filter(visitor=visitor_id).order_by("at").values_list("question", "at"))
    before = {question for question, at in answers if at < begin}
    spent = sum(items[slug].seconds for slug, at in answers if at >= begin and slug in before and slug in items)
    last = items.get(answers[-1][0]) if answers else None
    return spent, last.pattern if last else ""


def _confident_errors(visitor_id: str) -> set[str]:
    """Questions whose newest answer was sure and wrong."""
    newest: dict[str, bool] = {}
    answers = Answer.objects.filter(visitor=visitor_id).exclude(right=None).order_by("at")
    for question, right, confidence in answers.values_list("question", "right", "confidence"):
        newest[question] = is_confident_error(right, confidence)
    return {question for question, wrong in newest.items() if wrong}


def find_question(slug: str) -> Question | None:
    """A question that can be asked now."""
    return list_questions().filter(slug=slug).first()
