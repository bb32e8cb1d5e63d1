"""When a trial is over, every bet on it is settled, and the notebook of who bet gets a line."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.urls import reverse

from explorer.experiments.bets import Settlement, describe, settle, settle_curve, settle_drawing, spell
from explorer.models import Bet, Note, Trial
from patterns.core.experiment import Experiment, Sweep, experiments

SWEEP = "sweep"
BUILTIN = "builtin"


def settle_bets(trial: Trial) -> None:
    """Settle all bets on a finished trial that measured what they are about."""
    found = experiments().get(trial.claim)
    if found is None or (trial.verdict == "unknown" and not trial.report.get("findings")):
        return
    for bet in trial.bets.select_related("visitor"):
        is_due = bet.answer is not None and answers_bets(trial)
        settlement = _settle(found[1], trial, bet.answer) if is_due else None
        if settlement is not None:
            bet.settled = {**asdict(settlement), "first": is_first(bet)}
            bet.save(update_fields=["settled"])
        _note(found[1], trial, bet, settlement)


def answers_bets(trial: Trial) -> bool:
    """Whether its numbers are those that a bet asks about: a bet is on the full size, on the built-in engine. A run on
    a real engine is smaller, so that a right bet would look wrong."""
    return trial.engine == BUILTIN and (trial.size == SWEEP or trial.report.get("size", "full") == "full")


def is_first(bet: Bet) -> bool:
    """Whether he had not seen this outcome before: only such a bet says how well he foresees."""
    if bet.trial is None:
        return False
    before = Trial.objects.filter(visitors=bet.visitor, claim=bet.claim, state=Trial.State.DONE).exclude(
        pk=bet.trial.pk
    )
    return not (before.filter(size=SWEEP) if bet.trial.size == SWEEP else before.exclude(size=SWEEP)).exists()


def _settle(experiment: Experiment, trial: Trial, answer: Any) -> Settlement | None:
    if trial.size == SWEEP:
        return _settle_drawing(experiment.sweep, trial, answer) if experiment.sweep else None
    return settle(experiment.bet, answer, trial.report["arms"]) if experiment.bet else None


def _settle_drawing(sweep: Sweep, trial: Trial, drawn: Any) -> Settlement:
    if len(sweep.arms) == 1:
        return settle_curve(sweep, drawn, trial.report["arms"])
    return settle_drawing(sweep, drawn, trial.report["crossings"])


def _note(experiment: Experiment, trial: Trial, bet: Bet, settlement: Settlement | None) -> None:
    if trial.size == SWEEP:
        is_break_even = len(trial.report["arms"]) > 1
        said = (
            f"{trial.claim}: break-even {_spell_crossings(trial)}." if is_break_even else f"{trial.claim}: the curve."
        )
    else:
        said = f"{trial.claim} {trial.verdict}. You bet {describe(experiment, bet.answer)}."
        if measured := _spell_measured(settlement):
            said += f" Measured: {measured}."
    if settlement is not None and settlement.right is not None:
        said += " Right." if settlement.right else " Not so."
    link = reverse("experiment", args=[trial.pattern, trial.claim])
    data: dict[str, Any] = {"trial": str(trial.pk), "verdict": trial.verdict, "predicted": bet.answer}
    if settlement is not None:
        data |= {"measured": settlement.measured, "unit": settlement.unit}
    if run := trial.runs.order_by("title").first():
        data["run"] = str(run.pk)
    Note.objects.create(visitor=bet.visitor, kind="verdict", pattern=trial.pattern, text=said, link=link, data=data)


def _spell_measured(settlement: Settlement | None) -> str:
    """A number with its unit, or an order; "" of a curve, which the page draws."""
    measured = settlement.measured if settlement is not None else None
    if isinstance(measured, int | float) and settlement is not None:
        return f"{spell(measured)} {settlement.unit}".rstrip()
    parts = measured if isinstance(measured, list | tuple) else ()
    return ", ".join(map(str, parts)) if parts and all(isinstance(part, str) for part in parts) else ""


def _spell_crossings(trial: Trial) -> str:
    unit = trial.report["setting_unit"]
    return ", ".join(f"at {spell(place)} {unit}" for place in trial.report["crossings"]) or "found nowhere in the range"
