"""Questions in GIFT, the text format of Moodle and others (docs.moodle.org, "GIFT format").

What GIFT has no word for (claim, level, hints, why an option tempts) stands in a comment before the question, as JSON:
other programs skip it, and it comes back on import.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

NOTE = "// explorer: "
SPECIAL = re.compile(r"[\\~=#{}:]|^%|(?<=-)>")


class BadGift(ValueError):
    """The text is no GIFT; the sentence names the line, what is wrong there and what would be right."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"Line {line}: {why}")
        self.line = line


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


# --- writing -------------------------------------------------------------------------------------------------------


def write_gift(questions: Iterable[GiftQuestion]) -> str:
    """All questions, a blank line between two."""
    return "\n\n".join("\n".join(_write(question)) for question in questions) + "\n"


def _write(question: GiftQuestion) -> Iterator[str]:
    if question.extra:
        yield NOTE + json.dumps(question.extra, ensure_ascii=True, sort_keys=True)
    yield f"::{_escape(question.name)}::[markdown]{_escape(question.stem)} {{" + ("#" if _is_number(question) else "")
    yield from _write_answers(question)
    if question.explanation:
        yield f"####{_escape(question.explanation)}"
    yield "}"


def _is_number(question: GiftQuestion) -> bool:
    return question.number is not None


def _write_answers(question: GiftQuestion) -> Iterator[str]:
    if question.number is not None:
        yield f"={question.number!r}:{question.tolerance!r}"
    for left, right in question.pairs:
        yield f"={_escape(left)} -> {_escape(right)}"
    right_ones = sum(option.correct for option in question.options)
    for option in question.options:
        mark = "=" if option.correct else "~"
        if question.several:
            mark = f"~%{100 / right_ones:.5f}%" if option.correct else "~%-100%"
        yield mark + _escape(option.text) + (f"#{_escape(option.feedback)}" if option.feedback else "")


def _escape(text: str) -> str:
    return SPECIAL.sub(lambda found: "\\" + found.group(), text).replace("\n", "\\n")


# --- reading -------------------------------------------------------------------------------------------------------


def read_gift(text: str) -> list[GiftQuestion]:
    """All questions of a text; raises BadGift."""
    questions, block, begin = [], [], 1
    for number, line in enumerate([*text.replace("\r\n", "\n").split("\n"), ""], 1):
        if line.strip():
            begin = begin if block else number
            block.append(line)
        elif block:
            if any(not row.startswith("//") for row in block):
                questions.append(_read(block, begin))
            block = []
    return questions


def _read(block: list[str], line: int) -> GiftQuestion:
    extra: dict[str, Any] = {}
    for row in block:
        if row.startswith(NOTE):
            try:
                extra = json.loads(row.removeprefix(NOTE))
            except ValueError as problem:
                raise BadGift(line, "the comment after “// explorer:” is not JSON; leave it as exported.") from problem
    body = "\n".join(row for row in block if not row.startswith("//"))
    opening, closing = _find(body, "{"), _find(body, "}")
    if opening < 0 or closing < opening:
        raise BadGift(line, "a question needs its answers in braces: What is right? {=this ~that}")
    head, inside = body[:opening].strip(), body[opening + 1 : closing].strip()
    named = re.match(r"::((?:\\.|[^\\])*?)::", head, re.DOTALL)
    name = _unescape(named.group(1)) if named else ""
    stem = re.sub(r"^\[\w+\]", "", head[named.end() :] if named else head)
    parts = _cut(inside, "####", 1)
    explanation = _unescape(parts[1].strip()) if len(parts) > 1 else ""
    question = GiftQuestion(name, _unescape(stem.strip()), explanation=explanation, extra=extra)
    return _answers(parts[0].strip(), question, line)


def _answers(text: str, question: GiftQuestion, line: int) -> GiftQuestion:
    if text.startswith("#"):
        number, tolerance = _read_number(text[1:].strip().removeprefix("="), line)
        return replace(question, number=number, tolerance=tolerance)
    rows = [row.strip() for row in _rows(text) if row.strip()]
    if any(row[0] not in "=~" for row in rows):
        raise BadGift(line, f"“{rows[0][:20]}” is no answer: each begins with = if it is right, with ~ if not.")
    pairs = [_cut(row[1:], "->", 1) for row in rows]
    if rows and all(len(pair) == 2 and row[0] == "=" for pair, row in zip(pairs, rows, strict=True)):
        return replace(question, pairs=tuple((_unescape(a.strip()), _unescape(b.strip())) for a, b in pairs))
    return replace(
        question, options=tuple(_option(row) for row in rows), several=any(row.startswith("~%") for row in rows)
    )


def _rows(text: str) -> Iterator[str]:
    """Cut before each unescaped = or ~."""
    start = place = 0
    while place < len(text):
        if text[place] in "=~" and place > start:
            yield text[start:place]
            start = place
        place += 2 if text[place] == "\\" else 1
    yield text[start:]


def _option(row: str) -> Option:
    weighed = re.match(r"~%(-?[\d.]+)%", row)
    correct = float(weighed.group(1)) > 0 if weighed else row[0] == "="
    text, *feedback = _cut(row[weighed.end() :] if weighed else row[1:], "#", 1)
    return Option(_unescape(text.strip()), correct, _unescape(feedback[0].strip()) if feedback else "")


def _read_number(text: str, line: int) -> tuple[float, float]:
    value, _, tolerance = text.partition(":")
    try:
        return float(value), float(tolerance or 0)
    except ValueError as problem:
        raise BadGift(line, f"“{text[:30]}” is no number with a tolerance, such as 520:2.") from problem


def _cut(text: str, mark: str, most: int) -> list[str]:
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


def _find(text: str, mark: str) -> int:
    found = _cut(text, mark, 1)
    return len(found[0]) if len(found) > 1 else -1


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found.group(1) == "n" else found.group(1), text, flags=re.DOTALL)
