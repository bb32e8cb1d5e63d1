"""`manage.py record`: plays every lab's scenarios and keeps their recordings in `static/golden/`.

A page shows the golden one on load, so its payloads, which few visitors open, stand in a file of their own beside it. A
recording is a real run of the real backend, and says when it was made. A file changes only if the run did.
"""

from __future__ import annotations

import asyncio
import gzip
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from patterns.core.clock import Clock, LiveClock, ManualClock, wait_real
from patterns.core.pattern import Pattern, discover
from patterns.core.run import Run
from patterns.core.scenario import Scenario
from patterns.host.encoder import Encoder
from patterns.host.recording import record

MOST_BYTES = 60 * 1024
"""Gzipped: a recording comes with the page's first view."""
FRAME_SECONDS = 0.5
SOCKET_SPEED = 1.0
"""With real sockets time cannot jump; at the speed of life the recording is as honest as a live run."""


class Command(BaseCommand):
    help = "Re-record the golden runs: " + ", ".join(discover())

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slugs", nargs="*", help="which labs; all of them if none is named")
        parser.add_argument(
            "--all", action="store_true", help="all tours, which pages offer where no live run can be had; minutes"
        )
        parser.add_argument("--folder", type=Path, default=settings.ROOT / "static" / "golden", help="where to")

    def handle(self, *args: Any, slugs: list[str], all: bool, folder: Path, **options: Any) -> None:
        labs = discover()
        if unknown := [slug for slug in slugs if slug not in labs]:
            raise CommandError(f"there is no lab '{unknown[0]}'; there are: {', '.join(labs)}", returncode=2)
        for slug in slugs or labs:
            for scenario in labs[slug].scenarios:
                if scenario.slug == labs[slug].golden:
                    self._keep(labs[slug], scenario, folder / f"{slug}.json")
                elif all:
                    self._keep(labs[slug], scenario, folder / slug / f"{scenario.slug}.json")

    def _keep(self, pattern: Pattern, scenario: Scenario, path: Path) -> None:
        made = asyncio.run(play(pattern, scenario))
        size = len(gzip.compress(made, mtime=0))
        if size > MOST_BYTES:
            raise CommandError(
                f"{pattern.slug} {scenario.slug} is {size // 1024} KB gzipped; the most is {MOST_BYTES // 1024} KB. "
                "Make the scenario shorter, or its workload smaller."
            )
        changed = not path.exists() or strip_date(read_kept(path)) != strip_date(made)
        if changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            keep(made, path, apart=scenario.slug == pattern.golden)
        events = orjson.loads(made)["events"]
        self.stdout.write(
            f"{pattern.slug} {scenario.slug}: {events:,} events, {size / 1024:.1f} KB gzipped, "
            + ("recorded" if changed else "as it was")
        )


async def play(pattern: Pattern, scenario: Scenario) -> bytes:
    """One scenario from its start to its end, as a recording."""
    clock: Clock = ManualClock() if pattern.transport == "in process" else LiveClock(SOCKET_SPEED)
    run = Run(pattern, scenario.seed, scenario.settings, clock=clock)
    encoder = Encoder(run)
    try:
        await run.start()
        run.play(scenario)
        while not run.ended.done():
            if isinstance(clock, ManualClock):
                await clock.run_for(FRAME_SECONDS)
            else:
                await wait_real(FRAME_SECONDS / SOCKET_SPEED)
            encoder.frame()
    finally:
        await run.stop("the recording was broken off")
    return record(run, encoder, scenario.slug, scenario.title)


def keep(made: bytes, path: Path, *, apart: bool) -> None:
    """Write a recording; with its payloads `apart`, they go into a file beside it."""
    content = orjson.loads(made)
    if apart:
        path.with_suffix(".payloads.json").write_bytes(orjson.dumps(content["payloads"]) + b"\n")
        content["payloads"] = {}
    path.write_bytes(orjson.dumps(content) + b"\n")


def read_kept(path: Path) -> bytes:
    """A recording as it was made, with its payloads back in their place."""
    content, beside = orjson.loads(path.read_bytes()), path.with_suffix(".payloads.json")
    if beside.exists():
        content["payloads"] = orjson.loads(beside.read_bytes())
    return orjson.dumps(content)


def strip_date(recording: bytes) -> dict[str, Any]:
    """What must be the same each time."""
    content: dict[str, Any] = orjson.loads(recording)
    return {name: value for name, value in content.items() if name != "recorded"}
