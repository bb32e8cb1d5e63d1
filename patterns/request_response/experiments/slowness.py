"""How a service that is slow fails others that have nothing to do with it."""

from __future__ import annotations

from patterns.core.checks import Between, Exactly, Near, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.log import Settled
from patterns.core.run import Run
from patterns.request_response import evidence as e

SLOW = 2.0
"""Seconds that Reviews takes longer."""

BULKHEAD = 5
"""Threads of 20 that one of four services may hold."""


def _full_after(run: Run) -> float:
    """When every thread was first in use; to the end of the run if never."""
    return next((at for at, busy, size in e.threads(run) if busy >= size), run.log.events[-1].at)


def _held_by_reviews(run: Run) -> float:
    """Mean number of threads that calls to Reviews held, by Little's own count: all their stays over the time."""
    over = (event for event in run.log if isinstance(event, Settled) and event.node == "page")
    asked = ((event.at, run.log.messages[event.message]) for event in over)
    return sum(at - call.time for at, call in asked if call.subject == "reviews") / run.log.events[-1].at


SHORT = 0.1
"""Seconds of a timeout that the pool can bear."""

SLOW_REVIEWS = (("slow:reviews", SLOW),)

SLOW_DOWNSTREAM = Experiment(
    "RR-11",
    says="Slows Reviews by 2 s under 50 visitors a second and watches Price; then again with a timeout, a bulkhead, a "
    "breaker.",
    workload={
        "request-rate": 50.0, "widgets": 2.0, "checkout-share": 0.0, "service-time": 0.02, "network-latency": 0.01,
        "pool-size": 20.0, "timeout": 3.0, "workers": 64.0, "replicas": 4.0,
    },
    seconds=8.0,
    reduced_seconds=6.0,
    repeats=3,
    arms=(
        Arm("well", "Reviews is well", null=True),
        Arm("slow", "Reviews is slow", faults=SLOW_REVIEWS),
        Arm("down", "Reviews is down", faults=(("crash:reviews", None),)),
        Arm("bulkhead", "slow, with a bulkhead", {"bulkhead": True}, SLOW_REVIEWS),
        Arm("timeout", "slow, with a timeout of 0.1 s", {"timeout": SHORT}, SLOW_REVIEWS),
        Arm(
            "breaker", "slow, with a breaker and a timeout of 0.3 s", {"circuit-breaker": True, "timeout": 0.3},
            SLOW_REVIEWS,
        ),
        Arm("0.3 s", "slow, with a timeout of 0.3 s only", {"timeout": 0.3}, SLOW_REVIEWS),
    ),
    measures=(
        Measure("full", "All threads in use after", "s", _full_after),
        Measure("threads", "Most threads in use", "threads", e.most_threads),
        Measure("held", "Threads held by calls to Reviews, on average", "threads", _held_by_reviews),
        Measure("price", "Questions to Price answered", "ratio", e.price_answered),
        Measure("reviews-calls", "Calls to Reviews", "calls", lambda run: len(e.exchanges(run, "page", "reviews"))),
    ),
    checks=(
        Near(
            "slow", "full", lambda c: c["pool-size"] / c["request-rate"], "threads / rate",
            "Little 1961: 50/s × 2 s would hold 100 threads", tolerance=0.4,
        ),
        Exactly("slow", "threads", lambda c: c["pool-size"], "all of them"),
        Between("slow", "price", high=0.5, text="Price fails too: at most half is answered"),
        Exactly("well", "price", 1.0),
        Exactly("down", "price", 1.0, "down is not slow: refused at once"),
        Exactly("bulkhead", "price", 1.0, "Price keeps its share of the threads"),
        Between("bulkhead", "threads", high=2 * BULKHEAD, text="at most 5 for each of two services"),
        Near(
            "timeout", "held", lambda c: c["request-rate"] * SHORT, "50/s × 0.1 s", "Little 1961, L = λW",
            tolerance=0.05,
        ),
        Between(
            "timeout", "threads", high=10, text="5 for Reviews, 50/s × 0.04 s = 2 for Price, and 3 for chance"
        ),
        Near(
            "well", "held", lambda c: c["request-rate"] * (c["service-time"] + 2 * c["network-latency"]),
            "50/s × 0.04 s", "Little 1961, L = λW", tolerance=0.05,
        ),
        Exactly("timeout", "price", 1.0, "enough threads"),
        Times("breaker", "reviews-calls", "0.3 s", at_most=0.5),
    ),
    expected="proved",
    caveat="Slow is worse than down. A timeout helps only if it is shorter than threads / rate, here 0.4 s.",
    bet=Bet(
        "first", "20 threads, 50 visitors a second, and Reviews in trouble. Which run fails first: where are all "
        "threads in use soonest?",
        "full", choices=("down", "slow", "timeout", "bulkhead"),
    ),
    try_next="Find the longest timeout at which Price does not notice, and compare it with threads / rate.",
)  # fmt: skip
