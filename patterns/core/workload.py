"""The same work for several patterns: what is asked of each, what goes wrong meanwhile, and what is read from the runs.

The words in which a workload is declared. The workloads themselves stand in modules of their own here, so that no
pattern owns them; how one pattern does the work stands in the pattern's own `workloads.py`, as columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

from patterns.core.pattern import Pattern, Settings
from patterns.core.run import Run
from patterns.core.scenario import Step

Better = Literal["low", "high"]
Read = Callable[[Run], float | None]
"""A number from a finished run; None if what it is about never came to be."""


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One thing that is read from every column, in `unit`. `better` says which end of it one wants."""

    name: str
    label: str
    unit: str
    better: Better
    help: str = ""


@dataclass(frozen=True, slots=True)
class Blow:
    """Something that happens at `at` seconds to a part that every column has under this name. `kind` is a word common
    to all columns; each says which fault of its own that is."""

    at: float
    kind: str
    target: str
    lasts: float = 0.0
    amount: float | None = None


Script = Callable[[int, float], tuple[Blow, ...]]
"""The blows by seed, and by how many seconds work comes in."""


def _nothing(seed: int, comes: float) -> tuple[Blow, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that goes wrong, the same and at the same moments in every column."""

    name: str
    label: str
    script: Script = _nothing


PLAIN = Mishap("plain", "Nothing goes wrong")


@dataclass(frozen=True, slots=True)
class Size:
    """How much work: a choice of numbers, one of them the usual."""

    label: str
    unit: str
    choices: tuple[int, ...]
    usual: int


@dataclass(frozen=True, slots=True)
class Expectation:
    """What textbooks lead one to expect: columns in groups, each group measuring less than the next. A single group is
    expected to measure about the same. Holds under the mishaps named; under all of them if none is."""

    yardstick: str
    order: tuple[tuple[str, ...], ...]
    says: str
    under: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Workload:
    """Work that more than one pattern can do.

    Args:
        comes: for how many seconds work comes in, by size.
        rest: how many seconds are left after that, so that what is under way can end.
        left_out: rows that a textbook has and no column here can run, each with the reason.
    """

    name: str
    title: str
    says: str
    size: Size
    comes: Callable[[int], float]
    rest: Callable[[int], float]
    yardsticks: tuple[Yardstick, ...]
    mishaps: tuple[Mishap, ...]
    expects: tuple[Expectation, ...]
    left_out: tuple[tuple[str, str], ...] = ()
    seed: int = 7

    def mishap(self, name: str) -> Mishap:
        """The mishap of that name. Raises KeyError if there is none."""
        return {item.name: item for item in self.mishaps}[name]

    def seconds(self, size: int) -> float:
        """Run time of a run."""
        return self.comes(size) + self.rest(size)


@dataclass(frozen=True, slots=True)
class Column:
    """How one pattern does a workload.

    Args:
        workload: name of the workload.
        name: of the way; no other column of the workload has it.
        label, says: of this way to do it.
        settings: of the lab.
        size_setting: the setting that says how much work there is.
        reads: how each yardstick is read from a finished run; one that is left out does not apply here.
        faults: which fault a kind of blow is in this lab, where the names differ.
        lab: the wiring of this way, put together from the pattern's own parts; the pattern's lab itself if None.
        spared: mishaps that cannot happen here, each with the reason.
        note: what to know when comparing.
    """

    workload: str
    name: str
    label: str
    says: str
    settings: Settings
    size_setting: str
    reads: Mapping[str, Read]
    faults: Mapping[str, str] = field(default_factory=dict)
    lab: Pattern | None = None
    spared: Mapping[str, str] = field(default_factory=dict)
    note: str = ""

    def script(self, mishap: Mishap, seed: int, comes: float) -> tuple[Step, ...]:
        """What goes wrong, in the words of this lab."""
        blows = () if mishap.name in self.spared else mishap.script(seed, comes)
        return tuple(
            Step(b.at, fault=f"{self.faults.get(b.kind, b.kind)}:{b.target}", amount=b.amount, lasts=b.lasts)
            for b in blows
        )


def quantile(values: Iterable[float], q: float, of: int) -> float | None:
    """The q-quantile (nearest rank) of `of` waits, of which those came to an end that are given, in seconds; None if
    that one never did."""
    ordered = sorted(values)
    rank = max(1, ceil(q * of))
    return ordered[rank - 1] if rank <= len(ordered) else None


def per_cent(part: int, whole: int) -> float | None:
    """A share in per cent, or None of nothing."""
    return 100 * part / whole if whole else None
