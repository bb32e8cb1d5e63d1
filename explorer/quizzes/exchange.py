"""Questions of the fixtures as GIFT, and back: nothing that a fixture says is lost on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from explorer.quizzes.asked import Asked
from explorer.quizzes.drawing import draw
from explorer.quizzes.formula import compute
from explorer.quizzes.gift import GiftQuestion, Option

Fields = Mapping[str, Any]
"""A question's fields as a fixture has them."""
EXAMPLE_SEED = 1
"""GIFT has no parameters: a numeric question is exported with the numbers of this seed."""


def to_gift(slug: str, fields: Fields) -> GiftQuestion:
    """A question for other programs. What they cannot do (an order, a run) becomes a match or an essay."""
    asked = Asked(slug, "", fields["kind"], fields["stem"], tuple(fields["options"]), fields["answer"])
    drawn = draw(asked, EXAMPLE_SEED)
    parts: dict[str, Any] = {}
    if asked.kind in ("single", "multiple"):
        parts["options"] = tuple(_option(option) for option in asked.options)
        parts["several"] = asked.kind == "multiple"
    elif asked.kind == "numeric":
        right = compute(asked.answer["formula"], drawn.parameters)
        share = asked.answer["tolerance_kind"] == "relative"
        parts["number"], parts["tolerance"] = right, asked.answer["tolerance"] * (abs(right) if share else 1)
    elif asked.kind in ("match", "order"):
        parts["pairs"] = tuple(asked.pairs) or tuple((str(n), step) for n, step in enumerate(asked.steps, 1))
    return GiftQuestion(slug, drawn.stem, **parts, explanation=fields["explanation"], extra=dict(fields))


def from_gift(question: GiftQuestion, claim: str) -> dict[str, Any]:
    """A fixture's fields: what was exported, with the words that were changed since; of a foreign question a draft."""
    if question.extra and to_gift(question.name, question.extra) == question:
        return dict(question.extra)
    fields: dict[str, Any] = {
        "claim": [claim], "kind": "single", "bloom": "understand", "options": [], "answer": {},
        "hints": ["", "", ""], **question.extra, "stem": question.stem, "explanation": question.explanation,
    }  # fmt: skip
    if question.options:
        fields["kind"] = "multiple" if question.several else "single"
        before = {option["text"]: option for option in question.extra.get("options", [])}
        fields["options"] = [_explain(option, before.get(option.text, {})) for option in question.options]
    elif question.number is not None and not question.extra:
        fields["kind"] = "numeric"
        fields["answer"] = {
            "parameters": {}, "formula": repr(question.number), "tolerance": question.tolerance,
            "tolerance_kind": "absolute", "unit": "",
        }  # fmt: skip
    elif question.pairs and not question.extra.get("answer", {}).get("steps"):
        fields["kind"], fields["answer"] = "match", {"pairs": [list(pair) for pair in question.pairs]}
    return fields


def _option(option: Fields) -> Option:
    said = " ".join(filter(None, (option.get("tempts", ""), option.get("fails", ""))))
    return Option(str(option["text"]), bool(option["correct"]), said)


def _explain(option: Option, before: Fields) -> dict[str, Any]:
    if before and _option(before) == option:
        return dict(before)
    explained = {"tempts": before.get("tempts", ""), "fails": option.feedback}
    return {"text": option.text, "correct": option.correct, **({} if option.correct else explained)}
