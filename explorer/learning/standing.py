"""Where somebody stands: pattern by pattern, what was answered, proved, run, and what is mastered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from explorer.experiments.calibration import Calibration, calibrate
from explorer.learning.mastery import Asking, Given, Standing, assess
from explorer.learning.record import RUN_NOTE
from explorer.models import Answer, Bet, Card, Claim, Note, Question, SavedRun, Trial
from explorer.quizzes.store import list_questions
from explorer.quizzes.truths import settle_ready


@dataclass(frozen=True, slots=True)
class Row:
    """One pattern. `right` counts questions whose newest answer is right."""

    card: Card
    questions: int
    answered: int
    right: int
    trials: int
    runs: int
    groups: list[tuple[str, Standing]]

    @property
    def mastered(self) -> int:
        """How many groups of claims."""
        return sum(standing.mastered for _, standing in self.groups)

    @property
    def touched(self) -> bool:
        """Whether anything was done at all."""
        return bool(self.answered or self.trials or self.runs)


def list_standing(visitor_id: str) -> list[Row]:
    """All patterns in the order of the cards."""
    settle_ready(visitor_id)
    questions = list(list_questions())
    answers = list(Answer.objects.filter(visitor=visitor_id).exclude(right=None).order_by("at"))
    tried = list(Trial.objects.filter(visitors=visitor_id, state=Trial.State.DONE).values_list("pattern", flat=True))
    kept = list(SavedRun.objects.filter(visitor=visitor_id).values_list("pattern", flat=True))
    kept += Note.objects.filter(visitor=visitor_id, kind=RUN_NOTE).values_list("pattern", flat=True)
    return [
        _stand(card, [q for q in questions if q.claim.card_id == card.slug], answers, tried, kept)
        for card in Card.objects.all()
    ]


def calibrate_visitor(visitor_id: str) -> Calibration:
    """How well his first bets on each outcome were judged by himself."""
    bets = Bet.objects.filter(visitor=visitor_id, settled__isnull=False, confidence__isnull=False)
    # on a real engine a run is smaller than what was bet on; such bets were once settled all the same
    bets = bets.exclude(trial__in=Trial.objects.exclude(engine="builtin"))
    return calibrate(
        (bet.confidence, bool(bet.settled["right"]))
        for bet in bets
        if bet.settled and bet.settled.get("first") and bet.settled.get("right") is not None
    )


def _stand(
    card: Card, questions: Collection[Question], answers: Iterable[Answer], tried: list[str], kept: list[str]
) -> Row:
    asked = [Asking(question.slug, question.claim.group, question.kind) for question in questions]
    slugs = {question.slug for question in questions}
    mine = [answer for answer in answers if answer.question in slugs]
    newest = {answer.question: bool(answer.right) for answer in mine}
    labels = dict(Claim.Group.choices)
    standings = assess(asked, [Given(a.question, bool(a.right), a.at.date()) for a in mine])
    standings.sort(key=lambda standing: list(labels).index(standing.group))
    return Row(
        card, len(questions), len(newest), sum(newest.values()), tried.count(card.slug), kept.count(card.slug),
        [(labels[standing.group], standing) for standing in standings],
    )  # fmt: skip
