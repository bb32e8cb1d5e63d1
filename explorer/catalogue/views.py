"""The home page and a pattern's page."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from explorer.catalogue.cards import draw_card, lay_tiles, sort_claims
from explorer.catalogue.errors import UnknownPattern
from explorer.catalogue.invitation import invite
from explorer.experiments.evidence import count_by_card, count_proved, read_chips
from explorer.labs.views import describe_lab
from explorer.models import Card
from patterns.core.pattern import discover


def show_home(request: HttpRequest) -> HttpResponse:
    """All patterns on one sheet."""
    counts = dict(Card.objects.values_list("slug").annotate(Count("claims")))
    proved = count_by_card(request.visitor_id)  # type: ignore[attr-defined]
    tiles = lay_tiles(Card.objects.all(), counts, proved)
    open_labs = [tile for tile in tiles if tile.has_lab]
    context = {
        "tiles": tiles,
        "open_labs": open_labs,
        "start": next(iter(open_labs or tiles), None),
        "claims": sum(counts.values()),
        "recorded": any(tile.recording for tile in tiles),
    }
    return render(request, "catalogue/home.html", context)


def show_pattern(request: HttpRequest, slug: str) -> HttpResponse:
    """The lab of a pattern, if it is built, and the card."""
    card = Card.objects.filter(slug=slug).first()
    if card is None:
        raise UnknownPattern(slug)
    claims = list(card.claims.all())
    chips = read_chips(claims, request.visitor_id)  # type: ignore[attr-defined]
    for claim in claims:
        claim.chip = chips[claim.slug]  # type: ignore[attr-defined]
    proved, proved_here = count_proved(chips.values())
    others = Card.objects.in_bulk([row["slug"] for row in card.related])
    context = {
        "card": card,
        "claims": claims,
        "proved": proved,
        "proved_here": proved_here,
        "testimony": sort_claims(claims),
        "related": [(others[row["slug"]], row["why"]) for row in card.related if row["slug"] in others],
        "next": Card.objects.filter(position__gt=card.position).first(),
        "invitation": invite(chips),
        "lab": describe_lab(slug) if slug in discover() else None,
        "drawing": draw_card(card),
    }
    return render(request, "catalogue/pattern.html", context)
