"""What it means that a call blocks: real threads that stand still, and one loop that does not."""

from __future__ import annotations

from functools import partial
from math import ceil

from patterns.core.checks import Between, Constants, Exactly, Near, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Measurements, Show, Size
from patterns.core.run import Run

CALLS = 100
"""Calls that are to be made, none of which needs another's answer."""

THREADS = (10, 5, 20)

LATE = 3.0
"""Rounds more that the quickest thread may make where others are late: a busy machine's doing."""

CALL_SECONDS = 0.1
"""How long the server takes for each."""


async def call_all(seed: int, size: Size, show: Show, threads: int) -> Measurements:
    """Make all calls from so many threads, or from one loop if 0. The clients are imported only where they run."""
    from patterns.request_response.clients import time_calls

    return await time_calls(CALLS, CALL_SECONDS, threads, seed, show)


def _with_threads(threads: int, null: bool = False) -> Arm:
    name = f"{threads} threads"
    return Arm(name, f"{threads} blocking threads", null=null, procedure=partial(call_all, threads=threads))


def _rounds(threads: int) -> Near:
    def predicted(constants: Constants) -> float:
        return ceil(CALLS / threads)

    return Near(
        f"{threads} threads", "rounds", predicted, f"⌈{CALLS} / {threads}⌉",
        "a thread makes its calls one after another",
        tolerance=0.0, margin=LATE,
    )  # fmt: skip


def _read_by_procedure(run: Run) -> float:
    raise NotImplementedError("no arm of this experiment is a run of the lab")


BLOCKING = Experiment(
    "RR-3",
    says="Makes a hundred calls of a tenth of a second over HTTP, from 5, 10 and 20 blocking threads and from "
    "one asyncio loop.",
    seconds=2.0,
    repeats=2,
    timed=True,
    arms=(
        _with_threads(10, null=True),
        _with_threads(5),
        _with_threads(20),
        Arm("asyncio", "one thread with asyncio", procedure=partial(call_all, threads=0)),
    ),
    measures=(
        Measure("rounds", "Calls made one after another", "calls", _read_by_procedure),
        Measure("time", "Time of all calls, in times of one", "calls", _read_by_procedure),
        Measure("at-once", "Most calls under way at once", "calls", _read_by_procedure),
        Measure("answered", "Calls with an answer", "calls", _read_by_procedure),
    ),
    checks=(
        *(_rounds(threads) for threads in THREADS),
        *(Exactly(f"{threads} threads", "at-once", threads, "one call for each thread") for threads in THREADS),
        *(
            Between(f"{threads} threads", "time", low=ceil(CALLS / threads), text="no less than its rounds")
            for threads in THREADS
        ),
        Times("5 threads", "rounds", "10 threads", 1.6, 2.5, "half the threads: about 2 × the rounds"),
        Times("20 threads", "rounds", "10 threads", 0.4, 0.8, "twice the threads: about half the rounds"),
        Exactly("asyncio", "at-once", CALLS, "all calls, from a single thread", where="fails"),
        Between("asyncio", "rounds", 1, 2, "one round, two at most", where="fails"),
        Times("asyncio", "time", "5 threads", at_most=0.5, text="less than half the time of 5 threads", where="fails"),
        *(
            Exactly(arm, "answered", CALLS, "all are request-response")
            for arm in ("asyncio", *(f"{threads} threads" for threads in THREADS))
        ),
    ),
    expected="refined",
    caveat="What waits is the piece of work, not necessarily a thread: asynchronous I/O and futures wait for "
    "thousands with one.",
    bet=Bet(
        "number",
        "100 calls of 0.1 s each from 10 blocking threads take 10 rounds. How many from one thread with asyncio?",
        "rounds", "asyncio", "calls", 0.0, 20.0,
    ),
    try_next="Turn the threads of the page server down to 2 in the lab, and watch what queues.",
)  # fmt: skip
