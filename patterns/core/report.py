"""What a trial found: the predictions that were locked, the runs, their spread, and the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

from patterns.core.experiment import Measurements, Size
from patterns.core.judgement import Constants, Where
from patterns.core.pattern import Settings

Verdict = Literal["proved", "bounded", "refined", "refuted", "unknown"]
"""Refuted: a check failed on the side where the sentence should hold; of a bounded sentence its bounds are part.
Unknown: nothing was measured, or a sentence that is too strong did not fail as it should have; `why` says which."""


@dataclass(frozen=True, slots=True)
class Spread:
    """What one arm measured over its repeats: median, lowest and highest."""

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one value."""
        return cls(median(values), min(values), max(values), len(values))


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One check before the run: what it looks at, what it predicts and on what ground, and on which side of the
    sentence."""

    says: str
    predicted: str
    source: str
    where: Where


@dataclass(frozen=True, slots=True)
class Finding:
    """One check after the run: the locked prediction and what was `measured`, with its interval, and whether it
    passed."""

    says: str
    arm: str
    measure: str
    predicted: str
    measured: float | None
    low: float | None
    high: float | None
    passed: bool
    where: Where = "holds"


@dataclass(frozen=True, slots=True)
class Taken:
    """One run of one arm: all that makes it run again the same way, and what it measured."""

    seed: int
    settings: Settings
    faults: tuple[str, ...]
    measures: Measurements


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on a claim, with its numbers. `predictions` were worked out at `locked`, before the first arm ran."""

    claim: str
    pattern: str
    engine: str
    seed: int
    size: Size
    repeats: int
    verdict: Verdict
    prediction: str
    measured: float | None
    unit: str
    why: str
    seconds: float
    locked: str
    predictions: tuple[Foreseen, ...]
    findings: tuple[Finding, ...]
    arms: Mapping[str, Mapping[str, Spread]]
    runs: Mapping[str, tuple[Taken, ...]]
    constants: Constants
    warnings: tuple[str, ...] = ()


def as_row(report: Report) -> dict[str, Any]:
    """A report as scripts and the site get it: each arm with its spreads and its single runs."""
    data = asdict(report)
    runs = data.pop("runs")
    data["arms"] = [{"name": name, "measures": data["arms"][name], "runs": runs[name]} for name in data["arms"]]
    return data
