"""The bet as a form: its fields with what was typed, and beside the wrong one the sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.experiments.bets import (
    GRID,
    LEAST_CONFIDENCE,
    MOST_CONFIDENCE,
    NEAR_ENOUGH,
    WIDEST,
    BadBet,
    allowance,
    spell,
)
from patterns.core.experiment import Bet, Experiment, Sweep

USUAL_CONFIDENCE = 70
MEASURED = ("s", "ms", "ratio", "%", "/s", "", "×")
"""Units of what is measured; everything else is counted."""


@dataclass(frozen=True, slots=True)
class Field:
    """One input. A number has bounds and a step; a choice has options as (value, label)."""

    name: str
    label: str
    value: str
    low: str = ""
    high: str = ""
    step: str = "any"
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """One curve to draw: a field for each value of the sweep."""

    arm: str
    label: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class BetForm:
    """What the page shows of a bet. `error` is one that belongs to no field."""

    kind: str
    question: str
    fields: tuple[Field, ...]
    confidence: Field
    help: str = ""
    error: str = ""
    drawings: tuple[Drawing, ...] = field(default=())


def make_form(experiment: Experiment, given: Mapping[str, str], problem: Exception | None = None) -> BetForm | None:
    """The form of an experiment's bet, filled with what was `given`; None if it has no bet."""
    bet = experiment.bet
    if bet is None or bet.kind == "curve":
        return None
    errors = _errors(problem)
    return BetForm(
        bet.kind, bet.question, _fields(experiment, bet, given, errors), _confidence(given, errors), _help(bet),
        errors.get("", ""),
    )  # fmt: skip


def make_drawing(
    experiment: Experiment, sweep: Sweep, given: Mapping[str, str], problem: Exception | None = None
) -> BetForm:
    """The form in which the curves of a sweep are drawn."""
    errors = _errors(problem)
    drawings = tuple(_drawing(experiment, sweep, arm, given, errors) for arm in sweep.arms)
    measure = next(item for item in experiment.measures if item.name == sweep.measure)
    question = f"How does “{measure.label}” change with “{sweep.label}”"
    if len(sweep.arms) > 1:
        question += " for each of the two, and where do they cross?"
        told = (
            "Heights are per cents of the highest value that either will reach. Only where the curves cross is judged; "
            "a point may stay open."
        )
    else:
        question += "? Draw the curve."
        told = (
            f"Heights are per cents of the highest that is measured. Right within {NEAR_ENOUGH * 100:.0f} % on average "
            f"of the points you draw."
        )
    return BetForm("curve", question, (), _confidence(given, errors), told, errors.get("", ""), drawings)


def _errors(problem: Exception | None) -> dict[str, str]:
    if problem is None:
        return {}
    return {problem.field if isinstance(problem, BadBet) else "": str(problem)}


def _fields(experiment: Experiment, bet: Bet, given: Mapping[str, str], errors: Mapping[str, str]) -> tuple[Field, ...]:
    def number(name: str, label: str) -> Field:
        step = (bet.high - bet.low) / 100
        if bet.unit not in MEASURED:  # what is counted comes in whole numbers
            step = max(1.0, round(step))
        return Field(
            name, label, given.get(name, ""), f"{bet.low:g}", f"{bet.high:g}", f"{step:g}", bet.unit,
            error=errors.get(name, ""),
        )  # fmt: skip

    if bet.kind == "number":
        return (number("answer", "Your bet"),)
    if bet.kind == "range":
        return (number("low", "From"), number("high", "To"))
    labels = {arm.name: arm.label for arm in experiment.arms}
    options = tuple((choice, labels.get(choice, choice)) for choice in bet.choices)
    if bet.kind == "first":
        names = [("answer", "First")]
    else:
        names = [(f"place-{place}", f"{place + 1}.") for place in range(len(bet.choices))]
    return tuple(
        Field(name, label, given.get(name, ""), options=options, error=errors.get(name, "")) for name, label in names
    )


def _help(bet: Bet) -> str:
    if bet.kind == "number":
        return f"Right within ± {spell(allowance(bet))} {bet.unit}.".replace(" .", ".")
    if bet.kind == "range":
        widest = spell(WIDEST * (bet.high - bet.low))
        return f"Right if the measurement lies inside. At most {widest} {bet.unit} wide.".replace("  ", " ")
    return "From the lowest measurement to the highest." if bet.kind == "order" else ""


def _confidence(given: Mapping[str, str], errors: Mapping[str, str]) -> Field:
    return Field(
        "confidence", "How sure are you?", given.get("confidence", str(USUAL_CONFIDENCE)), str(LEAST_CONFIDENCE),
        str(MOST_CONFIDENCE), "5", "%", error=errors.get("confidence", ""),
    )  # fmt: skip


def _drawing(
    experiment: Experiment, sweep: Sweep, arm: str, given: Mapping[str, str], errors: Mapping[str, str]
) -> Drawing:
    label = experiment.arm(arm).label
    fields = tuple(
        Field(
            f"{arm}-{place}", f"{value:g} {sweep.unit}",
            given.get(f"{arm}-{place}", ""), "0", str(GRID), "5", "%", error=errors.get(f"{arm}-{place}", ""),
        )
        for place, value in enumerate(sweep.values)
    )  # fmt: skip
    return Drawing(arm, label, fields)
