"""Checks on how often something happens. Repeats are pooled: more samples give a narrower margin."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma, log, log1p

from patterns.core.judgement import Constants, Formula, Judgement, Prediction, Results, Where, judge_mean, work_out

DOUBT = 0.001
"""How often a true share is taken for a false one, by chance alone: about 3.3 standard deviations to either side."""


@dataclass(frozen=True, slots=True)
class Share:
    """The measured share, 0 to 1, of `n` samples a repeat is what chances `p` give, all repeats together."""

    arm: str
    measure: str
    p: Formula | float
    n: Formula | float
    text: str = ""
    source: str = "binomial distribution"
    where: Where = "holds"

    def predict(self, constants: Constants) -> Prediction:
        """The share, and between which counts of all samples it lies but for one case in a thousand."""
        p, n = work_out(self.p, constants), _pool(self.n, constants)
        low, high = bound(p, n)
        text = f"{self.text} = " if self.text else ""
        words = f"{text}{p:.4g}, so {low / n:.3g} to {high / n:.3g} with n = {n}"
        # half a count to either side: no share of n lies there, and rounding errors do not matter
        return Prediction(words, (low - 0.5) / n, (high + 0.5) / n)

    def judge(self, results: Results, prediction: Prediction) -> Judgement:
        """Compare the share over all repeats."""
        return judge_mean(results[self.arm][self.measure], prediction)


@dataclass(frozen=True, slots=True)
class NoneOf:
    """Not one of `n` samples a repeat, in any repeat. A repeat without samples proves nothing, so `n` is said."""

    arm: str
    measure: str
    n: Formula | float
    text: str = ""
    source: str = ""
    where: Where = "holds"

    def predict(self, constants: Constants) -> Prediction:
        """None, and of how many."""
        return Prediction(f"{self.text or 'none'} of {_pool(self.n, constants)}", 0.0, 0.0)

    def judge(self, results: Results, prediction: Prediction) -> Judgement:
        """Add up all repeats."""
        values = tuple(results[self.arm][self.measure])
        return Judgement(values, prediction.allows(sum(map(abs, values))), sum(values))


def bound(p: float, n: int) -> tuple[int, int]:
    """The counts of `n` samples outside of which a chance `p` leads but rarely, half of `DOUBT` at either end.

    Raises:
        ValueError: p is no chance.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"{p} is no chance: it lies from 0 to 1")
    if p in (0, 1):
        return int(p * n), int(p * n)
    low, below = 0, _chance(0, p, n)
    while below <= DOUBT / 2:
        low += 1
        below += _chance(low, p, n)
    high, above = n, _chance(n, p, n)
    while above <= DOUBT / 2:
        high -= 1
        above += _chance(high, p, n)
    return low, high


def _chance(k: int, p: float, n: int) -> float:
    """That exactly `k` of `n` happen."""
    ways = lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
    return exp(ways + k * log(p) + (n - k) * log1p(-p))


def _pool(n: Formula | float, constants: Constants) -> int:
    """The samples of all repeats. Raises ValueError if there are none: such a check cannot fail."""
    samples = work_out(n, constants) * constants["repeats"]
    if samples < 1:
        raise ValueError(f"{samples:g} samples in all repeats: a share needs at least one")
    return int(samples)
