"""A recording without labels as a question: which pattern is it, and what gave it away?"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from explorer.labs.declaration import find_static
from explorer.models import Answer, Card
from explorer.quizzes.asked import Asked
from explorer.quizzes.clues import TEXTS, Clue, offer
from explorer.quizzes.desk import CHANGED, DAMAGED, Problem, list_sureness
from explorer.quizzes.drawing import seed_for
from explorer.quizzes.reading import Unreadable, read_confidence
from explorer.quizzes.recordings import (
    Choices,
    Line,
    Scene,
    choose,
    find_riddles,
    list_recordings,
    read_scene,
    tell_lines,
)
from explorer.quizzes.replays import lay_replay, replay_run
from explorer.quizzes.store import Damaged, Sheet, keep_answer, read_sheet
from explorer.quizzes.unlabelled import strip_lab
from patterns.core.pattern import discover

CHOOSE = "Choose a pattern and what gave it away, one of each."


@dataclass(slots=True)
class Riddle:
    """What the page shows; with an answer, what is to be said about it."""

    slug: str
    card: Card
    scene: Scene
    choices: Choices
    offered: list[Clue]
    lines: list[Line]
    replay: dict[str, Any]
    sheet: Sheet
    problem: Problem | None = None
    answer: Answer | None = None
    pattern: str = ""
    clue: str = ""
    confidence: int | None = None

    @property
    def seen(self) -> list[str]:
        """What gave it away, according to the log: what this pattern has and none of the others."""
        return [TEXTS[name] for name in self.choices.right]

    @property
    def clue_was_seen(self) -> bool:
        """Whether the log shows what was chosen, and it tells the pattern from the others."""
        return self.clue in self.choices.right

    @property
    def sureness(self) -> list[tuple[int, str, bool]]:
        """How sure somebody can say that he is: a number, its words, and whether he said it."""
        return list_sureness([str(self.confidence)])

    @property
    def chosen(self) -> Card | None:
        """The pattern that was chosen."""
        return next((card for card in self.choices.cards if card.slug == self.pattern), None)


def open_riddle(visitor_id: str, slug: str) -> Riddle:
    """A riddle to be solved: another recording than the last time, and the same until it is answered."""
    times = Answer.objects.filter(visitor=visitor_id, question=slug).count()
    recordings = list_recordings(find_riddles()[slug])
    return _lay(slug, (seed_for(visitor_id, slug) + times) % len(recordings))


def reopen_riddle(visitor_id: str, slug: str, answer_id: str) -> Riddle | None:
    """A riddle that this visitor has answered; None if he has not, or if its recording is there no more."""
    try:
        answer = Answer.objects.get(pk=UUID(answer_id), visitor=visitor_id, question=slug)
        riddle = _lay(slug, answer.seed)
    except (ValueError, IndexError, Answer.DoesNotExist):
        return None
    if riddle.sheet.fingerprint != answer.fingerprint:
        return None
    riddle.answer, riddle.pattern, riddle.clue = answer, answer.given["pattern"], answer.given["clue"]
    riddle.replay = _replay_labelled(riddle)
    return riddle


def _lay(slug: str, number: int) -> Riddle:
    """The riddle with its recording of this number; raises IndexError if it has none."""
    pattern = find_riddles()[slug]
    scene = read_scene(pattern, list_recordings(pattern)[number])
    choices = choose(scene)
    offered = offer(choices.right, choices.own, choices.others, random.Random(f"{scene.name}:{scene.fingerprint}"))
    bare = strip_lab(discover()[pattern], scene.events)
    address = reverse("riddle-recording", args=[slug, number])
    replay = lay_replay(bare, "A recorded run without its names", address)
    sheet = Sheet(str(uuid.uuid4()), slug, scene.fingerprint, number)
    lines = tell_lines(scene.events)
    return Riddle(slug, Card.objects.get(slug=pattern), scene, choices, offered, lines, replay, sheet)


def _replay_labelled(riddle: Riddle) -> dict[str, Any]:
    """The same run with its names, rewound to where the clue is first seen: the one he named, if the log has it."""
    name = riddle.clue if riddle.clue_was_seen else next(iter(riddle.choices.right), "")
    shown: dict[str, Any] = {}
    if event := riddle.scene.signs.get(name):
        said = f"{TEXTS[name][:1].upper()}{TEXTS[name][1:]}."
        shown = {"moment": event["at"], "focus": event["message"], "said": said}
    return replay_run(riddle.card.slug, "The same run with its names", find_static(riddle.scene.name), **shown)


def take_riddle(request: HttpRequest, visitor_id: str, slug: str) -> Riddle:
    """What comes of the form: `answer` is set if it was kept, else `problem` says why not."""
    riddle = open_riddle(visitor_id, slug)
    riddle.pattern, riddle.clue = request.POST.get("pattern", "")[:50], request.POST.get("clue", "")[:40]
    try:
        sheet = read_sheet(request.POST.get("sheet", ""))
        riddle.confidence = read_confidence({"confidence": request.POST.getlist("confidence")})
    except (Damaged, Unreadable):
        riddle.problem = Problem(DAMAGED, status=400)
        return riddle
    riddle.answer = Answer.objects.filter(pk=sheet.submission, visitor=visitor_id, question=slug).first()
    if riddle.answer is None:
        riddle.problem = _find_problem(riddle, sheet)
    if riddle.answer is None and riddle.problem is None:
        right = riddle.pattern == riddle.card.slug and riddle.clue_was_seen
        given = {"pattern": riddle.pattern, "clue": riddle.clue}
        asked = Asked(slug, riddle.card.slug, "recording", "", (), {})
        riddle.answer = keep_answer(visitor_id, asked, sheet, given, right, riddle.confidence, 0, timezone.now())
    return riddle


def _find_problem(riddle: Riddle, sheet: Sheet) -> Problem | None:
    if sheet.question != riddle.slug:
        return Problem(DAMAGED, status=400)
    if (sheet.fingerprint, sheet.seed) != (riddle.sheet.fingerprint, riddle.sheet.seed):
        return Problem(CHANGED, status=409)
    if riddle.chosen is None or riddle.clue not in [clue.name for clue in riddle.offered]:
        return Problem(CHOOSE, "pattern")
    return None
