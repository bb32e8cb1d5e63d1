"""The picture that a page is shared with."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse

from explorer.social.cards import HOME, SocialCard, find_card, pattern_of

register = template.Library()
SHARED = {"quiz-question": "quiz", "run-quiz": "run"}
"""Pages that are shared with another's picture."""
ARGUMENTS = {"pattern": "slug", "quiz": "slug", "case": "slug", "experiment": "claim", "run": "pk"}
"""Which argument of a page its picture depends on."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A card, and the absolute address of its picture."""

    card: SocialCard
    url: str


@register.simple_tag(takes_context=True)
def social_card(context: Context) -> Shown | None:
    """The card of the page that is made; that of the home page for one that has none."""
    request = context.get("request")
    if request is None:
        return None
    kind, slug = _name(request)
    card = find_card(kind, slug)
    if card is None:
        kind, slug = HOME, ""
        card = find_card(kind)
    assert card is not None
    path = reverse("social", args=[kind, slug] if slug else [kind])
    return Shown(card, request.build_absolute_uri(f"{path}?v={card.digest}"))


def _name(request: HttpRequest) -> tuple[str, str]:
    match = request.resolver_match
    if match is None or not match.url_name:
        return HOME, ""
    kind = SHARED.get(match.url_name, match.url_name)
    slug = str(match.kwargs.get(ARGUMENTS.get(kind, ""), ""))
    return (kind, pattern_of(slug)) if kind == "run" else (kind, slug)
