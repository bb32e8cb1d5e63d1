"""Questions in GIFT, the text format of Moodle and others (docs.moodle.org, "GIFT format"): what one is, and how to
write it.

What GIFT has no word for (claim, level, hints, why an option tempts) stands in a comment before the question, as JSON:
other programs skip it, and it comes back on import.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from explorer.quizzes.gift_text import escape

NOTE = "// explorer: "


@dataclass(frozen=True, slots=True)
class Option:
    """An answer to choose, and what is said about it."""

    text: str
    correct: bool
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class GiftQuestion:
    """One question. It has options, pairs, a number with its tolerance, or none of them (then it is an essay)."""

    name: str
    stem: str
    options: tuple[Option, ...] = ()
    several: bool = False
    pairs: tuple[tuple[str, str], ...] = ()
    number: float | None = None
    tolerance: float = 0.0
    explanation: str = ""
    extra: dict[str, Any] = field(default_factory=dict)


def write_gift(questions: Iterable[GiftQuestion]) -> str:
    """All questions, a blank line between two."""
    return "\n\n".join("\n".join(_write(question)) for question in questions) + "\n"


def _write(question: GiftQuestion) -> Iterator[str]:
    if question.extra:
        yield NOTE + json.dumps(question.extra, ensure_ascii=True, sort_keys=True)
    number = "#" if question.number is not None else ""
    yield f"::{escape(question.name)}::[markdown]{escape(question.stem)} {{{number}"
    yield from _write_answers(question)
    if question.explanation:
        yield f"####{escape(question.explanation)}"
    yield "}"


def _write_answers(question: GiftQuestion) -> Iterator[str]:
    if question.number is not None:
        yield f"={question.number!r}:{question.tolerance!r}"
    for left, right in question.pairs:
        yield f"={escape(left)} -> {escape(right)}"
    right_ones = sum(option.correct for option in question.options)
    for option in question.options:
        mark = "=" if option.correct else "~"
        if question.several:
            mark = f"~%{100 / right_ones:.5f}%" if option.correct else "~%-100%"
        yield mark + escape(option.text) + (f"#{escape(option.feedback)}" if option.feedback else "")
