"""What the home page and a pattern's page show of a card."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.staticfiles import finders
from django.templatetags.static import static

from explorer.catalogue.drawing import Drawing, draw_pattern, draw_picture
from explorer.models import Card, Claim
from patterns.core.pattern import discover


@dataclass(frozen=True, slots=True)
class Tile:
    """A card on the home page."""

    card: Card
    has_lab: bool
    claims: int
    proved: int
    drawing: Drawing | None
    recording: str


@dataclass(frozen=True, slots=True)
class Testimony:
    """The claims of a card, by the section they stand in."""

    how: list[Claim]
    use: list[Claim]
    pros: list[Claim]
    cons: list[Claim]
    example: list[Claim]


def lay_tiles(cards: Iterable[Card], claims: Mapping[str, int], proved: Mapping[str, int]) -> list[Tile]:
    """Tiles in the cards' order; `claims` counts each card's, `proved` those the visitor has put to rest."""
    labs = discover()
    return [
        Tile(
            card, card.slug in labs, claims.get(card.slug, 0), proved.get(card.slug, 0), draw_card(card),
            find_recording(card.slug),
        )
        for card in cards
    ]  # fmt: skip


def draw_card(card: Card) -> Drawing | None:
    """Draw what the lab declares; the card's own drawing while there is no lab."""
    lab = discover().get(card.slug)
    return draw_pattern(lab) if lab else draw_picture(card.picture)


def find_recording(slug: str) -> str:
    """Address of the golden run, or nothing when none is recorded."""
    name = f"golden/{slug}.json"
    return static(name) if finders.find(name) else ""


def sort_claims(claims: Iterable[Claim]) -> Testimony:
    """Put each claim under the heading where the card speaks of it."""
    group = Claim.Group
    sections = {
        "how": (group.DEFINITION, group.HOW, group.CHARACTERISTIC),
        "use": (group.USE,),
        "pros": (group.PRO,),
        "cons": (group.CON,),
        "example": (group.EXAMPLE,),
    }
    listed = list(claims)
    return Testimony(**{name: [c for c in listed if c.group in groups] for name, groups in sections.items()})
