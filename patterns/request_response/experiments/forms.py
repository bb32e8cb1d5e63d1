"""What it is used for when writing: a form that must have its effect once."""

from __future__ import annotations

from math import sqrt

from patterns.core.checks import Constants, Exactly, Near, Share
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.request_response import evidence as e

LOST = 0.3
TRIES = 4
"""The first and three more."""


def _further_tries() -> float:
    """Mean number of tries after the first: another one follows only if all before it lost their answer."""
    return sum(LOST**tries for tries in range(1, TRIES))


def _spread_of_tries() -> float:
    """Standard deviation of it, from E[X²] = Σ (2k − 1) P(X ≥ k)."""
    squares = sum((2 * tries - 1) * LOST**tries for tries in range(1, TRIES))
    return sqrt(squares - _further_tries() ** 2)


def _orders(c: Constants) -> float:
    return c["request-rate"] * c["seconds"]


def _doubled(run: Run) -> float:
    return e.duplicates(run) / len(e.ended_orders(run))


def _not_once(run: Run) -> float:
    applied = e.applications(run)
    return sum(applied[order] != 1 for order in e.ended_orders(run))


LOSING = (("lose-response:page", LOST),)
CLICKED = 0.5
"""Share of the visitors whose finger is impatient."""

CLICKING = (("double-click:browser", CLICKED),)
ONCE = ("key", "clicked-key", "well")
KEY: Settings = {"idempotency-key": True}

FORMS = Experiment(
    "RR-7",
    says="Sends orders whose answers get lost three times in ten, and orders that are clicked twice, with and without "
    "a key.",
    workload={
        "request-rate": 6.0, "checkout-share": 1.0, "retries": TRIES - 1.0, "patience": 1.0, "service-time": 0.05,
        "network-latency": 0.02, "pool-size": 100.0,
    },
    seconds=100.0,
    reduced_seconds=40.0,
    repeats=2,
    arms=(
        Arm("well", "nothing gets lost", null=True),
        Arm("plain", "answers get lost, no key", faults=LOSING),
        Arm("key", "answers get lost, with a key", KEY, faults=LOSING),
        Arm("clicked", "half are clicked twice, no key", faults=CLICKING),
        Arm("clicked-key", "half are clicked twice, with a key", KEY, faults=CLICKING),
    ),
    measures=(
        Measure("doubled", "Effects too many per order", "effects", _doubled),
        Measure("not-once", "Orders not applied exactly once", "orders", _not_once),
        Measure("differing", "Orders whose visitor was sent two different answers", "ratio", e.differing_answers),
    ),
    checks=(
        Near(
            "plain", "doubled", _further_tries(), "q + q² + q³", "each further try has one effect more", tolerance=0.0,
            margin=lambda c: 3.3 * _spread_of_tries() / sqrt(_orders(c) * c["repeats"]), pooled=True,
        ),
        Share("clicked", "doubled", CLICKED, _orders, "share of double clicks", "each has one effect more"),
        Share("plain", "differing", LOST, _orders, "q", "a second try is another reservation"),
        *(Exactly(arm, "not-once", 0, "orders that are not done exactly once") for arm in ONCE),
        *(Exactly(arm, "differing", 0, "repeats with another answer") for arm in ONCE),
    ),
    expected="proved",
    caveat="The key helps only because the server keeps it and looks it up. A GET or PUT is repeatable only if it is "
    "built so.",
    bet=Bet(
        "number", "3 in 10 answers get lost, and a visitor tries up to four times. How many effects too many has an "
        "order on average?", "doubled", "plain", "effects", 0.0, 1.5,
    ),
    try_next="Lose requests instead of answers: how many duplicates are there now, and why?",
)  # fmt: skip
