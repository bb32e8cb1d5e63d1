"""`manage.py lab`: one run without a browser; prints its log."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from patterns.core.clock import ManualClock
from patterns.core.faults import FaultError
from patterns.core.log import Event, Sent, as_dict
from patterns.core.pace import FAULT_AT, choose_clock
from patterns.core.pattern import Pattern, SettingError, Settings, discover
from patterns.core.run import CAP_SECONDS, EngineMissing, Run
from patterns.core.scenario import Scenario

WORKLOAD = 20.0
"""Seconds of run time for which new work begins, unless told otherwise."""
CALM, GRACE = 3.0, 40.0
"""After the workload a run goes on until nothing was sent for CALM seconds, and for GRACE at the most."""

Print = Callable[[dict[str, Any]], None]


class BadArgumentError(ValueError):
    """What was asked for cannot be; the sentence lists what would be right."""


@dataclass(frozen=True)
class AskedFault:
    """`name[:target][@seconds][=amount]`, as typed."""

    name: str
    target: str
    at: float
    amount: float | None


def read_fault(text: str) -> AskedFault:
    """Raises ArgumentTypeError if it is not written as a fault is."""
    found = re.fullmatch(r"([\w-]+)(?::([\w-]+))?(?:@([0-9.]+))?(?:=([0-9.]+))?", text)
    try:
        if found is None:
            raise ValueError
        name, target, at, amount = found.groups()
        return AskedFault(name, target or "", float(at or FAULT_AT), None if amount is None else float(amount))
    except ValueError as problem:
        raise ArgumentTypeError(
            f"'{text}' is not a fault; write name, name:target, name:target@seconds or name:target@seconds=amount"
        ) from problem


def read_setting(text: str) -> tuple[str, str]:
    """Raises ArgumentTypeError if it is not `name=value`."""
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise ArgumentTypeError(f"'{text}' is not a setting; write name=value")
    return name, value


def read_seconds(text: str) -> float:
    """Raises ArgumentTypeError if a run cannot take so long."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = float("nan")
    if not 0 < seconds <= CAP_SECONDS:
        raise ArgumentTypeError(f"'{text}' is not a length of a run; it is more than 0 and at most {CAP_SECONDS:g} s")
    return seconds


