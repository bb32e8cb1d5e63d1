"""The full-text index over the content: SQLite's FTS5, or PostgreSQL's text search. Rebuilt whenever content is loaded.

It is no model: a virtual table has no migration, and what it holds can be made again from the content at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.utils.html import escape
from django.utils.safestring import SafeString

from explorer.search.entries import Entry, list_entries
from explorer.search.query import fold, join_words, match_all, match_any, read_words

TABLE = "search_index"
MOST_HITS = 40
# Around what was found; no text has these, so that the excerpt can be escaped before the marks become elements.
OPEN, CLOSE = "\ue000", "\ue001"


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found; `excerpt` is HTML with the words marked."""

    kind: str
    title: str
    url: str
    excerpt: SafeString


def rebuild_index() -> int:
    """Make the index anew from the content; returns how many entries it has."""
    rows = [_lay_row(each) for each in list_entries()]
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS search_index")
        for statement in _CREATE[connection.vendor]:
            cursor.execute(statement)
        cursor.executemany(_INSERT, rows)
    return len(rows)


def _lay_row(entry: Entry) -> tuple[str, ...]:
    """`sought_title` and `sought_body` are what is looked through: SQLite splits and folds words by itself, PostgreSQL
    would keep 1.4 as one word and café apart from cafe."""
    sought = (entry.title, entry.body)
    if connection.vendor == "postgresql":
        sought = (join_words(entry.title), join_words(entry.body))
    return (entry.kind, fold(" ".join(read_words(entry.name))), entry.title, entry.body, entry.url, *sought)


def find(words: list[str]) -> tuple[list[Hit], bool]:
    """Hits, the best first, and whether each has all the words; where none has, those with any of them."""
    if not words or TABLE not in connection.introspection.table_names():
        return [], True
    hits = _find(words, every=True)
    return (hits, True) if hits or len(words) == 1 else (_find(words, every=False), False)


def _find(words: list[str], *, every: bool) -> list[Hit]:
    name = fold(" ".join(words))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            joined = (" & " if every else " | ").join(fold(word) for word in [*words[:-1], f"{words[-1]}:*"])
            marks = f"StartSel={OPEN}, StopSel={CLOSE}, MaxWords=28, MinWords=12"
            cursor.execute(_POSTGRESQL, [marks, joined, name, MOST_HITS])
        else:
            match = match_all(words) if every else match_any(words)
            cursor.execute(_SQLITE, [OPEN, CLOSE, match, name, MOST_HITS])
        return list(_read_hits(cursor.fetchall()))


def _read_hits(rows: Iterable[tuple[str, str, str, str]]) -> Iterator[Hit]:
    for kind, title, url, excerpt in rows:
        marked = escape(excerpt).replace(OPEN, "<mark>").replace(CLOSE, "</mark>")
        yield Hit(kind, title, url, SafeString(marked))


_CREATE = {
    "sqlite": (
        """
        CREATE VIRTUAL TABLE search_index USING fts5
        (kind UNINDEXED, name UNINDEXED, title UNINDEXED, body UNINDEXED, url UNINDEXED, sought_title, sought_body,
        tokenize='porter unicode61 remove_diacritics 2')""",
    ),
    "postgresql": (
        """
        CREATE TABLE search_index (kind text, name text, title text, body text, url text, sought_title text,
        sought_body text, document tsvector GENERATED ALWAYS AS
        (setweight(to_tsvector('english', sought_title), 'A') || to_tsvector('english', sought_body)) STORED)""",
        "CREATE INDEX ON search_index USING gin (document)",
    ),
}
_INSERT = """
    INSERT INTO search_index (kind, name, title, body, url, sought_title, sought_body)
    VALUES (%s, %s, %s, %s, %s, %s, %s)"""
# Whose name it is comes first; then the title weighs eight times the body.
_SQLITE = """
    SELECT kind, title, url, snippet(search_index, 6, %s, %s, '…', 28) FROM search_index WHERE search_index MATCH %s
    ORDER BY name = %s DESC, bm25(search_index, 0, 0, 0, 0, 0, 8, 1) LIMIT %s"""
_POSTGRESQL = """
    SELECT kind, title, url, ts_headline('english', body, query, %s)
    FROM search_index, to_tsquery('english', %s) AS query WHERE document @@ query
    ORDER BY name = %s DESC, ts_rank(document, query) DESC LIMIT %s"""
