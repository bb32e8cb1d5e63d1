"""A quiz from one kept run: made from its log, and led back to the moment that shows the answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from explorer.labs.runs import read_recording
from explorer.learning.related import enrol, find_on_topic
from explorer.learning.visitors import get_or_create
from explorer.models import Answer, Note, SavedRun
from explorer.quizzes.asked import key_of
from explorer.quizzes.desk import CHANGED, DAMAGED, Problem, count_hints, list_sureness
from explorer.quizzes.own_run import make_questions
from explorer.quizzes.reading import Unreadable, read_confidence
from explorer.quizzes.replays import replay_run
from explorer.quizzes.run_question import RunQuestion
from explorer.quizzes.store import Damaged, Sheet, read_sheet
from patterns.core.log import FIELDS
from patterns.core.pattern import discover
from patterns.host.recording import Reader

NOTHING = "Nothing is chosen yet. Take one of the answers."


@require_http_methods(["GET", "HEAD", "POST"])
def show_run_quiz(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One question of the run at a time; `?q=` says which, `?answer=` shows what was answered."""
    run = get_object_or_404(SavedRun, pk=pk)
    questions = read_questions(run)
    place = _place(request.GET.get("q", "1"), len(questions))
    if not questions:
        return render(request, "quizzes/run_quiz.html", {"run": run})
    question = questions[place - 1]
    name = f"RUN-{run.pk.hex[:8]}-{place}"
    context = _describe(run, question, place, len(questions))
    problem: Problem | None = None
    if request.method == "POST":
        taken = _take(request, run, question, name)
        if isinstance(taken, Answer):
            return redirect(f"{reverse('run-quiz', args=[run.pk])}?q={place}&answer={taken.pk}")
        problem = taken
        context |= _keep_typed(request, question) | {"problem": problem}
    else:
        context |= {"sureness": list_sureness([])} | _recall(request, question, name)
    context["replay"] = _lay(run, question if "answer" in context else None)
    context["sheet"] = Sheet(str(uuid4()), name, question.fingerprint, 0)
    return render(request, "quizzes/run_quiz.html", context, status=problem.status if problem else 200)


def read_questions(run: SavedRun) -> list[RunQuestion]:
    """The questions that a kept run's log can answer."""
    lab = discover().get(run.pattern)
    labels = {part.name: part.label for part in (*lab.nodes, *lab.faults)} if lab else {}
    reader = Reader()
    events = [event for event in reader.read(read_recording(run)) if event["kind"] in FIELDS]
    return make_questions(events, labels, {message["id"]: message for message in reader.messages})


def _describe(run: SavedRun, question: RunQuestion, place: int, count: int) -> dict[str, Any]:
    return {
        "run": run, "question": question, "number": place, "count": count, "here": f"?q={place}",
        "choices": [(key_of(choice.text), choice) for choice in question.choices],
        "onward": f"?q={place + 1}" if place < count else reverse("run", args=[run.pk]),
        "moment": f"{reverse('run', args=[run.pk])}?{urlencode({'t': f'{question.at:.4f}', 'focus': question.focus})}",
        "next_hint": 1,
    }  # fmt: skip


def _keep_typed(request: HttpRequest, question: RunQuestion) -> dict[str, Any]:
    """What was put into a form that comes back, and the hints that were asked for."""
    hints = count_hints({name: [str(value) for value in values] for name, values in request.POST.lists()})
    return {
        "chosen": request.POST.get("option", ""), "sureness": list_sureness(request.POST.getlist("confidence")),
        "hints": question.hints[:hints], "next_hint": hints + 1 if hints < len(question.hints) else 0,
    }  # fmt: skip


def _lay(run: SavedRun, question: RunQuestion | None) -> dict[str, Any] | None:
    """The run on a stage: from its beginning, or rewound to the moment that shows the answer."""
    if run.pattern not in discover():
        return None
    address = reverse("recording", args=[run.pk])
    if question is None:
        return replay_run(run.pattern, "The run", address)
    moment = {"moment": question.at, "focus": question.focus, "said": question.because}
    return replay_run(run.pattern, "The moment that shows it", address, **moment)


def _take(request: HttpRequest, run: SavedRun, question: RunQuestion, name: str) -> Answer | Problem | None:
    """The answer that was kept, or why none was; None if only a hint was asked for."""
    try:
        sheet = read_sheet(request.POST.get("sheet", ""))
        confidence = read_confidence({"confidence": request.POST.getlist("confidence")})
    except (Damaged, Unreadable):
        return Problem(DAMAGED, status=400)
    visitor_id = str(request.visitor_id)  # type: ignore[attr-defined]
    if kept := Answer.objects.filter(pk=sheet.submission, visitor=visitor_id, question=name).first():
        return kept
    if sheet.question != name:
        return Problem(DAMAGED, status=400)
    if sheet.fingerprint != question.fingerprint:
        return Problem(CHANGED, status=409)
    if "hint" in request.POST:
        return None
    chosen = next((c for c in question.choices if key_of(c.text) == request.POST.get("option", "")), None)
    if chosen is None:
        return Problem(NOTHING, "option")
    hints = count_hints({"hints": request.POST.getlist("hints")})
    return _keep(visitor_id, run, question, sheet, {
        "given": {"key": key_of(chosen.text), "text": chosen.text}, "right": chosen.correct,
        "confidence": confidence, "hints": hints,
    })  # fmt: skip


def _keep(visitor_id: str, run: SavedRun, question: RunQuestion, sheet: Sheet, fields: dict[str, Any]) -> Answer:
    """Keep it once, write it down, and if it is wrong have a question about the same matter come back."""
    now, visitor = timezone.now(), get_or_create(visitor_id)
    assert visitor is not None
    if not fields["right"] and (related := find_on_topic(run.pattern, question.topics)):
        fields["given"]["related"] = related
        enrol(visitor, related, now)
    answer, new = Answer.objects.get_or_create(
        submission=sheet.submission,
        defaults={
            "visitor": visitor, "question": sheet.question, "fingerprint": sheet.fingerprint, "seed": 0, "at": now,
            **fields,
        },
    )  # fmt: skip
    if new:
        place = sheet.question.rpartition("-")[2]
        said = f"You said “{fields['given']['text']}”: {'right' if answer.right else 'wrong'}"
        Note.objects.create(
            visitor=visitor, kind="answer", pattern=run.pattern, text=f"{question.stem} {said}.",
            link=f"{reverse('run-quiz', args=[run.pk])}?q={place}&answer={answer.pk}",
        )  # fmt: skip
    return answer


def _recall(request: HttpRequest, question: RunQuestion, name: str) -> dict[str, Any]:
    """What this visitor answered, if the address names it."""
    try:
        mine = Answer.objects.filter(visitor=request.visitor_id, question=name)  # type: ignore[misc]
        answer = mine.get(pk=UUID(request.GET.get("answer", "")))
    except (ValueError, Answer.DoesNotExist):
        return {}
    remarks = question.explain(answer.given["text"])
    return {"answer": answer, "chosen": answer.given["key"], "remarks": remarks}


def _place(text: str, count: int) -> int:
    return min(max(int(text), 1), max(count, 1)) if text.isdecimal() and len(text) < 4 else 1
