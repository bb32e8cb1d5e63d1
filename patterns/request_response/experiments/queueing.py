"""What "immediately" means to a server that others want something from too."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt
from statistics import fmean

from patterns.core.checks import Between, Constants, Exactly, Near, Order
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Sweep
from patterns.core.log import Settled
from patterns.core.run import Run
from patterns.request_response import evidence as e


def mean_stay(load: float) -> float:
    """Mean time in a queue with Poisson arrivals, one worker and exponential service (M/M/1), in service times.

    Kleinrock, Queueing Systems I, 3.2: 1 / (1 − ρ), for 0 ≤ ρ < 1.
    """
    return 1 / (1 - load)


def spread_of_mean(load: float, served: float) -> float:
    """Standard error of that mean as a ratio of it, seen over the time in which `served` calls could be worked on.

    Whitt, Planning Queueing Simulations, 1989, table 1: √(2 (1 + ρ) / (ρ (1 − ρ)² t)).
    """
    return sqrt(2 * (1 + load) / (load * (1 - load) ** 2 * served))


def _stays_long(arm: str, load: float, where: str = "holds") -> Near:
    def predicted(c: Constants) -> float:
        return c["service-time"] * mean_stay(load)

    return Near(
        arm, "stay", predicted, "S / (1 − ρ)", "M/M/1; Kleinrock, Queueing Systems I, 3.2", tolerance=0.1,
        margin=lambda c: 4 * predicted(c) * spread_of_mean(load, c["seconds"] / c["service-time"]),
        where="fails" if where == "fails" else "holds",
    )  # fmt: skip


def _mean_stay_at_price(run: Run) -> float:
    return fmean(e.stays(run, "page", "price"))


def _mean_work_at_price(run: Run) -> float:
    """Work alone: with one worker, first come first served, from the later of arrival and the answer before."""
    calls = [call for call in e.exchanges(run, "page", "price") if call.answered is not None]
    served = sorted((call.answered or 0.0, call.arrived or 0.0) for call in calls)
    return fmean(
        answered - max(arrived, before) for (before, _), (answered, arrived) in pairwise([(0.0, 0.0), *served])
    )


def _later(run: Run) -> float:
    """Visits that got a receipt first, or an answer that is none to their own request."""
    receipts = sum(isinstance(event, Settled) and event.outcome == "accepted" for event in run.log)
    return receipts + sum(call.stray for call in e.exchanges(run, "browser", "page"))


LONG_WORK = 5.0
"""Seconds of one very slow call."""

AT_ONCE = Experiment(
    "RR-2",
    says="Loads a server that does 100 calls a second to 10, 80 and 95 %, with arrivals at random, and times each "
    "call.",
    workload={
        "request-rate": 80.0, "arrivals": "poisson", "widgets": 1.0, "widgets-from": "price", "checkout-share": 0.0,
        "service-time": 0.01, "service-spread": "exponential", "replicas": 1.0, "workers": 1.0, "pool-size": 400.0,
        "timeout": 60.0, "patience": 60.0, "network-latency": 0.001,
    },
    seconds=60.0,
    reduced_seconds=40.0,
    repeats=3,
    arms=(
        Arm("idle", "10 % busy", {"request-rate": 10.0}, null=True),
        Arm("busy", "80 % busy", {"request-rate": 80.0}),
        Arm("nearly full", "95 % busy", {"request-rate": 95.0}),
        Arm("long", "a call that works for 5 s", {"request-rate": 0.2, "arrivals": "even", "service-time": LONG_WORK,
                                                  "service-spread": "fixed", "workers": 8.0}),
    ),
    measures=(
        Measure("stay", "Mean time at the server", "s", _mean_stay_at_price),
        Measure("work", "Mean work on a call", "s", _mean_work_at_price),
        Measure("elsewhere", "Answers that came in another exchange", "answers", _later),
        e.ANSWERED,
    ),
    checks=(
        _stays_long("busy", 0.8, "fails"),
        Near("busy", "work", lambda c: c["service-time"], "S", "stay = wait for a worker + work", tolerance=0.12),
        Between("busy", "stay", low=0.018, text="well over the 0.01 s of work: queue wait + work", where="fails"),
        _stays_long("idle", 0.1),
        Order(("idle", "busy", "nearly full"), "stay", "10 % < 80 % < 95 % busy", where="fails"),
        Near(
            "long", "stay", LONG_WORK, "S", "no queue: the answer takes as long as the work", tolerance=0.01,
            where="fails",
        ),
        *(Exactly(arm, "elsewhere", 0, "every answer in its own exchange") for arm in ("idle", "busy", "long")),
        Exactly("busy", "answered", 1.0),
    ),
    expected="refined",
    caveat="At once means in the same exchange, and that always held. It does not mean soon: time is mostly spent in "
    "the queue.",
    bet=Bet(
        "number", "A call takes 10 ms of work. How long is it at a server that is 80 % busy, on average?", "stay",
        "busy", "s", 0.0, 0.2,
    ),
    sweep=Sweep("request-rate", "Calls offered", "/s", (10.0, 30.0, 50.0, 70.0, 80.0, 90.0), ("busy",), "stay"),
    try_next="Give the nearly full server a second worker, and compare that with halving its work.",
)  # fmt: skip
