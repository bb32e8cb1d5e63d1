"""What it is used for when only reading: lists behind an API, and questions of users."""

from __future__ import annotations

from math import sqrt
from statistics import fmean

from patterns.core.checks import Constants, Exactly, Near, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Sweep
from patterns.core.log import Faulted, RunLog, Sent
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.core.scenario import Step
from patterns.request_response import evidence as e
from patterns.request_response.topology import SERVICES


def _for_the_list(event: Sent, log: RunLog) -> bool:
    return e.is_request(event, log, *SERVICES) and bool(log.messages[event.message].data.get("list"))


def _round_trip(event: Sent, log: RunLog) -> bool:
    return event.source == "browser" and e.is_request(event, log, "page")


N_PLUS_ONE = "N + 1: the list, and each of its N items"

LISTS = Experiment(
    "RR-5",
    says="Shows a list of ten items with their prices by REST calls, by one GraphQL query, and with a data loader.",
    workload={
        "items": 10.0, "widgets": 1.0, "widgets-from": "reviews", "checkout-share": 0.0, "request-rate": 0.5,
        "network-latency": 0.05, "pool-size": 100.0, "timeout": 5.0,
    },
    reduced={"items": 4.0},
    seconds=60.0,
    reduced_seconds=20.0,
    repeats=2,
    arms=(
        Arm("serial", "REST, one after another", {"style": "rest-serial"}, null=True),
        Arm("parallel", "REST, side by side", {"style": "rest-parallel"}),
        Arm("graphql", "one GraphQL query", {"style": "graphql"}),
        Arm("loader", "GraphQL with a data loader", {"style": "graphql-dataloader"}),
    ),
    measures=(
        Measure("trips", "Round trips of the browser per page", "trips", lambda run: e.per_visit(run, _round_trip)),
        Measure("list-calls", "Calls behind a list", "calls", lambda run: e.per_visit(run, _for_the_list)),
        e.WAIT,
        e.ANSWERED,
    ),
    checks=(
        Exactly("graphql", "list-calls", lambda c: c["items"] + 1, N_PLUS_ONE),
        Exactly("serial", "trips", lambda c: c["items"] + 1, "N + 1"),
        Exactly("parallel", "trips", lambda c: c["items"] + 1, "N + 1"),
        Exactly("serial", "list-calls", lambda c: c["items"] + 1, N_PLUS_ONE),
        Exactly("graphql", "trips", 1, "one query"),
        Exactly("loader", "trips", 1, "one query"),
        Exactly("loader", "list-calls", 2, "the list, and all prices in one"),
        Times("serial", "wait", "graphql", at_least=2.0),
        *(Exactly(arm, "answered", 1.0) for arm in ("serial", "graphql", "loader")),
    ),
    expected="proved",
    caveat="GraphQL spares the browser its round trips. What is behind it is asked as often as before, until "
    "resolvers batch.",
    bet=Bet(
        "number", "One plain GraphQL query for ten items: how many calls go to the services for the list?",
        "list-calls", "graphql", "calls", 0, 22,
    ),
    try_next="Give the list 50 items, and find out from which number on the pool of threads is what limits the page.",
)  # fmt: skip

FLUSHES = tuple(float(second) for second in range(8, 54, 2))
"""Seconds of run time at which the cache is emptied."""

AFTER_FLUSH = 0.3
"""Seconds in which the cache has had no time to fill again: less than a look-up and a call take."""

WARM = 9.0
"""Seconds after which the cache is as full as it gets: one age limit and more."""


def _popularity(products: float) -> list[float]:
    """Zipf: the k-th product's share of the questions."""
    weights = [1 / place for place in range(1, int(products) + 1)]
    return [weight / sum(weights) for weight in weights]


def hit_ratio(c: Constants) -> float:
    """Share of questions that a cache with an age limit answers, with arrivals at random (Poisson).

    For each key a cycle is one miss, the way until its answer is kept, in which more may miss, and the age limit, in
    which all hit (Jung, Berger, Balakrishnan, Modeling TTL-based Internet Caches, 2003, with a filling time added).
    """
    fill = c["service-time"] + 4 * c["network-latency"]
    rates = [share * c["request-rate"] for share in _popularity(c["products"])]
    hits = (rate * rate * c["cache-ttl"] / (1 + rate * (fill + c["cache-ttl"])) for rate in rates)
    return sum(hits) / c["request-rate"]


