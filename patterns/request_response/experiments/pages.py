"""Pages that need very many calls."""

from __future__ import annotations

from statistics import fmean

from patterns.core.checks import Constants, Exactly, Share, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Sweep
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.request_response import evidence as e

SLOW_SHARE = 0.01
"""Share of the calls that take a second longer."""

DOWN_SHARE = 0.001
"""Share of the calls that fail, of a service that is up 99.9 % of the time."""

DEADLINE = 0.5
"""Seconds that a widget may take before the page goes out without it."""

RATES = {5: 20.0, 10: 15.0, 100: 1.5, 150: 1.0}
"""Pages a second, by their widgets: the fewer of them are slow, the more are needed to see how many."""

DOWN_RATE, DEADLINE_RATE = 2.5, 1.0


def _touched(run: Run) -> float:
    return fmean(page["slow"] > 0 for page in e.pages(run))


def _page_p95(run: Run) -> float:
    return e.quantile(e.waits(run), 0.95)


def _pages_of(widgets: int) -> Settings:
    return {"widgets": float(widgets), "request-rate": RATES[widgets]}


def _any_slow(widgets: int) -> Share:
    def pages(c: Constants) -> float:
        return RATES[widgets] * (c["seconds"] - e.SLOW_PAGE_SECONDS)

    return Share(
        str(widgets), "touched", 1 - (1 - SLOW_SHARE) ** widgets, pages, f"1 − 0.99^{widgets}",
        "independent calls; Dean, Barroso, The Tail at Scale, 2013",
    )  # fmt: skip


def _widgets(c: Constants) -> float:
    return c["widgets"] * DEADLINE_RATE * (c["seconds"] - e.SLOW_PAGE_SECONDS)


PRODUCT_PAGE = Experiment(
    "RR-14",
    says="Builds pages of 5 to 150 widgets asked side by side, each slow once in a hundred, or failing once in a "
    "thousand.",
    workload={
        "widgets": 100.0, "widgets-from": "price", "slow-share": SLOW_SHARE, "checkout-share": 0.0,
        "service-time": 0.02, "network-latency": 0.01, "pool-size": 400.0, "workers": 64.0, "replicas": 4.0,
        "timeout": 5.0, "patience": 20.0,
    },
    seconds=15.0,
    reduced_seconds=8.0,
    repeats=3,
    arms=(
        Arm("quick", "100 widgets, none slow", {"slow-share": 0.0, "request-rate": 0.5}, null=True),
        *(Arm(str(widgets), f"{widgets} widgets", _pages_of(widgets)) for widgets in RATES),
        Arm(
            "down", "150 widgets, each up 99.9 %", {"widgets": 150.0, "slow-share": 0.0, "request-rate": DOWN_RATE},
            (("error-500:price", DOWN_SHARE),),
        ),
        Arm(
            "deadline", "100 widgets with a deadline and a fallback",
            {"timeout": DEADLINE, "fallback": True, "request-rate": DEADLINE_RATE},
        ),
        Arm("serial", "100 widgets, one after another", {"style": "rest-serial", "request-rate": 0.8}),
    ),
    measures=(
        Measure("touched", "Pages that met a slow call", "ratio", _touched),
        Measure("p95", "Wait for a page, 95 of 100", "s", _page_p95),
        e.LEFT_OUT,
        e.ANSWERED,
    ),
    checks=(
        *(_any_slow(widgets) for widgets in (100, 5, 10, 150)),
        Share(
            "down", "answered", (1 - DOWN_SHARE) ** 150, lambda c: DOWN_RATE * c["seconds"], "0.999^150",
            "independent calls, and no part is left out",
        ),
        Exactly("quick", "touched", 0.0),
        Exactly("deadline", "answered", 1.0, "every page goes out"),
        Share("deadline", "left-out", SLOW_SHARE, _widgets, "the slow share", "what is slow is late, and left out"),
        Times("deadline", "p95", "100", at_most=0.6, text="at most 0.6 × without a deadline"),
        Times("serial", "p95", "100", at_least=3.0, text="one after another: at least 3 × side by side"),
    ),
    expected="bounded",
    caveat="Sources tell of over 100 (2006) and 200 to 300 services (2011), side by side, left out when late. This lab "
    "stops at 150: 300 is not run.",
    bet=Bet(
        "number", "Each of 100 calls is slow once in a hundred. What share of the pages meets a slow one?", "touched",
        "100", "ratio", 0.0, 1.0,
    ),
    sweep=Sweep("widgets", "Calls for a page", "calls", (1.0, 10.0, 25.0, 50.0, 75.0, 100.0), ("100",), "touched"),
    try_next="Hedge the calls in place of the deadline, and compare the waits and the calls they cost.",
)  # fmt: skip
