"""What the page of a case shows: each fact beside the source that says so, and where its mechanism can be replayed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from patterns.core.pattern import Pattern

MEANING = {
    "first-party": "the people who built it say so themselves",
    "second-hand": "somebody retells what the builders said, from slides, a talk or a copy",
    "secondary": "somebody else writes about it",
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A sentence with its date and its source; `number` is the source's place in the list of sources, from 1."""

    text: str
    date: str
    source: Mapping[str, Any]
    number: int


@dataclass(frozen=True, slots=True)
class Replay:
    """Where a case's mechanism can be seen: `query` is empty while the lab, or the scenario in it, is not there."""

    title: str
    goal: str
    query: str


def cite_facts(facts: Iterable[Mapping[str, Any]], sources: Iterable[Mapping[str, Any]]) -> list[Fact]:
    """Put each fact beside its source."""
    numbered = {source["key"]: (place, source) for place, source in enumerate(sources, 1)}
    cited = []
    for fact in facts:
        number, source = numbered[fact["source"]]
        cited.append(Fact(fact["text"], str(fact["date"]), source, number))
    return cited


def find_replay(lab: Pattern | None, scenario: str) -> Replay | None:
    """The lab's guided tour of that slug; None while there is no lab or no such tour."""
    if lab is None:
        return None
    for tour in lab.scenarios:
        if tour.slug == scenario:
            return Replay(tour.title, tour.goal, f"?scenario={tour.slug}")
    return None
