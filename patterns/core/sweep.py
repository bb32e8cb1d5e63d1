"""Arms over a range of one setting: the curve of one, or the two of a break-even and where they cross."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from statistics import median

from patterns.core.attempt import Attempt, perform
from patterns.core.clock import real_seconds
from patterns.core.experiment import Arm, Experiment, Size, Sweep, experiments

PATIENCE_SECONDS = 40.0
"""A sweep that has taken so long begins no further round: its points then rest on fewer seeds, and it says so."""

Points = dict[str, dict[float, list[float]]]
"""arm → value of the setting → one measurement for each seed."""


@dataclass(frozen=True, slots=True)
class Curves:
    """What a sweep measured.

    `arms` has the median for each of `values`, by name of the arm, `spreads` the lowest and highest of its `repeats`;
    `crossings` are values of the setting, in `setting_unit`, at which neither arm is ahead.
    """

    claim: str
    pattern: str
    engine: str
    seed: int
    setting: str
    setting_unit: str
    values: tuple[float, ...]
    measure: str
    unit: str
    arms: dict[str, tuple[float, ...]]
    spreads: dict[str, tuple[tuple[float, float], ...]]
    repeats: int
    crossings: tuple[float, ...]


async def sweep(
    claim: str,
    engine: str = "builtin",
    seed: int | None = None,
    size: Size = "full",
    progress: Callable[[float, str], None] | None = None,
    repeats: int | None = None,
) -> Curves:
    """Run each arm at every value of the setting, and find where two of them cross. Once round for each seed: `repeats`
    rounds, or as many as are declared and as patience lasts for.

    Raises:
        KeyError: no experiment for that claim.
        ValueError: the experiment sweeps nothing.
        TrialFailed, EngineMissing: a run could not be carried out.
    """
    slug, experiment = experiments()[claim]
    wanted = experiment.sweep
    if wanted is None:
        raise ValueError(f"{claim} has no sweep: nothing in it is a curve over a setting")
    first = experiment.seed if seed is None else seed
    began, rounds = real_seconds(), repeats or wanted.repeats
    found: Points = {name: {value: [] for value in wanted.values} for name in wanted.arms}
    for number in range(rounds):
        if number and repeats is None and real_seconds() - began > PATIENCE_SECONDS:
            break
        for place, (value, name) in enumerate(points := list(product(wanted.values, wanted.arms))):
            arm = experiment.arm(name)
            if progress:
                share = (number + place / len(points)) / rounds
                progress(share, f"{arm.label}, {wanted.label.lower()} {value:g} {wanted.unit}")
            attempt = Attempt(slug, experiment, set_to(wanted, arm, value), engine, first + number, size)
            found[name][value].append((await perform(attempt))[wanted.measure])
    return _draw(slug, experiment, wanted, engine, first, found)


def set_to(wanted: Sweep, arm: Arm, value: float) -> Arm:
    """The arm at one value of the setting that is swept."""
    return replace(arm, settings={**arm.settings, wanted.setting: value})


def _draw(slug: str, experiment: Experiment, wanted: Sweep, engine: str, seed: int, found: Points) -> Curves:
    medians = {name: tuple(map(median, points.values())) for name, points in found.items()}
    spreads = {name: tuple((min(point), max(point)) for point in points.values()) for name, points in found.items()}
    measure = next(item for item in experiment.measures if item.name == wanted.measure)
    crossings = tuple(find_crossings(wanted.values, *medians.values())) if len(medians) > 1 else ()
    repeats = len(found[wanted.arms[0]][wanted.values[0]])
    about = (wanted.label, wanted.unit, wanted.values, measure.label, measure.unit)
    return Curves(
        experiment.claim, slug, engine, seed, *about, arms=medians, spreads=spreads, repeats=repeats,
        crossings=crossings,
    )  # fmt: skip


def find_crossings(places: Sequence[float], one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Where two curves cross, by straight lines between the points of measurement.

    A stretch on which they are equal gives the place where it begins, if another arm leads after it than before it.
    """
    gaps = [(place, a - b) for place, a, b in zip(places, one, other, strict=True)]
    apart = [(place, gap) for place, gap in gaps if gap]
    found = []
    for (left, before), (right, after) in pairwise(apart):
        if before * after < 0:
            level = [place for place, gap in gaps if left < place < right and not gap]
            found.append(level[0] if level else left + (right - left) * before / (before - after))
    return found
