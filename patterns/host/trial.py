"""`python -m patterns.host.trial`: one experiment, sweep or workload, carried out in a process of its own.

Started by the site's worker, which writes what is wanted as one JSON line to standard input and keeps that open: when
it closes, whoever asked is gone or has changed his mind, and this process ends at once. What happens is told line by
line on standard output: {"t": "progress"}, {"t": "kept"} for each recording it has written, then {"t": "report"} or
{"t": "failed"}.
"""

from __future__ import annotations

import asyncio
import gzip
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

from patterns.core.clock import LiveClock, ManualClock
from patterns.core.experiment import Arm, experiments
from patterns.core.log import Faulted
from patterns.core.pattern import SettingError, Settings, discover
from patterns.core.run import EngineMissing, Run
from patterns.core.sweep import sweep
from patterns.core.trial import TrialFailed, carry_out
from patterns.core.workload import Column, play_column
from patterns.host.encoder import Encoder
from patterns.host.limits import Limits, confine
from patterns.host.recording import record

FAULT_AT = 1.0
"""Run time at which the fault of a question's run is asked for, as `manage.py lab` does, in seconds."""
SOCKET_SPEED = 4.0
"""How much faster than real time a run on sockets may go and still be honest on a busy machine."""


def tell(kind: str, **fields: Any) -> None:
    """Say one thing to the worker."""
    sys.stdout.buffer.write(orjson.dumps({"t": kind, **fields}, option=orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


class Keeper:
    """Writes the recording of the first run of each arm into a folder."""

    def __init__(self, folder: Path, title: str) -> None:
        self._folder, self._title = folder, title
        self._kept: set[str] = set()

    def keep(self, name: str, label: str, run: Run, settings: Settings) -> None:
        """Record a finished run; `settings` are those that its arm began with."""
        if name in self._kept:
            return
        self._kept.add(name)
        encoder = Encoder(run)
        began = {key: run.pattern.check(key, value) for key, value in settings.items()}
        encoder.settings = {**run.pattern.defaults(), **began}
        made = gzip.compress(record(run, encoder, title=f"{self._title}: {label}"), 5)
        path = self._folder / f"{len(self._kept)}.gz"
        path.write_bytes(made)
        tell(
            "kept", arm=name, label=label, file=str(path), engine=run.engine, seed=run.seed, settings=began,
            events=encoder.seq, seconds=run.log.events[-1].at,
        )  # fmt: skip


async def _claim(wanted: dict[str, Any]) -> dict[str, Any]:
    experiment = experiments()[wanted["claim"]][1]
    keeper = Keeper(Path(wanted["folder"]), wanted["claim"])

    def keep(arm: Arm, run: Run) -> None:
        keeper.keep(arm.name, arm.label, run, experiment.settings(arm, wanted["size"]))

    report = await carry_out(wanted["claim"], wanted["engine"], wanted["seed"], wanted["size"], keep, _progress)
    data = asdict(report)
    data["arms"] = [{"name": name, "measures": measures} for name, measures in data["arms"].items()]
    return data


async def _sweep(wanted: dict[str, Any]) -> dict[str, Any]:
    return asdict(await sweep(wanted["claim"], wanted["engine"], wanted["seed"], "full", _progress))


async def _column(wanted: dict[str, Any]) -> dict[str, Any]:
    keeper = Keeper(Path(wanted["folder"]), wanted["column"])

    def keep(column: Column, run: Run) -> None:
        keeper.keep(column.name, column.label, run, column.settings)

    return asdict(await play_column(wanted["column"], wanted["mishap"], wanted["seed"], keep))


async def _question(wanted: dict[str, Any]) -> dict[str, Any]:
    """One run as a question asks for it: its last readings, and the node where its fault was seen."""
    asked, pattern = wanted["asked"], discover()[wanted["pattern"]]
    jumps = wanted["engine"] == "builtin" and pattern.transport == "in process"
    clock = ManualClock() if jumps else LiveClock(SOCKET_SPEED)
    run = Run(pattern, wanted["seed"], asked["settings"], wanted["engine"], clock)
    seconds = float(asked["seconds"])
    await run.start()
    if asked.get("fault"):
        run.clock.call_at(FAULT_AT, partial(_damage, run, asked["fault"]))
    run.clock.call_at(seconds, lambda: run.end(f"{seconds:g} s are over"))
    while not run.ended.done():
        _progress(min(1.0, clock.now() / seconds), wanted["title"])
        await (clock.run_for(1.0) if isinstance(clock, ManualClock) else asyncio.wait({run.ended}, timeout=0.5))
    Keeper(Path(wanted["folder"]), wanted["title"]).keep("run", "the run", run, asked["settings"])
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
    "column": _column,
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
