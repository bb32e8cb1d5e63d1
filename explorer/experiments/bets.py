"""What a learner expects before a run: read from a form, refused with a sentence, and settled by what was measured."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil
from typing import Any

from patterns.core.experiment import Bet, Experiment, Sweep
from patterns.core.sweep import find_crossings

LEAST_CONFIDENCE, MOST_CONFIDENCE = 50, 100
NEAR_ENOUGH = 0.1
"""A number is right within this share of the scale it was bet on."""
WIDEST = 0.5
"""A range may cover this share of the scale: one that covers all of it says nothing."""
LEAST_DRAWN = 0.5
"""Share of the points that a curve must be drawn through: two of six say little."""
GRID = 100
"""A drawn curve's points are per cents of the highest value that either arm will reach."""


class BadBet(ValueError):
    """A bet that cannot be taken. `field` is the name of the input that is wrong; the sentence says what is right."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


Heights = list[float | None]
"""A drawn curve: a height for each value of the sweep, None where nothing was drawn."""
Answer = float | list[float] | list[str] | dict[str, Heights]


@dataclass(frozen=True, slots=True)
class Settlement:
    """What came of a bet. `off` is how far off it was, in `unit`; None for an order or a drawing without a crossing.

    `right` is None if the run measured nothing that settles it.
    """

    measured: Any
    unit: str
    off: float | None
    right: bool | None


# --- reading -------------------------------------------------------------------------------------------------------


def read_bet(bet: Bet, given: Mapping[str, str]) -> Answer:
    """The bet in a form's fields.

    Raises:
        BadBet: it is no number, out of its bounds, too wide, incomplete.
    """
    if bet.kind == "number":
        return _read_number(bet, "answer", given)
    if bet.kind == "range":
        return _read_range(bet, given)
    if bet.kind == "first":
        return [_read_choice(bet, "answer", given)]
    return _read_order(bet, given)


def read_drawing(sweep: Sweep, given: Mapping[str, str]) -> dict[str, Heights]:
    """The drawn curves, a height (0 to 100) for each value of the sweep at which he drew; raises BadBet."""
    drawn = {arm: [_read_height(f"{arm}-{place}", given) for place in range(len(sweep.values))] for arm in sweep.arms}
    least = max(2, ceil(LEAST_DRAWN * len(sweep.values)))
    for arm, heights in drawn.items():
        if (points := sum(height is not None for height in heights)) < least:
            raise BadBet(
                f"{arm}-{heights.index(None)}",
                f"A curve is drawn through at least {least} of the {len(heights)} points; this one has {points}. Or "
                f"run without a bet.",
            )
    curves = list(drawn.values())
    if len(curves) > 1 and curves[0] == curves[1]:
        raise BadBet("", "Both curves are the same line: draw how each of the two goes, or run without a bet.")
    return drawn


def _read_height(field: str, given: Mapping[str, str]) -> float | None:
    """One drawn point; none where the learner left it open."""
    scale = Bet("number", "", "", unit="%", low=0, high=GRID)
    return _read_number(scale, field, given) if given.get(field, "").strip() else None


def read_confidence(given: Mapping[str, str]) -> int:
    """How sure the learner is, in per cent; raises BadBet."""
    text = given.get("confidence", "").strip().removesuffix("%").strip()
    if not text.isdecimal() or not LEAST_CONFIDENCE <= int(text) <= MOST_CONFIDENCE:
        raise BadBet(
            "confidence",
            f"“{text[:20]}” is no confidence: it is a whole number from {LEAST_CONFIDENCE} (a coin toss) "
            f"to {MOST_CONFIDENCE} (certain).",
        )
    return int(text)


def _read_number(bet: Bet, field: str, given: Mapping[str, str]) -> float:
    text = given.get(field, "").strip()
    right = f"from {spell(bet.low)} to {spell(bet.high)} {bet.unit}".rstrip()
    if not text:
        raise BadBet(field, f"There is no number yet: the bet is one {right}, or you run without a bet.")
    plain = text.replace(",", "") if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", text) else text
    if not re.fullmatch(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?", plain, re.IGNORECASE):
        raise BadBet(
            field, f"“{text[:30]}” is no number: write one {right}, such as {spell((bet.low + bet.high) / 2)}."
        )
    value = float(plain)
    if not bet.low <= value <= bet.high:
        raise BadBet(field, f"{text[:30]} is out of range: the bet is a number {right}.")
    return value


def _read_range(bet: Bet, given: Mapping[str, str]) -> list[float]:
    low, high = _read_number(bet, "low", given), _read_number(bet, "high", given)
    if low > high:
        raise BadBet("high", f"The range ends at {spell(high)} before it begins at {spell(low)}: swap the two.")
    widest = WIDEST * (bet.high - bet.low)
    if high - low > widest:
        raise BadBet("high", f"That range is {spell(high - low)} wide; at most {spell(widest)} still says something.")
    return [low, high]


def _read_choice(bet: Bet, field: str, given: Mapping[str, str]) -> str:
    text = given.get(field, "")
    if text not in bet.choices:
        raise BadBet(field, f"{'Nothing is chosen' if not text else f'“{text[:30]}” cannot be chosen'}: take one.")
    return text


def _read_order(bet: Bet, given: Mapping[str, str]) -> list[str]:
    chosen = [_read_choice(bet, f"place-{place}", given) for place in range(len(bet.choices))]
    for place, choice in enumerate(chosen):
        if choice in chosen[:place]:
            raise BadBet(f"place-{place}", "One of them stands in two places: each has one place of its own.")
    return chosen


# --- settling ------------------------------------------------------------------------------------------------------


def allowance(bet: Bet) -> float:
    """How far off a number may be and still be right, in the bet's unit."""
    return NEAR_ENOUGH * (bet.high - bet.low)


