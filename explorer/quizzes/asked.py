"""A question as the rules see it: what is asked, what is right, and a fingerprint of both. No database, no page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EXPLAINED_ONLY = ("tempts", "fails", "run")
"""What an option says afterwards: a better wording of it changes nobody's answer."""
RIDDLE = "RIDDLE-"
"""How the id of a riddle begins: a recording without its labels, which is no question of the fixtures."""
RUN_KINDS = ("predict-the-run", "spot-the-fault")
"""Kinds whose truth a run must tell."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `pattern` is the slug of the card that its claim stands on."""

    slug: str
    pattern: str
    kind: str
    stem: str
    options: tuple[Mapping[str, Any], ...]
    answer: Mapping[str, Any]
    explanation: str = ""
    hints: tuple[str, ...] = ()

    @property
    def needs_run(self) -> bool:
        """Whether only a run can say what is right."""
        return self.kind in RUN_KINDS

    @property
    def steps(self) -> list[str]:
        """The steps of an order, as they should stand."""
        return list(self.answer.get("steps", ()))

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of a match."""
        return [(left, right) for left, right in self.answer.get("pairs", ())]

    @property
    def fingerprint(self) -> str:
        """The same as long as nothing changes that decides what is right or what is asked."""
        options = [{name: option[name] for name in option if name not in EXPLAINED_ONLY} for option in self.options]
        decided = json.dumps([self.kind, self.stem, options, dict(self.answer)], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(decided.encode()).hexdigest()[:16]


def key_of(text: str) -> str:
    """What stands for an option, a step or a word in a form: it survives another order, and changes with the text."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]
