"""The same work for several patterns: what is asked of each, what goes wrong meanwhile, and what is read from the runs.

A workload and its measures stand here, so that no pattern owns them; how one pattern does the work stands in the
pattern's own `workloads.py`, as columns.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from typing import Literal

from patterns.core.attempt import CAP_EVENTS, TrialFailed
from patterns.core.clock import ManualClock
from patterns.core.pattern import Settings, discover
from patterns.core.run import Run
from patterns.core.scenario import Scenario, Step

Better = Literal["low", "high"]


@dataclass(frozen=True, slots=True)
class Yardstick:
    """One thing that is read from every column, in `unit`. `better` says which end of it one wants."""

    name: str
    label: str
    unit: str
    better: Better
    help: str = ""


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that goes wrong at the same moment in every column."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Workload:
    """Work that more than one pattern can do. `expects` holds what textbooks lead one to expect, by yardstick."""

    name: str
    title: str
    says: str
    seconds: float
    yardsticks: tuple[Yardstick, ...]
    mishaps: tuple[Mishap, ...]
    expects: Mapping[str, str]
    seed: int = 7


@dataclass(frozen=True, slots=True)
class Column:
    """How one pattern does a workload.

    Args:
        workload: name of the workload.
        name: distinguishes several columns of one pattern.
        label, says: of this way to do it.
        settings: of the lab.
        mishaps: the script of each mishap, by its name.
        reads: how each yardstick is read from a finished run; one that is left out does not apply here.
        note: what to know when comparing.
    """

    workload: str
    name: str
    label: str
    says: str
    settings: Settings
    mishaps: Mapping[str, tuple[Step, ...]]
    reads: Mapping[str, Callable[[Run], float | None]]
    note: str = ""


PLAIN = Mishap("plain", "Nothing goes wrong")

ORDER = Workload(
    "order",
    "Place an order",
    "Orders come in on one timetable, three a second. Each must reach the stock, which works 60 ms on it; "
    "a hop takes 50 ms.",
    24.0,
    (
        Yardstick("reply", "Customer has a reply, median", "s", "low", "What the reply means is part of the answer."),
        Yardstick("reply-p95", "Customer has a reply, 95 of 100", "s", "low"),
        Yardstick("done", "Order is truly done, median", "s", "low", "From the order's birth until stock is reserved."),
        Yardstick("done-p95", "Order is truly done, 95 of 100", "s", "low"),
        Yardstick("success", "Customers told yes", "%", "high"),
        Yardstick("applied", "Orders done in the end", "%", "high", "Of those placed, within the run."),
        Yardstick("twice", "Orders done twice", "orders", "low"),
        Yardstick("messages", "Messages per order", "messages", "low"),
    ),
    (
        PLAIN,
        Mishap("down", "Stock is down for 5 s"),
        Mishap("lost", "Three in ten answers of stock are lost; who waited tries again"),
        Mishap("slow", "Stock takes 1 s longer, for 6 s"),
    ),
    {
        "reply": "Publishing answers first, because the answer only says “accepted”. Waiting for the work takes as "
        "long as the work.",
        "done": "About equal at low load; behind a queue the event waits once load grows.",
        "success": "A caller who waits fails with whoever he waits for; one who only publishes does not notice.",
        "applied": "With a queue nothing is lost while a reader is down. With calls, what failed is gone unless it is "
        "tried again.",
        "twice": "Both do things twice as soon as something is tried again without a key.",
        "messages": "Calls need two messages a step. Events need a copy and an ack for every subscriber.",
    },
)

PAGE = Workload(
    "page",
    "Show a product page",
    "Two visitors a second want a page made of twelve parts. A part takes 50 ms at its service, a hop 50 ms; "
    "one call in a hundred takes a second longer.",
    30.0,
    (
        Yardstick("wait", "Visitor waits, median", "s", "low"),
        Yardstick("wait-p95", "Visitor waits, 95 of 100", "s", "low"),
        Yardstick("success", "Pages answered", "%", "high"),
        Yardstick("calls", "Calls behind a page", "calls", "low"),
        Yardstick("stale", "Answers older than the last change", "%", "low"),
    ),
    (
        PLAIN,
        Mishap("slow", "One service takes 2 s longer, from 8 to 18 s"),
        Mishap("down", "One service is down for 8 s"),
    ),
    {
        "wait": "Asking one after another adds the parts up; asking side by side costs the slowest part; a kept copy "
        "costs one look.",
        "success": "A page that needs all its parts is as available as all of them together; a page that can go "
        "without some is nearly always there.",
        "stale": "Only a copy can be old. That is its price.",
    },
)

WORKLOADS: tuple[Workload, ...] = (ORDER, PAGE)


@cache
def columns() -> dict[str, tuple[str, Column]]:
    """Every column by its address, `<workload>:<slug>:<name>`: (slug of its pattern, column)."""
    found: dict[str, tuple[str, Column]] = {}
    for slug in discover():
        package = f"patterns.{slug.replace('-', '_')}"
        try:
            module = importlib.import_module(f"{package}.workloads")
        except ModuleNotFoundError as missing:
            if missing.name != f"{package}.workloads":
                raise
            continue
        for column in module.COLUMNS:
            found[f"{column.workload}:{slug}:{column.name}"] = (slug, column)
    return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one column measured under one mishap: yardstick → value in its unit, None where it says nothing."""

    workload: str
    pattern: str
    column: str
    mishap: str
    seed: int
    settings: Settings = field(default_factory=dict)
    values: dict[str, float | None] = field(default_factory=dict)


async def play_column(
    address: str, mishap: str, seed: int, keep: Callable[[Column, Run], None] | None = None
) -> Outcome:
    """Do a workload once, in one pattern's way.

    Raises:
        KeyError: no such column, or a mishap that it does not know.
        TrialFailed: the run ended before its time.
    """
    slug, column = columns()[address]
    workload = next(item for item in WORKLOADS if item.name == column.workload)
    clock = ManualClock()
    run = Run(discover()[slug], seed, column.settings, clock=clock, cap_events=CAP_EVENTS)
    script = () if mishap == PLAIN.name else column.mishaps[mishap]
    run.play(Scenario("workload", workload.title, "", workload.seconds, script=script))
    await run.start()
    await clock.run_for(workload.seconds)
    why = await run.ended
    if why != "the scenario is over":
        raise TrialFailed(f"the column '{column.label}' ended early: {why}")
    if keep is not None:
        keep(column, run)
    values = {item.name: column.reads[item.name](run) for item in workload.yardsticks if item.name in column.reads}
    return Outcome(workload.name, slug, column.name, mishap, seed, dict(column.settings), values)


def quantile(values: Iterable[float], q: float) -> float | None:
    """The q-quantile (nearest rank) of some seconds, or None of none."""
    ordered = sorted(values)
    return ordered[max(0, ceil(q * len(ordered)) - 1)] if ordered else None


def share_done(begun: Mapping[str, float], done: Mapping[str, float], until: float) -> float | None:
    """Per cent of what began before `until` (seconds of run time) that was done in the run; later ones had no time."""
    counted = [item for item, at in begun.items() if at <= until]
    return 100 * sum(item in done for item in counted) / len(counted) if counted else None


def metric(name: str, times: float = 1.0) -> Callable[[Run], float | None]:
    """Read a metric that the lab declares, at the end of the run; `times` turns a ratio into per cent."""

    def read(run: Run) -> float | None:
        value = run.readings.meters[name].value
        return None if value is None else value * times

    return read
