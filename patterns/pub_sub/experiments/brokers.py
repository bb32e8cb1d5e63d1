"""What a broker lets by, and what it keeps."""

from __future__ import annotations

from collections.abc import Callable
from math import sqrt
from typing import Any

from patterns.core.checks import Between, Exactly, Near
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.run import Run
from patterns.pub_sub import evidence as e

MEANING: dict[str, Callable[[dict[str, Any]], bool]] = {
    "orders.>": lambda order: True,
    "orders.placed.*": lambda order: order["region"] in ("eu", "us"),
    "orders.*.eu": lambda order: order["region"] == "eu",
    "priority=high": lambda order: order["priority"] == "high",
}
"""What each filter ought to let by, said of the order itself: the broker's own matching is what is tested."""


def _wanted(run: Run) -> set[str]:
    meant = MEANING[run.choice("analytics-filter")]
    return {order for order in e.accepted(run) if meant(dict(run.log.messages[order].data))}


def _given(run: Run) -> set[str]:
    return {flight.message for flight in e.deliveries(run, "analytics")}


def _matches(arm: str, share: float, text: str) -> Near:
    return Near(
        arm, "given", lambda c: c["orders"] * share, text, "shares in which the shop draws region and priority",
        margin=lambda c: e.SURE * sqrt(c["orders"] * share * (1 - share) / c["repeats"]), tolerance=0.0, pooled=True,
    )  # fmt: skip


FILTERS = Experiment(
    "PS-3",
    says="Gives Analytics another filter in each run, over the same stream of orders, and counts what it is handed.",
    workload={"publish-rate": 20.0, "orders": 300.0, "service-time": 0.02},
    reduced={"orders": 100.0},
    seconds=20.0,
    reduced_seconds=8.0,
    repeats=2,
    engines=("builtin", "nats"),
    arms=(
        Arm("all", "everything: orders.>", null=True),
        Arm("abroad", "a wildcard: orders.placed.*", {"analytics-filter": "orders.placed.*"}),
        Arm("eu", "a wildcard inside: orders.*.eu", {"analytics-filter": "orders.*.eu"}),
        Arm("high", "a header: priority=high", {"analytics-filter": "priority=high"}),
    ),
    measures=(
        Measure("given", "Orders handed to Analytics", "orders", lambda run: len(_given(run))),
        Measure("strays", "Handed over without matching", "orders", lambda run: len(_given(run) - _wanted(run))),
        Measure("missed", "Matching and not handed over", "orders", lambda run: len(_wanted(run) - _given(run))),
    ),
    checks=(
        _matches("abroad", 0.5, "N × 1/2"),
        _matches("eu", 0.25, "N × 1/4"),
        _matches("high", 0.2, "N × 1/5"),
        *(Exactly(arm, name, 0) for arm in ("all", "abroad", "eu", "high") for name in ("strays", "missed")),
    ),
    expected="proved",
    caveat="Where it is sorted changes the bytes that travel, not who reads what. Kafka leaves it to the reader.",
    bet=Bet(
        "number", "Of 300 orders, how many does 'orders.placed.*' let by, if half have a region in their subject?",
        "given", "abroad", "orders", 0, 300,
    ),
    try_next="Change the filter in the middle of a run, and watch from which order on it counts.",
)  # fmt: skip


LATE = 12.0
"""Seconds after which a late reader comes, when all has been published."""

BROKERS_DIFFER = Experiment(
    "PS-7",
    says="Puts the same tests to a broker that keeps a queue and to one that keeps a log.",
    workload={
        "publish-rate": 20.0, "orders": 100.0, "service-time": 0.15, "service-spread": 1.0, "partitions": 2.0,
        "consumers-per-group": 4.0, "loyalty": True, "loyalty-after": LATE, "ack-timeout": 2.0,
    },
    reduced={"orders": 60.0},
    seconds=40.0,
    reduced_seconds=26.0,
    repeats=2,
    engines=("builtin", "nats"),
    arms=(
        Arm("queue", "a queue", {"mode": "queue"}, null=True),
        Arm("log", "a log", {"mode": "log"}),
        Arm("unacked", "a queue, some acks lost", {"mode": "queue"}, (("drop-ack:inventory", 0.2),)),
    ),
    measures=(
        Measure("history", "Old orders a late reader gets", "orders", lambda run: len(e.applied(run, "loyalty"))),
        Measure("inversions", "Overtaken in a lane", "orders", lambda run: e.partition_inversions(run, "inventory")),
        Measure("steady", "Orders a steady reader gets", "orders", lambda run: len(e.applied(run, "inventory"))),
        Measure("gap", "From a lost ack to the next delivery", "s", lambda run: _gap(run)),
    ),
    checks=(
        Exactly("log", "history", lambda c: c["orders"], "all N", where="fails"),
        Exactly("queue", "history", 0, "none of them", where="fails"),
        Exactly("log", "inversions", 0, "within a partition", where="fails"),
        Between("queue", "inversions", low=1, text="more than none, with four members", where="fails"),
        Exactly("queue", "steady", lambda c: c["orders"], "all N"),
        Exactly("log", "steady", lambda c: c["orders"], "all N"),
        Near("unacked", "gap", lambda c: c["ack-timeout"], "the ack timeout", "the broker's promise", tolerance=0.15),
    ),
    expected="refined",
    caveat=(
        "For a steady reader that acks they are alike. Replay, order, redelivery and deduplication differ by product: "
        "look up each one's words before you exchange one for another."
    ),
    bet=Bet(
        "number", "A reader joins after all 100 orders. How many of them does a log give it?",
        "history", "log", "orders", 0, 100,
    ),
    try_next="Run both modes with one member a group: which of the differences is gone?",
)  # fmt: skip


def _gap(run: Run) -> float:
    return e.gap_between_attempts(run, "inventory") if e.attempts_per_order(run, "inventory") > 1 else 0.0
