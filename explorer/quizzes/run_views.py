"""A quiz from one kept run: made from its log, and led back to the moment that shows the answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from explorer.labs.export import write_log
from explorer.labs.runs import read_recording
from explorer.learning.visitors import get_or_create
from explorer.models import Answer, Note, SavedRun
from explorer.quizzes.asked import key_of
from explorer.quizzes.own_run import RunQuestion, make_questions
from explorer.quizzes.replays import replay_run
from explorer.quizzes.store import Damaged, Sheet, read_sheet
from patterns.core.pattern import discover

DAMAGED = "This form was damaged on its way. Please send it once more."
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
    context: dict[str, Any] = {
        "run": run, "question": question, "number": place, "count": len(questions), "here": f"?q={place}",
        "choices": [(key_of(choice.text), choice) for choice in question.choices],
        "onward": f"?q={place + 1}" if place < len(questions) else reverse("run", args=[run.pk]),
        "moment": f"{reverse('run', args=[run.pk])}?{urlencode({'t': f'{question.at:.4f}', 'focus': question.focus})}",
    }  # fmt: skip
    if request.method == "POST":
        answer, problem = _take(request, run, question, name)
        if answer is not None:
            return redirect(f"{reverse('run-quiz', args=[run.pk])}?q={place}&answer={answer.pk}")
        context |= {"problem": problem, "chosen": request.POST.get("option", "")}
    else:
        context |= _recall(request, name)
    context["replay"] = _lay(run, question if "answer" in context else None)
    context["sheet"] = Sheet(str(uuid4()), name, question.key[:16], 0)
    return render(request, "quizzes/run_quiz.html", context, status=422 if context.get("problem") else 200)


def _lay(run: SavedRun, question: RunQuestion | None) -> dict[str, Any] | None:
    """The run on a stage: from its beginning, or rewound to the moment that shows the answer."""
    if run.pattern not in discover():
        return None
    address = reverse("recording", args=[run.pk])
    if question is None:
        return replay_run(run.pattern, "The run", address)
    moment = {"moment": question.at, "focus": question.focus, "said": question.because}
    return replay_run(run.pattern, "The moment that shows it", address, **moment)


def read_questions(run: SavedRun) -> list[RunQuestion]:
    """The questions that a kept run's log can answer."""
    lab = discover().get(run.pattern)
    labels = {part.name: part.label for part in (*lab.nodes, *lab.faults)} if lab else {}
    return make_questions([orjson.loads(line) for line in write_log(read_recording(run))], labels)


def _take(request: HttpRequest, run: SavedRun, question: RunQuestion, name: str) -> tuple[Answer | None, str]:
    try:
        sheet = read_sheet(request.POST.get("sheet", ""))
    except Damaged:
        return None, DAMAGED
    chosen = next((c for c in question.choices if key_of(c.text) == request.POST.get("option", "")), None)
    if sheet.question != name or chosen is None:
        return None, NOTHING if sheet.question == name else DAMAGED
    visitor = get_or_create(str(request.visitor_id))  # type: ignore[attr-defined]
    answer, new = Answer.objects.get_or_create(
        submission=sheet.submission,
        defaults={
            "visitor": visitor, "question": name, "fingerprint": sheet.fingerprint, "seed": 0,
            "given": {"key": key_of(chosen.text), "text": chosen.text}, "right": chosen.correct, "at": timezone.now(),
        },
    )  # fmt: skip
    if new:
        said = "right" if chosen.correct else "wrong"
        link = f"{reverse('run-quiz', args=[run.pk])}{'?q='}{name.rpartition('-')[2]}&answer={answer.pk}"
        Note.objects.create(
            visitor=visitor, kind="answer", pattern=run.pattern, text=f"{question.stem} {said}", link=link
        )
    return answer, ""


def _recall(request: HttpRequest, name: str) -> dict[str, Any]:
    """What this visitor answered, if the address names it."""
    try:
        mine = Answer.objects.filter(visitor=request.visitor_id, question=name)  # type: ignore[misc]
        answer = mine.get(pk=UUID(request.GET.get("answer", "")))
    except (ValueError, Answer.DoesNotExist):
        return {}
    return {"answer": answer, "chosen": answer.given["key"]}


def _place(text: str, count: int) -> int:
    return min(max(int(text), 1), max(count, 1)) if text.isdecimal() and len(text) < 4 else 1
