"""How soon a publisher is done, and how soon a reader knows."""

from __future__ import annotations

from functools import partial
from math import ceil, exp
from statistics import fmean

from patterns.core.checks import Between, Constants, Exactly, Near, Times
from patterns.core.clock import ManualClock
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Measurements, Show, Size, Sweep
from patterns.core.log import Received, Sent
from patterns.core.pattern import Settings, discover
from patterns.core.run import Run
from patterns.core.scenario import Scenario
from patterns.pub_sub import evidence as e
from patterns.pub_sub import receipts


def wait_in_queue(load: float) -> float:
    """Mean stay in a queue with even arrivals and exponential service (D/M/1), in service times, at 0 ≤ load < 1.

    Kleinrock, Queueing Systems I, 6.1–6.4: 1 / (1 − σ), where σ is the root of σ = exp(−(1 − σ) / load) below 1.
    """
    sigma = 0.0
    for _ in range(200):
        sigma = exp(-(1 - sigma) / load)
    return 1 / (1 - sigma)


def _stays(service: float) -> Near:
    return Near(
        f"{service:g} s", "end-to-end",
        lambda c: 2 * c["hop-time"] + service * wait_in_queue(c["publish-rate"] * service),
        "two hops + stay in a D/M/1 queue", "Kleinrock, Queueing Systems I, chapter 6", tolerance=0.25,
    )  # fmt: skip


ASYNCHRONOUS = Experiment(
    "PS-5",
    says="Makes the readers slower from run to run, and times the publish call and the way to the effect.",
    workload={
        "publish-rate": 1.2, "service-spread": 1.0, "hop-time": 0.04,
        # so that nobody's inbox holds an order for longer than the broker waits
        "prefetch": 5.0, "ack-timeout": 30.0, "publisher-confirms": True,
    },
    seconds=400.0,
    reduced_seconds=300.0,
    repeats=2,
    arms=(
        Arm("0 s", "readers need no time", {"service-time": 0.0}, null=True),
        Arm("0.25 s", "0.25 s an order", {"service-time": 0.25}),
        Arm("0.5 s", "0.5 s an order", {"service-time": 0.5}),
        Arm("2 s", "2 s an order, more than they can do", {"service-time": 2.0}),
    ),
    measures=(
        receipts.PUBLISH,
        Measure("end-to-end", "Mean from order to effect", "s", lambda run: fmean(e.ages(run, *e.REGULARS))),
        Measure("little", "Waiting, over arrivals × stay", "ratio", lambda run: _little(run)),
        Measure("left", "Waiting at the end, a reader", "orders", lambda run: _left_behind(run)),
    ),
    checks=(
        Times("0.5 s", "publish", "0 s", 0.9, 1.1, "the publish takes as long as with instant readers: × 1 ± 0.1"),
        Times("2 s", "publish", "0 s", 0.9, 1.1, "also with readers that cannot keep up: × 1 ± 0.1"),
        _stays(0.25),
        _stays(0.5),
        Near("0.5 s", "little", 1.0, "L / (λ W)", "Little 1961, L = λW", tolerance=0.1),
        Between("2 s", "left", low=50, text="a backlog that grows: λ > μ"),
    ),
    expected="proved",
    caveat="The wait has moved, not gone. With more arrivals than a reader can do it grows for as long as that lasts.",
    bet=Bet(
        "number",
        "How long does a publish take when each reader needs 0.5 s an order?",
        "publish",
        "0.5 s",
        "s",
        0.0,
        1.0,
    ),
    try_next="Turn the publish rate up slowly with a service time of 0.5 s: from where on does the lag never fall?",
)  # fmt: skip


def _little(run: Run) -> float:
    copies_per_second = len(e.accepted(run)) * len(e.REGULARS) / run.log.events[-1].at
    return e.level_over_time(run, "broker", "backlog") / (copies_per_second * e.stay(run))


def _left_behind(run: Run) -> float:
    return e.outstanding(run, "inventory")[-1][1]


POLL = 0.5
"""Seconds between two questions."""


def _in_vain(run: Run) -> int:
    """Polls that were answered with nothing."""
    return sum(isinstance(event, Received) and event.message.endswith("/nothing") for event in run.log)


