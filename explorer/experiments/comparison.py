"""What is compared with what: the choices of a comparison, checked, and the name under which its trials are kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from patterns.core.contest import WORKLOADS, columns
from patterns.core.workload import PLAIN, Column, Workload, Yardstick

MOST = 4
"""Columns side by side."""
LEAST = 2


class BadComparison(ValueError):
    """Nothing that can be compared; the sentence says what would be right."""


@dataclass(frozen=True, slots=True)
class Pairing:
    """What is compared: addresses of columns, under one mishap, at one size."""

    workload: str
    mishap: str
    size: int
    columns: tuple[str, ...]

    @property
    def claim(self) -> str:
        """The name of its trials: `@workload@mishap@size@column+column`."""
        names = "+".join(address.rpartition(":")[2] for address in self.columns)
        return f"@{self.workload}@{self.mishap}@{self.size}@{names}"


def read_pairing(claim: str) -> Pairing:
    """The pairing of a trial's name, as far as its columns still exist."""
    _, workload, mishap, size, names = claim.split("@")
    addresses = {column.name: address for address, (_, column) in columns().items() if column.workload == workload}
    chosen = tuple(addresses[name] for name in names.split("+") if name in addresses)
    return Pairing(workload, mishap, int(size), chosen)


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


def choose_size(workload: Workload, text: str) -> int:
    """One of the workload's sizes; the usual one if none is named; raises BadComparison."""
    choices = {str(choice): choice for choice in workload.size.choices}
    if text and text not in choices:
        what = workload.size.label
        raise BadComparison(f"“{what}” cannot be “{text[:20]}”; there are: {', '.join(choices)}.")
    return choices[text] if text else workload.size.usual


def choose_yardstick(workload: Workload, name: str) -> Yardstick:
    """The yardstick of that name; the first if none is named; raises BadComparison."""
    found = {item.name: item for item in workload.yardsticks}
    if name and name not in found:
        raise BadComparison(f"There is no yardstick “{name[:40]}”; there are: {', '.join(found)}.")
    return found[name] if name else workload.yardsticks[0]
