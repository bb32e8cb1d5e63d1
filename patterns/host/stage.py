"""The runs of a trial as they go on: one file that only grows while they do, and a recording of each when it is over.

The file is a gzip stream, flushed after each line, so that it can be sent as it is to any number of viewers, from its
beginning and while it grows. Its lines are JSON: {"t": "arm"} when a run begins, {"t": "frame"} with a frame as on the
wire, {"t": "end"}, and {"t": "cut"} if there is more than anybody should be sent.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from patterns.core.clock import LiveClock, real_seconds
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.host.encoder import Encoder
from patterns.host.recording import record

MOST_LIVE_BYTES = 6 * 1024 * 1024
"""Gzipped. Past it a viewer waits for the recordings, which come one by one."""

Tell = Callable[..., None]


@dataclass(slots=True)
class Shown:
    """One run on the stage. `settings` are those that it began with. `began` is real time, None if the run was over
    before it was shown."""

    run: Run
    label: str
    settings: Settings
    encoder: Encoder
    began: float | None
    over: bool = False


class Stage:
    """Shows the first run of each arm in the file `live`, and keeps its recording beside it."""

    def __init__(self, live: Path, title: str, tell: Tell) -> None:
        self._folder, self._title, self._tell = live.parent, title, tell
        self._shown: dict[str, Shown] = {}
        self._live = live.open("wb")
        self._packer = zlib.compressobj(5, wbits=31)
        self._is_cut = False

    def show(self, name: str, label: str, run: Run, settings: Settings) -> None:
        """What happened in this run since the last call; once it is over, keep it."""
        shown = self._shown.get(name) or self._begin(name, label, run, settings)
        if shown.run is not run or shown.over:
            return
        if (frame := shown.encoder.frame()) is not None:
            self._write(b'{"t":"frame","arm":%b,"frame":%b}' % (orjson.dumps(name), frame))
        if run.ended.done():
            shown.over = True
            took = None if shown.began is None else round(real_seconds() - shown.began, 3)
            self._line("end", arm=name, took=took, seconds=run.log.events[-1].at)
            self._keep(name, shown)

    def _begin(self, name: str, label: str, run: Run, settings: Settings) -> Shown:
        began = {key: run.pattern.check(key, value) for key, value in settings.items()}
        encoder = Encoder(run)
        encoder.settings = {**run.pattern.defaults(), **began}
        shown = self._shown[name] = Shown(run, label, began, encoder, None if run.ended.done() else real_seconds())
        about = {"pattern": run.pattern.slug, "engine": run.engine, "seed": run.seed, "settings": encoder.settings}
        speed = run.clock.speed if isinstance(run.clock, LiveClock) and not run.ended.done() else None
        self._line("arm", arm=name, label=label, run=about, speed=speed)
        return shown

    def _keep(self, name: str, shown: Shown) -> None:
        run, encoder = shown.run, shown.encoder
        recording = record(run, encoder, title=f"{self._title}: {shown.label}", with_metrics=True)
        made = gzip.compress(recording, 5)
        path = self._folder / f"{sum(each.over for each in self._shown.values())}.gz"
        path.write_bytes(made)
        self._tell(
            "kept", arm=name, label=shown.label, file=str(path), pattern=run.pattern.slug, engine=run.engine,
            seed=run.seed, settings=shown.settings, events=encoder.seq, seconds=run.log.events[-1].at,
        )  # fmt: skip

    def _line(self, kind: str, **fields: Any) -> None:
        self._write(orjson.dumps({"t": kind, **fields}))

    def _write(self, line: bytes) -> None:
        if self._is_cut:
            return
        self._is_cut = self._live.tell() > MOST_LIVE_BYTES
        line = b'{"t":"cut"}' if self._is_cut else line
        self._live.write(self._packer.compress(line + b"\n") + self._packer.flush(zlib.Z_SYNC_FLUSH))
        self._live.flush()
