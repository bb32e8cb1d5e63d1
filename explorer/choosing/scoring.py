"""The decision guide: points for and against each pattern, added up, each with its reason. Nothing is hidden."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """What one answer says of one pattern; `claim` is the id of the sentence that a run tests."""

    question: str
    answer: str
    score: int
    why: str
    claim: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A pattern with its points and where they come from."""

    slug: str
    reasons: tuple[Reason, ...]

    @property
    def score(self) -> int:
        return sum(reason.score for reason in self.reasons)

    @property
    def gains(self) -> list[Reason]:
        return [reason for reason in self.reasons if reason.score > 0]

    @property
    def costs(self) -> list[Reason]:
        """What speaks against it, and what it gives only under a condition."""
        return [reason for reason in self.reasons if reason.score <= 0]


def read_answers(questions: Sequence[Mapping[str, Any]], given: Mapping[str, str]) -> dict[str, str]:
    """The answers that are on the form, by question; anything else is left out."""
    return {
        question["key"]: given[question["key"]]
        for question in questions
        if given.get(question["key"]) in [option["key"] for option in question["options"]]
    }


def rank(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, str], slugs: Iterable[str]) -> list[Standing]:
    """Every pattern, the most points first; with as many, in the order of `slugs`."""
    standings = [Standing(slug, tuple(_reasons(questions, answers, slug))) for slug in slugs]
    return sorted(standings, key=lambda standing: -standing.score)


def _reasons(questions: Sequence[Mapping[str, Any]], answers: Mapping[str, str], slug: str) -> list[Reason]:
    found = []
    for question in questions:
        for option in question["options"]:
            point = option["points"].get(slug)
            if point and answers.get(question["key"]) == option["key"]:
                reason = Reason(question["text"], option["text"], point["score"], point["why"], point["claim"])
                found.append(reason)
    return found
