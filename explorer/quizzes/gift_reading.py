"""GIFT files of this site and of other programs, read: what can be taken, and a sentence with its line for the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from explorer.quizzes.gift import NOTE, GiftQuestion
from explorer.quizzes.gift_answers import BadGift, read_answers
from explorer.quizzes.gift_text import cut, unescape

SILENT = ("//", "$CATEGORY:")
"""Lines with these at their beginning are no part of a question: comments, and the shelf it stands on elsewhere."""
GAP = "_____"
"""Where a word is missing in the middle of a sentence."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The questions of a file, and in sentences what of it could not be taken."""

    questions: list[GiftQuestion]
    complaints: list[str]


def read_gift(text: str) -> Reading:
    """Read as many questions as there are: one that cannot be taken does not keep the others out."""
    reading = Reading([], [])
    for line, block in _cut_blocks(text.removeprefix("\ufeff")):
        try:
            question, left_out = _read(block)
        except BadGift as problem:
            left_out = [str(problem)]
        else:
            reading.questions.append(question)
        reading.complaints.extend(f"Line {line}: {sentence}" for sentence in left_out)
    return reading


def _cut_blocks(text: str) -> Iterator[tuple[int, list[str]]]:
    """Lines between two blank ones, and the number of the first line that belongs to a question."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*re.split(r"\r\n|\r|\n", text), ""], 1):
        if line.strip():
            block.append((number, line))
            continue
        spoken = [at for at, row in block if not row.startswith(SILENT)]
        if spoken:
            yield spoken[0], [row for _, row in block]
        block = []


def _read(block: list[str]) -> tuple[GiftQuestion, list[str]]:
    body = "\n".join(row for row in block if not row.startswith(SILENT))
    head, *rest = cut(body, "{", 1)
    inside, *after = cut("".join(rest), "}", 1)
    if not rest or not after:
        raise BadGift("a question needs its answers in braces: What is right? {=this ~that}")
    if len(cut(after[0], "{", 1)) > 1:
        raise BadGift("a second question begins in the same block; put a blank line between two.")
    name, stem = _read_head(head.strip(), after[0].strip())
    answers, *told = cut(inside.strip(), "####", 1)
    question = GiftQuestion(name, stem, explanation=unescape("".join(told)), extra=_read_note(block))
    return read_answers(answers.strip(), question)


def _read_head(head: str, tail: str) -> tuple[str, str]:
    """Name and stem. Words after the braces mean that the answer goes in between."""
    named = re.match(r"::((?:\\.|[^\\])*?)::", head, re.DOTALL)
    stem = re.sub(r"^\[\w+\]", "", head[named.end() :].strip() if named else head)
    if tail:
        stem = f"{stem.strip()} {GAP}{'' if tail[0] in '.,;:!?' else ' '}{tail}"
    return unescape(named.group(1)) if named else "", unescape(stem)


def _read_note(block: list[str]) -> dict[str, Any]:
    for row in block:
        if row.startswith(NOTE):
            try:
                found = json.loads(row.removeprefix(NOTE))
            except ValueError:
                found = None
            if not isinstance(found, dict):
                raise BadGift("the comment after “// explorer:” is not JSON; leave it as exported.")
            return found
    return {}
