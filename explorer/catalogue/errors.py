"""Pages for what went wrong: each says what was asked, and what would be right."""

from __future__ import annotations

from difflib import get_close_matches

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from explorer.models import Card


class UnknownPattern(Http404):
    """Nobody wrote a card of that slug."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"There is no pattern “{slug}”.")
        self.slug = slug


def show_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Show 404 with the nearest pattern, if one is near, and all there are."""
    cards = list(Card.objects.only("slug", "title", "position"))
    wanted = exception.slug if isinstance(exception, UnknownPattern) else request.path.strip("/").split("/")[-1]
    near = get_close_matches(_plain(wanted), [_plain(card.slug) for card in cards], n=1, cutoff=0.6)
    told = exception.args[0] if exception.args and isinstance(exception.args[0], str) else ""
    context = {
        "reason": told or f"There is no page at {request.path}.",
        "near": next((card for card in cards if _plain(card.slug) in near), None),
        "cards": cards,
    }
    return render(request, "errors/404.html", context, status=404)


def show_failure(request: HttpRequest) -> HttpResponse:
    """Show 500 from a page that needs no database, no session and no static manifest."""
    return HttpResponse(loader.render_to_string("errors/500.html"), status=500)


def _plain(slug: str) -> str:
    return slug.lower().replace("-", "").replace("_", "")
