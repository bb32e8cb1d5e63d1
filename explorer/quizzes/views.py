"""The quiz of a pattern: one question at a time."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_http_methods

from explorer.catalogue.errors import UnknownPattern
from explorer.models import Answer, Card, Question
from explorer.quizzes.desk import Desk, open_desk, reopen_desk, take_form
from explorer.quizzes.store import in_order, list_questions


@require_http_methods(["GET", "HEAD"])
def show_quiz(request: HttpRequest, slug: str) -> HttpResponse:
    """The first question that has no answer yet; a summary once all have one."""
    card, questions = _find(slug)
    latest = _latest(request, questions)
    for question in questions:
        if question.slug not in latest:
            return redirect("quiz-question", slug, question.slug)
    context = {"card": card, "steps": _steps(questions, latest, ""), "right": sum(bool(r) for r in latest.values())}
    return render(request, "quizzes/done.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def show_question(request: HttpRequest, slug: str, question: str) -> HttpResponse:
    """One question; after an answer, what is to be said about it."""
    card, questions = _find(slug)
    row = next((each for each in questions if each.slug == question), None)
    if row is None:
        raise Http404(f"{card.title} has no question “{question[:20]}” that can be asked now.")
    here = reverse("quiz-question", args=[slug, question])
    visitor_id = str(request.visitor_id)  # type: ignore[attr-defined]
    desk, answered = serve(request, visitor_id, row)
    if answered:
        return redirect(f"{here}?answer={answered}")
    latest = _latest(request, questions)
    place = questions.index(row)
    following = questions[place + 1 :] + questions[:place]
    coming = next((each for each in following if each.slug not in latest), None)
    context = {
        "desk": desk, "card": card, "question": row, "here": here, "number": place + 1, "count": len(questions),
        "steps": _steps(questions, latest, row.slug),
        "onward": reverse("quiz-question", args=[slug, coming.slug]) if coming else reverse("quiz", args=[slug]),
        "onward_words": "Next question" if coming else "How it went",
    }  # fmt: skip
    return render_desk(request, "quizzes/quiz.html", context)


def serve(request: HttpRequest, visitor_id: str, question: Question) -> tuple[Desk, str]:
    """The desk for this request, and the id of the answer if one was just given: then the page is left for it."""
    if request.method == "POST":
        desk = take_form(request, visitor_id, question)
        return desk, str(desk.answer.pk) if desk.answer else ""
    asked_for = request.GET.get("answer", "")
    return (asked_for and reopen_desk(visitor_id, question, asked_for)) or open_desk(visitor_id, question), ""


def render_desk(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The page, or its one part that changes if htmx asks; a question is drawn for one visitor, so nobody keeps it."""
    part = f"{template}#question" if request.headers.get("HX-Request") else template
    problem = context["desk"].problem
    response = render(request, part, context, status=problem.status if problem else 200)
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ("HX-Request", "Cookie"))
    return response


def _find(slug: str) -> tuple[Card, list[Question]]:
    card = Card.objects.filter(slug=slug).first()
    if card is None:
        raise UnknownPattern(slug)
    questions = in_order(list_questions(slug))
    if not questions:
        raise Http404(f"{card.title} has no questions yet.")
    return card, questions


def _latest(request: HttpRequest, questions: list[Question]) -> dict[str, bool | None]:
    """By question, whether this visitor's newest answer is right."""
    slugs = [question.slug for question in questions]
    answers = Answer.objects.filter(visitor=request.visitor_id, question__in=slugs)  # type: ignore[misc]
    return dict(answers.order_by("at").values_list("question", "right"))


def _steps(questions: list[Question], latest: dict[str, bool | None], here: str) -> list[dict[str, Any]]:
    words = {True: "right", False: "wrong", None: "waits for its run"}
    return [
        {
            "number": place, "here": row.slug == here,
            "url": reverse("quiz-question", args=[row.claim.card_id, row.slug]),
            "state": words[latest[row.slug]] if row.slug in latest else "not answered",
            "question": row, "right": latest.get(row.slug), "answered": row.slug in latest,
        }
        for place, row in enumerate(questions, 1)
    ]  # fmt: skip
