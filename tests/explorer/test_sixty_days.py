"""Sixty days of reviews, through the pages and the database, with a moved clock: what a learner meets, and when."""

from __future__ import annotations

import itertools
import random
import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from explorer.learning.agenda import Item
from explorer.learning.reviewing import RIDDLE_KIND, list_confused
from explorer.learning.visitors import COOKIE, read_visitor
from explorer.models import Answer, Question, ReviewItem
from explorer.quizzes.asked import RIDDLE, RUN_KINDS, key_of
from explorer.quizzes.drawing import draw
from explorer.quizzes.formula import compute
from explorer.quizzes.recordings import find_riddles
from explorer.quizzes.riddle import open_riddle
from explorer.quizzes.store import as_asked, read_sheet

GAPS = (1, 3, 7, 16, 35)
FIVE_MINUTES = 300
A_WEEK = timedelta(days=7)
START = datetime(2026, 1, 5, 19, tzinfo=UTC)
PATTERNS = ("pub-sub", "request-response", "event-sourcing", "stream-processing")
LESSONS = 5
"""Days with one new question of each pattern."""
DAYS_WATCHED = 60


@dataclass
class Learner:
    """Answers as he knows it: what is in `forgets` is wrong, and he is sure of it."""

    client: Client
    forgets: set[tuple[str, int]] = field(default_factory=set)
    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def pk(self) -> str:
        return read_visitor(self.client.cookies[COOKIE].value)

    def answer(self, address: str, slug: str, page: str) -> bool:
        """Send the form on a page; True if it is answered right."""
        found = re.search(r'name="sheet" value="([^"]+)"', page)
        assert found, page[:200]
        right = (slug, self.times[slug]) not in self.forgets
        self.times[slug] += 1
        form = self.know(slug, found.group(1)) if right else self.miss(slug)
        sent = self.client.post(address, {"sheet": found.group(1), "confidence": "70" if right else "90", **form})
        assert sent.status_code == 302, sent.content[:300]
        return right

    def know(self, slug: str, signed: str) -> dict[str, Any]:
        if slug.startswith(RIDDLE):
            return self.solve(slug, right=True)
        asked = as_asked(Question.objects.get(slug=slug))
        if asked.kind == "numeric":
            return {"number": repr(compute(asked.answer["formula"], draw(asked, read_sheet(signed).seed).parameters))}
        if asked.kind == "order":
            return {f"place-{key_of(step)}": place for place, step in enumerate(asked.steps, 1)}
        if asked.kind == "match":
            return {f"pair-{key_of(left)}": key_of(right) for left, right in asked.pairs}
        return {"option": [key_of(option["text"]) for option in asked.options if option["correct"]]}

    def miss(self, slug: str) -> dict[str, Any]:
        if slug.startswith(RIDDLE):
            return self.solve(slug, right=False)
        asked = as_asked(Question.objects.get(slug=slug))
        if asked.kind == "numeric":
            return {"number": "-1"}
        if asked.kind == "order":
            return {f"place-{key_of(step)}": place for place, step in enumerate(reversed(asked.steps), 1)}
        if asked.kind == "match":
            return {f"pair-{key_of(left)}": key_of(asked.pairs[0][1]) for left, _ in asked.pairs}
        return {"option": [key_of(option["text"]) for option in asked.options if not option["correct"]][:1]}

    def solve(self, slug: str, *, right: bool) -> dict[str, Any]:
        riddle = open_riddle(self.pk, slug)
        named = (clue.name for clue in riddle.offered if (clue.name in riddle.choices.right) is right)
        return {"pattern": riddle.card.slug, "clue": next(named)}


@dataclass(frozen=True)
class Met:
    """One question of a review: on which day, whether it was answered right, and when it had been due."""

    day: int
    slug: str
    right: bool
    due: datetime
    at: datetime


def list_lessons() -> list[list[Question]]:
    """By day, one question of each pattern that needs no run."""
    rows = Question.objects.exclude(kind__in=RUN_KINDS).order_by("slug")
    columns = [list(rows.filter(claim__card=slug)[:LESSONS]) for slug in PATTERNS]
    return [list(row) for row in zip(*columns, strict=True)]


def review(learner: Learner, day: int, at: datetime) -> list[Met]:
    """Everything that the review page asks today."""
    met: list[Met] = []
    while True:
        page = learner.client.get("/review/").content.decode()
        action = re.search(r'action="(/review/\?question=([A-Za-z0-9-]+))"', page)
        if action is None:
            return met
        due = ReviewItem.objects.get(visitor=learner.pk, question=action.group(2)).due
        met.append(Met(day, action.group(2), learner.answer(action.group(1), action.group(2), page), due, at))


