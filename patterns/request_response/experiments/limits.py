"""Work that is too long for one call, and pages that need too many of them."""

from __future__ import annotations

from math import sqrt
from statistics import fmean

from patterns.core.checks import Between, Constants, Exactly, Near, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Sweep
from patterns.core.log import Settled
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.request_response import evidence as e

PROXY = 29.0
"""Seconds after which the page server, as a proxy would, waits no longer."""

SHORT, LONG = 27.0, 40.0
"""Seconds of work on a report."""

STEADY = 45.0
"""Seconds after which as many calls end as begin."""


def _held(run: Run) -> float:
    return e.connections(run, STEADY)


def _receipt_after(run: Run) -> float:
    told = [event for event in run.log if isinstance(event, Settled) and event.outcome == "accepted"]
    return fmean(event.at - run.log.messages[event.message].time for event in told) if told else 0.0


def _in_flight(arm: str, seconds: float, text: str) -> Near:
    return Near(
        arm, "held", lambda c: c["request-rate"] * (seconds + 2 * c["network-latency"]), text, "Little 1961, L = λW",
        tolerance=0.08,
    )  # fmt: skip


RECEIPT: Settings = {"accept-202": True}

LONG_WORK = Experiment(
    "RR-13",
    says="Asks for reports that take 27 or 40 s through a server that waits 29 s, then takes a receipt and asks again.",
    workload={
        "request-rate": 1.0, "checkout-share": 0.0, "report-seconds": LONG, "timeout": PROXY, "patience": 60.0,
        "pool-size": 200.0, "workers": 64.0, "network-latency": 0.05,
    },
    seconds=120.0,
    reduced={"request-rate": 0.4},
    repeats=3,
    arms=(
        Arm("short", "27 s of work", {"report-seconds": SHORT}, null=True),
        Arm("long", "40 s of work", {"report-seconds": LONG}),
        Arm("impatient", "27 s of work, a visitor who waits 10 s", {"report-seconds": SHORT, "patience": 10.0}),
        Arm("receipt", "40 s of work behind a receipt", {"report-seconds": LONG, **RECEIPT}),
    ),
    measures=(
        e.ANSWERED,
        Measure("held", "Connections held by visitors", "connections", _held),
        Measure("receipt", "Time until a receipt", "s", _receipt_after),
    ),
    checks=(
        Exactly("long", "answered", 0.0, "work longer than the shortest timeout on the way"),
        Exactly("impatient", "answered", 0.0, "whose timeout it is does not matter"),
        Exactly("short", "answered", 1.0, "shorter than every timeout"),
        _in_flight("short", SHORT + 0.1, "λ × (work + way)"),
        _in_flight("long", PROXY, "λ × the timeout"),
        Exactly("receipt", "answered", 1.0, "every report arrives in the end"),
        Near(
            "receipt", "receipt", lambda c: 2 * c["network-latency"], "2 × latency", "nothing is worked on before",
            tolerance=0.05,
        ),
        Between("receipt", "held", high=0.5, text="next to none: λ × 2 × latency"),
    ),
    expected="proved",
    caveat="Streamed answers and longer timeouts move the limit. And who crashes while he waits has lost the answer.",
    bet=Bet("number", "Reports take 40 s, one is asked for each second, and the server gives up after 29 s. How many "
    "connections are open?",
            "held", "long", "connections", 0.0, 60.0),
    try_next="Let the page server crash in the run with receipts: who still gets a report?",
)  # fmt: skip

SLOW_SHARE = 0.01
"""Share of the calls that take a second longer."""

DEADLINE = 0.5
"""Seconds that a widget may take before the page goes out without it."""


def _touched(run: Run) -> float:
    return fmean(page["slow"] > 0 for page in e.pages(run))


def _page_p95(run: Run) -> float:
    return e.quantile(e.waits(run), 0.95)


CALLS_PER_SECOND = 200.0
"""To services, whatever the size of a page."""


def _pages_of(widgets: int) -> Settings:
    """Pages of that size, as many of them as the calls allow."""
    return {"widgets": float(widgets), "request-rate": CALLS_PER_SECOND / widgets}


def _any_slow(widgets: int) -> Near:
    share = 1 - (1 - SLOW_SHARE) ** widgets

    def margin(c: Constants) -> float:
        pages = (c["seconds"] - e.SLOW_PAGE_SECONDS) * CALLS_PER_SECOND / widgets
        return 4 * sqrt(share * (1 - share) / pages)

    return Near(
        str(widgets), "touched", share, f"1 − 0.99^{widgets}",
        "independent calls; Dean, Barroso, The Tail at Scale, 2013",
        tolerance=0.0, margin=margin,
    )  # fmt: skip


PRODUCT_PAGE = Experiment(
    "RR-14",
    says="Builds pages of 10, 100 and 150 widgets asked side by side, each slow once in a hundred, with and without a "
    "deadline.",
    workload={
        "request-rate": 2.0, "widgets": 100.0, "widgets-from": "price", "slow-share": SLOW_SHARE, "checkout-share": 0.0,
        "service-time": 0.02, "network-latency": 0.01, "pool-size": 400.0, "workers": 64.0, "replicas": 4.0,
        "timeout": 5.0, "patience": 20.0,
    },
    seconds=30.0,
    reduced_seconds=12.0,
    repeats=3,
    arms=(
        Arm("quick", "100 widgets, none slow", {"slow-share": 0.0, "request-rate": 0.5}, null=True),
        Arm("10", "10 widgets", _pages_of(10)),
        Arm("100", "100 widgets", _pages_of(100)),
        Arm("150", "150 widgets", _pages_of(150)),
        Arm("deadline", "100 widgets with a deadline and a fallback", {"timeout": DEADLINE, "fallback": True}),
        Arm("serial", "100 widgets, one after another", {"style": "rest-serial", "request-rate": 0.5}),
    ),
    measures=(
        Measure("touched", "Pages that met a slow call", "ratio", _touched),
        Measure("p95", "Wait for a page, 95 of 100", "s", _page_p95),
        e.LEFT_OUT,
        e.ANSWERED,
    ),
    checks=(
        *(_any_slow(widgets) for widgets in (100, 10, 150)),
        Exactly("quick", "touched", 0.0),
        Exactly("deadline", "answered", 1.0, "every page goes out"),
        Near(
            "deadline", "left-out", SLOW_SHARE, "the slow share", "what is slow is late, and left out", tolerance=0.0,
            margin=lambda c: 4 * sqrt(SLOW_SHARE / (c["seconds"] * CALLS_PER_SECOND)),
        ),
        Times("deadline", "p95", "100", at_most=0.6, text="at most 0.6 × without a deadline"),
        Times("serial", "p95", "100", at_least=3.0, text="one after another: at least 3 × side by side"),
    ),
    expected="bounded",
    caveat="Sources tell of over 100 (2006) and 200 to 300 services (2011), asked side by side and left out when late;"
    " this lab stops at 150.",
    bet=Bet(
        "number", "Each of 100 calls is slow once in a hundred. What share of the pages meets a slow one?", "touched",
        "100", "ratio", 0.0, 1.0,
    ),
    sweep=Sweep("widgets", "Calls for a page", "calls", (1.0, 10.0, 25.0, 50.0, 75.0, 100.0), ("100",), "touched"),
    try_next="Hedge the calls in place of the deadline, and compare the waits and the calls they cost.",
)  # fmt: skip
