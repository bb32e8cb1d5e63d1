"""How soon a publisher is done, and how soon a reader knows."""

from __future__ import annotations

from math import ceil, exp
from statistics import fmean

from patterns.core.checks import Between, Constants, Exactly, Near, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Measurements, Show, Size, Sweep
from patterns.core.log import Received, Sent
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.pub_sub import evidence as e


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
        "prefetch": 5.0, "ack-timeout": 30.0,
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
        e.PUBLISH,
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


def _p95(run: Run) -> float:
    ages = sorted(e.ages(run, "analytics"))
    return ages[ceil(0.95 * len(ages)) - 1]


def _behind(c: Constants) -> float:
    done = REAL_TIME_SECONDS / SLOW_READER
    return 0.95 * done * (SLOW_READER - 1 / c["publish-rate"]) + 2 * c["hop-time"] + SLOW_READER


async def _watch_a_screen(seed: int, size: Size, show: Show) -> Measurements:
    from patterns.pub_sub.screen import watch  # needs a web server, which a declaration must not import

    settings: Settings = {"publish-rate": 50.0, "service-time": 0.01, "hop-time": 0.01}
    return {"p95": await watch(settings, seed, 3.0 if size == "full" else 1.5, show)}


REAL_TIME_SECONDS = 12.0

REAL_TIME = Experiment(
    "PS-9",
    says="Follows 50 orders a second to a reader and, over a real WebSocket, on to a client's hands.",
    workload={"publish-rate": 50.0, "service-time": 0.01, "hop-time": 0.01},
    seconds=REAL_TIME_SECONDS,
    repeats=2,
    arms=(
        Arm("reader", "to the reader", null=True),
        Arm("screen", "through a WebSocket, in real time", procedure=_watch_a_screen),
        Arm("behind", "a reader that does 40 a second", {"service-time": SLOW_READER}),
    ),
    measures=(Measure("p95", "From order to screen, 95th percentile", "s", _p95),),
    checks=(
        Between("screen", "p95", high=0.2, text="under 0.2 s"),
        Between("reader", "p95", high=0.2, text="under 0.2 s"),
        Near("behind", "p95", _behind, "backlog / μ, at the 95th percentile", "fluid approximation", tolerance=0.15),
    ),
    expected="bounded",
    caveat=(
        "Measured on this machine as far as the client's socket; drawing the pixel comes on top. And nothing bounds it "
        "once a reader falls behind."
    ),
    bet=Bet(
        "number", "Readers do 40 a second when 50 come. After 12 s, how late are the latest?",
        "p95", "behind", "s", 0.0, 12.0,
    ),
    try_next="Watch the lag chart while the reader is too slow, then give its group a second member.",
)  # fmt: skip