@pytest.mark.django_db
def test_sixty_days_of_reviews_as_a_learner_meets_them(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    call_command("content", verbosity=0)
    clock = [START]
    monkeypatch.setattr(timezone, "now", lambda: clock[0])
    client.get("/")
    learner, source = Learner(client), random.Random(11)
    lessons = list_lessons()
    never_missed = {lesson[0].slug for lesson in lessons}
    for lesson, time in itertools.product(lessons, range(8)):
        missed = [question.slug for question in lesson[1:] if source.random() < 0.2]
        learner.forgets |= {(slug, time) for slug in missed}
    learner.forgets |= {(riddle, 0) for riddle in find_riddles()}
    met: list[Met] = []
    for day in range(DAYS_WATCHED):
        clock[0] = START + timedelta(days=day)
        met += review(learner, day, clock[0])
        for question in lessons[day] if day < LESSONS else ():
            address = f"/patterns/{question.claim.card_id}/quiz/{question.slug}/"
            learner.answer(address, question.slug, client.get(address).content.decode())
    check_gaps(learner, met, never_missed)
    check_minutes(met)
    check_neighbours(met)
    check_errors(learner)
    check_riddles(learner, met)


def check_gaps(learner: Learner, met: list[Met], never_missed: set[str]) -> None:
    """1, 3, 7, 16, 35: what is known moves on by one, what is missed comes tomorrow, and nothing before it is due."""
    assert all(each.at >= each.due for each in met)
    for slug in never_missed:
        answers = list(Answer.objects.filter(question=slug).order_by("at").values_list("at", flat=True))
        gaps = [(later - sooner).days for sooner, later in itertools.pairwise(answers)]
        item = ReviewItem.objects.get(visitor=learner.pk, question=slug)
        assert all(gap >= wanted for gap, wanted in zip(gaps, GAPS, strict=False))
        assert sum(gaps) - sum(GAPS[: len(gaps)]) <= 2  # a full day may put it off to the next
        assert item.step == len(gaps) == len(GAPS) - 1
        assert (item.due - answers[-1]).days == GAPS[-1]
    for item in ReviewItem.objects.filter(visitor=learner.pk).exclude(last=None):
        assert item.last is not None
        assert (item.due - item.last).days == GAPS[item.step]


def check_minutes(met: list[Met]) -> None:
    """Five minutes a day at most."""
    kinds = dict(Question.objects.values_list("slug", "kind"))
    spent: dict[int, int] = defaultdict(int)
    for each in met:
        spent[each.day] += Item(each.slug, "", kinds.get(each.slug, RIDDLE_KIND), each.due).seconds
    assert max(spent.values()) <= FIVE_MINUTES
    assert max(spent.values()) > FIVE_MINUTES / 2  # there were days full enough to say so


def check_neighbours(met: list[Met]) -> None:
    """What follows is of another pattern where there is one, and mostly of one that is easily confused."""
    confused, near = list_confused(), 0
    pattern_of = dict(Question.objects.values_list("slug", "claim__card")) | find_riddles()
    pairs = 0
    for _, group in itertools.groupby(met, key=lambda each: each.day):
        names = [pattern_of[each.slug] for each in group]
        most = max(names.count(name) for name in names)
        together = sum(a == b for a, b in itertools.pairwise(names))
        assert together <= max(0, most - (len(names) - most) - 1), names
        for a, b in itertools.pairwise(names):
            pairs += a != b
            near += a != b and (b in confused[a] or a in confused[b])
    assert pairs > 20
    assert near > pairs / 2


def check_errors(learner: Learner) -> None:
    """Whoever was sure and wrong meets it again within a week."""
    end = START + timedelta(days=DAYS_WATCHED)
    wrong = Answer.objects.filter(visitor=learner.pk, right=False, confidence__gte=80, at__lt=end - A_WEEK)
    assert wrong.count() > 5
    for answer in wrong:
        again = Answer.objects.filter(question=answer.question, at__gt=answer.at).order_by("at").first()
        assert again is not None, answer
        assert again.at - answer.at <= A_WEEK, answer


def check_riddles(learner: Learner, met: list[Met]) -> None:
    """The recording of each pattern with a lab comes up, and another one every time."""
    for riddle, pattern in find_riddles().items():
        if pattern in PATTERNS:
            days = [each.day for each in met if each.slug == riddle]
            assert days
            assert days[0] <= LESSONS + 2
            recordings = Answer.objects.filter(question=riddle).values_list("seed", flat=True)
            assert len(set(recordings)) == len(recordings) >= 4
