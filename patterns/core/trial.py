"""Carrying an experiment out: calibrate, lock the predictions, run the arms interleaved, compare, judge."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from patterns.core.attempt import TrialFailed, Watch, look_away
from patterns.core.busyness import Busyness
from patterns.core.checks import Times
from patterns.core.clock import real_seconds, wall_time
from patterns.core.experiment import Arm, Experiment, Measurements, Size, experiments
from patterns.core.report import Foreseen, Report, Spread, Taken
from patterns.core.rounds import Plan, Progress, take_apart, take_at_once, take_rounds
from patterns.core.run import EngineMissing
from patterns.core.verdict import Judged, Locked, foresee, judge, lock, read_workload, size_on

TellLocked = Callable[[tuple[Foreseen, ...], str], None]
"""Told of the predictions, and of the time at which they were fixed, before the first arm runs."""


@dataclass(slots=True)
class Course:
    """What is known of a trial so far."""

    plan: Plan
    began: float = field(default_factory=real_seconds)
    constants: dict[str, float] = field(default_factory=dict)
    locked: Locked = ()
    locked_at: str = ""
    runs: dict[str, list[Taken]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


async def carry_out(
    claim: str,
    engine: str = "builtin",
    seed: int | None = None,
    size: Size = "full",
    watch: Watch | None = None,
    progress: Progress | None = None,
    tell_locked: TellLocked | None = None,
) -> Report:
    """Run one claim's experiment and judge it.

    Args:
        claim: id such as "PS-15".
        engine: one of the experiment's engines; on a real one the size is always reduced, and each arm runs once.
        seed: of the first repeat; the experiment's own if None.
        size: "reduced" is for test suites.
        watch: called with each run while it goes on and when it is over, to show and record it.
        progress: called with the done share (0..1) and the arm under way.
        tell_locked: called with the predictions before the first arm runs.

    Raises:
        KeyError: no experiment for that claim.
    """
    slug, declared = experiments()[claim]
    experiment, size = size_on(declared, engine, size)
    first = experiment.seed if seed is None else seed
    course = Course(
        Plan(slug, experiment, engine, first, size, watch or look_away, progress or (lambda share, words: None))
    )
    try:
        await _foresee(course, tell_locked)
        await _measure(course)
        results = {arm: _by_measure(runs) for arm, runs in course.runs.items()}
        return _report(course, judge(experiment, results, course.locked))
    except (TrialFailed, EngineMissing) as problem:
        return _report(course, ("unknown", (), str(problem)))


async def _foresee(course: Course, tell_locked: TellLocked | None) -> None:
    """Calibrate on this machine, and lock the predictions."""
    experiment = course.plan.experiment
    course.constants = read_workload(experiment, course.plan.size)
    if experiment.calibrate is not None:
        course.constants |= await experiment.calibrate()
    course.locked = lock(experiment, course.constants)
    course.locked_at = wall_time().isoformat(timespec="seconds")
    if tell_locked is not None:
        tell_locked(foresee(experiment, course.locked), course.locked_at)


async def _measure(course: Course) -> None:
    """Run each arm as often as it repeats, with an eye on the machine where real time matters."""
    plan = course.plan
    turns = take_apart if plan.experiment.timed else take_rounds if plan.engine == "builtin" else take_at_once
    busyness = Busyness() if turns is not take_rounds else None
    async for arm, seed, measured in turns(plan):
        course.runs.setdefault(arm.name, []).append(_note(plan, arm, seed, measured))
        if busyness is not None:
            busyness.look()
            course.warnings = busyness.warnings()


def _note(plan: Plan, arm: Arm, seed: int, measured: Measurements) -> Taken:
    faults = tuple(key if amount is None else f"{key}={amount:g}" for key, amount in arm.faults)
    return Taken(seed, plan.experiment.settings(arm, plan.size), faults, measured)


def _by_measure(runs: list[Taken]) -> dict[str, list[float]]:
    return {name: [run.measures[name] for run in runs] for name in runs[0].measures}


def _report(course: Course, judged: Judged) -> Report:
    (verdict, findings, why), plan, experiment = judged, course.plan, course.plan.experiment
    foreseen, head = foresee(experiment, course.locked), findings[0] if findings else None
    return Report(
        claim=experiment.claim,
        pattern=plan.slug,
        engine=plan.engine,
        seed=plan.first,
        size=plan.size,
        repeats=experiment.repeats,
        verdict=verdict,
        prediction=foreseen[0].predicted if foreseen else "",
        measured=head.measured if head else None,
        unit=_unit_of_first(experiment),
        why=why,
        seconds=round(real_seconds() - course.began, 3),
        locked=course.locked_at,
        predictions=foreseen,
        findings=findings,
        arms={
            arm: {name: Spread.of(values) for name, values in _by_measure(runs).items()}
            for arm, runs in course.runs.items()
        },
        runs={arm: tuple(runs) for arm, runs in course.runs.items()},
        constants=course.constants,
        warnings=course.warnings,
    )


def _unit_of_first(experiment: Experiment) -> str:
    """The unit of the first check, which is the one shown as prediction against measurement."""
    check = experiment.checks[0]
    if isinstance(check, Times):
        return "ratio"
    return next((measure.unit for measure in experiment.measures if measure.name == check.measure), "")
