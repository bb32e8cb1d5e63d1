"""How a sentence of a card is tested by runs.

An experiment declares arms (one of them the null arm), what is measured, what is predicted, and the checks that decide.
It is carried out in this order: calibrate on this machine, lock the predictions, run the arms interleaved, compare.
Counts and invariants decide; times only as ratios between arms, each part in a process of its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from patterns.core.checks import Check
from patterns.core.judgement import Constants
from patterns.core.pattern import Settings, discover
from patterns.core.run import Run
from patterns.core.scenario import Step

Expected = Literal["proved", "bounded", "refined"]
Size = Literal["full", "reduced"]
Measurements = dict[str, float]
Show = Callable[[Run], None]
"""Lets a run be seen and recorded by who watches the trial: called while it goes on, or when it is over."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A number read from a finished run, in `unit`. Pure function of the run's log, settings and readings."""

    name: str
    label: str
    unit: str
    read: Callable[[Run], float]


@dataclass(frozen=True, slots=True)
class Arm:
    """One side of the comparison. The null arm has nothing broken and nothing cured.

    `faults` are written `name:target`, asked for at time 0 and kept; `script` changes things at given times. An arm
    that is no run of the lab (a polling client, a blocking thread pool) gives a `procedure` instead, which takes the
    seed, the size and a way to show a run, and returns its measurements. `lab` is the slug of the lab whose run it
    shows, if that is not the claim's own.
    """

    name: str
    label: str
    settings: Settings = field(default_factory=dict)
    faults: tuple[tuple[str, float | None], ...] = ()
    script: tuple[Step, ...] = ()
    null: bool = False
    procedure: Callable[[int, Size, Show], Awaitable[Measurements]] | None = None
    lab: str = ""


BetKind = Literal["number", "range", "order", "curve", "first"]


@dataclass(frozen=True, slots=True)
class Bet:
    """What the learner is asked before the run. A `number` is bet between low and high in `unit`; an `order` or `first`
    is chosen from `choices`; a `curve` is drawn over `axis`. `arm` and `measure` name the number that settles it (for
    orders: measure only)."""

    kind: BetKind
    question: str
    measure: str
    arm: str = ""
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    choices: tuple[str, ...] = ()
    axis: str = ""


@dataclass(frozen=True, slots=True)
class Sweep:
    """`measure` over a range of one setting, by runs: of two arms, to find where their curves cross (a break-even), or
    of one, to see which curve it is. Each point is the median of at most `repeats` runs with seeds of their own."""

    setting: str
    label: str
    unit: str
    values: tuple[float, ...]
    arms: tuple[str, ...]
    measure: str
    repeats: int = 3


@dataclass(frozen=True, slots=True)
class Experiment:
    """One claim and how runs decide it.

    Args:
        claim: id in the ledger, such as "PS-15".
        says: what the experiment does, one sentence in present tense.
        arms: what is compared; exactly one is the null arm.
        measures: what is read from each arm.
        checks: what must come out; the first is the one shown as prediction against measurement.
        expected: what the ledger expects the verdict to be when all checks pass.
        caveat: where the sentence stops being true.
        seconds: run time of each arm.
        workload: settings common to all arms; `reduced` overrides them for the test suite, still able to fail.
        repeats: how often each arm runs, each time with the next seed.
        engines: on which it runs; more than one means the claim is about what both do.
        timed: times are compared, so each part runs in a process of its own on the live clock.
        calibrate: measures constants on this machine before the predictions are fixed.
        opinion: a sentence why no run can test it; then there are no arms.
    """

    claim: str
    says: str
    arms: tuple[Arm, ...]
    measures: tuple[Measure, ...]
    checks: tuple[Check, ...]
    expected: Expected
    caveat: str
    seconds: float = 60.0
    workload: Settings = field(default_factory=dict)
    reduced: Settings = field(default_factory=dict)
    reduced_seconds: float = 0.0
    repeats: int = 3
    seed: int = 7
    engines: tuple[str, ...] = ("builtin",)
    timed: bool = False
    calibrate: Callable[[], Awaitable[Constants]] | None = None
    bet: Bet | None = None
    sweep: Sweep | None = None
    try_next: str = ""
    opinion: str = ""

    def arm(self, name: str) -> Arm:
        """The arm of that name. Raises KeyError if there is none."""
        return {arm.name: arm for arm in self.arms}[name]

    def settings(self, arm: Arm, size: Size) -> Settings:
        """All settings of one arm at one size."""
        return {**self.workload, **(self.reduced if size == "reduced" else {}), **arm.settings}

    def length(self, size: Size) -> float:
        """Seconds of run time of each arm."""
        return self.reduced_seconds if size == "reduced" and self.reduced_seconds else self.seconds


@cache
def experiments() -> dict[str, tuple[str, Experiment]]:
    """Every experiment, by claim id: (slug of its pattern, experiment). A pattern without `experiments.py` has none."""
    found: dict[str, tuple[str, Experiment]] = {}
    for slug in discover():
        package = f"patterns.{slug.replace('-', '_')}"
        try:
            module = importlib.import_module(f"{package}.experiments")
        except ModuleNotFoundError as missing:
            if missing.name != f"{package}.experiments":
                raise
            continue
        for experiment in module.EXPERIMENTS:
            found[experiment.claim] = (slug, experiment)
    return found
