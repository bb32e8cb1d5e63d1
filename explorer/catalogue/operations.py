"""Pages for machines: is it well, how much does it hold, what may be indexed."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache

from explorer.labs.supervisor import count_load
from explorer.models import Card, Case, Claim, Question, SavedRun, Trial, Visitor
from explorer.quizzes.store import list_questions
from patterns.core.pattern import discover

SHELVES = ("cases", "glossary", "search", "choose", "paths", "claims", "compare")
"""Pages of their own that a search engine should know, by name."""
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@never_cache
def show_health(request: HttpRequest) -> HttpResponse:
    """Answer 200 when pages can be served, 503 and why when they cannot."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        cards = Card.objects.count()
    except DatabaseError as error:
        return JsonResponse({"status": "failing", "why": f"database: {error}"}, status=503)
    if not cards:
        return JsonResponse({"status": "failing", "why": "no content: run manage.py content"}, status=503)
    return JsonResponse({"status": "ok", "cards": cards, "labs": sorted(discover())})


@never_cache
def show_metrics(request: HttpRequest) -> HttpResponse:
    """Gauges of what goes on and what the site holds, in Prometheus's text format."""
    runs, viewers = count_load()
    gauges = {
        "explorer_runs": ("Runs going on in this process's hosts.", runs),
        "explorer_viewers": ("Sockets that watch a lab in this process.", viewers),
        "explorer_labs": ("Labs that can be run.", len(discover())),
        "explorer_cards": ("Cards loaded.", Card.objects.count()),
        "explorer_claims": ("Claims loaded.", Claim.objects.count()),
        "explorer_questions": ("Questions loaded.", Question.objects.count()),
        "explorer_cases": ("Case studies loaded.", Case.objects.count()),
        "explorer_visitors": ("Visitors that have a record.", Visitor.objects.count()),
        "explorer_saved_runs": ("Runs that somebody kept.", SavedRun.objects.count()),
    }
    lines = [
        f"# HELP {name} {meaning}\n# TYPE {name} gauge\n{name} {value}\n" for name, (meaning, value) in gauges.items()
    ]
    return HttpResponse("".join(lines), content_type=PROMETHEUS)


def show_robots(request: HttpRequest) -> HttpResponse:
    """Everything that is content may be indexed."""
    sitemap = request.build_absolute_uri(reverse("sitemap"))
    words = f"User-agent: *\nDisallow: /admin/\nDisallow: /metrics\n\nSitemap: {sitemap}\n"
    return HttpResponse(words, content_type="text/plain; charset=utf-8")


def show_sitemap(request: HttpRequest) -> HttpResponse:
    """List the pages worth finding. What was measured of a claim has a date; content has none, and none is made up."""
    measured = dict(Trial.objects.filter(state="done").values_list("claim").annotate(Max("finished")))
    pages = [(reverse("home"), None), *((reverse(name), None) for name in SHELVES)]
    pages += [(reverse("pattern", args=[card.slug]), None) for card in Card.objects.all()]
    pages += [(reverse("case", args=[case.slug]), None) for case in Case.objects.only("slug")]
    for claim in Claim.objects.only("slug", "card_id"):
        pages.append((reverse("experiment", args=[claim.card_id, claim.slug]), measured.get(claim.slug)))
    for question in list_questions().select_related("claim"):
        pages.append((reverse("quiz-question", args=[question.claim.card_id, question.slug]), None))
    context = {"pages": [(request.build_absolute_uri(path), changed) for path, changed in pages]}
    return render(request, "catalogue/sitemap.xml", context, content_type="application/xml")
