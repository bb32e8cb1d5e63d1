"""What somebody typed into the box, as words to look for. Search syntax means nothing here: none can be wrong."""

from __future__ import annotations

import re
import unicodedata

MOST_LETTERS = 200
MOST_WORDS = 12
_WORD = re.compile(r"\w+")


def read_words(typed: str) -> list[str]:
    """The words in what was typed, in lower case, each once; at most MOST_WORDS of them."""
    found = _WORD.findall(typed[:MOST_LETTERS].lower().replace("\0", " "))
    return list(dict.fromkeys(word for word in found if word.strip("_")))[:MOST_WORDS]


def join_words(text: str) -> str:
    """All words of a text, folded, a space between two: two texts are the same to a search if these are."""
    return " ".join(word for word in _WORD.findall(fold(text.lower())) if word.strip("_"))


def fold(text: str) -> str:
    """The text without accents: who types cafe means café too."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))


def match_all(words: list[str]) -> str:
    """SQLite FTS5: every word, the last one as it begins, for it may still be typed."""
    return " AND ".join(_quote(words))


def match_any(words: list[str]) -> str:
    """SQLite FTS5: at least one of the words."""
    return " OR ".join(_quote(words))


def _quote(words: list[str]) -> list[str]:
    return [*(f'"{word}"' for word in words[:-1]), f'"{words[-1]}"*']