def _mean_time(c: Constants) -> float:
    """H·c + (1 − H)·(c + s): a miss costs the look-up and then the call."""
    look, call = 2 * c["network-latency"], c["service-time"] + 2 * c["network-latency"]
    return look + (1 - hit_ratio(c)) * call


def _warm(run: Run) -> list[e.Exchange]:
    """Questions that came when the cache was warm, and have their answer."""
    return [question for question in e.heard(run, "browser", "page") if question.asked >= WARM]


def _load(run: Run) -> float:
    warm = {question.request.id for question in _warm(run)}
    asked = (call.request.correlation_id for call in e.exchanges(run, "page", "price"))
    return sum(question in warm for question in asked) / len(warm)


def _time(run: Run) -> float:
    return fmean(question.stay for question in _warm(run))


def _calls_a_second(run: Run) -> float:
    """Calls to Price per second: of a warm cache, or just after each moment at which it was emptied. A look-up that
    leaves the cache in that moment becomes a call one way later."""
    way, end = run.number("network-latency"), run.log.events[-1].at
    flushed = [event.at for event in run.log if isinstance(event, Faulted) and event.phase == "asked"]
    asked = [call.asked for call in e.exchanges(run, "page", "price")]
    if not flushed:
        return sum(at >= WARM for at in asked) / (end - WARM)
    moments = [at + way for at in flushed]
    return sum(begin <= at < begin + AFTER_FLUSH for at in asked for begin in moments) / (AFTER_FLUSH * len(moments))


def _flushes(c: Constants) -> int:
    return sum(at < c["seconds"] for at in FLUSHES)


CACHED: Settings = {"cache-on": True}

QUERIES = Experiment(
    "RR-6",
    says="Answers questions about unevenly popular products with and without a cache, and empties the cache again and "
    "again.",
    workload={
        "request-rate": 40.0, "arrivals": "poisson", "widgets": 1.0, "widgets-from": "price", "checkout-share": 0.0,
        "products": 20.0, "cache-ttl": 8.0, "service-time": 0.2, "network-latency": 0.05, "workers": 64.0,
        "pool-size": 400.0, "timeout": 5.0,
    },
    seconds=40.0,
    reduced_seconds=27.0,
    repeats=2,
    arms=(
        Arm("off", "without a cache", null=True),
        Arm("on", "with a cache", CACHED),
        Arm(
            "flushed", "with a cache that is emptied", CACHED,
            script=tuple(Step(at, fault="flush-cache:cache") for at in FLUSHES),
        ),
    ),
    measures=(
        Measure("load", "Calls to Price per question", "calls", _load),
        Measure("time", "Mean time of an answer", "s", _time),
        Measure("rate", "Calls to Price (after a flush, if there is one)", "/s", _calls_a_second),
    ),
    checks=(
        Near(
            "on", "load", lambda c: 1 - hit_ratio(c), "1 − H", "H of a cache with an age limit: Jung et al., 2003",
            tolerance=0.25,
        ),
        Exactly("off", "load", 1.0, "every question"),
        Near("on", "time", _mean_time, "c + (1 − H) s", "a miss costs the look-up too", tolerance=0.1),
        Near(
            "off", "time", lambda c: c["service-time"] + 2 * c["network-latency"], "s", "the call itself",
            tolerance=0.02,
        ),
        Near(
            "flushed", "rate", lambda c: c["request-rate"], "λ", "nothing is in the cache", tolerance=0.0,
            margin=lambda c: 3.3 * sqrt(c["request-rate"] / (AFTER_FLUSH * _flushes(c) * c["repeats"])), pooled=True,
        ),
        Times("flushed", "rate", "on", 6.0, 14.0, "about 10 × what the cache let through: 6 to 14"),
    ),
    expected="proved",
    caveat="Who plans for a tenth of the load must outlive an empty cache. The overload can stay after the cache is "
    "full again.",
    bet=Bet(
        "number", "20 products, each kept for 8 s: what share of the questions still reaches Price?", "load", "on",
        "ratio", 0.0, 1.0,
    ),
    sweep=Sweep(
        "cache-ttl", "Age limit in the cache", "s", (0.1, 0.2, 0.4, 0.8, 1.6, 3.2), ("off", "on"), "time",
    ),
    try_next="Find the age limit below which asking the cache first costs more than it spares.",
)  # fmt: skip
