"""What is measured, each against its rival. A benchmark returns one or more comparisons."""

from __future__ import annotations

import asyncio
import gzip
import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import orjson

from tests.bench.child import Child
from tests.bench.comparison import REPETITIONS, Comparison, interleave
from tests.bench.drawing import measure_drawing
from tests.bench.experiments import measure_experiments

FRAMES, LESSON = 60, 40
BUSY = 50.0
"""Orders a second that fill a frame of about 2 KB."""
ROOMY = {
    "EXPLORER_SOCKETS_PER_ADDRESS": "20000",
    "EXPLORER_RUNS_PER_VISITOR": "20000",
    "EXPLORER_RUNS_PER_HOST": "20000",
}
PATH = "/ws/labs/pub-sub/"


def measure_fan_out(viewers: int) -> list[Comparison]:
    """One run's frames to all its viewers."""
    per_cpu = Comparison(f"fan-out-{viewers}", "websockets.broadcast", "frames per CPU-second", 1.3)
    late = Comparison(f"fan-out-{viewers}-p99", "websockets.broadcast", "s", 1.1, is_ceiling=True)
    group = Comparison(f"fan-out-{viewers}-group", "group_send, in-memory layer", "frames per CPU-second", 50.0)
    if viewers < 1000:
        per_cpu.bound = late.bound = None
    if viewers != 500:
        group.bound = None
    few = FRAMES if group.bound else 8  # it takes seconds, and is judged at 500 only
    with ExitStack() as stack:
        clients = stack.enter_context(Child("tests.bench.viewers"))
        servers = {name: _fill(stack, clients, name, viewers) for name in ("hub", "websockets", "group")}

        def run(name: str, frames: int, rate: list[float], p99: list[float] | None = None) -> None:
            seen, used = _show(servers[name], clients, viewers, frames)
            rate.append(seen["frames"] / used)
            if p99 is not None:
                p99.append(seen["p99"])

        interleave(
            lambda: run("hub", FRAMES, per_cpu.ours, late.ours),
            lambda: run("websockets", FRAMES, per_cpu.rival, late.rival),
            lambda: run("group", few, group.rival),
        )
    group.ours = per_cpu.ours
    return [per_cpu, late, group]


def _fill(stack: ExitStack, clients: Child, design: str, viewers: int) -> Child:
    server = stack.enter_context(Child("tests.bench.servers", design, **ROOMY))
    opened = clients.ask("enter", port=server.port, path=PATH, viewers=viewers, within=viewers / 1000)
    assert opened["opened"] == viewers, (design, opened)
    return server


def _show(server: Child, clients: Child, viewers: int, frames: int) -> tuple[dict[str, Any], float]:
    """What the viewers saw of so many frames, and the processor time it cost the server."""
    clients.ask("reset", port=server.port)
    before = server.ask("cpu")["cpu"]
    server.ask("go", frames=frames)
    seen = clients.ask("wait", port=server.port, frames=frames * viewers, seconds=30.0)
    return seen, server.ask("cpu")["cpu"] - before


def measure_learners(viewers: int = 500) -> list[Comparison]:
    """A run of his own for each learner: the whole way from log to socket, host process included."""
    result = Comparison("learners-500", "a task and a json.dumps each", "frames per CPU-second", 2.5)
    with ExitStack() as stack:
        clients = stack.enter_context(Child("tests.bench.viewers"))
        ours, rival = (_fill(stack, clients, name, viewers) for name in ("learners", "tasks"))
        # in ours the host still makes their runs when all sockets are open; each is told of his run and of its clock
        clients.ask("wait", port=ours.port, frames=2 * viewers, seconds=60.0)

        def run(server: Child, rate: list[float]) -> None:
            clients.ask("wait", port=server.port, frames=10**9, seconds=0.5)
            clients.ask("reset", port=server.port)
            before = server.cpu_seconds()
            server.ask("go", frames=LESSON)
            seen = clients.ask("wait", port=server.port, frames=LESSON * viewers, seconds=30.0)
            rate.append(seen["frames"] / (server.cpu_seconds() - before))

        interleave(lambda: run(ours, result.ours), lambda: run(rival, result.rival))
    return [result]


