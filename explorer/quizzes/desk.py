"""One question on a page: its form, what was wrong with the form, the answer with its feedback.

The quiz of a pattern and the review are two places with the same desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone

from explorer.catalogue.drawing import Drawing
from explorer.models import Answer, Question
from explorer.quizzes.asked import Asked, key_of
from explorer.quizzes.drawing import Drawn, draw
from explorer.quizzes.evidence import Traffic
from explorer.quizzes.grading import Grade, grade
from explorer.quizzes.reading import Form, Unreadable, read_answer, read_confidence
from explorer.quizzes.store import Damaged, Sheet, Told, as_asked, draw_sheet, keep_answer, make_sheet, read_sheet
from explorer.quizzes.truths import Finding, draw_topology, find_truth, list_nodes, read_evidence, settle_waiting

SURENESS = ((50, "a guess"), (70, "fairly sure"), (90, "very sure"), (100, "certain"))
MOST_HINTS = 3
CHANGED = (
    "This question was changed while you had it open. Here it is as it reads now, with what you had put in: "
    "have another look, and send it again."
)
DAMAGED = "This form did not come from this page as it stands, or was damaged on its way. Please send it once more."


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a form was not taken, and beside which field."""

    why: str
    field: str = ""
    status: int = 422


@dataclass(slots=True)
class Desk:
    """What the page shows. With a grade it is the feedback; without one, the form."""

    question: Question
    asked: Asked
    drawn: Drawn
    sheet: Sheet | None = None
    typed: Mapping[str, list[str]] = field(default_factory=dict)
    hints: int = 0
    problem: Problem | None = None
    answer: Answer | None = None
    grade: Grade | None = None
    changed: bool = False
    finding: Finding | None = None
    topology: Drawing | None = None
    evidence: list[Traffic] = field(default_factory=list)

    @property
    def shown_hints(self) -> tuple[str, ...]:
        """The hints that were asked for."""
        return self.asked.hints[: self.hints]

    @property
    def next_hint(self) -> int:
        """The number of the hint that can be asked for now; 0 if all are shown."""
        return self.hints + 1 if self.hints < len(self.asked.hints) else 0

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The inputs, each with its words, its key and what was put in."""
        if self.asked.kind == "match":
            return [self._select(f"pair-{key_of(left)}", left) for left, _ in self.asked.pairs]
        name = "place-{}" if self.asked.kind == "order" else "option"
        chosen = self.typed.get("option", [])
        return [
            {**self._select(name.format(choice.key), choice.text), "key": choice.key, "checked": choice.key in chosen}
            for choice in self.drawn.choices
        ]

    @property
    def places(self) -> range:
        """The places of an order."""
        return range(1, len(self.drawn.choices) + 1)

    @property
    def number(self) -> str:
        """What was typed where a number belongs; no more of it than anybody would read."""
        return "".join(self.typed.get("number", []))[:60]

    @property
    def node(self) -> str:
        """The part that was chosen."""
        return "".join(self.typed.get("node", []))[:40]

    @property
    def sureness(self) -> list[tuple[int, str, bool]]:
        """Degrees of confidence: per cent, words, chosen."""
        return list_sureness(self.typed.get("confidence", []))

    def _select(self, name: str, text: str) -> dict[str, Any]:
        wrong = self.problem is not None and self.problem.field == name
        return {"name": name, "text": text, "value": "".join(self.typed.get(name, [])), "wrong": wrong}


def list_sureness(said: Sequence[str]) -> list[tuple[int, str, bool]]:
    """Degrees of confidence: per cent, words, whether it is the one that was said."""
    return [(value, words, str(value) in said) for value, words in SURENESS]


def open_desk(visitor_id: str, question: Question) -> Desk:
    """A question to be answered."""
    asked = as_asked(question)
    sheet = make_sheet(visitor_id, asked)
    return _lay(question, asked, sheet)


def reopen_desk(visitor_id: str, question: Question, answer_id: str) -> Desk | None:
    """A question that this visitor has answered, with what is to be said about it; None if he has not."""
    try:
        answer = Answer.objects.get(pk=UUID(answer_id), visitor=visitor_id, question=question.slug)
    except (ValueError, Answer.DoesNotExist):
        return None
    asked = as_asked(question)
    drawn = draw(asked, answer.seed)
    changed = answer.fingerprint != asked.fingerprint
    if changed and answer.right is None:  # no run will ever say what was right: it would be another question's
        return Desk(question, asked, drawn, answer=answer, grade=Grade(None, "", ""), changed=True)
    finding = find_truth(asked) if asked.needs_run else None
    graded = grade(asked, drawn, answer.given, finding.truth if finding else None)
    if finding and answer.right is None:
        settle_waiting(answer, asked, drawn, graded, finding)
    return Desk(
        question, asked, drawn, answer=answer, grade=graded, changed=changed, finding=finding, hints=answer.hints,
        topology=draw_topology(asked),
    )  # fmt: skip


def take_form(request: HttpRequest, visitor_id: str, question: Question) -> Desk:
    """What comes of a submitted form: `answer` is set if it was kept; else the form again, with what was typed."""
    asked = as_asked(question)
    typed: dict[str, list[str]] = {name: [str(value) for value in values] for name, values in request.POST.lists()}
    try:
        sheet = read_sheet(request.POST.get("sheet", ""))
    except Damaged:
        return _again(visitor_id, question, asked, typed, Problem(DAMAGED, status=400))
    kept = Answer.objects.filter(pk=sheet.submission, visitor=visitor_id).first()
    if kept is not None:
        return Desk(question, asked, draw_sheet(asked, sheet), answer=kept)
    if sheet.question != question.slug:
        return _again(visitor_id, question, asked, typed, Problem(DAMAGED, status=400))
    if sheet.fingerprint != asked.fingerprint:
        return _again(visitor_id, question, asked, typed, Problem(CHANGED, status=409))
    hints = count_hints(typed)
    if "hint" in typed:
        return _lay(question, asked, sheet, typed, hints)
    try:
        given, confidence = read_answer(asked, typed, list_nodes(asked)), read_confidence(typed)
    except Unreadable as problem:
        return _lay(question, asked, sheet, typed, hints, Problem(str(problem), problem.field))
    return _keep(visitor_id, question, asked, sheet, given, confidence, hints)


def _keep(
    visitor_id: str, question: Question, asked: Asked, sheet: Sheet, given: Any, confidence: int | None, hints: int
) -> Desk:
    drawn = draw_sheet(asked, sheet)
    finding = find_truth(asked) if asked.needs_run else None
    graded = grade(asked, drawn, given, finding.truth if finding else None)
    run = str(finding.run.pk) if finding and finding.run else ""
    told = Told(drawn.stem, graded.got, graded.expected, run)
    answer = keep_answer(visitor_id, asked, sheet, given, graded.right, confidence, hints, timezone.now(), told)
    return Desk(question, asked, drawn, answer=answer)


def _again(visitor_id: str, question: Question, asked: Asked, typed: Mapping[str, list[str]], problem: Problem) -> Desk:
    return _lay(question, asked, make_sheet(visitor_id, asked), typed, count_hints(typed), problem)


def _lay(
    question: Question,
    asked: Asked,
    sheet: Sheet,
    typed: Mapping[str, list[str]] | None = None,
    hints: int = 0,
    problem: Problem | None = None,
) -> Desk:
    desk = Desk(question, asked, draw_sheet(asked, sheet), sheet, typed or {}, hints, problem)
    desk.topology = draw_topology(asked)
    if desk.topology:
        desk.finding = find_truth(asked)
        desk.evidence = read_evidence(asked, desk.finding)
    return desk


def count_hints(typed: Form) -> int:
    """How many hints are shown: the one asked for now, or as many as before."""
    said = next(iter(typed.get("hint") or typed.get("hints") or ["0"]), "0")
    return min(int(said), MOST_HINTS) if said.isdecimal() and len(said) == 1 else 0
