"""Paths through the site: ordered steps, and which of them a visitor has ticked off."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """A page to go to. `waits` is true while the lab that it needs is not built."""

    slug: str
    text: str
    minutes: int
    page: tuple[str, ...]
    query: str
    waits: bool
    done: bool


@dataclass(frozen=True, slots=True)
class Path:
    """An ordered list of steps, with what it promises."""

    slug: str
    title: str
    promise: str
    steps: tuple[Step, ...]

    @property
    def done(self) -> int:
        return sum(step.done for step in self.steps)

    @property
    def minutes(self) -> int:
        return sum(step.minutes for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The first step that is not ticked off and can be taken."""
        return next((step for step in self.steps if not step.done and not step.waits), None)


def read_paths(rows: Sequence[Mapping[str, Any]], ticks: Collection[str], labs: Collection[str]) -> list[Path]:
    """The paths of the fixture, with the ticks of a visitor."""
    return [
        Path(row["slug"], row["title"], row["promise"], tuple(_read_step(step, ticks, labs) for step in row["steps"]))
        for row in rows
    ]


def _read_step(row: Mapping[str, Any], ticks: Collection[str], labs: Collection[str]) -> Step:
    waits = bool(row.get("lab")) and row["lab"] not in labs
    page = tuple(str(part) for part in row["page"])
    return Step(row["slug"], row["text"], row["minutes"], page, row.get("query", ""), waits, row["slug"] in ticks)
