"""A recording without labels as a question: which pattern is it, and what gave it away?"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from explorer.labs.declaration import find_static
from explorer.models import Answer, Card
from explorer.quizzes.asked import Asked
from explorer.quizzes.desk import SURENESS
from explorer.quizzes.reading import Unreadable, read_confidence
from explorer.quizzes.recordings import (
    CLUES,
    Clue,
    Line,
    find_clues,
    find_riddles,
    list_choices,
    read_events,
    tell_lines,
)
from explorer.quizzes.replays import lay_replay, replay_run
from explorer.quizzes.store import Damaged, Sheet, keep_answer, read_sheet
from explorer.quizzes.unlabelled import strip_lab
from patterns.core.pattern import discover


@dataclass(slots=True)
class Riddle:
    """What the page shows; with an answer, what is to be said about it."""

    slug: str
    card: Card
    choices: list[Card]
    lines: list[Line]
    clues: dict[str, Mapping[str, Any]]
    replay: dict[str, Any]
    sheet: Sheet
    problem: str = ""
    answer: Answer | None = None
    pattern: str = ""
    clue: str = ""
    confidence: int | None = None

    @property
    def offered(self) -> tuple[Clue, ...]:
        """What might have given it away."""
        return CLUES

    @property
    def seen(self) -> list[str]:
        """What did, according to the log."""
        return [clue.text for clue in CLUES if clue.name in self.clues]

    @property
    def clue_was_seen(self) -> bool:
        """Whether the log shows what was chosen."""
        return self.clue in self.clues

    @property
    def sureness(self) -> list[tuple[int, str, bool]]:
        """How sure somebody can say that he is: a number, its words, and whether he said it."""
        return [(value, words, value == self.confidence) for value, words in SURENESS]

    @property
    def chosen(self) -> Card | None:
        """The pattern that was chosen."""
        return next((card for card in self.choices if card.slug == self.pattern), None)


def open_riddle(slug: str) -> Riddle:
    """A riddle to be solved."""
    pattern = find_riddles()[slug]
    events = read_events(pattern)
    fingerprint = hashlib.sha256(f"{pattern}:{len(events)}:{events[-1]['at']}".encode()).hexdigest()[:16]
    sheet = Sheet(str(uuid.uuid4()), slug, fingerprint, 0)
    card = Card.objects.get(slug=pattern)
    bare = strip_lab(discover()[pattern], events)
    replay = lay_replay(bare, "A recorded run without its names", reverse("riddle-recording", args=[slug]))
    return Riddle(slug, card, list_choices(pattern), tell_lines(events), find_clues(events), replay, sheet)


def reopen_riddle(visitor_id: str, slug: str, answer_id: str) -> Riddle | None:
    """A riddle that this visitor has answered; None if he has not."""
    try:
        answer = Answer.objects.get(pk=UUID(answer_id), visitor=visitor_id, question=slug)
    except (ValueError, Answer.DoesNotExist):
        return None
    riddle = open_riddle(slug)
    riddle.answer, riddle.pattern, riddle.clue = answer, answer.given["pattern"], answer.given["clue"]
    riddle.replay = _replay_labelled(riddle)
    return riddle


def _replay_labelled(riddle: Riddle) -> dict[str, Any]:
    """The same run with its names, rewound to where the clue is first seen: the one he named, if the log has it."""
    name = riddle.clue if riddle.clue_was_seen else next(iter(riddle.clues), "")
    event = riddle.clues.get(name)
    shown: dict[str, Any] = {}
    if event is not None:
        said = next(clue.text for clue in CLUES if clue.name == name).capitalize()
        shown = {"moment": event["at"], "focus": event["message"], "said": f"{said}."}
    return replay_run(riddle.card.slug, "The same run with its names", find_static(_golden(riddle)), **shown)


def _golden(riddle: Riddle) -> str:
    return f"golden/{riddle.card.slug}.json"


def take_riddle(request: HttpRequest, visitor_id: str, slug: str) -> Riddle:
    """What comes of the form: `answer` is set if it was kept, else `problem` says what is missing."""
    riddle = open_riddle(slug)
    riddle.pattern, riddle.clue = request.POST.get("pattern", "")[:50], request.POST.get("clue", "")[:20]
    try:
        sheet = read_sheet(request.POST.get("sheet", ""))
        confidence = read_confidence({"confidence": request.POST.getlist("confidence")})
    except (Damaged, Unreadable):
        riddle.problem = "This form was damaged on its way. Please send it once more."
        return riddle
    riddle.confidence = confidence
    if riddle.chosen is None or riddle.clue not in [clue.name for clue in CLUES]:
        riddle.problem = "Choose a pattern and what gave it away, one of each."
        return riddle
    right = riddle.pattern == riddle.card.slug and riddle.clue_was_seen
    given = {"pattern": riddle.pattern, "clue": riddle.clue}
    asked = Asked(slug, riddle.card.slug, "recording", "", (), {})
    riddle.answer = keep_answer(visitor_id, asked, sheet, given, right, confidence, 0, timezone.now())
    return riddle
