"""Arms over a range of one setting: the curve of one, or the two of a break-even and where they cross."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from statistics import median

from patterns.core.attempt import Attempt, perform
from patterns.core.experiment import Experiment, Size, Sweep, experiments


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
    """Run each arm at every value of the setting, as often as the sweep declares or `repeats` says, and find where two
    of them cross.

    Raises:
        KeyError: no experiment for that claim.
        ValueError: the experiment sweeps nothing.
        TrialFailed, EngineMissing: a run could not be carried out.
    """
    slug, experiment = experiments()[claim]
    wanted = experiment.sweep
    if wanted is None:
        raise ValueError(f"{claim} has no sweep: nothing in it is a curve over a setting")
    wanted = wanted if repeats is None else replace(wanted, repeats=repeats)
    first = experiment.seed if seed is None else seed
    runs = list(product(wanted.values, wanted.arms, range(wanted.repeats)))
    found: dict[str, dict[float, list[float]]] = {name: {value: [] for value in wanted.values} for name in wanted.arms}
    for done, (value, name, number) in enumerate(runs):
        arm = experiment.arm(name)
        if progress:
            progress(done / len(runs), f"{arm.label}, {wanted.label.lower()} {value:g} {wanted.unit}")
        set_so = replace(arm, settings={**arm.settings, wanted.setting: value})
        measured = await perform(Attempt(slug, experiment, set_so, engine, first + number, size))
        found[name][value].append(measured[wanted.measure])
    return _draw(slug, experiment, wanted, engine, first, found)


def _draw(
    slug: str, experiment: Experiment, wanted: Sweep, engine: str, seed: int, found: dict[str, dict[float, list[float]]]
) -> Curves:
    medians = {name: tuple(map(median, points.values())) for name, points in found.items()}
    spreads = {name: tuple((min(point), max(point)) for point in points.values()) for name, points in found.items()}
    measure = next(item for item in experiment.measures if item.name == wanted.measure)
    crossings = tuple(find_crossings(wanted.values, *medians.values())) if len(medians) > 1 else ()
    about = (wanted.label, wanted.unit, wanted.values, measure.label, measure.unit)
    return Curves(
        experiment.claim, slug, engine, seed, *about, arms=medians, spreads=spreads, repeats=wanted.repeats,
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
