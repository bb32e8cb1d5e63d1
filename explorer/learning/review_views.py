"""The review: what is due today, one after the other, five minutes at most."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from explorer.learning.agenda import Item
from explorer.learning.reviewing import Today, find_question, plan_review
from explorer.models import Answer
from explorer.quizzes.recordings import find_riddles, list_recordings, read_unlabelled
from explorer.quizzes.riddle import open_riddle, reopen_riddle, take_riddle
from explorer.quizzes.views import render_desk, serve


@require_http_methods(["GET", "HEAD", "POST"])
def show_review(request: HttpRequest) -> HttpResponse:
    """The first thing that is due, or that was just answered; when to come back if nothing is."""
    visitor_id = str(request.visitor_id)  # type: ignore[attr-defined]
    today = plan_review(visitor_id, timezone.now())
    slug = request.GET.get("question") or _answered(visitor_id, request.GET.get("answer", ""))
    slug = slug or (today.items[0].question if today.items else "")
    context: dict[str, Any] = {"today": today, "here": reverse("review"), "onward": reverse("review")}
    context["onward_words"] = "Next" if _others(today, slug) else "Done for today"
    context["here"] += f"?question={slug}"
    if slug in find_riddles():
        return _serve_riddle(request, visitor_id, slug, context)
    question = find_question(slug) if slug else None
    if question is None:
        return render(request, "learning/review_done.html", context)
    desk, answered = serve(request, visitor_id, question)
    if answered:
        return redirect(f"{reverse('review')}?question={slug}&answer={answered}")
    context["desk"] = desk
    return render_desk(request, "learning/review.html", context)


def _serve_riddle(request: HttpRequest, visitor_id: str, slug: str, context: dict[str, Any]) -> HttpResponse:
    if request.method == "POST":
        riddle = take_riddle(request, visitor_id, slug)
        if riddle.answer:
            return redirect(f"{reverse('review')}?question={slug}&answer={riddle.answer.pk}")
    else:
        riddle = reopen_riddle(visitor_id, slug, request.GET.get("answer", "")) or open_riddle(visitor_id, slug)
    status = riddle.problem.status if riddle.problem else 200
    return render(request, "learning/riddle.html", {**context, "riddle": riddle}, status=status)


@require_safe
def download_riddle(request: HttpRequest, riddle: str, number: int) -> HttpResponse:
    """A riddle's recording of this number, without a name in it."""
    names = list_recordings(find_riddles().get(riddle, ""))
    if number >= len(names):
        raise Http404("There is no such recording.")
    return HttpResponse(read_unlabelled(names[number]), "application/json")


def _answered(visitor_id: str, answer_id: str) -> str:
    if not answer_id or len(answer_id) > 36:
        return ""
    rows = Answer.objects.filter(visitor=visitor_id).values_list("submission", "question")
    return next((question for pk, question in rows if str(pk) == answer_id), "")


def _others(today: Today, slug: str) -> list[Item]:
    return [item for item in today.items if item.question != slug]
