"""One thing measured beside its rival: repeated, interleaved, and told as medians."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import Any

REPETITIONS = 4


@dataclass
class Comparison:
    """`ours` and `rival` hold one value per repetition, in `unit`. `bound` is what the ratio ours : rival, or with
    `is_absolute` the median of ours itself, must reach; it is a floor, unless `is_ceiling`. Without a bound the line is
    there to be read."""

    name: str
    rival_name: str
    unit: str
    bound: float | None = None
    is_ceiling: bool = False
    is_absolute: bool = False
    ours: list[float] = field(default_factory=list)
    rival: list[float] = field(default_factory=list)
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return median(self.ours) / median(self.rival) if self.ours and self.rival and median(self.rival) else None

    @property
    def spread(self) -> str:
        """Lowest and highest ratio over the repetitions, or of ours where there is no rival."""
        if len(self.ours) < 2:
            return ""
        pairs = zip(self.ours, self.rival, strict=False)
        values = [o / r for o, r in pairs if r] if self.rival and not self.is_absolute else self.ours
        return f"{min(values):.3g}–{max(values):.3g}" if values else ""

    @property
    def budget(self) -> str:
        if self.bound is None:
            return ""
        return f"{'≤' if self.is_ceiling else '≥'} {self.bound:g} {self.unit if self.is_absolute else '×'}"

    @property
    def met(self) -> bool | None:
        value = (median(self.ours) if self.ours else None) if self.is_absolute else self.ratio
        if self.bound is None or value is None:
            return None
        return value <= self.bound if self.is_ceiling else value >= self.bound

    def as_dict(self) -> dict[str, Any]:
        """A row of `bench --json`."""
        return {
            "name": self.name,
            "ours": median(self.ours) if self.ours else None,
            "rival": median(self.rival) if self.rival else None,
            "rival_name": self.rival_name,
            "ratio": self.ratio,
            "unit": self.unit,
            "budget": self.budget,
            "met": self.met,
        }


def interleave(measure_ours: Callable[[], None], *measure_rivals: Callable[[], None]) -> None:
    """Ours, rival, rival, ours, ...: what else the machine does falls on all alike."""
    for repetition in range(REPETITIONS):
        turns = [measure_ours, *measure_rivals]
        for measure in turns if repetition % 2 == 0 else reversed(turns):
            measure()