def settle(bet: Bet, answer: Any, arms: Sequence[Mapping[str, Any]]) -> Settlement:
    """Compare a bet with the arms of a report: `[{name, measures: {name: {median, low, high, n}}}]`."""
    medians = {arm["name"]: arm["measures"].get(bet.measure, {}).get("median") for arm in arms}
    if bet.kind in ("order", "first"):
        return _settle_order(bet, answer, medians)
    measured = medians.get(bet.arm)
    if measured is None:
        return Settlement(None, bet.unit, None, None)
    low, high = answer if bet.kind == "range" else (answer, answer)
    off = max(low - measured, measured - high, 0.0)
    allowed = 0.0 if bet.kind == "range" else allowance(bet)
    return Settlement(measured, bet.unit, off, off <= allowed)


def _settle_order(bet: Bet, answer: Any, medians: Mapping[str, Any]) -> Settlement:
    if any(medians.get(choice) is None for choice in bet.choices):
        return Settlement(None, bet.unit, None, None)
    ranked = sorted(bet.choices, key=lambda choice: medians[choice])
    wanted = ranked[: len(answer)]
    # two arms that measured the same may stand either way round
    right = [medians[choice] for choice in answer] == [medians[choice] for choice in wanted]
    return Settlement(ranked, bet.unit, None, right)


def settle_drawing(sweep: Sweep, drawn: Mapping[str, Heights], crossings: Sequence[float]) -> Settlement:
    """Compare where the drawn curves cross with where the measured ones did: right within one step of the sweep."""
    one, other = (_join_points(sweep.values, drawn[arm]) for arm in sweep.arms)
    both = [(value, a, b) for value, a, b in zip(sweep.values, one, other, strict=True) if None not in (a, b)]
    bet = find_crossings(*map(list, zip(*both, strict=True))) if both else []
    if not bet or not crossings:
        return Settlement(list(crossings), sweep.unit, None, bool(bet) == bool(crossings))
    off = abs(bet[0] - crossings[0])
    step = max(after - before for before, after in zip(sweep.values, sweep.values[1:], strict=False))
    return Settlement(list(crossings), sweep.unit, off, off <= step)


def _join_points(places: Sequence[float], heights: Heights) -> Heights:
    """The drawn curve at every place, by straight lines between its points; None before its first and after its
    last."""
    known = [(place, height) for place, height in zip(places, heights, strict=True) if height is not None]
    joined: Heights = []
    for place in places:
        between = next((pair for pair in pairwise(known) if pair[0][0] <= place <= pair[1][0]), None)
        if between is None:
            joined.append(None)
            continue
        (left, before), (right, after) = between
        joined.append(before + (after - before) * (place - left) / (right - left))
    return joined


def settle_curve(sweep: Sweep, drawn: Mapping[str, Heights], arms: Mapping[str, Sequence[float]]) -> Settlement:
    """Compare one drawn curve with the measured one, where it was drawn: how far off it is on average, in per cent of
    the highest point."""
    (arm,) = sweep.arms
    measured = arms[arm]
    highest = max(map(abs, measured)) or 1.0
    pairs = zip(drawn[arm], measured, strict=True)
    offs = [abs(height - GRID * value / highest) for height, value in pairs if height is not None]
    off = sum(offs) / len(offs)
    return Settlement(list(measured), "%", off, off <= GRID * NEAR_ENOUGH)


# --- words ---------------------------------------------------------------------------------------------------------


def spell(value: float) -> str:
    """A number with at most four digits, thousands apart."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def describe(experiment: Experiment, answer: Any) -> str:
    """A bet in words."""
    bet = experiment.bet
    if answer is None or bet is None:
        return "no bet"
    if bet.kind == "number":
        return f"{spell(answer)} {bet.unit}".rstrip()
    if bet.kind == "range":
        return f"{spell(answer[0])} to {spell(answer[1])} {bet.unit}".rstrip()
    labels = {arm.name: arm.label for arm in experiment.arms}
    return ", then ".join(labels.get(choice, choice) for choice in answer)
