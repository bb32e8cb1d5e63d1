"""What the glossary must be like: a cell that is only close says what differs, a lab's own word names its lab."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from explorer.catalogue.fixtures import Route

type Wrong = tuple[Route, str]


def check_naming(fields: Mapping[str, Any]) -> Iterator[Wrong]:
    """The page promises that a close cell says what differs, and that a cell which is not none has a name."""
    told = str(fields.get("note") or "").strip() or str(fields.get("false_friend") or "").strip()
    if fields.get("fit") == "close" and not told:
        yield ("fit",), "`close` needs a `note` or a `false_friend` that says what differs"
    if fields.get("fit") in ("exact", "close") and not fields.get("name"):
        yield ("fit",), f"`{fields.get('fit')}` needs the product's `name` for it"


def check_term(fields: Mapping[str, Any], cards: Set[str]) -> Iterator[Wrong]:
    """A lab word is plain, or `card:word` where it counts in one lab only."""
    words = fields.get("lab_words")
    for place, word in enumerate(words if isinstance(words, list) else []):
        lab, colon, _ = str(word).partition(":")
        if colon and lab not in cards:
            yield ("lab_words", place), f"`{word}` counts in the lab `{lab}` only, and there is no such card"
