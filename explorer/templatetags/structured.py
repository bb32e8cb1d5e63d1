"""Structured data for search engines, as a data block that a content security policy lets pass: it never runs."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.urls import reverse
from django.utils.safestring import SafeString

from explorer.models import Card, Question

register = template.Library()
SITE = "Pattern Explorer"
# What could end the element early, or begin a comment in it, stands as an escape that JSON reads back.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """A `<script type="application/ld+json">` with the data."""
    words = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return SafeString(f'<script type="application/ld+json">{words}</script>')


@register.simple_tag(takes_context=True)
def describe_site(context: Context) -> SafeString:
    """The site as schema.org's WebSite, with the way to search it."""
    request: HttpRequest = context["request"]
    found = f"{request.build_absolute_uri(reverse('search'))}?q={{search_term_string}}"
    search = {
        "@type": "SearchAction",
        "target": {"@type": "EntryPoint", "urlTemplate": found},
        "query-input": "required name=search_term_string",
    }
    return _write("WebSite", url=request.build_absolute_uri(reverse("home")), name=SITE, potentialAction=search)


@register.simple_tag(takes_context=True)
def describe_card(context: Context, card: Card) -> SafeString:
    """A card with its lab as schema.org's LearningResource."""
    return _write(
        "LearningResource",
        url=_page(context),
        name=card.title,
        description=card.definition,
        about=card.question,
        learningResourceType=["interactive simulation", "reading"],
        isAccessibleForFree=True,
        isPartOf=_site(context),
    )


@register.simple_tag(takes_context=True)
def describe_question(context: Context, card: Card, question: Question) -> SafeString:
    """A question's page as schema.org's Quiz: its words, and never what is right."""
    quiz = context["request"].build_absolute_uri(reverse("quiz", args=[card.slug]))
    asked = {"@type": "Question", "name": question.slug, "text": context["desk"].drawn.stem, "url": _page(context)}
    return _write(
        "Quiz", url=quiz, name=f"{card.title}: quiz", about=card.title, hasPart=asked, isPartOf=_site(context)
    )


@register.simple_tag(takes_context=True)
def lead_here(context: Context, *steps: str) -> SafeString:
    """The way to this page as schema.org's BreadcrumbList: names and paths in turn, and the page's own name last."""
    names, paths = steps[::2], [*steps[1::2], context["request"].path]
    trail = [
        {"@type": "ListItem", "position": place, "name": name, "item": context["request"].build_absolute_uri(path)}
        for place, (name, path) in enumerate(zip(names, paths, strict=True), 1)
    ]
    return _write("BreadcrumbList", itemListElement=trail)


def _write(kind: str, **fields: Any) -> SafeString:
    return json_ld({"@context": "https://schema.org", "@type": kind, "inLanguage": "en-GB", **fields})


def _page(context: Context) -> str:
    request: HttpRequest = context["request"]
    return request.build_absolute_uri(request.path)


def _site(context: Context) -> dict[str, str]:
    return {"@type": "WebSite", "name": SITE, "url": context["request"].build_absolute_uri(reverse("home"))}
