"""What has been mastered of a pattern: three right answers over at least two kinds of question in a group of claims.

One question counts once a day: answering it three times in a minute is memory of a minute.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

RIGHT_NEEDED = 3
KINDS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as mastery sees it."""

    question: str
    group: str
    kind: str


@dataclass(frozen=True, slots=True)
class Given:
    """An answer that has been graded."""

    question: str
    right: bool
    day: date


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody is in one group. One that asks in one kind only needs no second one: it is there to be read (a
    definition), since content is refused if any other group asks in fewer than two."""

    group: str
    right: int
    kinds: int
    kinds_needed: int

    @property
    def mastered(self) -> bool:
        """Enough right answers, over enough kinds."""
        return self.right >= RIGHT_NEEDED and self.kinds >= self.kinds_needed

    @property
    def missing(self) -> str:
        """What is still to be done, as the end of a sentence; empty if nothing is."""
        lacks = []
        if self.right < RIGHT_NEEDED:
            lacks.append(f"{RIGHT_NEEDED - self.right} more right")
        if self.kinds < self.kinds_needed:
            lacks.append("one of another kind" if self.kinds else f"over {self.kinds_needed} kinds of question")
        return ", ".join(lacks) if self.kinds_needed > 1 or self.right < RIGHT_NEEDED else ""


def assess(questions: Collection[Asking], answers: Iterable[Given]) -> list[Standing]:
    """The standing in each group that is asked about, in the order in which the groups appear."""
    by_slug = {asking.question: asking for asking in questions}
    counted = {(given.question, given.day) for given in answers if given.right and given.question in by_slug}
    groups = dict.fromkeys(asking.group for asking in questions)
    return [_stand(group, by_slug, counted) for group in groups]


def _stand(group: str, by_slug: Mapping[str, Asking], counted: Collection[tuple[str, date]]) -> Standing:
    right = [slug for slug, _ in counted if by_slug[slug].group == group]
    offered = {asking.kind for asking in by_slug.values() if asking.group == group}
    return Standing(group, len(right), len({by_slug[slug].kind for slug in right}), min(KINDS_NEEDED, len(offered)))
