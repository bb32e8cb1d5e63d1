"""What must come out of an experiment. Each check compares what an arm measured with a prediction fixed before the
run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Constants = Mapping[str, float]
"""What formulas may use: the workload's numbers by setting, the length of a run as `seconds`, and by name, with the
unit in it, what was measured on this machine before the predictions were fixed."""

Results = Mapping[str, Mapping[str, Sequence[float]]]
"""arm → measure → one value per repeat."""

Formula = Callable[[Constants], float]

Where = Literal["holds", "fails"]
"""A claim that is too strong as worded has checks of both kinds: where it holds, and where it fails."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check saw. `predicted` in words, with its number; `values` are the measurements it looked at."""

    predicted: str
    values: tuple[float, ...]
    passed: bool


@dataclass(frozen=True, slots=True)
class Near:
    """Every repeat lies within `tolerance` of the formula: a ratio of it, or `margin` in the measure's own unit if
    greater. A margin that depends on the number of samples is a formula too.

    `source` says where the formula comes from.
    """

    arm: str
    measure: str
    formula: Formula | float
    text: str
    source: str
    tolerance: float = 0.1
    margin: Formula | float = 0.0
    where: Where = "holds"

    def judge(self, results: Results, constants: Constants) -> Judgement:
        """Compare each repeat with the formula."""
        value, margin = _work_out(self.formula, constants), _work_out(self.margin, constants)
        allowed = max(abs(value) * self.tolerance, margin)
        seen = tuple(results[self.arm][self.measure])
        passed = all(abs(item - value) <= allowed for item in seen)
        return Judgement(f"{self.text} = {value:.4g} ± {allowed:.2g}", seen, passed)


@dataclass(frozen=True, slots=True)
class Exactly:
    """Every repeat gives this count."""

    arm: str
    measure: str
    value: Formula | float
    text: str = ""
    where: Where = "holds"

    def judge(self, results: Results, constants: Constants) -> Judgement:
        """Compare each repeat with the count."""
        value = _work_out(self.value, constants)
        seen = tuple(results[self.arm][self.measure])
        text = f"{self.text} = " if self.text else "exactly "
        return Judgement(f"{text}{value:g}", seen, all(item == value for item in seen))


@dataclass(frozen=True, slots=True)
class Between:
    """Every repeat lies within low..high, both in the measure's unit."""

    arm: str
    measure: str
    low: float = float("-inf")
    high: float = float("inf")
    text: str = ""
    where: Where = "holds"

    def judge(self, results: Results, constants: Constants) -> Judgement:
        """Compare each repeat with the bounds."""
        seen = tuple(results[self.arm][self.measure])
        bounds = self.text or f"{self.low:g} to {self.high:g}"
        return Judgement(bounds, seen, all(self.low <= item <= self.high for item in seen))


@dataclass(frozen=True, slots=True)
class Times:
    """An arm measures `at_least` to `at_most` times what the other does, repeat by repeat (they were interleaved)."""

    arm: str
    measure: str
    other: str
    at_least: float = 0.0
    at_most: float = float("inf")
    text: str = ""
    where: Where = "holds"

    def judge(self, results: Results, constants: Constants) -> Judgement:
        """Compare the ratios. A zero in the other arm gives an infinite ratio, or 1 if both are zero."""
        pairs = zip(results[self.arm][self.measure], results[self.other][self.measure], strict=True)
        ratios = tuple(_ratio(mine, others) for mine, others in pairs)
        upper = "" if self.at_most == float("inf") else f" and at most {self.at_most:g}"
        text = self.text or f"at least {self.at_least:g}{upper} × {self.other}"
        return Judgement(text, ratios, all(self.at_least <= ratio <= self.at_most for ratio in ratios))


@dataclass(frozen=True, slots=True)
class Order:
    """The arms' measures rise strictly in this order, in each repeat."""

    arms: tuple[str, ...]
    measure: str
    text: str = ""
    where: Where = "holds"

    @property
    def arm(self) -> str:
        """The arm that must measure most."""
        return self.arms[-1]

    def judge(self, results: Results, constants: Constants) -> Judgement:
        """Compare neighbours."""
        columns = [results[arm][self.measure] for arm in self.arms]
        rising = all(a < b for row in zip(*columns, strict=True) for a, b in pairwise(row))
        return Judgement(self.text or " < ".join(self.arms), tuple(columns[-1]), rising)


Check = Near | Exactly | Between | Times | Order


def _work_out(formula: Formula | float, constants: Constants) -> float:
    return formula(constants) if callable(formula) else formula


def _ratio(mine: float, others: float) -> float:
    if others:
        return mine / others
    return float("inf") if mine else 1.0
