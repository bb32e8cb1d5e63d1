"""Arms over a range of one setting: the curve of one, or the two of a break-even and where they cross."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from patterns.core.attempt import Attempt, perform
from patterns.core.experiment import Size, experiments


@dataclass(frozen=True, slots=True)
class Curves:
    """What a sweep measured.

    `arms` has one measurement for each of `values`, by name of the arm; `crossings` are values of the setting, in
    `setting_unit`, at which neither arm is ahead.
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
    crossings: tuple[float, ...]


async def sweep(
    claim: str,
    engine: str = "builtin",
    seed: int | None = None,
    size: Size = "full",
    progress: Callable[[float, str], None] | None = None,
) -> Curves:
    """Run each arm at every value of the setting, and find where two of them cross.

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
    arms = [experiment.arm(name) for name in wanted.arms]
    found: dict[str, list[float]] = {arm.name: [] for arm in arms}
    pairs = [(value, arm) for value in wanted.values for arm in arms]
    for done, (value, arm) in enumerate(pairs):
        if progress:
            progress(done / len(pairs), f"{arm.label}, {wanted.label.lower()} {value:g} {wanted.unit}")
        set_so = replace(arm, settings={**arm.settings, wanted.setting: value})
        measured = await perform(Attempt(slug, experiment, set_so, engine, first, size))
        found[arm.name].append(measured[wanted.measure])
    curves = {name: tuple(values) for name, values in found.items()}
    measure = next(item for item in experiment.measures if item.name == wanted.measure)
    crossings = tuple(find_crossings(wanted.values, *curves.values())) if len(arms) > 1 else ()
    about = (wanted.label, wanted.unit, wanted.values, measure.label, measure.unit)
    return Curves(claim, slug, engine, first, *about, arms=curves, crossings=crossings)


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
