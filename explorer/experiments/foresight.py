"""The predictions of an experiment as its page shows them: those that a trial has locked, or else what will be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from explorer.models import Trial
from patterns.core.checks import Check
from patterns.core.experiment import Experiment
from patterns.core.report import Foreseen
from patterns.core.verdict import foresee_one, read_workload


@dataclass(frozen=True, slots=True)
class Foresight:
    """All predictions, and when they were locked; None if no run has locked them yet."""

    rows: tuple[Foreseen, ...]
    locked: datetime | None


def read_foresight(experiment: Experiment, trial: Trial | None) -> Foresight:
    """What `trial` locked before its first arm ran; before there is one, what the formulas give at full size."""
    report: Mapping[str, Any] = trial.report if trial else {}
    if report.get("predictions"):
        return Foresight(tuple(Foreseen(**row) for row in report["predictions"]), read_time(report))
    constants = read_workload(experiment, "full")
    return Foresight(tuple(_foresee(experiment, check, constants) for check in experiment.checks), None)


def read_time(report: Mapping[str, Any]) -> datetime | None:
    """When the predictions of a report were locked; older reports do not say."""
    return datetime.fromisoformat(report["locked"]) if report.get("locked") else None


def _foresee(experiment: Experiment, check: Check, constants: Mapping[str, float]) -> Foreseen:
    try:
        words = check.predict(constants).words
    except KeyError:  # it needs what is measured on the machine first
        words = f"{getattr(check, 'text', '')}: worked out on the machine just before the run".lstrip(": ")
    return foresee_one(experiment, check, words)
