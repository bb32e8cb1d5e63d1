"""What a seed makes of a question: the numbers in it, and the order in which its options stand.

The same seed draws the same, so that a reload shows the same question, and an answer is graded against what was shown.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explorer.quizzes.asked import Asked, key_of

SEED_BITS = 62
"""A seed is kept in a signed 64-bit column."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: its key in the form, and its words."""

    key: str
    text: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """A question as one learner sees it. `choices`: options, steps or right-hand words, in the order of the page."""

    stem: str
    parameters: Mapping[str, float]
    choices: tuple[Choice, ...]


def seed_for(*words: object) -> int:
    """A seed that is the same for the same words."""
    digest = hashlib.sha256("\x1f".join(map(str, words)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> (64 - SEED_BITS)


def draw(asked: Asked, seed: int) -> Drawn:
    """The question for this seed."""
    source = random.Random(f"{asked.slug}:{seed}")
    parameters = draw_parameters(asked.answer.get("parameters", {}), source) if asked.kind == "numeric" else {}
    stem = asked.stem.format(**{name: spell(value) for name, value in parameters.items()}) if parameters else asked.stem
    return Drawn(stem, parameters, tuple(Choice(key_of(text), text) for text in _order(asked, source)))


def draw_parameters(rules: Mapping[str, Mapping[str, Any]], source: random.Random) -> dict[str, float]:
    """One value for each parameter: one of its choices, or one of the steps from min to max."""
    return {name: source.choice(list_values(rule)) for name, rule in sorted(rules.items())}


def list_values(rule: Mapping[str, Any]) -> list[float]:
    """All values that a parameter can have."""
    if "choices" in rule:
        return list(rule["choices"])
    steps = math.floor((rule["max"] - rule["min"]) / rule["step"] + 1e-9)
    return [round(rule["min"] + place * rule["step"], 9) for place in range(steps + 1)]


def spell(value: float | str) -> str:
    """A number with at most six digits and thousands apart; a word as it is."""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.6g}"


def _order(asked: Asked, source: random.Random) -> list[str]:
    if asked.kind == "order":
        return _disorder(asked.steps, source)
    if asked.kind == "match":
        return _disorder(list(dict.fromkeys(right for _, right in asked.pairs)), source)
    texts = [str(option["text"]) for option in asked.options]
    if asked.kind in ("single", "multiple"):
        source.shuffle(texts)
    return texts if asked.kind != "numeric" else []  # ranges of a prediction stay in the order of their numbers


def _disorder(texts: list[str], source: random.Random) -> list[str]:
    """Shuffle, but never into the order that is right."""
    shuffled = list(texts)
    while shuffled == texts and len(set(texts)) > 1:
        source.shuffle(shuffled)
    return shuffled
