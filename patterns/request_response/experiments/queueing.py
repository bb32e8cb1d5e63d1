"""What "immediately" means to a server that others want something from too."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop, heappush
from itertools import pairwise
from math import sqrt
from statistics import fmean, pstdev

from patterns.core.checks import Between, Constants, Exactly, Near, Order
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Sweep
from patterns.core.judgement import Where
from patterns.core.log import Settled
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.request_response import evidence as e
from patterns.request_response.service_time import draw

LONG_WORK = 5.0
"""Seconds of one very slow call."""

WORK = {"idle": 0.01, "busy": 0.01, "nearly full": 0.01, "tenfold": 0.1, "two": 0.08, "fixed": 0.04}
"""Seconds of work on a call, on average, by arm."""

RATES = {"idle": 10.0, "busy": 80.0, "nearly full": 95.0, "tenfold": 5.0, "two": 20.0, "fixed": 20.0}
"""Calls a second."""

WORKERS = {"two": 2.0}


def mean_stay(load: float) -> float:
    """Mean time in a queue with Poisson arrivals, one worker and exponential service (M/M/1), in service times.

    Kleinrock, Queueing Systems I, 3.2: 1 / (1 − ρ), for 0 ≤ ρ < 1.
    """
    return 1 / (1 - load)


def mean_stay_fixed(load: float) -> float:
    """The same where each call takes the same work (M/D/1): half as long a wait.

    Pollaczek and Khinchine, in Kleinrock, Queueing Systems I, 5.6: 1 + ρ / (2 (1 − ρ)).
    """
    return 1 + load / (2 * (1 - load))


def mean_stay_of_two(load: float) -> float:
    """The same with two workers, each `load` busy (M/M/2): 1 / (1 − ρ²), in service times. Kleinrock, 3.5."""
    return 1 / (1 - load * load)


def spread_of_mean(load: float, served: float) -> float:
    """Standard error of the mean stay as a ratio of it, seen over the time in which `served` calls could be worked on.

    Whitt, Planning Queueing Simulations, 1989, table 1: √(2 (1 + ρ) / (ρ (1 − ρ)² t)). It is that of M/M/1; less
    varied work, or more workers, spread less.
    """
    return sqrt(2 * (1 + load) / (load * (1 - load) ** 2 * served))


ERRORS = 3.0
"""Standard errors that the mean of all runs may be off."""


def _stays(arm: str, formula: Callable[[float], float], text: str, where: Where = "fails") -> Near:
    """The mean stay in an arm, over all of its runs."""
    seconds, rate, workers = WORK[arm], RATES[arm], WORKERS.get(arm, 1.0)
    load = seconds * rate / workers
    predicted = seconds * formula(load)

    def margin(c: Constants) -> float:
        return ERRORS * predicted * spread_of_mean(load, c["seconds"] * c["repeats"] * workers / seconds)

    return Near(
        arm, "stay", predicted, text, "Kleinrock, Queueing Systems I", tolerance=0.0, margin=margin, where=where,
        pooled=True,
    )  # fmt: skip


def _works_at_price(run: Run) -> list[float]:
    """Work alone: with one worker, first come first served, from the later of arrival and the answer before."""
    calls = [call for call in e.exchanges(run, "page", "price") if call.answered is not None]
    served = sorted((call.answered or 0.0, call.arrived or 0.0) for call in calls)
    return [answered - max(arrived, before) for (before, _), (answered, arrived) in pairwise([(0.0, 0.0), *served])]


def _variation_of_work(run: Run) -> float:
    """Standard deviation in means: 1 if exponential, 0 if all calls take the same."""
    works = _works_at_price(run)
    return pstdev(works) / fmean(works)


def _off_schedule(run: Run) -> float:
    """The most that an answer is away from when its call, at the head of one queue, had been worked on.

    Lindley's recursion: a call begins when it has arrived and a worker is free, whichever is later.
    """
    calls = [call for call in e.exchanges(run, "page", "price") if call.arrived is not None]
    free, most = [0.0] * int(run.number("workers")), 0.0
    for call in sorted(calls, key=lambda call: call.arrived or 0.0):
        done = max(call.arrived or 0.0, heappop(free)) + draw(run, call.request.id)[0]
        heappush(free, done)
        if call.answered is not None:
            most = max(most, abs(call.answered - done))
    return most


def _later(run: Run) -> float:
    """Visits that got a receipt first, or an answer that is none to their own request."""
    receipts = sum(isinstance(event, Settled) and event.outcome == "accepted" for event in run.log)
    return receipts + sum(call.stray for call in e.exchanges(run, "browser", "page"))


def _calls(arm: str, c: Constants) -> float:
    return RATES[arm] * c["seconds"] * c["repeats"]


def _served_by(arm: str, more: Settings | None = None) -> Settings:
    workers = WORKERS.get(arm, 1.0)
    return {"request-rate": RATES[arm], "service-time": WORK[arm], "workers": workers, **(more or {})}


AT_ONCE = Experiment(
    "RR-2",
    says="Loads a server with arrivals at random to 10, 50, 80 and 95 %, with work of 10 ms to 5 s and one worker or "
    "two, and times each call.",
    workload={
        "request-rate": 80.0, "arrivals": "poisson", "widgets": 1.0, "widgets-from": "price", "checkout-share": 0.0,
        "service-time": 0.01, "service-spread": "exponential", "replicas": 1.0, "workers": 1.0, "pool-size": 400.0,
        "timeout": 60.0, "patience": 60.0, "network-latency": 0.001,
    },
    seconds=45.0,
    reduced_seconds=30.0,
    repeats=2,
    arms=(
        Arm("idle", "10 % busy", _served_by("idle"), null=True),
        Arm("busy", "80 % busy", _served_by("busy")),
        Arm("nearly full", "95 % busy", _served_by("nearly full")),
        Arm("tenfold", "50 % busy, ten times the work", _served_by("tenfold")),
        Arm("two", "two workers, 80 % busy", _served_by("two")),
        Arm("fixed", "80 % busy, each call the same work", _served_by("fixed", {"service-spread": "fixed"})),
        Arm("long", "a call that works for 5 s", {"request-rate": 0.2, "arrivals": "even", "service-time": LONG_WORK,
                                                  "service-spread": "fixed", "workers": 8.0}),
    ),
    measures=(
        Measure("stay", "Mean time at the server", "s", lambda run: fmean(e.stays(run, "page", "price"))),
        Measure("work", "Mean work on a call, one at a time", "s", lambda run: fmean(_works_at_price(run))),
        Measure("variation", "Spread of the work, in means", "", _variation_of_work),
        Measure("off", "Most that a call was off queue wait + work", "s", _off_schedule),
        Measure("elsewhere", "Answers that came in another exchange", "answers", _later),
        e.ANSWERED,
    ),
    checks=(
        _stays("busy", mean_stay, "S / (1 − ρ), ρ = 0.8"),
        _stays("nearly full", mean_stay, "S / (1 − ρ), ρ = 0.95"),
        _stays("tenfold", mean_stay, "S / (1 − ρ), ρ = 0.5"),
        _stays("two", mean_stay_of_two, "S / (1 − ρ²), ρ = 0.8"),
        _stays("fixed", mean_stay_fixed, "S (1 + ρ / (2 (1 − ρ))), ρ = 0.8"),
        _stays("idle", mean_stay, "S / (1 − ρ), ρ = 0.1", "holds"),
        Order(("idle", "busy", "nearly full"), "stay", "10 % < 80 % < 95 % busy", where="fails"),
        *(Between(arm, "off", high=1e-6, text="queue wait + work, call by call") for arm in WORK),
        Near("busy", "work", WORK["busy"], "S", "the service time", tolerance=0.0,
             margin=lambda c: ERRORS * WORK["busy"] / sqrt(_calls("busy", c)), pooled=True),
        Near("busy", "variation", 1.0, "1", "exponential service", tolerance=0.0,
             margin=lambda c: 2 * ERRORS / sqrt(_calls("busy", c)), pooled=True),
        Near(
            "long", "stay", LONG_WORK, "S", "no queue: the answer takes as long as the work", tolerance=0.01,
            where="fails",
        ),
        *(Exactly(arm, "elsewhere", 0, "every answer in its own exchange") for arm in ("idle", "busy", "long")),
        Exactly("busy", "answered", 1.0),
    ),
    expected="refined",
    caveat="At once means in the same exchange, and that always held. It does not mean soon. At 95 % a queue swings "
    "so slowly that a mean of minutes is rough.",
    bet=Bet(
        "number", "A call takes 10 ms of work. How long is it at a server that is 80 % busy, on average?", "stay",
        "busy", "s", 0.0, 0.2,
    ),
    sweep=Sweep("request-rate", "Calls offered", "/s", (10.0, 30.0, 50.0, 70.0, 80.0, 90.0), ("busy",), "stay"),
    try_next="Give the nearly full server a second worker, and compare that with halving its work.",
)  # fmt: skip
