"""Whether someone is as often right as he is sure: his bets by confidence, against how many of them came true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BANDS = ((50, 59), (60, 69), (70, 79), (80, 89), (90, 100))
ENOUGH = 8
"""Below this many bets a share says little, and the sentence says so."""
CLOSE = 0.1
"""Sure and right within this of each other is well calibrated."""


@dataclass(frozen=True, slots=True)
class Band:
    """Bets of like confidence: per cents `low` to `high`, how many, how many were right, and their mean confidence."""

    low: int
    high: int
    bets: int
    right: int
    sure: float

    @property
    def hit_ratio(self) -> float:
        """Share that was right, 0 to 1."""
        return self.right / self.bets


@dataclass(frozen=True, slots=True)
class Calibration:
    """All bets of one person. `brier` is the mean squared distance between confidence and outcome (Brier 1950): 0 is
    perfect, 0.25 is what a coin gets. Ratios are None without bets."""

    bets: int
    right: int
    sure: float | None
    brier: float | None
    bands: tuple[Band, ...]

    @property
    def hit_ratio(self) -> float | None:
        """Share that was right."""
        return self.right / self.bets if self.bets else None

    @property
    def verdict(self) -> str:
        """One sentence about it."""
        if self.sure is None or self.hit_ratio is None:
            return "No bet of yours is settled yet."
        so_far = "So far you" if self.bets < ENOUGH else "You"
        gap = self.sure - self.hit_ratio
        if abs(gap) <= CLOSE:
            return f"{so_far} are about as often right as you are sure."
        if gap > 0:
            return f"{so_far} are surer than you are right: say a lower number, or look longer before you bet."
        return f"{so_far} are more often right than you dare to say."


def calibrate(bets: Iterable[tuple[int, bool]]) -> Calibration:
    """Sum up bets as (confidence in per cent, whether it was right)."""
    all_bets = list(bets)
    bands = tuple(
        Band(low, high, len(found), sum(right for _, right in found), sum(sure for sure, _ in found) / len(found))
        for low, high in BANDS
        if (found := [bet for bet in all_bets if low <= bet[0] <= high])
    )
    count = len(all_bets)
    sure = sum(sure for sure, _ in all_bets) / count / 100 if count else None
    brier = sum((sure / 100 - right) ** 2 for sure, right in all_bets) / count if count else None
    return Calibration(count, sum(right for _, right in all_bets), sure, brier, bands)
