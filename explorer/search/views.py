"""The search page."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from explorer.search.index import MOST_HITS, Hit, find
from explorer.search.query import MOST_LETTERS, MOST_WORDS, read_words

KINDS = {"pattern": "Patterns", "claim": "Claims", "case": "Cases", "word": "Words", "question": "Questions"}


def show_search(request: HttpRequest) -> HttpResponse:
    """What the content says about some words."""
    typed = request.GET.get("q", "")
    words = read_words(typed)
    hits, complete = find(words)
    context = {
        "typed": typed[:MOST_LETTERS],
        "cut": len(typed) > MOST_LETTERS or len(words) == MOST_WORDS,
        "words": words,
        "most_words": MOST_WORDS,
        "groups": _group(hits),
        "count": len(hits),
        "full": len(hits) == MOST_HITS,
        "complete": complete,
        "nothing": bool(typed.strip()) and not words,
    }
    return render(request, "search/search.html", context)


def _group(hits: list[Hit]) -> list[tuple[str, list[Hit]]]:
    """Hits by kind, a kind where its best hit stands."""
    first = {kind: place for place, kind in reversed(list(enumerate(hit.kind for hit in hits)))}
    in_order = sorted(hits, key=lambda hit: first[hit.kind])
    return [(KINDS[kind], list(group)) for kind, group in groupby(in_order, key=lambda hit: hit.kind)]
