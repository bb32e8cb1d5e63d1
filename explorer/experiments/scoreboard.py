"""What a comparison measured, as a table: medians with their spread, who is ahead, and whether it came out as expected.

Two columns differ only where the spreads over all seeds do not touch: a difference within a spread is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import inf
from typing import Any, Literal

from explorer.experiments import bets
from patterns.core.report import Spread
from patterns.core.workload import Expectation, Workload, Yardstick

Mark = Literal["as expected", "otherwise", "not settled"]


@dataclass(frozen=True, slots=True)
class Contender:
    """One column and what it measured: by yardstick a value for each seed; `why` says why there are none."""

    name: str
    label: str
    values: Mapping[str, Sequence[float | None]]
    why: str = ""

    @classmethod
    def read(cls, name: str, label: str, found: Mapping[str, Any]) -> Contender:
        """From a trial's report. What measured less than its rivals did, since a run of it failed, measured nothing."""
        return cls(name, label, {} if found["why"] else found["values"], found["why"])

    def spread(self, yardstick: str) -> Spread | None:
        """Median, lowest and highest; what never came to be took for ever. None if there is no run."""
        values = [inf if value is None else value for value in self.values.get(yardstick, ())]
        return Spread.of(values) if values else None


@dataclass(frozen=True, slots=True)
class Cell:
    """One measurement. `spread` is empty if all runs say the same; `delta` is the change against the first column, in
    words; `best` if it is ahead of all others, alone or together with some."""

    text: str
    spread: str
    delta: str
    best: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """One expectation and what the runs said. `runs` is empty before they have run."""

    label: str
    says: str
    mark: Mark | None
    runs: str


@dataclass(frozen=True, slots=True)
class Row:
    """One yardstick over all columns. `mark` sums up what was expected of it, None if nothing was."""

    yardstick: Yardstick
    cells: tuple[Cell, ...]
    mark: Mark | None
    chosen: bool


def tabulate(workload: Workload, mishap: str, contenders: Sequence[Contender], chosen: Yardstick) -> list[Row]:
    """The table."""
    judged = judge(workload, mishap, contenders)
    return [_row(yardstick, contenders, judged, yardstick is chosen) for yardstick in workload.yardsticks]


def _row(yardstick: Yardstick, contenders: Sequence[Contender], judged: Sequence[Judged], chosen: bool) -> Row:
    spreads = [contender.spread(yardstick.name) for contender in contenders]
    ahead = find_leaders(spreads, yardstick.better)
    cells = tuple(
        Cell(_say(spread, contender), _span(spread), _delta(spread, spreads[0], place), place in ahead)
        for place, (spread, contender) in enumerate(zip(spreads, contenders, strict=True))
    )
    marks = [item.mark for item in judged if item.label == yardstick.label and item.mark is not None]
    order: tuple[Mark, ...] = ("otherwise", "not settled", "as expected")
    return Row(yardstick, cells, next((mark for mark in order if mark in marks), None), chosen)


def find_leaders(spreads: Sequence[Spread | None], better: str) -> set[int]:
    """Places of those who are ahead: nobody, if somebody else's spread touches all of them."""
    known = {place: spread for place, spread in enumerate(spreads) if spread is not None}
    if not known:
        return set()
    pick = min if better == "low" else max
    first = pick(known, key=lambda place: known[place].median)
    ahead = {place for place, spread in known.items() if touches(spread, known[first])}
    rest = known.keys() - ahead
    apart = all(not touches(known[one], known[other]) for one in ahead for other in rest)
    return ahead if rest and apart else set()


def spell(value: float) -> str:
    """A number in words; of what never came to be, that."""
    return "never" if value == inf else bets.spell(value)


def touches(one: Spread, other: Spread) -> bool:
    """Whether two spreads have a value in common."""
    return one.low <= other.high and other.low <= one.high


def _say(spread: Spread | None, contender: Contender) -> str:
    if contender.why:
        return "unknown"
    return "not run yet" if spread is None else spell(spread.median)


