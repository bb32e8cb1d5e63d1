"""What every check is made of: a prediction that is fixed before the run, and a judgement after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Constants = Mapping[str, float]
"""What formulas may use: the workload's numbers by setting, the length of a run as `seconds`, how often each arm runs
as `repeats`, and by name, with the unit in it, what was measured on this machine before the predictions were fixed."""

Results = Mapping[str, Mapping[str, Sequence[float]]]
"""arm → measure → one value per repeat."""

Formula = Callable[[Constants], float]

Where = Literal["holds", "fails"]
"""A claim that is too strong as worded has checks of both kinds: where it holds, and where it fails."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What must come out, worked out before the first arm runs: in words, and the bounds it is held to."""

    words: str
    low: float
    high: float

    def allows(self, value: float) -> bool:
        """Whether a measurement lies within the bounds."""
        return self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check saw: `values` repeat by repeat, and `pooled`, the one number over all repeats, if that decides."""

    values: tuple[float, ...]
    passed: bool
    pooled: float | None = None


def work_out(formula: Formula | float, constants: Constants) -> float:
    """The number that a formula gives on this machine, at this size."""
    return formula(constants) if callable(formula) else formula


def judge_each(values: Sequence[float], prediction: Prediction) -> Judgement:
    """Every single repeat must lie within the bounds."""
    return Judgement(tuple(values), all(map(prediction.allows, values)))


def judge_mean(values: Sequence[float], prediction: Prediction) -> Judgement:
    """The mean over all repeats must lie within the bounds."""
    mean = sum(values) / len(values)
    return Judgement(tuple(values), prediction.allows(mean), mean)
