"""What a page loses that needs several answers, each of which may fail."""

from __future__ import annotations

from patterns.core.checks import Constants, Exactly, Near, Order, Share
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.request_response import evidence as e

UP = 0.99
"""Share of the calls that each service answers well, whatever happened before."""

DOWN = 1 - UP

RATES = {"1": 50.0, "3": 20.0, "5": 20.0, "10": 12.0, "copy": 5.0}
"""Pages a second by arm: the fewer fail, the more are needed to see that some do."""


def _chain(arm: str, depth: int) -> Share:
    return Share(
        arm, "answered", UP**depth, lambda c: RATES[arm] * c["seconds"], f"0.99^{depth}",
        "independent failures multiply",
    )  # fmt: skip


def _row(arm: str, widgets: float, more: Settings | None = None) -> Settings:
    """Pages that ask Price so often, one call after another."""
    settings: Settings = {"widgets": widgets, "widgets-from": "price", "style": "rest-serial"}
    return {**settings, "request-rate": RATES[arm], **(more or {})}


def _complete(run: Run) -> float:
    """Share of the pages that are there with all their parts, be some of them old copies."""
    told = e.pages(run)
    return sum(not page["degraded"] for page in told if page["status"] == 200) / len(told)


def _old_copies(run: Run) -> float:
    """Share of the parts that are."""
    told = e.pages(run)
    return sum(page.get("old", 0) for page in told) / sum(page["widgets"] for page in told)


def _parts(c: Constants) -> float:
    return 10 * RATES["copy"] * (c["seconds"] - e.SLOW_PAGE_SECONDS)


FAILING_PRICE = (("error-500:price", DOWN),)
COPIES: Settings = {"fallback": True, "cache-on": True, "cache-ttl": 0.1, "products": 1.0}
"""Copies are too old by the time of the next page, so that every part is asked for."""

CHAINS = Experiment(
    "RR-10",
    says="Builds pages that need one, five or ten calls in a row, and a chain of three servers, each well 99 % of the "
    "time.",
    workload={"checkout-share": 0.0, "service-time": 0.01, "network-latency": 0.01, "pool-size": 200.0},
    seconds=12.0,
    reduced_seconds=8.0,
    repeats=3,
    arms=(
        Arm("well", "ten calls, all well", {**_row("10", 10.0), "request-rate": 2.0}, null=True),
        Arm("1", "one call", _row("1", 1.0), FAILING_PRICE),
        Arm(
            "3", "page, Recommendations and Stock in a chain",
            {"widgets": 1.0, "widgets-from": "recommendations", "request-rate": RATES["3"]},
            tuple((f"error-500:{server}", DOWN) for server in ("page", "recommendations", "stock")),
        ),
        Arm("5", "five calls in a row", _row("5", 5.0), FAILING_PRICE),
        Arm("10", "ten calls in a row", _row("10", 10.0), FAILING_PRICE),
        Arm("copy", "ten calls, old copies in a cache", _row("copy", 10.0, COPIES), FAILING_PRICE),
    ),
    measures=(
        e.ANSWERED,
        Measure("complete", "Pages with all their parts", "ratio", _complete),
        Measure("old", "Parts that are old copies", "ratio", _old_copies),
    ),
    checks=(
        _chain("10", 10),
        *(_chain(arm, int(arm)) for arm in ("1", "3", "5")),
        Order(("10", "1"), "answered", "ten calls < one call"),
        Exactly("well", "answered", 1.0),
        Exactly("well", "complete", 1.0),
        Near(
            "copy", "complete", 1.0, "nearly 1", "only a part that fails before its first copy is missing",
            tolerance=0.02, pooled=True,
        ),
        Share("copy", "old", DOWN, _parts, "1 − 0.99", "each part fails by itself, and is then a copy"),
    ),
    expected="proved",
    caveat="Three is a chain of servers. Five and ten are calls in a row by one server: the page needs all of them, and"
    " it multiplies just so.",
    bet=Bet(
        "number", "Each of ten calls in a row is well 99 % of the time. What share of the pages is answered?",
        "answered", "10", "ratio", 0.5, 1.0,
    ),
    try_next="Turn on the extra tries: how much of the lost share comes back, and what does it cost in calls?",
)  # fmt: skip
