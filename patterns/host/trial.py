"""`python -m patterns.host.trial`: one experiment, sweep or workload, carried out in a process of its own.

Started by the site's worker, which writes what is wanted as one JSON line to standard input and keeps that open: when
it closes, whoever asked is gone or has changed his mind, and this process ends at once. What happens is told line by
line on standard output: {"t": "locked"} with the predictions, before the first arm of a claim runs, {"t": "progress"},
{"t": "kept"} for each recording it has written, then {"t": "report"} or {"t": "failed"}.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from patterns.core.attempt import TrialFailed
from patterns.core.clock import ManualClock
from patterns.core.contest import Contest, compete, find_workload
from patterns.core.experiment import Arm, experiments
from patterns.core.log import Faulted
from patterns.core.pace import FAULT_AT, choose_clock
from patterns.core.pattern import SettingError, discover
from patterns.core.report import Foreseen, as_row
from patterns.core.run import EngineMissing, Run
from patterns.core.sweep import sweep
from patterns.core.trial import carry_out
from patterns.core.workload import Column
from patterns.host.limits import Limits, confine
from patterns.host.stage import Stage


def tell(kind: str, **fields: Any) -> None:
    """Say one thing to the worker."""
    sys.stdout.buffer.write(orjson.dumps({"t": kind, **fields}, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


def open_stage(wanted: dict[str, Any], title: str) -> Stage:
    """Where the runs of this errand are shown."""
    return Stage(Path(wanted["live"]), title, tell)


async def _claim(wanted: dict[str, Any]) -> dict[str, Any]:
    experiment = experiments()[wanted["claim"]][1]
    stage = open_stage(wanted, wanted["claim"])

    def show(arm: Arm, run: Run) -> None:
        # an arm that is no run of the lab shows one as it came to be
        began = run.settings if arm.procedure else experiment.settings(arm, wanted["size"])
        stage.show(arm.name, arm.label, run, began)

    return as_row(
        await carry_out(
            wanted["claim"], wanted["engine"], wanted["seed"], wanted["size"], show, _progress, _tell_locked
        )
    )  # fmt: skip


def _tell_locked(predictions: tuple[Foreseen, ...], at: str) -> None:
    tell("locked", predictions=predictions, at=at)


async def _sweep(wanted: dict[str, Any]) -> dict[str, Any]:
    return asdict(await sweep(wanted["claim"], wanted["engine"], wanted["seed"], "full", _progress))


async def _contest(wanted: dict[str, Any]) -> dict[str, Any]:
    workload = find_workload(wanted["workload"])
    contest = Contest(workload, tuple(wanted["columns"]), wanted["mishap"], wanted["size"], wanted["seed"])
    stage = open_stage(wanted, workload.title)

    def show(column: Column, run: Run) -> None:
        stage.show(column.name, column.label, run, {**column.settings, column.size_setting: float(contest.size)})

    return asdict(await compete(contest, show, _progress))


async def _question(wanted: dict[str, Any]) -> dict[str, Any]:
    """One run as a question asks for it: its last readings, and the node where its fault was seen."""
    asked, pattern = wanted["asked"], discover()[wanted["pattern"]]
    clock = choose_clock(pattern, wanted["engine"])
    run = Run(pattern, wanted["seed"], asked["settings"], wanted["engine"], clock)
    seconds = float(asked["seconds"])
    await run.start()
    if asked.get("fault"):
        run.clock.call_at(FAULT_AT, partial(_damage, run, asked["fault"]))
    run.clock.call_at(seconds, lambda: run.end(f"{seconds:g} s are over"))
    while not run.ended.done():
        _progress(min(1.0, clock.now() / seconds), wanted["title"])
        await (clock.run_for(1.0) if isinstance(clock, ManualClock) else asyncio.wait({run.ended}, timeout=0.5))
    open_stage(wanted, wanted["title"]).show("run", "the run", run, asked["settings"])
    damaged = next((e.target for e in run.log.events if isinstance(e, Faulted) and e.phase == "seen"), "")
    return {"metrics": run.metrics(), "invariants": run.invariants(), "damaged": damaged, "why": ""}


def _damage(run: Run, fault: str) -> None:
    name, _, target = fault.partition(":")
    run.faults.ask(name, target)


def _progress(share: float, arm: str) -> None:
    tell("progress", share=share, arm=arm)


ERRANDS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "claim": _claim,
    "sweep": _sweep,
    "contest": _contest,
    "question": _question,
}


async def carry(wanted: dict[str, Any]) -> None:
    """Do what is wanted, and tell how it went."""
    try:
        tell("report", report=await ERRANDS[wanted["what"]](wanted))
    except (TrialFailed, EngineMissing, SettingError) as problem:
        tell("failed", why=str(problem))
    except Exception as problem:  # a lab that breaks must not leave its asker without a word
        traceback.print_exc()
        tell("failed", why=f"the lab broke: {type(problem).__name__}: {problem}")


def _end_with_the_asker() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    if os.getpgrp() == os.getpid():  # then all in the group are ours: a timed arm's process, an engine's server
        os.killpg(0, signal.SIGKILL)
    os._exit(3)


def main() -> None:
    """Read what is wanted, and carry it out."""
    wanted = orjson.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_the_asker, daemon=True).start()
    confine(Limits())
    asyncio.run(carry(wanted))
    sys.stdout.flush()
    os._exit(0)  # an engine's leftovers must not keep a finished process alive


if __name__ == "__main__":
    main()
