"""How the failure of one becomes the failure of others."""

from __future__ import annotations

from math import sqrt

from patterns.core.checks import Between, Exactly, Near, Order, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.log import RunLog, Sent
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.request_response import evidence as e
from patterns.request_response.experiments.crowd import GUESTS, ROOM, crowd_in_step, crowd_with_jitter

UP = 0.99
"""Share of the calls that each service answers well, whatever happened before."""

DOWN = 1 - UP


def _chain(arm: str, depth: int) -> Near:
    share = UP**depth
    return Near(
        arm, "answered", share, f"0.99^{depth}", "independent failures multiply", tolerance=0.0,
        margin=lambda c: 4 * sqrt(share * (1 - share) / (c["request-rate"] * c["seconds"])),
    )  # fmt: skip


def _row(widgets: float, fallback: bool = False) -> Settings:
    return {"widgets": widgets, "widgets-from": "price", "style": "rest-serial", "fallback": fallback}


FAILING_PRICE = (("error-500:price", DOWN),)

CHAINS = Experiment(
    "RR-10",
    says="Builds pages that need one, five or ten calls in a row, and a chain of three servers, each well 99 % of the "
    "time.",
    workload={"request-rate": 10.0, "checkout-share": 0.0, "service-time": 0.01, "network-latency": 0.01},
    seconds=60.0,
    reduced_seconds=25.0,
    repeats=3,
    arms=(
        Arm("well", "ten calls, all well", {**_row(10), "request-rate": 2.0}, null=True),
        Arm("1", "one call", _row(1), FAILING_PRICE),
        Arm("3", "page, Recommendations and Stock in a chain", {"widgets": 1.0, "widgets-from": "recommendations"},
            tuple((f"error-500:{server}", DOWN) for server in ("page", "recommendations", "stock"))),
        Arm("5", "five calls in a row", _row(5), FAILING_PRICE),
        Arm("10", "ten calls in a row", _row(10), FAILING_PRICE),
        Arm("fallback", "ten calls, each with a fallback", _row(10, fallback=True), FAILING_PRICE),
    ),
    measures=(e.ANSWERED, e.LEFT_OUT),
    checks=(
        _chain("10", 10),
        *(_chain(arm, int(arm)) for arm in ("1", "3", "5")),
        Order(("10", "1"), "answered", "ten calls < one call"),
        Exactly("well", "answered", 1.0),
        Exactly("fallback", "answered", 1.0, "every page goes out"),
        Near(
            "fallback", "left-out", DOWN, "1 − 0.99", "each part fails by itself", tolerance=0.0,
            margin=lambda c: 4 * sqrt(DOWN * UP / (10 * c["request-rate"] * c["seconds"])),
        ),
    ),
    expected="proved",
    caveat="Where a service is and what it speaks can be loosened by discovery and contracts. That it must be up now "
    "cannot.",
    bet=Bet(
        "number", "Each of ten calls in a row is well 99 % of the time. What share of the pages is answered?",
        "answered", "10", "ratio", 0.5, 1.0,
    ),
    try_next="Turn on the extra tries: how much of the lost share comes back, and what does it cost in calls?",
)  # fmt: skip

SLOW = 2.0
"""Seconds that Reviews takes longer."""

BULKHEAD = 5
"""Threads of 20 that one of four services may hold."""


