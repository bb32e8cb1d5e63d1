"""Bet and measurement on one axis, and two curves over a swept setting: where each mark stands in a drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from explorer.experiments.bets import spell
from patterns.core.experiment import Bet

WIDTH, LEFT, RIGHT = 640, 24, 616
PLOT_WIDTH, PLOT_HEIGHT = 640, 280
PLOT = (56.0, 16.0, 620.0, 236.0)
"""Left, top, right and bottom of the plotting area."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the axis: from `x` to `x2` in the drawing's units; the label is anchored so that it stays inside."""

    x: float
    x2: float
    label: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale with its ticks, the bet (none if skipped), what is near enough, and the measurement with its spread."""

    ticks: tuple[Mark, ...]
    bet: Mark | None
    near: Mark | None
    measured: Mark
    spread: Mark | None
    unit: str
    described: str


def lay_axis(bet: Bet, answer: Any, allowed: float, spread: Mapping[str, float]) -> Axis:
    """Lay out a number or a range and what settles it, which may lie outside the scale: then the scale is stretched."""
    low, high = min(bet.low, spread["low"]), max(bet.high, spread["high"])

    def place(value: float) -> float:
        return round(LEFT + (RIGHT - LEFT) * (value - low) / ((high - low) or 1), 1)

    def mark(first: float, last: float, label: str) -> Mark:
        x, x2 = place(max(first, low)), place(min(last, high))
        middle = (x + x2) / 2
        return Mark(x, x2, label, "start" if middle < 90 else "end" if middle > WIDTH - 90 else "middle")

    measured = mark(spread["median"], spread["median"], f"measured {spell(spread['median'])}")
    ticks = tuple(mark(value, value, spell(value)) for value in _round_numbers(low, high))
    ends = answer if bet.kind == "range" else [answer, answer]
    said = None if answer is None else " to ".join(dict.fromkeys(spell(end) for end in ends))
    described = f"Axis from {spell(low)} to {spell(high)} {bet.unit}: measured {spell(spread['median'])}"
    return Axis(
        ticks=ticks,
        bet=None if answer is None else mark(ends[0], ends[1], f"your bet {said}"),
        near=None if answer is None or not allowed else mark(answer - allowed, answer + allowed, ""),
        measured=measured,
        spread=mark(spread["low"], spread["high"], "") if spread["low"] != spread["high"] else None,
        unit=bet.unit,
        described=described + (f", your bet {said}." if said else ", no bet."),
    )


@dataclass(frozen=True, slots=True)
class Curve:
    """A measured or drawn line: SVG points, and one (x, y) for each value."""

    name: str
    label: str
    points: str
    dots: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves over a setting, with ticks on both axes and where the measured ones cross (x in the drawing)."""

    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    measured: tuple[Curve, ...]
    drawn: tuple[Curve, ...]
    crossings: tuple[tuple[float, str], ...]
    spreads: tuple[tuple[float, float, float], ...] = ()
    """(x, y of the lowest, y of the highest) of each measured point whose repeats differ."""


def lay_plot(
    values: Sequence[float],
    labels: Mapping[str, str],
    measured: Mapping[str, Sequence[float]],
    drawn: Mapping[str, Sequence[float | None]],
    crossings: Sequence[float],
    spreads: Mapping[str, Sequence[Sequence[float]]] | None = None,
) -> Plot:
    """Lay out a sweep. Drawn heights are per cents of the highest measured value, None where nothing was drawn."""
    left, top, right, bottom = PLOT
    highest = max((value for curve in measured.values() for value in curve), default=0) or 1

    def across(value: float) -> float:
        return round(left + (right - left) * (value - values[0]) / ((values[-1] - values[0]) or 1), 1)

    def up(share: float) -> float:
        return round(bottom - (bottom - top) * share, 1)

    def curve(name: str, shares: Sequence[float | None]) -> Curve:
        places = zip(values, shares, strict=True)
        dots = tuple((across(value), up(share)) for value, share in places if share is not None)
        return Curve(name, labels[name], " ".join(f"{x},{y}" for x, y in dots), dots)

    return Plot(
        x_ticks=tuple((across(value), spell(value)) for value in values),
        y_ticks=tuple((up(share), spell(highest * share) if measured else f"{share:.0%}") for share in (0, 0.5, 1)),
        measured=tuple(curve(name, [value / highest for value in curve_]) for name, curve_ in measured.items()),
        drawn=tuple(curve(name, [_share(height) for height in heights]) for name, heights in drawn.items()),
        crossings=tuple((across(value), f"{value:.2g}") for value in crossings),
        spreads=tuple(
            # a repeat above the highest median ends at the edge
            (across(value), up(low / highest), up(min(1.0, high / highest)))
            for points in (spreads or {}).values()
            for value, (low, high) in zip(values, points, strict=True)
            if low != high
        ),
    )


def _share(height: float | None) -> float | None:
    return None if height is None else height / 100


def _round_numbers(low: float, high: float) -> list[float]:
    """Four to ten round numbers from low to high."""
    span = (high - low) or 1.0
    step = 10 ** floor(log10(span))
    step = next(width for width in (step / 5, step / 2, step, 2 * step) if span / width <= 8)
    first = -floor(-low / step)
    return [round((first + i) * step, 10) for i in range(int((high - first * step) / step + 1e-9) + 1)]
