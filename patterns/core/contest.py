"""A comparison carried out: the same work and the same blows through several columns, at several seeds.

At the first seed all columns go side by side, at the same moment of run time, so that whoever watches sees them as they
are measured. The other seeds follow one after the other.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache

from patterns.core.attempt import CAP_EVENTS, SLICES, TrialFailed
from patterns.core.clock import ManualClock, real_seconds, settle
from patterns.core.order_work import ORDER
from patterns.core.pattern import Pattern, discover
from patterns.core.product_page import PAGE
from patterns.core.run import Run
from patterns.core.scenario import Scenario
from patterns.core.workload import Column, Workload

WORKLOADS: tuple[Workload, ...] = (ORDER, PAGE)

SEEDS = 3
"""Runs of each column."""

Values = dict[str, float | None]
Watch = Callable[[Column, Run], None]
"""Called with a run of the first seed when it has begun, now and then while it goes on, and when it is over."""

Progress = Callable[[float, str], None]


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


def find_workload(name: str) -> Workload:
    """The workload of that name. Raises KeyError if there is none."""
    return {workload.name: workload for workload in WORKLOADS}[name]


@cache
def wirings() -> dict[str, Pattern]:
    """What a column's run is a run of, by slug: every lab, and every wiring that a column brings with it."""
    own = {column.lab.slug: column.lab for _, column in columns().values() if column.lab is not None}
    return {**discover(), **own}


@dataclass(frozen=True, slots=True)
class Contest:
    """What is compared: columns by address, under one mishap, at one size, from one seed on."""

    workload: Workload
    addresses: tuple[str, ...]
    mishap: str
    size: int
    seed: int


@dataclass(slots=True)
class Standing:
    """What one column measured: by yardstick, a value for each seed. `why` says why there is none."""

    address: str
    values: dict[str, list[float | None]] = field(default_factory=dict)
    why: str = ""


@dataclass(slots=True)
class Result:
    """What a comparison measured. `seconds` is how long it took."""

    workload: str
    mishap: str
    size: int
    seeds: list[int]
    columns: list[Standing]
    seconds: float


class Entry:
    """One column, run once."""

    def __init__(self, contest: Contest, address: str, seed: int) -> None:
        slug, self.column = columns()[address]
        self._contest = contest
        workload, size = contest.workload, contest.size
        settings = {**self.column.settings, self.column.size_setting: float(size)}
        self.run = Run(self.column.lab or discover()[slug], seed, settings, clock=ManualClock(), cap_events=CAP_EVENTS)
        comes = workload.comes(size)
        script = self.column.script(workload.mishap(contest.mishap), seed, comes)
        self.run.play(Scenario("workload", workload.title, "", workload.seconds(size), script=script))
        self.run.clock.call_at(comes, self.run.wind_down)

    async def advance(self, share: float) -> None:
        """Let the run go on until this share of it is over."""
        assert isinstance(self.run.clock, ManualClock)
        await settle()
        await self.run.clock.advance(share * self._contest.workload.seconds(self._contest.size))

    async def read(self) -> Values:
        """Every yardstick that the column reads. Raises TrialFailed if the run ended before its time."""
        why = await self.run.ended
        if why != "the scenario is over":
            raise TrialFailed(f"the run ended early: {why}")
        return {name: read(self.run) for name, read in self.column.reads.items()}

    async def leave(self) -> None:
        """Give back what the run holds, if it is not over."""
        if not self.run.ended.done():
            await self.run.stop("abandoned")


async def compete(contest: Contest, watch: Watch | None = None, progress: Progress | None = None) -> Result:
    """Run every column at every seed.

    Raises:
        KeyError: no such column or mishap.
    """
    began = real_seconds()
    tell = progress or (lambda share, words: None)
    seeds = [contest.seed + number for number in range(SEEDS)]
    standings = [Standing(address) for address in contest.addresses]
    for number, seed in enumerate(seeds):
        groups: list[list[Standing]] = [standings] if number == 0 else [[standing] for standing in standings]
        for place, group in enumerate(groups):
            done = (number + place / len(groups)) / SEEDS
            part = 1 / len(groups) / SEEDS
            words = f"run {number + 1} of {SEEDS} of each way"

            def step(share: float, done: float = done, part: float = part, words: str = words) -> None:
                tell(done + part * share, words)

            await _go_abreast(contest, group, seed, watch if number == 0 else None, step)
    return Result(
        contest.workload.name, contest.mishap, contest.size, seeds, standings, round(real_seconds() - began, 3)
    )


async def _go_abreast(
    contest: Contest, group: Sequence[Standing], seed: int, watch: Watch | None, step: Callable[[float], None]
) -> None:
    """Several columns at the same moment of run time; each measures what it would measure alone."""
    entries = [Entry(contest, standing.address, seed) for standing in group]
    try:
        for entry in entries:
            await entry.run.start()
            if watch is not None:
                watch(entry.column, entry.run)
        for part in range(1, SLICES + 1):
            step(part / SLICES)
            for entry in entries:
                await entry.advance(part / SLICES)
                if watch is not None:
                    watch(entry.column, entry.run)
        for standing, entry in zip(group, entries, strict=True):
            await _take_down(standing, entry)
            if watch is not None:
                watch(entry.column, entry.run)
    finally:
        for entry in entries:
            await entry.leave()


async def _take_down(standing: Standing, entry: Entry) -> None:
    try:
        for name, value in (await entry.read()).items():
            standing.values.setdefault(name, []).append(value)
    except TrialFailed as problem:
        standing.why = str(problem)