def _full_after(run: Run) -> float:
    """When every thread was first in use; to the end of the run if never."""
    return next((at for at, busy, size in e.threads(run) if busy >= size), run.log.events[-1].at)


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
        Arm("timeout", "slow, with a timeout of 0.1 s", {"timeout": 0.1}, SLOW_REVIEWS),
        Arm(
            "breaker", "slow, with a breaker and a timeout of 0.3 s", {"circuit-breaker": True, "timeout": 0.3},
            SLOW_REVIEWS,
        ),
        Arm("0.3 s", "slow, with a timeout of 0.3 s only", {"timeout": 0.3}, SLOW_REVIEWS),
    ),
    measures=(
        Measure("full", "All threads in use after", "s", _full_after),
        Measure("threads", "Most threads in use", "threads", e.most_threads),
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
        Between(
            "timeout", "threads", high=10,
            text="50/s × 0.1 s = 5 for Reviews, 50/s × 0.04 s = 2 for Price, and 3 for chance"
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

TRIES = 4
FAILING = 0.5
LAYERS = 3


def tries(failing: float) -> float:
    """Mean number of up to four tries, each of which fails with this probability: (1 − p⁴) / (1 − p)."""
    return sum(failing**earlier for earlier in range(TRIES))


def load_of_last(failing: float) -> float:
    """Calls to the last of three layers per visit, if only that one fails by itself: a layer above sees a failure where
    all four tries below it failed."""
    load = 1.0
    for _ in range(LAYERS):
        load, failing = load * tries(failing), failing**TRIES
    return load


def _to_stock(event: Sent, log: RunLog) -> bool:
    return e.is_request(event, log, "stock")


def _tries_of_a_layer(run: Run) -> float:
    calls = e.exchanges(run, "recommendations", "stock")
    return len(calls) / len({call.request.id for call in calls})


OUTAGE = (("crash:stock", None),)

RETRY_STORM = Experiment(
    "RR-12",
    says="Lets browser, page server and Recommendations each try four times while Stock is down; and a crowd try in "
    "step.",
    workload={
        "request-rate": 1.0, "widgets": 1.0, "widgets-from": "recommendations", "network-latency": 0.01,
        "retries": TRIES - 1.0, "checkout-share": 0.0,
    },
    seconds=100.0,
    reduced_seconds=60.0,
    repeats=3,
    arms=(
        Arm("well", "Stock is well", null=True),
        Arm("outage", "Stock is down", faults=OUTAGE),
        Arm("half", "Stock fails half the time", {"request-rate": 4.0}, (("error-500:stock", FAILING),)),
        Arm("budget", "down, with a budget of a tenth", {"retry-budget": True}, OUTAGE),
        Arm("step", "200 callers in step, room for 10", procedure=crowd_in_step),
        Arm("jitter", "the same with full jitter", procedure=crowd_with_jitter),
    ),
    measures=(
        Measure("load", "Calls to Stock per visit", "calls", lambda run: e.per_visit(run, _to_stock)),
        Measure("tries", "Tries per call in the last layer", "tries", _tries_of_a_layer),
        Measure(
            "calls", "Calls of the last layer, or of the crowd", "calls",
            lambda run: len(e.exchanges(run, "recommendations", "stock")),
        ),
    ),
    checks=(
        Exactly("outage", "load", TRIES**LAYERS, "4^3"),
        Exactly("well", "load", 1.0, "one call"),
        Near(
            "half", "tries", tries(FAILING), "(1 − p⁴) / (1 − p)", "truncated geometric distribution", tolerance=0.0,
            margin=lambda c: 4 * 1.06 / sqrt(4 * c["seconds"]),
        ),
        Near(
            "half", "load", load_of_last(FAILING), "three layers of it, each above failing p⁴ as often",
            "the same, layer by layer", tolerance=0.0, margin=lambda c: 4 * 1.3 / sqrt(4 * c["seconds"]),
        ),
        Between("budget", "load", 1.0, 1.1, "at most 1.1"),
        Exactly("step", "calls", GUESTS * (GUESTS / ROOM + 1) / 2, "N (N/K + 1) / 2"),
        Between("jitter", "calls", high=0.6 * GUESTS * (GUESTS / ROOM + 1) / 2, text="at most 0.6 × that"),
    ),
    expected="proved",
    caveat="Retry in one layer, only what may be repeated, within a budget. The storm can outlast what began it.",
    bet=Bet(
        "number", "Three layers try four times each. How many calls does one visit send to a service that is down?",
        "load", "outage", "calls", 1, 100,
    ),
    try_next="Leave the retries on in one layer only, and compare load and success with all three.",
)  # fmt: skip