class Command(BaseCommand):
    help = "Run one lab without a browser and print its log."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="which lab: " + ", ".join(discover()))
        parser.add_argument("--engine", default="builtin", help="what carries the messages")
        parser.add_argument("--seed", type=int, help="the same seed gives the same messages (1, or the scenario's)")
        parser.add_argument("--set", type=read_setting, action="append", default=[], metavar="NAME=VALUE", dest="sets")
        parser.add_argument(
            "--fault", type=read_fault, action="append", default=[], dest="faults",
            metavar="NAME[:TARGET][@SECONDS][=AMOUNT]", help=f"a damage, asked for at {FAULT_AT:g} s unless told",
        )  # fmt: skip
        parser.add_argument(
            "--seconds", type=read_seconds,
            help=f"end sharp after so much run time (else {WORKLOAD:g} s of work, and then until all is quiet)",
        )  # fmt: skip
        parser.add_argument("--scenario", default="", help="play a guided tour")
        parser.add_argument("--json", action="store_true", help="one event a line, for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            failure = asyncio.run(self._run(options))
        except (BadArgumentError, SettingError, FaultError) as problem:
            self._end(2, str(problem))
        except EngineMissing as problem:
            self._end(1, str(problem))
        except BrokenPipeError:
            fall_silent()
        else:
            if failure:
                self._end(1, f"the run died: {failure}")

    def _end(self, code: int, why: str) -> NoReturn:
        self.stderr.write(f"{why.rstrip('.')}.")
        raise SystemExit(code)

    async def _run(self, options: dict[str, Any]) -> str:
        """One run, printed; returns what broke in it, or ""."""
        pattern = find_pattern(options["slug"])
        scenario = pattern.scenario(options["scenario"]) if options["scenario"] else None
        settings: Settings = {**(scenario.settings if scenario else {}), **dict(options["sets"])}
        seed = options["seed"] if options["seed"] is not None else scenario.seed if scenario else 1
        run = Run(pattern, seed, settings, options["engine"], choose_clock(pattern, options["engine"]))
        for asked in options["faults"]:
            run.faults.check(asked.name, asked.target, asked.amount)
            check_time(asked, scenario, options["seconds"])
        say = self._print_json if options["json"] else self._print_line

        def tell(event: Event) -> None:
            if event.kind == "ended":
                return
            try:
                say(as_dict(event))
            except BrokenPipeError:  # not the fault of the part of the story that was being told
                fall_silent()
                run.end("nobody reads its log")

        run.log.observe(tell)
        try:
            await self._play(run, scenario, options)
        finally:
            await run.stop("the command is over")
        say(as_dict(run.log.events[-1]) | {"invariants": run.invariants(), "metrics": run.metrics()})
        self.stdout.flush()
        return run.failure

    async def _play(self, run: Run, scenario: Scenario | None, options: dict[str, Any]) -> None:
        await run.start()
        for asked in options["faults"]:
            run.clock.call_at(asked.at, lambda asked=asked: run.faults.ask(asked.name, asked.target, asked.amount))
        if scenario is not None:
            run.play(scenario)
        if options["seconds"] is not None:
            run.clock.call_at(options["seconds"], lambda: run.end(f"{options['seconds']:g} s are over"))
        elif scenario is None:
            Closing(run).at(WORKLOAD)
        if isinstance(run.clock, ManualClock):
            while not run.ended.done():
                await run.clock.run_for(1.0)
        await asyncio.shield(run.ended)

    def _print_json(self, row: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(row, ensure_ascii=False))

    def _print_line(self, row: dict[str, Any]) -> None:
        results = {name: row.pop(name) for name in ("invariants", "metrics") if name in row}
        rest = "  ".join(f"{k} {v}" for k, v in row.items() if k not in ("seq", "at", "kind") and v not in ("", 0))
        self.stdout.write(f"{row['at']:9.3f} s  {row['kind']:<9} {rest}")
        for name, status in results.get("invariants", {}).items():
            self.stdout.write(f"{'':13}{name:<24} {status}")
        for name, reading in results.get("metrics", {}).items():
            if reading["value"] is not None:
                self.stdout.write(f"{'':13}{name:<24} {reading['value']:g} {reading['unit']}".rstrip())


class Closing:
    """Lets a run end well: no new work, then wait until nothing is sent any more."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._busy_at = 0.0
        run.log.observe(self._watch)

    def at(self, seconds: float) -> None:
        """Wind down at this run time."""
        self._run.clock.call_at(seconds, self._run.wind_down)
        self._run.clock.call_at(seconds + CALM, lambda: self._look(seconds + GRACE))

    def _watch(self, event: Event) -> None:
        if isinstance(event, Sent):
            self._busy_at = event.at

    def _look(self, patience_ends: float) -> None:
        now = self._run.clock.now()
        if now - self._busy_at >= CALM or now >= patience_ends:
            self._run.end("the work is done" if now < patience_ends else "patience is over")
        else:
            self._run.clock.call_later(0.5, lambda: self._look(patience_ends))


def find_pattern(slug: str) -> Pattern:
    """Raises BadArgumentError with the labs there are."""
    found = discover().get(slug)
    if found is None:
        raise BadArgumentError(f"there is no lab '{slug}'; there are: {', '.join(discover())}")
    return found


def check_time(asked: AskedFault, scenario: Scenario | None, seconds: float | None) -> None:
    """Raises BadArgumentError for a damage that would never be asked for, or when no work is left to be damaged."""
    ends = min(seconds or CAP_SECONDS, scenario.seconds if scenario else CAP_SECONDS)
    if seconds is None and scenario is None:
        ends = WORKLOAD
    if asked.at >= ends:
        raise BadArgumentError(
            f"'{asked.name}' is to come at {asked.at:g} s, but the run's work ends at {ends:g} s; ask for it earlier"
            + ("" if scenario else f", such as {asked.name}@{ends / 2:g}, or give more --seconds")
        )


def fall_silent() -> None:
    """Whoever read this has gone: nothing more can be said, not even when Python flushes at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
