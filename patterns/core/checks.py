"""What must come out of an experiment. Each check fixes its prediction before the run, and compares what an arm
measured with that prediction only."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from patterns.core.judgement import (
    Constants,
    Formula,
    Judgement,
    Prediction,
    Results,
    Where,
    judge_each,
    judge_mean,
    work_out,
)
from patterns.core.shares import NoneOf, Share

__all__ = ["Between", "Check", "Constants", "Exactly", "Formula", "Near", "NoneOf", "Order", "Share", "Times"]


@dataclass(frozen=True, slots=True)
class Near:
    """Every repeat, or the mean of all repeats if `pooled`, lies within `tolerance` of the formula: a ratio of it, or
    `margin` in the measure's own unit if greater. A margin that depends on the number of samples is a formula too.

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
    pooled: bool = False

    def predict(self, constants: Constants) -> Prediction:
        """The formula's value, with what it may be off."""
        value, margin = work_out(self.formula, constants), work_out(self.margin, constants)
        allowed = max(abs(value) * self.tolerance, margin)
        return Prediction(f"{self.text} = {value:.4g} ± {allowed:.2g}", value - allowed, value + allowed)

    def judge(self, results: Results, prediction: Prediction) -> Judgement:
        """Compare each repeat, or their mean, with the formula."""
        return (judge_mean if self.pooled else judge_each)(results[self.arm][self.measure], prediction)


@dataclass(frozen=True, slots=True)
class Exactly:
    """Every repeat gives this count."""

    arm: str
    measure: str
    value: Formula | float
    text: str = ""
    where: Where = "holds"
    source: str = ""

    def predict(self, constants: Constants) -> Prediction:
        """The count."""
        value = work_out(self.value, constants)
        return Prediction((f"{self.text} = " if self.text else "exactly ") + f"{value:g}", value, value)

    def judge(self, results: Results, prediction: Prediction) -> Judgement:
        """Compare each repeat with the count."""
        return judge_each(results[self.arm][self.measure], prediction)


@dataclass(frozen=True, slots=True)
class Between:
    """Every repeat lies within low..high, both in the measure's unit."""

    arm: str
    measure: str
    low: float = float("-inf")
    high: float = float("inf")
    text: str = ""
    where: Where = "holds"
    source: str = ""

    def predict(self, constants: Constants) -> Prediction:
        """The bounds."""
        return Prediction(self.text or f"{self.low:g} to {self.high:g}", self.low, self.high)

    def judge(self, results: Results, prediction: Prediction) -> Judgement:
        """Compare each repeat with the bounds."""
        return judge_each(results[self.arm][self.measure], prediction)


@dataclass(frozen=True, slots=True)
class Times:
    """An arm measures `at_least` to `at_most` times what the other does, repeat by repeat (they were interleaved).

    A bound that depends on what was measured on this machine is a formula.
    """

    arm: str
    measure: str
    other: str
    at_least: Formula | float = 0.0
    at_most: Formula | float = float("inf")
    text: str = ""
    where: Where = "holds"
    source: str = ""

    def predict(self, constants: Constants) -> Prediction:
        """The bounds of the ratio."""
        low, high = work_out(self.at_least, constants), work_out(self.at_most, constants)
        upper = "" if high == float("inf") else f" and at most {high:.3g}"
        return Prediction(self.text or f"at least {low:.3g}{upper} × {self.other}", low, high)

    def judge(self, results: Results, prediction: Prediction) -> Judgement:
        """Compare the ratios. A zero in the other arm gives an infinite ratio, or 1 if both are zero."""
        pairs = zip(results[self.arm][self.measure], results[self.other][self.measure], strict=True)
        return judge_each([_ratio(mine, others) for mine, others in pairs], prediction)


@dataclass(frozen=True, slots=True)
class Order:
    """The arms' measures rise strictly in this order, in each repeat."""

    arms: tuple[str, ...]
    measure: str
    text: str = ""
    where: Where = "holds"
    source: str = ""

    @property
    def arm(self) -> str:
        """The arm that must measure most."""
        return self.arms[-1]

    def predict(self, constants: Constants) -> Prediction:
        """The order; it bounds no single number."""
        return Prediction(self.text or " < ".join(self.arms), float("-inf"), float("inf"))

    def judge(self, results: Results, prediction: Prediction) -> Judgement:
        """Compare neighbours."""
        columns = [results[arm][self.measure] for arm in self.arms]
        rising = all(a < b for row in zip(*columns, strict=True) for a, b in pairwise(row))
        return Judgement(tuple(columns[-1]), rising)


Check = Near | Exactly | Between | Times | Order | Share | NoneOf


def _ratio(mine: float, others: float) -> float:
    if others:
        return mine / others
    return float("inf") if mine else 1.0
