"""When a question comes back, and which come today: spaced, interleaved among what is easily confused, five minutes.

Spacing after Cepeda et al. 2006 (expanding gaps), interleaving after Rohrer 2012; a confident error that is met again
soon is corrected best (Butterfield and Metcalfe 2001, the hypercorrection effect).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

DAYS = (1, 3, 7, 16, 35)
CONFIDENT = 80
"""From this per cent on a wrong answer is a confident error."""
SOON = timedelta(days=7)
"""A confident error comes back within this, however full the days are."""
SECONDS_A_DAY = 300
SECONDS = {"single": 35, "multiple": 45, "order": 50, "match": 50, "numeric": 60, "predict-the-run": 50}
SECONDS_OTHERWISE = 60


@dataclass(frozen=True, slots=True)
class Item:
    """Something that is due. `error` is when its visitor was sure and wrong, until he has put that right."""

    question: str
    pattern: str
    kind: str
    due: datetime
    error: datetime | None = None

    @property
    def urgent(self) -> bool:
        """Whether a confident error has not been put right."""
        return self.error is not None

    def is_last_chance(self, now: datetime) -> bool:
        """Whether tomorrow would be too late for it."""
        return self.error is not None and self.error + SOON < now + timedelta(days=1)

    @property
    def seconds(self) -> int:
        """How long it takes, roughly."""
        return SECONDS.get(self.kind, SECONDS_OTHERWISE)


def plan_next(step: int | None, right: bool, at: datetime) -> tuple[int, datetime]:
    """The step to be on after an answer, and when the question comes back; `step` is None the first time."""
    reached = 0 if not right or step is None else min(step + 1, len(DAYS) - 1)
    return reached, at + timedelta(days=DAYS[reached])


def is_confident_error(right: bool | None, confidence: int | None) -> bool:
    """Whether somebody was sure, and wrong."""
    return right is False and confidence is not None and confidence >= CONFIDENT


def plan_today(
    items: Sequence[Item],
    now: datetime,
    confused: Mapping[str, Collection[str]],
    budget: int = SECONDS_A_DAY,
    last: str = "",
) -> list[Item]:
    """What is asked today: confident errors first, then what is longest due, as much as fits into `budget` seconds;
    and a confident error for which tomorrow would be too late, even if it does not fit.

    Neighbours are of different patterns where that is possible, and best of two that are easily confused; `last` is
    the pattern that was asked about just now.
    """
    due = [item for item in items if item.due <= now]
    due.sort(key=lambda item: (not item.is_last_chance(now), not item.urgent, item.due, item.question))
    chosen: list[Item] = []
    for item in due:
        if item.is_last_chance(now) or sum(other.seconds for other in chosen) + item.seconds <= budget:
            chosen.append(item)
    return _interleave(chosen, confused, last)


def _interleave(items: list[Item], confused: Mapping[str, Collection[str]], last: str) -> list[Item]:
    waiting = list(items)
    order: list[Item] = []
    while waiting:
        left = {item.pattern: sum(other.pattern == item.pattern for other in waiting) for item in waiting}
        following = min(waiting, key=lambda item: _distance(item, last, left, confused))  # the earliest among equals
        waiting.remove(following)
        order.append(following)
        last = following.pattern
    return order


def _distance(
    item: Item, last: str, left: Mapping[str, int], confused: Mapping[str, Collection[str]]
) -> tuple[int, int]:
    """The same pattern again is worst; one that would be left alone at the end comes earlier; a near one is best."""
    same = item.pattern == last
    most = max(left.values())
    crowding = most - left[item.pattern] if most > sum(left.values()) - most else 0
    near = last and (item.pattern in confused.get(last, ()) or last in confused.get(item.pattern, ()))
    return (2 if same else 0) + (1 if crowding else 0), 0 if near else 1
