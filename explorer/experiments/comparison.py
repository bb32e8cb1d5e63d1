"""The same work through several columns: what each measured, the difference, and who is ahead on one yardstick."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from explorer.experiments.bets import spell
from patterns.core.workload import PLAIN, WORKLOADS, Column, Workload, Yardstick, columns

MOST = 4
"""Columns side by side."""
LEAST = 2


class BadComparison(ValueError):
    """Nothing that can be compared; the sentence says what would be right."""


def choose_workload(name: str) -> Workload:
    """The workload of that name; the first if none is named.

    Raises:
        BadComparison: there is none of that name.
    """
    found = {workload.name: workload for workload in WORKLOADS}
    if not name:
        return WORKLOADS[0]
    if name not in found:
        raise BadComparison(f"There is no workload “{name[:40]}”; there are: {', '.join(found)}.")
    return found[name]


def choose_columns(workload: Workload, wanted: Sequence[str]) -> list[str]:
    """Addresses of the columns to compare: `slug` or `slug:column` each; without any, one of each pattern first.

    Raises:
        BadComparison: one that does not exist, too many, or the same twice.
    """
    offered = offer(workload)
    if not wanted:
        firsts = list({slug: address for address, (slug, _) in reversed(offered.items())}.values())[::-1]
        rest = [address for address in offered if address not in firsts]
        return [*firsts, *rest][:LEAST]
    chosen = list(dict.fromkeys(_find(workload, item.strip()) for item in wanted if item.strip()))
    if len(chosen) < LEAST:
        # one named twice, or a pattern on its own: put the next way of doing it beside it
        chosen += [address for address in offered if address not in chosen][: LEAST - len(chosen)]
    if len(chosen) > MOST:
        raise BadComparison(f"{len(chosen)} columns do not fit beside each other; take at most {MOST}.")
    return chosen


def _find(workload: Workload, item: str) -> str:
    offered = offer(workload)
    for address in offered:
        if address == f"{workload.name}:{item}" or address.startswith(f"{workload.name}:{item}:"):
            return address
    names = ", ".join(address.partition(":")[2] for address in offered)
    raise BadComparison(f"“{item[:60]}” cannot do the workload “{workload.title}”; these can: {names}.")


def offer(workload: Workload) -> dict[str, tuple[str, Column]]:
    """Every column that does a workload, by address."""
    return {address: pair for address, pair in columns().items() if pair[1].workload == workload.name}


def choose_mishap(workload: Workload, name: str) -> str:
    """The mishap of that name; raises BadComparison."""
    names = [mishap.name for mishap in workload.mishaps]
    if name and name not in names:
        raise BadComparison(f"“{name[:40]}” does not happen in this workload; there are: {', '.join(names)}.")
    return name or PLAIN.name


def choose_yardstick(workload: Workload, name: str) -> Yardstick:
    """The yardstick of that name; the first if none is named; raises BadComparison."""
    found = {item.name: item for item in workload.yardsticks}
    if name and name not in found:
        raise BadComparison(f"There is no yardstick “{name[:40]}”; there are: {', '.join(found)}.")
    return found[name] if name else workload.yardsticks[0]


@dataclass(frozen=True, slots=True)
class Cell:
    """One measurement. `delta` is the change against the first column, in words; `best` if nobody does better."""

    text: str
    delta: str
    best: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One yardstick over all columns, and what one expected."""

    yardstick: Yardstick
    cells: tuple[Cell, ...]
    expected: str
    chosen: bool


def tabulate(workload: Workload, results: Sequence[Mapping[str, float | None] | None], chosen: Yardstick) -> list[Row]:
    """The table. A result is None for a column that has not run yet."""
    return [_row(workload, yardstick, results, chosen) for yardstick in workload.yardsticks]


def _row(
    workload: Workload, yardstick: Yardstick, results: Sequence[Mapping[str, float | None] | None], chosen: Yardstick
) -> Row:
    values = [None if result is None else result.get(yardstick.name) for result in results]
    known = [value for value in values if value is not None]
    best = (min(known) if yardstick.better == "low" else max(known)) if known else None
    differ = len(set(known)) > 1
    cells = tuple(
        Cell(_spell(value, result), _delta(value, values[0], place), differ and value is not None and value == best)
        for place, (value, result) in enumerate(zip(values, results, strict=True))
    )
    return Row(yardstick, cells, workload.expects.get(yardstick.name, ""), yardstick is chosen)


def _spell(value: float | None, result: object) -> str:
    if result is None:
        return "not run yet"
    return "not measured" if value is None else spell(value)


def _delta(value: float | None, first: float | None, place: int) -> str:
    if place == 0 or value is None or first is None:
        return ""
    change = value - first
    if not change:
        return "same"
    times = f" (× {value / first:.3g})" if first else ""
    return f"{'+' if change > 0 else '−'}{spell(abs(change))}{times}"


def leaders(rows: Sequence[Row], labels: Sequence[str]) -> str:
    """Who is ahead on the chosen yardstick, in a sentence."""
    row = next(row for row in rows if row.chosen)
    ahead = [label for label, cell in zip(labels, row.cells, strict=True) if cell.best]
    what = row.yardstick.label
    if any(cell.text == "not run yet" for cell in row.cells):
        return "Not all of them have run yet."
    if not ahead:
        return f"By “{what}” nobody is ahead."
    return f"By “{what}” {' and '.join(ahead)} {'is' if len(ahead) == 1 else 'are'} ahead."
