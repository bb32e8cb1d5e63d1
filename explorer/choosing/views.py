"""The decision guide and the record to download."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from explorer.choosing.evidence import Recommendation, read_guide, recommend
from explorer.choosing.scoring import rank, read_answers
from explorer.models import Card

SHOWN = 3
"""As many are recommended in full; the others are listed with their points."""


def show_guide(request: HttpRequest) -> HttpResponse:
    """Questions, and with answers what they speak for."""
    answers, found = _answer(request)
    context = {
        "questions": _mark(answers),
        "answers": answers,
        "best": found[:SHOWN] if answers else [],
        "others": found[SHOWN:] if answers else [],
        "open": len(read_guide()["questions"]) - len(answers),
        "query": request.GET.urlencode(),
    }
    return render(request, "choosing/choose.html", context)


def download_record(request: HttpRequest) -> HttpResponse:
    """The answers and what follows from them, as a decision record in Markdown."""
    answers, found = _answer(request)
    chosen = [
        (question["text"], option["text"])
        for question in read_guide()["questions"]
        for option in question["options"]
        if answers.get(question["key"]) == option["key"]
    ]
    context = {
        "chosen": chosen,
        "best": found[0] if answers and found else None,
        "others": found[1:],
        "day": timezone.now().date(),
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    text = render_to_string("choosing/record.md", context)
    response = HttpResponse(text, "text/markdown; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="decision-record.md"'
    return response


def _answer(request: HttpRequest) -> tuple[dict[str, str], list[Recommendation]]:
    questions = read_guide()["questions"]
    answers = read_answers(questions, request.GET.dict())
    slugs = list(Card.objects.values_list("slug", flat=True))
    return answers, recommend(rank(questions, answers, slugs))


def _mark(answers: dict[str, str]) -> list[dict[str, object]]:
    return [
        {
            "key": question["key"],
            "text": question["text"],
            "options": [
                {"key": option["key"], "text": option["text"], "chosen": answers.get(question["key"]) == option["key"]}
                for option in question["options"]
            ],
        }
        for question in read_guide()["questions"]
    ]
