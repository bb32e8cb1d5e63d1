"""Text of a GIFT file: what has a meaning there is escaped with a backslash, and only what is not escaped counts."""

from __future__ import annotations

import re
from collections.abc import Iterator

SPECIAL = re.compile(r"[\\~=#{}:]|^%|(?<=-)>")


def escape(text: str) -> str:
    """Make every sign of the text mean itself."""
    return SPECIAL.sub(lambda found: "\\" + found.group(), text).replace("\n", "\\n")


def unescape(text: str) -> str:
    """Give back what was escaped, without the spaces around it."""
    return re.sub(r"\\(.)", lambda found: "\n" if found.group(1) == "n" else found.group(1), text.strip(), flags=re.S)


def cut(text: str, mark: str, most: int) -> list[str]:
    """Split at the first `most` unescaped marks."""
    parts, start, place = [], 0, 0
    while place < len(text):
        if text[place] == "\\":
            place += 2
        elif text.startswith(mark, place) and len(parts) < most:
            parts.append(text[start:place])
            place += len(mark)
            start = place
        else:
            place += 1
    return [*parts, text[start:]]


def cut_rows(text: str) -> Iterator[str]:
    """Cut before each unescaped = or ~; rows without a word are left out."""
    start = place = 0
    while place < len(text):
        if text[place] in "=~" and place > start:
            if text[start:place].strip():
                yield text[start:place].strip()
            start = place
        place += 2 if text[place] == "\\" else 1
    if text[start:].strip():
        yield text[start:].strip()
