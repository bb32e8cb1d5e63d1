"""The single runs that a report rests on, so that each can be run again, or looked at where it was kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from patterns.core.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Log:
    """One run of one arm: what makes it run again the same way, and the address where it is kept, if it is."""

    arm: str
    seed: int
    settings: str
    faults: str
    page: str


def list_logs(experiment: Experiment, report: Mapping[str, Any], kept: set[str]) -> Iterator[Log]:
    """Every run of a report, arm by arm; `kept` has the addresses of those whose recordings are still there."""
    labels = {arm.name: arm.label for arm in experiment.arms}
    for arm in report.get("arms", ()):
        for run in arm.get("runs", ()):
            settings = ", ".join(f"{name} {_spell_setting(value)}" for name, value in run["settings"].items())
            page = reverse("run", args=[run["run"]]) if run.get("run") else ""
            page = page if page in kept else ""  # newer runs have taken its place
            yield Log(labels.get(arm["name"], arm["name"]), run["seed"], settings, ", ".join(run["faults"]), page)


def _spell_setting(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value).lower()