def measure_join_wave(viewers: int = 1000, within: float = 2.0) -> list[Comparison]:
    """A room comes in at once: seconds until the last one is in."""
    result = Comparison("join-wave", "Daphne as it comes", "s", 1.1 * within, is_ceiling=True, is_absolute=True)

    def run(design: str, took: list[float]) -> None:
        with Child("tests.bench.servers", design, **ROOMY) as server, Child("tests.bench.viewers") as clients:
            clients.ask("enter", port=server.port, path=PATH, viewers=1, within=0.0)
            clients.ask("wait", port=server.port, frames=1, seconds=10.0)
            entered = clients.ask("enter", port=server.port, path=PATH, viewers=viewers, within=within)
            took.append(entered["seconds"] if entered["opened"] == viewers else 60.0)

    interleave(lambda: run("site", result.ours), lambda: run("stock site", result.rival))
    return [result]


def measure_memory(viewers: int = 1000) -> list[Comparison]:
    """What one idle socket keeps in the server."""
    result = Comparison("idle-socket", "Daphne's bare socket", "bytes", 1.3, is_ceiling=True)

    def run(design: str, kept: list[float]) -> None:
        with Child("tests.bench.servers", design, **ROOMY) as server, Child("tests.bench.viewers") as clients:
            clients.ask("enter", port=server.port, path=PATH, viewers=50, within=0.1)
            clients.ask("wait", port=server.port, frames=50, seconds=2.0)
            before = server.memory_bytes()
            clients.ask("enter", port=server.port, path=PATH, viewers=viewers, within=1.0)
            clients.ask("wait", port=server.port, frames=viewers, seconds=2.0)
            kept.append((server.memory_bytes() - before) / viewers)

    interleave(lambda: run("site", result.ours), lambda: run("bare", result.rival))
    return [result]


def measure_lateness(viewers: int = 500) -> list[Comparison]:
    """Frames of one run to its viewers while a lab in the same host computes, and while none does."""
    spread = Comparison(
        "lateness", "no lab computing", "s from the first viewer to the last, p95", 1.2, is_ceiling=True
    )
    gaps = Comparison("frame-gap", "no lab computing", "s between frames, p95")
    with ExitStack() as stack:
        server = stack.enter_context(Child("tests.bench.servers", "burning site", **ROOMY))
        clients = stack.enter_context(Child("tests.bench.viewers"))
        run = asyncio.run(_start_run(server.port))
        first = json.dumps({"c": "join", "run": run})
        clients.ask("enter", port=server.port, path=PATH, viewers=viewers, within=0.5, first=first)

        def watch(is_burning: bool) -> None:
            if is_burning:
                server.ask("go")
            clients.ask("wait", port=server.port, frames=10**9, seconds=0.3)
            clients.ask("reset", port=server.port)
            seen = clients.ask("wait", port=server.port, frames=10**9, seconds=3.5)
            (spread.ours if is_burning else spread.rival).append(seen["spread_p95"])
            (gaps.ours if is_burning else gaps.rival).append(seen["gap_p95"])
            clients.ask("wait", port=server.port, frames=10**9, seconds=0.7)

        interleave(lambda: watch(True), lambda: watch(False))
    return [spread, gaps]


async def _start_run(port: int) -> str:
    """Start a run and leave it to those who join."""
    from websockets.asyncio.client import connect

    async with connect(f"ws://127.0.0.1:{port}{PATH}", compression=None) as connection:
        await connection.send('{"c": "start", "id": 1}')
        async for frame in connection:
            told = json.loads(frame)
            if told["t"] == "run":
                return str(told["run"])
            if told["t"] == "error":
                raise RuntimeError(told["why"])
    raise RuntimeError("the site hung up")


