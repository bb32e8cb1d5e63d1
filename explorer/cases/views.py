"""The shelf of case studies, and one of them."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from explorer.cases.picture import HEIGHT, WIDTH, draw_architecture
from explorer.cases.reading import MEANING, cite_facts, find_replay
from explorer.models import Case
from patterns.core.pattern import discover


def show_cases(request: HttpRequest) -> HttpResponse:
    """All cases, by pattern."""
    labs = discover()
    cases = Case.objects.select_related("card")
    shelf = [
        (card, [(case, find_replay(labs.get(card.slug), case.scenario)) for case in group])
        for card, group in groupby(cases, key=lambda case: case.card)
    ]
    return render(request, "cases/cases.html", {"shelf": shelf, "count": len(cases)})


def show_case(request: HttpRequest, slug: str) -> HttpResponse:
    """One case: what was built, what went wrong, what was learnt, and who says so."""
    case = Case.objects.select_related("card").filter(slug=slug).first()
    if case is None:
        raise Http404(_explain_absence(slug))
    context = {
        "case": case,
        "card": case.card,
        "facts": cite_facts(case.facts, case.sources),
        "meaning": MEANING,
        "replay": find_replay(discover().get(case.card_id), case.scenario),
        "has_lab": case.card_id in discover(),
        "picture": draw_architecture(case.picture),
        "width": WIDTH,
        "height": HEIGHT,
        "others": case.card.cases.exclude(pk=case.pk),
        "structured": _structure(request, case),
    }
    return render(request, "cases/case.html", context)


def _explain_absence(slug: str) -> str:
    near = get_close_matches(slug, Case.objects.values_list("slug", flat=True), n=1)
    meant = f" Did you mean {reverse('case', args=near)}?" if near else f" All are listed at {reverse('cases')}."
    return f"There is no case “{slug}”.{meant}"


def _structure(request: HttpRequest, case: Case) -> dict[str, object]:
    """The case as schema.org's Article."""
    return {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": case.title,
        "description": case.summary,
        "about": [case.organisation, case.card.title],
        "url": request.build_absolute_uri(),
        "citation": [
            {"@type": "CreativeWork", "name": source["title"], "publisher": source["publisher"], "url": source["url"]}
            for source in case.sources
        ],
    }
