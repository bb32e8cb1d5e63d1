"""Carrying an experiment out: calibrate, lock the predictions, run the arms interleaved, compare, judge."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace

from patterns.core.attempt import Attempt, TrialFailed, Watch, look_away, perform, perform_abreast
from patterns.core.checks import Constants, Judgement, Results, Times
from patterns.core.clock import real_seconds
from patterns.core.experiment import (
    Arm,
    Experiment,
    Finding,
    Measurements,
    Report,
    Size,
    Spread,
    Verdict,
    experiments,
)
from patterns.core.run import EngineMissing

ENGINES_AT_ONCE = 3
"""Arms on a real engine that run side by side, each with a server of its own: they mostly wait."""

TRIES = 3
"""How often an arm on a real engine is begun before the machine is called too busy."""

BUSY_LOAD_RATIO = 0.8
"""Share of the machine's cores in use beyond which a timed result carries a warning."""

Progress = Callable[[float, str], None]
Measured = tuple[Arm, Measurements]


@dataclass(frozen=True, slots=True)
class Plan:
    """How a trial is carried out: on what, from which seed on, and who is told."""

    slug: str
    experiment: Experiment
    engine: str
    first: int
    size: Size
    watch: Watch
    progress: Progress

    def attempt(self, arm: Arm, number: int, watched: bool) -> Attempt:
        """The run of one arm in round `number`."""
        watch = self.watch if watched else look_away
        return Attempt(self.slug, self.experiment, arm, self.engine, self.first + number, self.size, watch)


async def carry_out(
    claim: str,
    engine: str = "builtin",
    seed: int | None = None,
    size: Size = "full",
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> Report:
    """Run one claim's experiment and judge it.

    Args:
        claim: id such as "PS-15".
        engine: one of the experiment's engines.
        seed: of the first repeat; the experiment's own if None.
        size: "reduced" is for test suites.
        watch: called with each run while it goes on and when it is over, to show and record it.
        progress: called with the done share (0..1) and the arm under way.

    Raises:
        KeyError: no experiment for that claim.
    """
    slug, experiment = experiments()[claim]
    first = experiment.seed if seed is None else seed
    began = real_seconds()
    warnings = _look_at_machine() if experiment.timed else ()
    results: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    constants: Constants = {}
    if engine != "builtin":
        size, experiment = "reduced", replace(experiment, repeats=1)
    plan = Plan(slug, experiment, engine, first, size, watch or look_away, progress or (lambda share, words: None))
    try:
        constants = {**_workload(experiment, size), **(await experiment.calibrate() if experiment.calibrate else {})}
        await _measure(plan, results)
        verdict, findings, why = _judge(experiment, results, constants)
    except (TrialFailed, EngineMissing) as problem:
        verdict, findings, why = "unknown", (), str(problem)
    return _report(slug, experiment, engine, first, (verdict, findings, why), results, constants, began, warnings)


async def _measure(plan: Plan, results: dict[str, dict[str, list[float]]]) -> None:
    """Run each arm as often as it repeats."""
    rounds = _apart if plan.experiment.timed else _in_rounds if plan.engine == "builtin" else _at_once
    async for arm, measured in rounds(plan):
        for name, value in measured.items():
            results[arm.name][name].append(value)


async def _in_rounds(plan: Plan) -> AsyncIterator[Measured]:
    """Round after round. The first is watched, if anybody watches: then all arms go side by side, at the same moment of
    run time, and measure what they would measure one after the other."""
    repeats = plan.experiment.repeats
    for number in range(repeats):
        arms = _rotate(plan.experiment.arms, number)
        watched = number == 0 and plan.watch is not look_away

        def tell(share: float, number: int = number) -> None:
            plan.progress((number + share) / repeats, f"run {number + 1} of {repeats} of each")

        if watched:
            attempts = [plan.attempt(arm, number, watched) for arm in arms]
            for pair in zip(arms, await perform_abreast(attempts, tell), strict=True):
                yield pair
            continue
        for place, arm in enumerate(arms):
            tell(place / len(arms))
            yield arm, await perform(plan.attempt(arm, number, watched))


async def _at_once(plan: Plan) -> AsyncIterator[Measured]:
    """Several arms on a real engine at once, each with a server of its own."""
    arms, room, done = plan.experiment.arms, asyncio.Semaphore(ENGINES_AT_ONCE), itertools.count()

    async def take_turn(arm: Arm) -> Measurements:
        async with room:
            plan.progress(next(done) / len(arms), arm.label)
            return await _perform_unhurried(plan, arm)

    turns = [asyncio.create_task(take_turn(arm)) for arm in arms]
    try:
        for pair in zip(arms, await asyncio.gather(*turns), strict=True):
            yield pair
    finally:
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)


async def _perform_unhurried(plan: Plan, arm: Arm) -> Measurements:
    """An arm on a real engine, again if the machine was too busy: what came out then is the machine's doing."""
    for _ in range(TRIES):
        measured = await perform(attempt := plan.attempt(arm, 0, watched=True))
        if not attempt.starved:
            return measured
    raise TrialFailed(
        f"the machine was too busy for the arm '{arm.label}': {TRIES} times it fell behind the engine's own timers"
    )


