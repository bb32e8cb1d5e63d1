"""Predictions before a trial, the verdict after it."""

from __future__ import annotations

from dataclasses import replace

from patterns.core.checks import Check
from patterns.core.experiment import Experiment, Size
from patterns.core.judgement import Constants, Prediction, Results
from patterns.core.report import Finding, Foreseen, Spread, Verdict

Locked = tuple[tuple[Check, Prediction], ...]
"""Each check with what it predicted before the first arm ran."""

Judged = tuple[Verdict, tuple[Finding, ...], str]


def size_on(experiment: Experiment, engine: str, size: Size) -> tuple[Experiment, Size]:
    """How large an experiment is on an engine: a real one takes real time, so it runs the reduced size, once."""
    return (experiment, size) if engine == "builtin" else (replace(experiment, repeats=1), "reduced")


def read_workload(experiment: Experiment, size: Size) -> dict[str, float]:
    """The numbers common to all arms: the length of a run as `seconds`, how often each runs as `repeats`, and the
    settings by their names."""
    settings = {**experiment.workload, **(experiment.reduced if size == "reduced" else {})}
    numbers = {name: float(value) for name, value in settings.items() if not isinstance(value, str)}
    return {"seconds": experiment.length(size), "repeats": experiment.repeats, **numbers}


def lock(experiment: Experiment, constants: Constants) -> Locked:
    """Work out every prediction. What comes out later is compared with these and no others."""
    return tuple((check, check.predict(constants)) for check in experiment.checks)


def foresee(experiment: Experiment, locked: Locked) -> tuple[Foreseen, ...]:
    """The locked predictions in words."""
    return tuple(foresee_one(experiment, check, prediction.words) for check, prediction in locked)


def foresee_one(experiment: Experiment, check: Check, words: str) -> Foreseen:
    """What one check predicts, with its ground and its side of the sentence."""
    return Foreseen(_say(experiment, check), words, check.source, check.where)


def judge(experiment: Experiment, results: Results, locked: Locked) -> Judged:
    """Compare what was measured with what was locked.

    Only a failed check where the sentence should hold refutes it. One where it should fail, and did not as predicted,
    says nothing against it: the sentence may be stronger there than we think, so the verdict is unknown.
    """
    findings = tuple(_find(experiment, check, results, prediction) for check, prediction in locked)
    against = [finding for finding in findings if not finding.passed and finding.where == "holds"]
    unlike = [finding for finding in findings if not finding.passed and finding.where == "fails"]
    if against:
        return "refuted", findings, _tell_failed(against)
    if unlike:
        told = "the sentence held where it should, but it did not fail as predicted where it should fail: "
        return "unknown", findings, told + _tell_failed(unlike)
    why = "; ".join(f"{found.says}: {_spell(found)} (predicted {found.predicted})" for found in findings)
    return experiment.expected, findings, why


def _find(experiment: Experiment, check: Check, results: Results, prediction: Prediction) -> Finding:
    judgement = check.judge(results, prediction)
    spread = Spread.of(judgement.values)
    measured = spread.median if judgement.pooled is None else judgement.pooled
    return Finding(
        _say(experiment, check), check.arm, check.measure, prediction.words, measured, spread.low, spread.high,
        judgement.passed, check.where,
    )  # fmt: skip


def _say(experiment: Experiment, check: Check) -> str:
    labels = {item.name: item.label for item in experiment.measures}
    return f"{labels.get(check.measure, check.measure)}, {experiment.arm(check.arm).label}"


def _tell_failed(failed: list[Finding]) -> str:
    return "; ".join(f"{found.says}: predicted {found.predicted}, measured {_spell(found)}" for found in failed)


def _spell(finding: Finding) -> str:
    if finding.low == finding.high:
        return f"{finding.measured:.4g}"
    return f"{finding.measured:.4g} ({finding.low:.4g} to {finding.high:.4g})"
