"""Carrying an experiment out: calibrate, lock the predictions, run the arms interleaved, compare, judge."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import replace

from patterns.core.attempt import TrialFailed, Watch, look_away
from patterns.core.checks import Check, Times
from patterns.core.clock import real_seconds
from patterns.core.experiment import (
    Experiment,
    Finding,
    Report,
    Size,
    Spread,
    Verdict,
    experiments,
)
from patterns.core.judgement import Constants, Results
from patterns.core.rounds import Plan, Progress, take_apart, take_at_once, take_rounds
from patterns.core.run import EngineMissing

BUSY_LOAD_RATIO = 0.8
"""Share of the machine's cores in use beyond which a timed result carries a warning."""


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
    warnings = _look_at_machine() if experiment.timed or engine != "builtin" else ()
    results: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    constants: dict[str, float] = {}
    if engine != "builtin":
        size, experiment = "reduced", replace(experiment, repeats=1)
    plan = Plan(slug, experiment, engine, first, size, watch or look_away, progress or (lambda share, words: None))
    try:
        constants = _workload(experiment, size) | dict(await experiment.calibrate() if experiment.calibrate else {})
        await _measure(plan, results)
        verdict, findings, why = _judge(experiment, results, constants)
    except (TrialFailed, EngineMissing) as problem:
        verdict, findings, why = "unknown", (), str(problem)
    return _report(slug, experiment, engine, first, (verdict, findings, why), results, constants, began, warnings)


async def _measure(plan: Plan, results: dict[str, dict[str, list[float]]]) -> None:
    """Run each arm as often as it repeats."""
    turns = take_apart if plan.experiment.timed else take_rounds if plan.engine == "builtin" else take_at_once
    async for arm, measured in turns(plan):
        for name, value in measured.items():
            results[arm.name][name].append(value)


def _workload(experiment: Experiment, size: Size) -> dict[str, float]:
    """The numbers common to all arms: the length of a run as `seconds`, how often each runs as `repeats`, and the
    settings by their names."""
    settings = {**experiment.workload, **(experiment.reduced if size == "reduced" else {})}
    numbers = {name: float(value) for name, value in settings.items() if not isinstance(value, str)}
    return {"seconds": experiment.length(size), "repeats": experiment.repeats, **numbers}


def _judge(experiment: Experiment, results: Results, constants: Constants) -> tuple[Verdict, tuple[Finding, ...], str]:
    findings = tuple(_finding(experiment, check, results, constants) for check in experiment.checks)
    failed = [finding for finding in findings if not finding.passed]
    if failed:
        why = "; ".join(f"{f.says}: predicted {f.predicted}, measured {_spell(f)}" for f in failed)
        return "refuted", findings, why
    why = "; ".join(f"{f.says}: {_spell(f)} (predicted {f.predicted})" for f in findings)
    return experiment.expected, findings, why


def _finding(experiment: Experiment, check: Check, results: Results, constants: Constants) -> Finding:
    prediction = check.predict(constants)
    judgement = check.judge(results, prediction)
    labels = {item.name: item.label for item in experiment.measures}
    says = f"{labels.get(check.measure, check.measure)}, {experiment.arm(check.arm).label}"
    spread = Spread.of(judgement.values)
    measured = spread.median if judgement.pooled is None else judgement.pooled
    return Finding(
        says, check.arm, check.measure, prediction.words, measured, spread.low, spread.high, judgement.passed
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