def measure_frames() -> list[Comparison]:
    """How large an event is on the wire, and what it costs to write it."""
    size = Comparison("frame-size", "json of dicts", "bytes per event", 25.0, is_ceiling=True, is_absolute=True)
    encoding = Comparison("encoding", "json of dicts", "events per CPU-second", 20.0)
    whole = Comparison("log-to-frame", "json of dicts", "events per CPU-second")
    for _ in range(REPETITIONS):
        frames, dicts, drained, spelled = asyncio.run(_record_busy())
        events = sum(len(rows) for rows in dicts)
        size.ours.append(sum(map(len, frames)) / events)
        size.rival.append(sum(len(json.dumps(rows)) for rows in dicts) / events)
        decoded = [orjson.loads(frame) for frame in frames]
        encoding.ours.append(events / _time(orjson.dumps, decoded))
        encoding.rival.append(events / _time(json.dumps, dicts))
        whole.ours.append(events / drained)
        whole.rival.append(events / spelled)
    zipped = len(gzip.compress(b"".join(frames)))
    size.note = f"gzipped {zipped / events:.1f}"
    encoding.note = "rows that are ready, to bytes"
    whole.note = "from the log to bytes, rows and state included"
    return [size, encoding, whole]


async def _record_busy() -> tuple[list[bytes], list[list[dict[str, Any]]], float, float]:
    """A busy pub-sub, drained twenty times a second: frames, dicts, and the seconds that each took to make."""
    from patterns.core.clock import ManualClock
    from patterns.core.log import as_dict
    from patterns.core.pattern import discover
    from patterns.core.run import Run
    from patterns.host.encoder import Encoder

    pattern = discover()["pub-sub"]
    run = Run(pattern, 7, {"publish-rate": BUSY}, clock=ManualClock())
    await run.start()
    encoder, frames, dicts, drained, spelled, seen = Encoder(run), [], [], 0.0, 0.0, 0
    for _ in range(400):
        await run.clock.run_for(0.05)
        assert run.readings.taken is not None  # worked out when asked for, and no part of a frame's making
        began = time.process_time()
        frame = encoder.frame()
        drained += time.process_time() - began
        if frame is not None:
            frames.append(frame)
            began = time.process_time()
            rows = [as_dict(event) for event in run.log.events[seen:]]
            json.dumps(rows)
            spelled += time.process_time() - began
            dicts.append(rows)
            seen = len(run.log)
    await run.stop()
    return frames, dicts, drained, spelled


def _time(write: Callable[[Any], object], frames: list[Any]) -> float:
    """Each frame is let go once it is written. Kept and freed together, they made the allocator give its pages back and
    take them anew each time, or not: the same encoder read 8 or 28 million events a second, by chance."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        for frame in frames:
            write(frame)
        best = min(best, time.process_time() - began)
    return best


def measure_log() -> list[Comparison]:
    """What the log costs a backend: the same run with it and without."""
    result = Comparison("log-overhead", "the same backend, no log", "messages per CPU-second", 0.5)
    interleave(
        lambda: result.ours.append(asyncio.run(_count_messages(with_log=True))),
        lambda: result.rival.append(asyncio.run(_count_messages(with_log=False))),
    )
    return [result]


async def _count_messages(with_log: bool) -> float:
    from patterns.core import run as run_module
    from patterns.core.clock import ManualClock
    from patterns.core.pattern import discover
    from tests.bench.no_log import NoLog

    kept = run_module.RunLog
    try:
        run_module.RunLog = kept if with_log else NoLog  # type: ignore[misc, assignment]
        run = run_module.Run(discover()["pub-sub"], 7, {"publish-rate": BUSY}, clock=ManualClock(), cap_events=10**9)
    finally:
        run_module.RunLog = kept  # type: ignore[misc]
    await run.start()
    began = time.process_time()
    await run.clock.run_for(20.0)
    used = time.process_time() - began
    hops = run.log.hops
    await run.stop()
    return hops / used


BENCHMARKS: dict[str, Callable[[], list[Comparison]]] = {
    "fan-out-100": lambda: measure_fan_out(100),
    "fan-out-500": lambda: measure_fan_out(500),
    "fan-out-1000": lambda: measure_fan_out(1000),
    "learners": measure_learners,
    "frames": measure_frames,
    "join-wave": measure_join_wave,
    "log": measure_log,
    "memory": measure_memory,
    "lateness": measure_lateness,
    "drawing": measure_drawing,
    "experiments": measure_experiments,
}
