"""What the picture of a page says where somebody shares its address: kind, title, and the parts of the pattern."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from explorer.catalogue.cards import draw_card
from explorer.catalogue.drawing import Drawing
from explorer.models import Card, Case, Claim, SavedRun

HOME = "home"
PAGES = {
    HOME: ("Integration patterns, running", "Watch systems talk. Then cut a wire."),
    "choose": ("Decision guide", "Choose a pattern, and argue against it"),
    "cases": ("Case studies", "What people built, and what went wrong"),
    "claims": ("All claims", "What holds, and how we know"),
    "compare": ("Compare", "The same workload through different patterns"),
    "glossary": ("Glossary", "One word here, another there"),
    "paths": ("Paths", "An evening, a day, or the whole course"),
    "search": ("Search", "Cards, claims, cases, questions, words"),
}
"""Pages without an argument, by name: kind and title."""


@dataclass(frozen=True, slots=True)
class SocialCard:
    """Kind and title in words; `drawings` are one pattern's parts, or all patterns'."""

    kind: str
    title: str
    drawings: tuple[Drawing, ...]

    @property
    def described(self) -> str:
        """What somebody who cannot see the picture is told."""
        said = f"{self.kind}: {self.title.rstrip('.')}"
        said += "" if said.endswith("?") else "."
        shown = self.drawings[0].described if len(self.drawings) == 1 else "the parts of each pattern"
        return f"{said} Drawn beside it: {shown.rstrip('.')}." if self.drawings else said

    @property
    def digest(self) -> str:
        """Another one as soon as the picture would be another."""
        return hashlib.sha256(f"{_painter()}{self!r}".encode()).hexdigest()[:16]


def find_card(kind: str, slug: str = "") -> SocialCard | None:
    """The card of a page, by the page's name and its argument; None if there is no such page."""
    if slug:
        return MAKERS[kind](slug) if kind in MAKERS else None
    if kind not in PAGES:
        return None
    drawings = tuple(drawing for card in Card.objects.only("slug", "picture") if (drawing := draw_card(card)))
    return SocialCard(*PAGES[kind], drawings)


def _make_pattern(slug: str) -> SocialCard | None:
    card = Card.objects.filter(slug=slug).first()
    return _of(card, card.title, card.question) if card else None


def _make_quiz(slug: str) -> SocialCard | None:
    card = Card.objects.filter(slug=slug).first()
    return _of(card, f"Quiz · {card.title}", "What would the run say? Answer first, then look.") if card else None


def _make_run(slug: str) -> SocialCard | None:
    card = Card.objects.filter(slug=slug).first()
    return _of(card, f"A recorded run · {card.title}", card.question) if card else None


def _make_case(slug: str) -> SocialCard | None:
    case = Case.objects.select_related("card").filter(slug=slug).first()
    return _of(case.card, f"Case study · {case.organisation}", case.title) if case else None


def _make_claim(slug: str) -> SocialCard | None:
    claim = Claim.objects.select_related("card").filter(slug=slug).first()
    return _of(claim.card, f"Claim {claim.slug} · {claim.card.title}", claim.wording) if claim else None


def _of(card: Card, kind: str, title: str) -> SocialCard:
    drawing = draw_card(card)
    return SocialCard(kind, _plain(title), (drawing,) if drawing else ())


def _plain(words: str) -> str:
    """Without the marks of Markdown: a picture has one face."""
    return " ".join(words.replace("`", "").replace("*", "").split())


def pattern_of(run: str) -> str:
    """The pattern of a kept run, so that a run's page needs no picture of its own."""
    return SavedRun.objects.filter(pk=run).values_list("pattern", flat=True).first() or ""


@cache
def _painter() -> str:
    return hashlib.sha256(Path(__file__).with_name("painting.py").read_bytes()).hexdigest()


MAKERS: dict[str, Callable[[str], SocialCard | None]] = {
    "pattern": _make_pattern,
    "quiz": _make_quiz,
    "run": _make_run,
    "case": _make_case,
    "experiment": _make_claim,
}
