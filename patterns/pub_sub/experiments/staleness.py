"""What a reader knows when it is asked, and in which order it learns."""

from __future__ import annotations

from math import exp

from patterns.core.checks import Between, Constants, Exactly, Near, Order, Share
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Sweep
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.core.scenario import Step
from patterns.pub_sub import evidence as e

LAG = 0.1
"""Mean seconds that Inventory needs for an order, exponentially distributed."""


def _stale(arm: str, after: float) -> Share:
    text = f"exp(−{after:g} / {LAG:g})"
    return Share(arm, "stale", exp(-after / LAG), lambda c: c["orders"], text, "tail of the exponential distribution")


def _stale_share(run: Run) -> float:
    answers = [event.why for event in e.settled(run, "reply", "orders")]
    return answers.count("stale") / len(answers)


EVENTUAL = Experiment(
    "PS-13",
    says="Asks Inventory about each order 0, 100 and 300 ms after it was placed.",
    workload={
        "publish-rate": 2.0, "orders": 400.0, "service-time": LAG, "service-spread": 1.0, "reads": True,
        # as long to the books as the question takes, so that the lag is the service time alone
        "hop-time": 0.0025,
    },
    reduced={"orders": 150.0},
    seconds=204.0,
    repeats=2,
    arms=(
        Arm("0.1 s", "asked after 100 ms", {"read-after": 0.1}, null=True),
        Arm("0 s", "asked at once", {"read-after": 0.0}),
        Arm("0.3 s", "asked after 300 ms", {"read-after": 0.3}),
        Arm("own", "at once, read your writes", {"read-after": 0.0, "read-your-writes": True}),
    ),
    measures=(
        Measure("stale", "Stale answers", "ratio", _stale_share),
        Measure("answers", "Answers", "answers", lambda run: sum(1 for _ in e.settled(run, "reply", "orders"))),
    ),
    checks=(
        _stale("0.1 s", 0.1),
        _stale("0 s", 0.0),
        _stale("0.3 s", 0.3),
        Exactly("own", "stale", 0, "stale answers"),
        Exactly("own", "answers", lambda c: c["orders"], "every question answered"),
    ),
    expected="proved",
    caveat="How stale depends on the lag, and a reader that is down has no bound. Reading your own write costs a wait.",
    bet=Bet(
        "number", "Inventory lags 100 ms on average. Asked 100 ms after the order, which share of answers is stale?",
        "stale", "0.1 s", "ratio", 0.0, 1.0,
    ),
    sweep=Sweep(
        "read-after", "Asked after", "s", (0.0, 0.05, 0.1, 0.2, 0.3, 0.5), ("0.1 s",), "stale",
    ),
    try_next="Stop Inventory's group for a while with the questions on, and see how old an answer can be.",
)  # fmt: skip

LANES: Settings = {"keyed-partitions": True, "partitions": 8.0, "consumers-per-group": 6.0}


def _members(number: int) -> Settings:
    """Members that take one order at a time, so that as many are under way as there are members."""
    return {"consumers-per-group": float(number), "prefetch": 1.0}


ORDERING = Experiment(
    "PS-14",
    engines=("builtin", "nats"),
    says="Gives a group 1, 2 and 6 members, then a key, then refusals that are tried again beside the lane.",
    workload={
        "publish-rate": 40.0, "orders": 300.0, "service-time": 0.2, "service-spread": 1.0, "partitions": 8.0,
        "ack-timeout": 20.0,
    },
    reduced={"orders": 150.0},
    seconds=50.0,
    reduced_seconds=34.0,
    repeats=2,
    arms=(
        Arm("one", "one member", null=True),
        Arm("two", "two members, an order in hand each", _members(2)),
        Arm("six", "six members, an order in hand each", _members(6)),
        Arm("even", "six members, even work", {**_members(6), "service-spread": 0.0}),
        Arm("keyed", "six members, keyed lanes", LANES),
        Arm("aside", "keyed, refusals wait aside", {**LANES, "retry-topic": True}, (("fail:email", 0.3),)),
    ),
    measures=(
        Measure("inversions", "A customer's orders overtaken", "orders", lambda run: _inversions(run)),
        Measure("letters", "Overtaken at Email", "orders", lambda run: e.inversions(run, "email", e.by_customer)),
        Measure("handled", "Orders handled in the run", "orders", lambda run: len(e.applied(run, "inventory"))),
    ),
    checks=(
        Order(("one", "two", "six"), "inversions", "one < two < six members"),
        Exactly("keyed", "inversions", 0, "with a key"),
        Exactly("one", "inversions", 0, "with one member"),
        *(Exactly(arm, "handled", lambda c: c["orders"], "all of them") for arm in ("six", "keyed")),
        Order(("even", "six"), "inversions", "even work < uneven work"),
        Between("aside", "letters", low=1, text="more than none, tried again beside the lane"),
    ),
    expected="proved",
    caveat="Order is kept within a key. One order for all means one lane, and no more than one reader's speed.",
    bet=Bet("order", "Which arm overtakes least, and which most?", "inversions", choices=("two", "six", "keyed")),
    sweep=Sweep(
        "hop-time", "Time of a hop", "s", (0.04, 0.2, 0.4, 0.6, 0.8, 1.0), ("one", "keyed"), "handled",
    ),
    try_next="Raise the time of a hop: from where on is one plain reader faster than eight keyed lanes?",
)  # fmt: skip