PUSH_AND_POLL = Experiment(
    "PS-6",
    says="Lets the same orders reach the readers by push, and then only when they ask every half second.",
    workload={"publish-rate": 0.7, "orders": 100.0, "service-time": 0.02, "hop-time": 0.04},
    reduced={"orders": 50.0},
    seconds=144.0,
    reduced_seconds=73.0,
    repeats=2,
    arms=(
        Arm("push", "told at once", null=True),
        Arm("poll", "asking every 0.5 s", {"poll-interval": POLL}),
    ),
    measures=(
        Measure("notice", "Mean time to notice", "s", lambda run: sum(found := e.notices(run)) / len(found)),
        Measure("worst", "Longest time to notice", "s", lambda run: max(e.notices(run))),
        Measure("in-vain", "Questions in vain", "polls", lambda run: _in_vain(run)),
        Measure("asked", "Questions asked", "polls", lambda run: _asked(run)),
    ),
    checks=(
        Near("poll", "notice", lambda c: POLL / 2 + c["hop-time"], "P/2 + a hop", "waits are uniform", tolerance=0.1),
        Between("poll", "worst", POLL * 0.8, POLL + 0.05, "P + a hop at most"),
        Near("push", "notice", lambda c: c["hop-time"], "one hop", "nothing else to wait for", margin=0.005),
        Exactly("push", "in-vain", 0, "questions in vain"),
        Near(
            "poll", "in-vain", lambda c: (c["orders"] / c["publish-rate"] / POLL - c["orders"]) * len(e.REGULARS),
            "(T/P − hits) × readers", "one poll finds one order, since they come further apart than P", tolerance=0.05,
        ),
    ),
    expected="proved",
    caveat="True of facts. 'OrderPlaced' may be told to all; a 'ShipThis' dressed as an event ties both ends together.",
    bet=Bet(
        "number", "Asking every 0.5 s, how long does a reader take on average to notice?",
        "notice", "poll", "s", 0.0, 1.0,
    ),
    sweep=Sweep(
        "poll-interval", "Time between two questions", "s", (0.1, 0.2, 0.5, 1.0, 2.0, 4.0), ("poll",), "notice",
    ),
    try_next="Halve the poll interval: what does it gain in time, and what does it cost in questions?",
)  # fmt: skip


def _asked(run: Run) -> float:
    return sum(
        isinstance(event, Sent) and event.target == "broker" and event.message.startswith("poll/") for event in run.log
    )


SLOW_READER = 0.025
"""Seconds an order, with which a reader does 40 a second when 50 come."""


QUICK = 0.2
"""Seconds, up to which people take a screen to follow at once."""

FEED: Settings = {"publish-rate": 50.0, "service-time": 0.01, "hop-time": 0.01}


async def _follow(seed: int, size: Size, show: Show, screen: bool) -> Measurements:
    from patterns.pub_sub.screen import watch  # needs a web server, which a declaration must not import

    return {"p95": await watch(FEED, seed, 3.0 if size == "full" else 1.5, show, screen)}


async def _fall_behind(seed: int, size: Size, show: Show) -> Measurements:
    """No machine is needed to be late by seconds, so this run jumps through its time."""
    clock = ManualClock()
    run = Run(discover()["pub-sub"], seed, {**FEED, "service-time": SLOW_READER}, clock=clock)
    run.play(Scenario("behind", "Behind", "", BEHIND_SECONDS))
    await run.start()
    while not run.ended.done():
        await clock.run_for(1.0)
    show(run)
    ages = sorted(e.ages(run, "analytics"))
    return {"p95": ages[ceil(0.95 * len(ages)) - 1]}


def _behind(c: Constants) -> float:
    done = BEHIND_SECONDS / SLOW_READER
    return 0.95 * done * (SLOW_READER - 1 / c["publish-rate"]) + 2 * c["hop-time"] + SLOW_READER


def _quick(c: Constants) -> float:
    """The whole way in 0.2 s, in times of the way to the reader: two hops and its work."""
    return QUICK / (2 * c["hop-time"] + c["service-time"])


def _read_by_procedure(run: Run) -> float:
    raise NotImplementedError("each arm of this experiment reads its own measure")


BEHIND_SECONDS = 12.0

REAL_TIME = Experiment(
    "PS-9",
    says="Follows 50 orders a second, in real time, to a reader and over a WebSocket; then lets a reader fall behind.",
    workload=FEED,
    seconds=BEHIND_SECONDS,
    repeats=2,
    timed=True,
    arms=(
        Arm("reader", "to the reader's effect", null=True, procedure=partial(_follow, screen=False)),
        Arm("screen", "on to a client's socket", procedure=partial(_follow, screen=True)),
        Arm("behind", "a reader that does 40 a second", procedure=_fall_behind),
    ),
    measures=(Measure("p95", "From order to there, 95th percentile", "s", _read_by_procedure),),
    checks=(
        Times("screen", "p95", "reader", at_most=_quick, text="within 0.2 s, so × 6.7 at most"),
        Times("behind", "p95", "reader", at_least=20, text="far later once behind: × 20 at least"),
        Near("behind", "p95", _behind, "backlog / μ, at the 95th percentile", "fluid approximation", tolerance=0.15),
    ),
    expected="bounded",
    caveat=(
        "Measured from the order's storing to the client's socket, on this machine; drawing the pixel comes on top. "
        "And nothing bounds it once a reader falls behind."
    ),
    bet=Bet(
        "number", "Readers do 40 a second when 50 come. After 12 s, how late are the latest?",
        "p95", "behind", "s", 0.0, 12.0,
    ),
    try_next="Watch the lag chart while the reader is too slow, then give its group a second member.",
)  # fmt: skip
