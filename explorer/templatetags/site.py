"""What every page's frame asks for."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.template.context import Context
from django.urls import NoReverseMatch, reverse

register = template.Library()
MAIN = (("home", "Patterns"), ("compare", "Compare"), ("choose", "Choose"), ("cases", "Cases"), ("review", "Review"))
ASIDE = (("search", "Search"), ("join", "Join a workshop"))
FOOT = (
    ("paths", "Paths"),
    ("claims", "All claims"),
    ("glossary", "Glossary"),
    ("progress", "Your progress"),
    ("workshops", "Workshops"),
)
AREAS = {"main": MAIN, "aside": ASIDE, "foot": FOOT}


@dataclass(frozen=True, slots=True)
class SiteLink:
    """A link of the frame; `here` when the page shown is it or belongs to it."""

    name: str
    label: str
    url: str
    here: bool


@register.simple_tag(takes_context=True)
def site_links(context: Context, area: str) -> list[SiteLink]:
    """Links of one area of the frame: only to pages that exist."""
    request = context.get("request")
    path = request.path if request else ""
    found = []
    for name, label in AREAS[area]:
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        inside = path.startswith("/patterns/") if name == "home" else path.startswith(url)
        found.append(SiteLink(name, label, url, path == url or inside))
    return found


@register.simple_tag(takes_context=True)
def canonical_address(context: Context) -> str:
    """The one address of the page that is made: what it remembers of a moment or a filter makes no other page."""
    request = context.get("request")
    return request.build_absolute_uri(request.path) if request else ""


@register.simple_tag
def url_if_exists(name: str, *args: str) -> str:
    """Address of a page, or nothing while the page is not there."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""