def _span(spread: Spread | None) -> str:
    if spread is None or spell(spread.low) == spell(spread.high):
        return ""
    return f"{spell(spread.low)} to {spell(spread.high)}"


def _delta(spread: Spread | None, first: Spread | None, place: int) -> str:
    if place == 0 or spread is None or first is None:
        return ""
    if spread == first:
        return "same"
    if touches(spread, first):
        return "within the spread"
    if inf in (spread.median, first.median):
        return "never" if spread.median == inf else ""
    change = spread.median - first.median
    times = f" (× {spread.median / first.median:.3g})" if first.median else ""
    return f"{'+' if change > 0 else '−'}{spell(abs(change))}{times}"


# --- what one expects -----------------------------------------------------------------------------------------------


def judge(workload: Workload, mishap: str, contenders: Sequence[Contender]) -> list[Judged]:
    """What one expects of these columns under this mishap, and what the runs said."""
    names = {contender.name for contender in contenders}
    labels = {yardstick.name: yardstick.label for yardstick in workload.yardsticks}
    found = []
    for expectation in workload.expects:
        if (not expectation.under or mishap in expectation.under) and _pairs(expectation, names):
            mark, runs = _judge(expectation, contenders)
            found.append(Judged(labels[expectation.yardstick], expectation.says, mark, runs))
    return found


def _pairs(expectation: Expectation, names: set[str]) -> list[tuple[str, str]]:
    """(less, more) for each two columns of different groups; of a single group, each two of it."""
    groups = [[name for name in group if name in names] for group in expectation.order]
    if len(groups) == 1:
        return list(combinations(groups[0], 2))
    return [(less, more) for one, other in combinations(groups, 2) for less in one for more in other]


def _judge(expectation: Expectation, contenders: Sequence[Contender]) -> tuple[Mark | None, str]:
    spreads = {contender.name: contender.spread(expectation.yardstick) for contender in contenders}
    pairs = _pairs(expectation, set(spreads))
    known = [(one, other) for less, more in pairs if (one := spreads[less]) and (other := spreads[more])]
    if len(known) < len(pairs):
        return None, ""
    marks = [_compare(one, other, len(expectation.order) == 1) for one, other in known]
    mark: Mark = next((mark for mark in ("otherwise", "not settled") if mark in marks), "as expected")
    asked = {name for pair in pairs for name in pair}
    return mark, _rank([contender for contender in contenders if contender.name in asked], expectation.yardstick)


def _compare(less: Spread, more: Spread, is_same_expected: bool) -> Mark:
    """Two columns. The same number from all runs of both is no difference, and that is not what one expects."""
    if touches(less, more):
        alike = less == more
        return "as expected" if is_same_expected else "otherwise" if alike else "not settled"
    return "as expected" if less.high < more.low and not is_same_expected else "otherwise"


def _rank(contenders: Sequence[Contender], yardstick: str) -> str:
    """The columns from low to high, with `<` between those whose spreads do not touch."""
    ranked = [(found, contender.label) for contender in contenders if (found := contender.spread(yardstick))]
    ranked.sort(key=lambda pair: pair[0].median)
    words, before = "", None
    for spread, label in ranked:
        sign = "" if before is None else " = " if spread == before else " ≈ " if touches(before, spread) else " < "
        words += f"{sign}{label} {spell(spread.median)}"
        before = spread
    return words


def leaders(rows: Sequence[Row], labels: Sequence[str]) -> str:
    """Who is ahead on the chosen yardstick, in a sentence."""
    row = next(row for row in rows if row.chosen)
    ahead = [label for label, cell in zip(labels, row.cells, strict=True) if cell.best]
    what = row.yardstick.label
    if not ahead:
        return f"By “{what}” nobody is ahead."
    return f"By “{what}” {' and '.join(ahead)} {'is' if len(ahead) == 1 else 'are'} ahead."
