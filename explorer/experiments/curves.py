"""What a finished sweep says to one visitor: the measured curves against the drawn ones, and where they cross."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.experiments.axis import Plot, lay_plot
from explorer.experiments.bets import spell
from explorer.models import Bet, Trial
from patterns.core.experiment import Experiment


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep found, against what was drawn."""

    trial: Trial
    gap: str
    right: bool | None
    plot: Plot | None
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    labels: tuple[str, ...]
    why: str
    measure: str
    unit: str
    samples: int = 1


def read_sweep(experiment: Experiment, trial: Trial, visitor_id: str) -> SweepResult:
    """The measured curves and the drawn ones, and where two of them cross."""
    assert experiment.sweep is not None
    report, labels = trial.report, {name: experiment.arm(name).label for name in experiment.sweep.arms}
    if trial.verdict == "unknown":
        return SweepResult(trial, "", None, None, (), tuple(labels.values()), report.get("why", ""), "", "")
    bet = Bet.objects.filter(trial=trial, visitor__pk=visitor_id).first() if visitor_id else None
    drawn = bet.answer if bet and bet.answer else {}
    curves = {name: report["arms"][name] for name in labels}
    spreads = report.get("spreads", {})
    rows = tuple(
        (spell(value), tuple(_spell_point(curves, spreads, name, place) for name in labels))
        for place, value in enumerate(report["values"])
    )
    settled = bet.settled if bet else None
    return SweepResult(
        trial, _tell_crossing(report, settled), settled["right"] if settled else None,
        lay_plot(report["values"], labels, curves, drawn, report["crossings"], spreads), rows, tuple(labels.values()),
        "", report["measure"], report["unit"], report.get("repeats", 1),
    )  # fmt: skip


def _spell_point(
    curves: Mapping[str, Sequence[float]], spreads: Mapping[str, Sequence[Sequence[float]]], name: str, place: int
) -> str:
    said = spell(curves[name][place])
    low, high = spreads[name][place] if name in spreads else (0.0, 0.0)
    return said if low == high else f"{said} ({spell(low)} to {spell(high)})"


def _tell_crossing(report: Mapping[str, Any], settled: Mapping[str, Any] | None) -> str:
    if len(report["arms"]) == 1:
        (curve,) = report["arms"].values()
        said = f"From {spell(curve[0])} to {spell(curve[-1])} {report['unit']}".rstrip() + "."
        return said + (f" Your curve was {settled['off']:.0f} % of the height off on average." if settled else "")
    unit, crossings = report["setting_unit"], report["crossings"]
    where = " and ".join(f"{place:.2g} {unit}".rstrip() for place in crossings)
    said = f"They cross at about {where}." if crossings else "They do not cross in this range."
    if settled and settled["off"] is not None:
        said += f" Your curves crossed {settled['off']:.2g} {unit} away from there."
    return said