async def _apart(plan: Plan) -> AsyncIterator[Measured]:
    """Each arm in a process of its own, one after the other. Each repeat begins with another arm, so that a drifting
    machine favours none. Who watches is shown one more run of each, since showing takes time and times are compared."""
    arms, repeats = plan.experiment.arms, plan.experiment.repeats
    if plan.watch is not look_away:
        for arm in arms:
            plan.progress(0.0, f"{arm.label}, a run to look at, which does not count")
            await perform(plan.attempt(arm, 0, watched=True))
    for number in range(repeats):
        for place, arm in enumerate(_rotate(arms, number)):
            plan.progress((number + place / len(arms)) / repeats, arm.label)
            yield arm, await _perform_apart(plan, arm, plan.first + number)


def _rotate(arms: tuple[Arm, ...], number: int) -> tuple[Arm, ...]:
    place = number % len(arms)
    return arms[place:] + arms[:place]


async def _perform_apart(plan: Plan, arm: Arm, seed: int) -> Measurements:
    call = [sys.executable, "-m", "patterns.core.trial", plan.experiment.claim, arm.name, plan.engine, str(seed),
            plan.size]  # fmt: skip
    child = await asyncio.create_subprocess_exec(*call, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        out, problem = await child.communicate()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    if child.returncode:
        last = problem.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {child.returncode}"]
        raise TrialFailed(f"the process of the arm '{arm.label}' failed: {last[0]}")
    measured: Measurements = json.loads(out)
    return measured


def _workload(experiment: Experiment, size: Size) -> Constants:
    """The numbers common to all arms: the length of a run as `seconds`, and the settings by their names."""
    settings = {**experiment.workload, **(experiment.reduced if size == "reduced" else {})}
    numbers = {name: float(value) for name, value in settings.items() if not isinstance(value, str)}
    return {"seconds": experiment.length(size), **numbers}


def _judge(experiment: Experiment, results: Results, constants: Constants) -> tuple[Verdict, tuple[Finding, ...], str]:
    judged = [(check, check.judge(results, constants)) for check in experiment.checks]
    findings = tuple(_finding(experiment, check.arm, check.measure, judgement) for check, judgement in judged)
    failed = [finding for finding in findings if not finding.passed]
    if failed:
        why = "; ".join(f"{f.says}: predicted {f.predicted}, measured {_spell(f)}" for f in failed)
        return "refuted", findings, why
    why = "; ".join(f"{f.says}: {_spell(f)} (predicted {f.predicted})" for f in findings)
    return experiment.expected, findings, why


def _finding(experiment: Experiment, arm: str, measure: str, judgement: Judgement) -> Finding:
    labels = {item.name: item.label for item in experiment.measures}
    says = f"{labels.get(measure, measure)}, {experiment.arm(arm).label}"
    spread = Spread.of(judgement.values)
    return Finding(
        says, arm, measure, judgement.predicted, spread.median, spread.low, spread.high, judgement.passed
    )  # fmt: skip


def _spell(finding: Finding) -> str:
    if finding.low == finding.high:
        return f"{finding.measured:.4g}"
    return f"{finding.measured:.4g} ({finding.low:.4g} to {finding.high:.4g})"


def _report(
    slug: str,
    experiment: Experiment,
    engine: str,
    seed: int,
    judged: tuple[Verdict, tuple[Finding, ...], str],
    results: Results,
    constants: Constants,
    began: float,
    warnings: tuple[str, ...],
) -> Report:
    verdict, findings, why = judged
    head = findings[0] if findings else None
    units = {measure.name: measure.unit for measure in experiment.measures}
    is_ratio = head is not None and isinstance(experiment.checks[0], Times)
    return Report(
        claim=experiment.claim,
        pattern=slug,
        engine=engine,
        seed=seed,
        verdict=verdict,
        prediction=head.predicted if head else "",
        measured=head.measured if head else None,
        unit="ratio" if is_ratio else units.get(head.measure, "") if head else "",
        why=why,
        seconds=round(real_seconds() - began, 3),
        findings=findings,
        arms={arm: {name: Spread.of(v) for name, v in found.items()} for arm, found in results.items()},
        constants=constants,
        warnings=warnings,
    )


def _look_at_machine() -> tuple[str, ...]:
    """A warning if other work keeps the machine busy: times are then worth less."""
    load, cores = os.getloadavg()[0], os.cpu_count() or 1
    if load <= BUSY_LOAD_RATIO * cores:
        return ()
    return (f"the machine was busy: load {load:.1f} on {cores} cores, so times spread wider than usual",)


async def _main() -> None:
    claim, name, engine, seed, size = sys.argv[1:]
    slug, experiment = experiments()[claim]
    chosen: Size = "reduced" if size == "reduced" else "full"
    measured = await perform(Attempt(slug, experiment, experiment.arm(name), engine, int(seed), chosen))
    print(json.dumps(measured))


if __name__ == "__main__":
    asyncio.run(_main())