def _inversions(run: Run) -> float:
    return sum(e.inversions(run, node, e.by_customer) for node in e.REGULARS)


BACKOFF, TRIES = 2.0, 5
BAD = (
    Step(9.75, fault="poison:orders", amount=1.0),
    Step(10.25, fault="poison:orders", amount=0.0),
)
"""The 20th order of two a second, and no other."""

GIVE_UP: Settings = {"dead-letter-queue": True, "max-deliveries": float(TRIES), "retry-delay": BACKOFF}
ONE_LANE: Settings = {"keyed-partitions": True, "partitions": 1.0, **GIVE_UP}


def _stall(c: Constants) -> float:
    trip = c["service-time"] + 2 * c["hop-time"]
    return (TRIES - 1) * BACKOFF + TRIES * trip


def _worst_of_the_others(run: Run) -> float:
    bad = e.refused(run, "inventory")
    times = e.applied(run, "inventory").items()
    return max(at - run.log.messages[order].time for order, at in times if order not in bad)


PARTITION = Experiment(
    "PS-17",
    says="Puts a bad order into one partition with uneven work: retried in place, retried aside, acked out of order.",
    workload={"publish-rate": 2.0, "orders": 60.0, "service-time": 0.05, "service-spread": 1.0, "hop-time": 0.04},
    seconds=45.0,
    arms=(
        Arm("clean", "no bad order", ONE_LANE, null=True),
        Arm("blocking", "retried in its place", ONE_LANE, script=BAD),
        Arm("aside", "retried in a topic of its own", {**ONE_LANE, "retry-topic": True}, script=BAD),
        Arm("parallel", "acked out of order, six members", {**GIVE_UP, "consumers-per-group": 6.0}, script=BAD),
    ),
    measures=(
        Measure("worst", "Longest wait of the other orders", "s", _worst_of_the_others),
        e.applied_by("inventory"),
        Measure("parked", "Copies parked", "messages", lambda run: sum(1 for _ in e.settled(run, "dead-lettered"))),
    ),
    checks=(
        Near(
            "blocking", "worst", _stall, "(m − 1) × backoff + m × round trip", "one lane, one at a time",
            tolerance=0.15,
        ),
        Between("aside", "worst", high=1.0, text="under 1 s"),
        Between("parallel", "worst", high=1.0, text="under 1 s"),
        *(
            Exactly(arm, "applied-inventory", lambda c: c["orders"] - 1, "all others")
            for arm in ("blocking", "aside", "parallel")
        ),
        *(Exactly(arm, "parked", len(e.REGULARS), "one a reader") for arm in ("blocking", "aside", "parallel")),
        Exactly("clean", "applied-inventory", lambda c: c["orders"], "all"),
        Exactly("clean", "parked", 0, "parked"),
    ),
    expected="bounded",
    caveat=(
        "The mechanism, not the company: the size is this run's. The link first given was not found, and much that "
        "Uber describes is queueing, each message to one reader."
    ),
    bet=Bet(
        "number", "Five tries with 2 s between them: how long does an order behind the bad one wait at most?",
        "worst", "blocking", "s", 0.0, 30.0,
    ),
    try_next="Read Uber's two posts on the case page, and find their retry topic and their proxy in these arms.",
)  # fmt: skip
