"""The full-text index over the content: SQLite's FTS5, or PostgreSQL's text search. Rebuilt whenever content is loaded.

It is no model: a virtual table has no migration, and what it holds can be made again from the content at any time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString

from explorer.models import Card, Case, Claim, Naming, Term
from explorer.quizzes.store import list_questions
from explorer.search.query import match_all, match_any

TABLE = "search_index"
MOST_HITS = 40
# Around what was found; no text has these, so that the excerpt can be escaped before the marks become elements.
OPEN, CLOSE = "\ue000", "\ue001"
_MARKUP = re.compile(r"[*_`#>|]|\[([^\]]*)\]\([^)]*\)")


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found."""

    kind: str
    title: str
    body: str
    url: str


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found; `excerpt` is HTML with the words marked."""

    kind: str
    title: str
    url: str
    excerpt: SafeString


def rebuild_index() -> int:
    """Make the index anew from the content; returns how many entries it has."""
    rows = [(each.kind, each.title, _plain(each.body), each.url) for each in list_entries()]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS search_index")
        cursor.execute(_CREATE[connection.vendor])
        cursor.executemany("INSERT INTO search_index (kind, title, body, url) VALUES (%s, %s, %s, %s)", rows)
    return len(rows)


def find(words: list[str]) -> tuple[list[Hit], bool]:
    """Hits, the best first, and whether each has all the words; where none has, those with any of them."""
    if not words or TABLE not in connection.introspection.table_names():
        return [], True
    hits = _find(words, every=True)
    return (hits, True) if hits or len(words) == 1 else (_find(words, every=False), False)


def list_entries() -> Iterator[Entry]:
    """Everything that can be found, with its address."""
    for card in Card.objects.all():
        prose = (card.question, card.definition, card.problem, card.when_to_use, card.when_not_to_use, card.example)
        yield Entry("pattern", card.title, " ".join(prose), reverse("pattern", args=[card.slug]))
    for claim in Claim.objects.select_related("card"):
        address = f"{reverse('pattern', args=[claim.card_id])}#{claim.slug}"
        tested = f"{claim.card.title}: {claim.experiment} {claim.prediction} {claim.caveat}"
        yield Entry("claim", f"{claim.slug} {claim.wording}", tested, address)
    for case in Case.objects.all():
        prose = (case.organisation, case.summary, case.built, case.went_wrong, case.learnt)
        yield Entry("case", case.title, " ".join(prose), reverse("case", args=[case.slug]))
    yield from _list_words()
    for question in list_questions().select_related("claim__card"):
        # neither the options nor the explanation, for a search must not give an answer away
        card = question.claim.card
        address = reverse("quiz-question", args=[card.slug, question.slug])
        yield Entry("question", _plain(question.stem)[:160], card.title, address)


def _list_words() -> Iterator[Entry]:
    names: dict[str, list[str]] = {}
    for naming in Naming.objects.exclude(name="").select_related("product"):
        names.setdefault(naming.term_id, []).append(f"{naming.product.name}: {naming.name}.")
    for term in Term.objects.all():
        known = " ".join(names.get(term.slug, []))
        yield Entry("word", term.word, f"{term.meaning} {known}", f"{reverse('glossary')}#{term.slug}")


def _plain(words: str) -> str:
    return " ".join(_MARKUP.sub(r"\1", words).split())


def _find(words: list[str], *, every: bool) -> list[Hit]:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            joined = (" & " if every else " | ").join([*words[:-1], f"{words[-1]}:*"])
            marks = f"StartSel={OPEN}, StopSel={CLOSE}, MaxWords=28, MinWords=12"
            cursor.execute(_POSTGRESQL, [marks, joined, MOST_HITS])
        else:
            match = match_all(words) if every else match_any(words)
            cursor.execute(_SQLITE, [OPEN, CLOSE, match, MOST_HITS])
        return list(_read_hits(cursor.fetchall()))


def _read_hits(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[Hit]:
    for kind, title, url, excerpt in rows:
        marked = escape(excerpt).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
        yield Hit(kind, title, url, SafeString(marked))


_CREATE = {
    "sqlite": """
        CREATE VIRTUAL TABLE search_index USING fts5
        (kind UNINDEXED, title, body, url UNINDEXED, tokenize='porter unicode61 remove_diacritics 2')""",
    "postgresql": """
        CREATE TABLE search_index (kind text, title text, body text, url text, document tsvector GENERATED ALWAYS AS
        (setweight(to_tsvector('english', title), 'A') || to_tsvector('english', body)) STORED)""",
}
# The title weighs eight times the body.
_SQLITE = """
    SELECT kind, title, url, snippet(search_index, 2, %s, %s, '…', 28) FROM search_index WHERE search_index MATCH %s
    ORDER BY bm25(search_index, 0, 8, 1, 0) LIMIT %s"""
_POSTGRESQL = """
    SELECT kind, title, url, ts_headline('english', body, query, %s)
    FROM search_index, to_tsquery('english', %s) AS query WHERE document @@ query
    ORDER BY ts_rank(document, query) DESC LIMIT %s"""
