"""Carrying an experiment out: calibrate, lock the predictions, run the arms interleaved, compare, judge."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace

from patterns.core.checks import Constants, Judgement, Results, Times
from patterns.core.clock import LiveClock, ManualClock, real_seconds
from patterns.core.experiment import (
    Arm,
    Experiment,
    Finding,
    Measure,
    Measurements,
    Report,
    Size,
    Spread,
    Verdict,
    experiments,
)
from patterns.core.pattern import discover
from patterns.core.run import EngineMissing, Run
from patterns.core.scenario import Scenario

ENGINE_SPEED = 5.0
"""Speed of the clock for a real engine, whose own timers follow real time. So it runs at the reduced size, once."""

ENGINES_AT_ONCE = 6
"""Arms on a real engine that run side by side, each with a server of its own: they mostly wait."""

BUSY_LOAD_RATIO = 0.8
"""Share of the machine's cores in use beyond which a timed result carries a warning."""

CAP_EVENTS = 100_000
"""Events of one arm: more than a viewer's run may have, since nobody waits for its frames."""

Kept = Callable[[Arm, Run], None]
Progress = Callable[[float, str], None]


class TrialFailed(RuntimeError):
    """An arm could not be carried out; the sentence says why. The verdict is then unknown, never wrong."""


async def carry_out(
    claim: str,
    engine: str = "builtin",
    seed: int | None = None,
    size: Size = "full",
    keep: Kept | None = None,
    progress: Progress | None = None,
) -> Report:
    """Run one claim's experiment and judge it.

    Args:
        claim: id such as "PS-15".
        engine: one of the experiment's engines.
        seed: of the first repeat; the experiment's own if None.
        size: "reduced" is for test suites.
        keep: called with each finished run of the lab, to record it.
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
    try:
        constants = {**_workload(experiment, size), **(await experiment.calibrate() if experiment.calibrate else {})}
        await _measure(slug, experiment, engine, first, size, keep, progress, results)
        verdict, findings, why = _judge(experiment, results, constants)
    except (TrialFailed, EngineMissing) as problem:
        verdict, findings, why = "unknown", (), str(problem)
    return _report(slug, experiment, engine, first, (verdict, findings, why), results, constants, began, warnings)


async def _measure(
    slug: str,
    experiment: Experiment,
    engine: str,
    first: int,
    size: Size,
    keep: Kept | None,
    progress: Progress | None,
    results: dict[str, dict[str, list[float]]],
) -> None:
    """Run each arm as often as it repeats: one after the other, or several at once on a real engine."""
    order = _interleave(experiment)
    at_once = asyncio.Semaphore(1 if experiment.timed or engine == "builtin" else ENGINES_AT_ONCE)
    done = itertools.count()

    async def take_turn(arm: Arm, number: int) -> Measurements:
        async with at_once:
            if progress:
                progress(next(done) / len(order), arm.label)
            return await _perform_apart(slug, experiment, arm, engine, number + first, size, keep)

    turns = [asyncio.create_task(take_turn(arm, number)) for arm, number in order]
    try:
        for (arm, _), measured in zip(order, await asyncio.gather(*turns), strict=True):
            for name, value in measured.items():
                results[arm.name][name].append(value)
    finally:
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)


async def perform(
    slug: str, experiment: Experiment, arm: Arm, engine: str, seed: int, size: Size, keep: Kept | None = None
) -> Measurements:
    """Run one arm once, here, and read its measures.

    Raises:
        EngineMissing: the engine cannot be had.
        TrialFailed: the run ended before its time.
    """
    if arm.procedure is not None:
        return await arm.procedure(seed, size)
    live = experiment.timed or engine != "builtin"
    speed = 1.0 if experiment.timed else ENGINE_SPEED
    clock = LiveClock(speed) if live else ManualClock()
    run = Run(discover()[slug], seed, experiment.settings(arm, size), engine, clock, CAP_EVENTS)
    run.play(Scenario("trial", experiment.claim, "", experiment.length(size), script=arm.script))
    try:
        await run.start()
        for key, amount in arm.faults:
            name, _, target = key.partition(":")
            run.faults.ask(name, target, amount, lasts=0.0, by="experiment")
        if isinstance(clock, ManualClock):
            await clock.run_for(experiment.length(size))
        why = await asyncio.shield(run.ended)
    except asyncio.CancelledError:
        await run.stop("abandoned")
        raise
    if why != "the scenario is over":
        raise TrialFailed(f"the arm '{arm.label}' ended early: {why}")
    if keep is not None:
        keep(arm, run)
    return {measure.name: _read(measure, arm, run) for measure in experiment.measures}


def _read(measure: Measure, arm: Arm, run: Run) -> float:
    """One measure. A run in which there was nothing to count, no answer for a mean, decides nothing."""
    try:
        return measure.read(run)
    except (ArithmeticError, LookupError, ValueError) as problem:
        raise TrialFailed(f"in the arm '{arm.label}' there was nothing to read '{measure.label}' from") from problem


def _workload(experiment: Experiment, size: Size) -> Constants:
    """The numbers common to all arms: the length of a run as `seconds`, and the settings by their names."""
    settings = {**experiment.workload, **(experiment.reduced if size == "reduced" else {})}
    numbers = {name: float(value) for name, value in settings.items() if not isinstance(value, str)}
    return {"seconds": experiment.length(size), **numbers}


def _interleave(experiment: Experiment) -> list[tuple[Arm, int]]:
    """Each repeat begins with another arm, so that a drifting machine favours none."""
    arms = experiment.arms
    return [
        (arms[(place + number) % len(arms)], number)
        for number in range(experiment.repeats)
        for place in range(len(arms))
    ]


async def _perform_apart(
    slug: str, experiment: Experiment, arm: Arm, engine: str, seed: int, size: Size, keep: Kept | None
) -> Measurements:
    """A timed arm in a process of its own; any other here."""
    if not experiment.timed:
        return await perform(slug, experiment, arm, engine, seed, size, keep)
    call = [sys.executable, "-m", "patterns.core.trial", experiment.claim, arm.name, engine, str(seed), size]
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
    measured = await perform(slug, experiment, experiment.arm(name), engine, int(seed), chosen)
    print(json.dumps(measured))


if __name__ == "__main__":
    asyncio.run(_main())
