"""What a recommendation cites: a claim for it, a claim against it, and the lab's tours that show either."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.urls import reverse

from explorer.choosing.scoring import Standing
from explorer.models import Card, Claim
from patterns.core.pattern import discover


@dataclass(frozen=True, slots=True)
class Exhibit:
    """A claim, its address, and the tour of the lab that shows it (no address while there is none)."""

    claim: Claim
    url: str
    tour: str
    tour_url: str


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A pattern as it stands, and what is cited for and against it."""

    card: Card
    standing: Standing
    has_lab: bool
    shows: Exhibit | None
    loses: Exhibit | None


@cache
def read_guide() -> dict[str, Any]:
    """The guide's questions, points and evidence."""
    path = settings.FIXTURE_DIRS[0] / "guide" / "choose.yaml"
    guide: dict[str, Any] = yaml.safe_load(path.read_text("utf-8"))
    return guide


def recommend(standings: list[Standing]) -> list[Recommendation]:
    """Put each pattern's evidence beside its points."""
    cards, claims, labs = Card.objects.in_bulk(), Claim.objects.in_bulk(), discover()
    evidence: dict[str, Mapping[str, str]] = read_guide()["evidence"]
    found = []
    for standing in standings:
        cited = evidence.get(standing.slug, {})
        shows = _exhibit(standing.slug, claims.get(cited.get("for", "")), cited.get("shows", ""))
        loses = _exhibit(standing.slug, claims.get(cited.get("against", "")), cited.get("loses", ""))
        found.append(Recommendation(cards[standing.slug], standing, standing.slug in labs, shows, loses))
    return found


def _exhibit(slug: str, claim: Claim | None, scenario: str) -> Exhibit | None:
    if claim is None:
        return None
    lab, page = discover().get(slug), reverse("pattern", args=[slug])
    tour = next((each for each in lab.scenarios if each.slug == scenario), None) if lab else None
    address = f"{page}?scenario={tour.slug}" if tour else ""
    return Exhibit(claim, f"{page}#{claim.slug}", tour.title if tour else "", address)
