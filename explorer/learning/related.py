"""What comes into the review from elsewhere: a sure and wrong bet, a wrong answer about one's own run.

Neither can be asked again as it was, since its run is known. What comes back is a question about the same claim, or
about the same matter.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from explorer.learning.agenda import is_confident_error, plan_next
from explorer.models import Answer, Bet, Claim, Question, ReviewItem, Visitor
from explorer.quizzes.store import in_order, list_questions

RUN = "RUN-"
"""How the name of a question about one run begins."""


def find_on_topic(pattern: str, topics: Collection[str]) -> str:
    """The pattern's question whose claim and stem have most of these words in them; "" if none has any."""
    scores = {question.slug: _score(question, topics) for question in in_order(list_questions(pattern))}
    best = max(scores, key=lambda slug: scores[slug], default="")
    return best if best and scores[best] else ""


def enrol(visitor: Visitor, question: str, at: datetime) -> None:
    """Have a question come back tomorrow, seen from `at`; one that comes back sooner stays."""
    step, due = plan_next(None, False, at)
    item, new = ReviewItem.objects.get_or_create(
        visitor=visitor, question=question, defaults={"step": step, "due": due}
    )
    if not new and item.due > due:
        ReviewItem.objects.filter(pk=item.pk).update(step=step, due=due)


def list_errors(visitor_id: str) -> dict[str, datetime]:
    """By question, when its visitor was sure and wrong about something else that it is about, and has not answered it
    since. Those of bets are enrolled when they are first seen."""
    errors = _list_run_errors(visitor_id) | _list_bet_errors(visitor_id)
    newest = dict(
        Answer.objects.filter(visitor=visitor_id, question__in=errors).order_by("at").values_list("question", "at")
    )
    return {slug: at for slug, at in errors.items() if slug not in newest or newest[slug] <= at}


def enrol_bets(visitor_id: str) -> None:
    """Take sure and wrong bets into the review, each once: afterwards its question has answers of its own."""
    visitor = Visitor.objects.filter(pk=visitor_id).first()
    if visitor is None:
        return
    known = dict(ReviewItem.objects.filter(visitor=visitor).values_list("question", "due"))
    answered = set(Answer.objects.filter(visitor=visitor).values_list("question", flat=True))
    for slug, at in _list_bet_errors(visitor_id).items():
        if slug not in answered and (slug not in known or known[slug] > plan_next(None, False, at)[1]):
            enrol(visitor, slug, at)


def _list_bet_errors(visitor_id: str) -> dict[str, datetime]:
    bets = [bet for bet in Bet.objects.filter(visitor=visitor_id).select_related("trial") if _is_error(bet)]
    about = _find_by_claim({bet.claim for bet in bets}) if bets else {}
    found: dict[str, datetime] = {}
    for bet in sorted(bets, key=lambda bet: bet.placed):
        if bet.claim in about:
            found[about[bet.claim]] = bet.trial.finished if bet.trial and bet.trial.finished else bet.placed
    return found


def _is_error(bet: Bet) -> bool:
    return bool(bet.settled) and is_confident_error((bet.settled or {}).get("right"), bet.confidence)


def _find_by_claim(claims: set[str]) -> Mapping[str, str]:
    """By claim, the question about it; if it has none, one about another claim of its group."""
    questions = in_order(list_questions())
    claimed = {question.claim_id: question.slug for question in reversed(questions)}
    grouped = {(q.claim.card_id, q.claim.group): q.slug for q in reversed(questions)}
    return claimed | _fill(claims - claimed.keys(), grouped)


def _fill(claims: Iterable[str], grouped: Mapping[tuple[str, str], str]) -> dict[str, str]:
    rows = Claim.objects.filter(slug__in=list(claims)).values_list("slug", "card", "group")
    return {slug: grouped[card, group] for slug, card, group in rows if (card, group) in grouped}


def _list_run_errors(visitor_id: str) -> dict[str, datetime]:
    rows = Answer.objects.filter(visitor=visitor_id, question__startswith=RUN, right=False).order_by("at")
    return {
        answer.given["related"]: answer.at
        for answer in rows
        if answer.given.get("related") and is_confident_error(answer.right, answer.confidence)
    }


def _score(question: Question, topics: Collection[str]) -> int:
    words = f"{question.claim.wording} {question.stem}".lower()
    return sum(topic in words for topic in topics)
