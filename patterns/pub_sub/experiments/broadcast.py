"""One message to many: how many copies, and what one reader's trouble is to the others."""

from __future__ import annotations

from math import sqrt
from statistics import fmean, median

from patterns.core.checks import Constants, Exactly, Near, Share, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.run import Run
from patterns.core.scenario import Step
from patterns.pub_sub import evidence as e
from patterns.pub_sub import receipts
from patterns.pub_sub.topology import SUBSCRIBERS

SLOW_SHARE = 0.01


def _share_with_a_slow_reader(run: Run, of: int = 0) -> float:
    """Share of orders for which some subscription was slow, by at least half the extra time of a slow handling; or of
    all groups `of` so many subscriptions."""
    limit = run.number("hop-time") + 5 * run.number("service-time")
    slow = [[done[name] > limit for name in sorted(done)] for done in e.done_by_subscription(run).values()]
    groups = [row[at : at + of] for row in slow for at in range(0, len(row), of)] if of else slow
    return fmean(any(group) for group in groups)


def _copies_per_order(run: Run) -> float:
    return len(e.deliveries(run, *SUBSCRIBERS, "mirrors")) / len(e.accepted(run))


def _any_slow(arm: str, measure: str, subscriptions: int, groups: int = 1) -> Share:
    share = 1 - (1 - SLOW_SHARE) ** subscriptions
    return Share(
        arm, measure, share, lambda c: c["orders"] * groups, f"1 − 0.99^{subscriptions}", "independent readers"
    )  # fmt: skip


FAN_OUT = Experiment(
    "PS-4",
    says="Publishes the same orders to 4, 10 and 100 subscriptions, and once with one slow reader among four.",
    workload={
        "publish-rate": 2.0, "orders": 120.0, "service-time": 0.02, "service-spread": 0.0, "slow-share": SLOW_SHARE,
        "hop-time": 0.04, "publisher-confirms": True,
    },
    reduced={"orders": 60.0},
    reduced_seconds=32.0,
    seconds=62.0,
    repeats=2,
    arms=(
        Arm("4", "4 subscriptions", null=True),
        Arm("10", "10 subscriptions", {"more-readers": 6.0}),
        Arm("100", "100 subscriptions", {"more-readers": 96.0}),
        Arm("slow", "4, Analytics 0.3 s slower", faults=(("slow:analytics", 0.3),)),
    ),
    measures=(
        Measure("copies", "Deliveries per order", "deliveries", _copies_per_order),
        receipts.PUBLISH,
        e.TYPICAL_DONE,
        Measure("any-slow", "Orders with some slow reader", "ratio", _share_with_a_slow_reader),
        Measure(
            "of-ten", "Orders with some slow reader among ten", "ratio", lambda run: _share_with_a_slow_reader(run, 10)
        ),
        Measure("others", "Order to effect at Inventory, median", "s", lambda run: median(e.ages(run, "inventory"))),
    ),
    checks=(
        _any_slow("100", "any-slow", 100),
        _any_slow("100", "of-ten", 10, groups=10),
        _any_slow("10", "any-slow", 10),
        *(Exactly(arm, "copies", float(arm), "one a subscription") for arm in ("4", "10", "100")),
        Times("100", "publish", "4", 0.9, 1.1, "the publish takes as long for 100 as for 4: × 1 ± 0.1"),
        Near(
            "slow", "all-done", lambda c: c["hop-time"] + c["service-time"] + 0.3, "hop + service time + 0.3 s",
            "the slowest reader's time", margin=0.02,
        ),
        Times("slow", "publish", "4", 0.9, 1.1),
        Times("slow", "others", "4", 0.8, 1.2, "Inventory is as fast as before: × 1 ± 0.2"),
    ),
    expected="proved",
    caveat="Fan-out is one copy a subscription. Members of one group share a copy's queue: that is another axis.",
    bet=Bet(
        "range", "Each reader is slow for 1 order in 100. With 100 readers, for which share is some reader slow?",
        "any-slow", "100", "ratio", 0.0, 1.0,
    ),
    try_next="Raise the number of further readers while it runs, and watch the publish time and the last reader's.",
)  # fmt: skip


REFUSED = 0.3
"""Share of letters that the mail provider turns away."""

NOTIFICATIONS = Experiment(
    "PS-8",
    says="Lets one of four channels refuse 30 % of what it is given, and counts what all of them deliver.",
    workload={"publish-rate": 10.0, "orders": 400.0, "service-time": 0.03, "retry-delay": 0.5},
    reduced={"orders": 150.0},
    seconds=50.0,
    reduced_seconds=25.0,
    repeats=2,
    engines=("builtin", "nats"),
    arms=(
        Arm("well", "all channels well", null=True),
        Arm("refusing", "the mail provider refuses 30 %", faults=(("fail:email", REFUSED),)),
    ),
    measures=(
        Measure("attempts", "Attempts per letter", "deliveries", lambda run: e.attempts_per_order(run, "email")),
        Measure("others", "Copies of the other three channels applied", "copies", lambda run: _others(run)),
        e.applied_by("email"),
        Measure("pace", "Order to effect at the others, median", "s", lambda run: median(e.ages(run, *e.REGULARS[:3]))),
    ),
    checks=(
        Near(
            "refusing", "attempts", 1 / (1 - REFUSED), "1 / (1 − p)", "mean of a geometric distribution",
            margin=lambda c: e.SURE * sqrt(REFUSED / (c["orders"] * c["repeats"])) / (1 - REFUSED), tolerance=0.0,
            pooled=True,
        ),
        Exactly("refusing", "others", lambda c: 3 * c["orders"], "all of them"),
        Exactly("refusing", "applied-email", lambda c: c["orders"], "all letters, in the end"),
        Times("refusing", "pace", "well", at_most=1.5, text="the others are no slower: × 1.5 at most"),
    ),
    expected="proved",
    caveat="Tried again means that someone may get a letter twice, and notices. Give each a key that the sender knows.",
    bet=Bet(
        "number", "The provider refuses 30 %. How many attempts does a letter need on average?",
        "attempts", "refusing", "deliveries", 1, 4,
    ),
    try_next="Keep the order with keyed partitions while mail fails, and look at what the retries do to the lag.",
)  # fmt: skip


def _others(run: Run) -> float:
    return sum(len(e.applied(run, node)) for node in e.REGULARS[:3])


STOPPED = 6.0
"""Seconds for which Analytics is off."""

CRASHES = (8.0, 13.0, 18.0)
FALLS = tuple(Step(at, fault="crash-publisher:orders", lasts=1.0) for at in CRASHES)


def _late(c: Constants) -> float:
    return STOPPED * (1 + c["publish-rate"] / (1 / c["service-time"] - c["publish-rate"]))


SAME_ORDERS = Experiment(
    "PS-10",
    says="Stops Analytics while 200 orders are broadcast, then lets the publisher die between its two writes.",
    workload={"publish-rate": 8.0, "orders": 200.0, "service-time": 0.05},
    reduced={"orders": 160.0},
    seconds=36.0,
    reduced_seconds=32.0,
    repeats=2,
    engines=("builtin", "nats"),
    arms=(
        Arm("well", "nobody stops", null=True),
        Arm("stopped", "Analytics off for 6 s", script=(Step(4.0, fault="stop:analytics", lasts=STOPPED),)),
        Arm("crashes", "Orders dies 3 times after its commit", script=FALLS),
        Arm("outbox", "the same, with an outbox", {"outbox": True}, script=FALLS),
    ),
    measures=(
        Measure("fewest", "Orders that all three have", "orders", lambda run: _in_common(run)),
        Measure("late", "From the stop until Analytics is level", "s", lambda run: _lateness(run)),
        e.UNSENT,
    ),
    checks=(
        Exactly("stopped", "fewest", lambda c: c["orders"], "all of them"),
        Exactly("well", "fewest", lambda c: c["orders"], "all of them"),
        Exactly("well", "unsent", 0, "none"),
        Near("stopped", "late", _late, "outage + λ × outage / (μ − λ)", "fluid approximation", tolerance=0.2),
        Exactly("crashes", "unsent", len(CRASHES), "one a crash"),
        Exactly("outbox", "unsent", 0, "none"),
        Exactly("outbox", "fewest", lambda c: c["orders"], "all of them"),
    ),
    expected="proved",
    caveat="Storing the order and telling of it are two writes: the readers agree also on what none of them was told.",
    bet=Bet(
        "number", "Orders dies three times between commit and publish. How many events are lost?",
        "unsent", "crashes", "orders", 0, 20,
    ),
    try_next="Crash the publisher without an outbox and compare the orders it has stored with what the readers have.",
)  # fmt: skip


def _in_common(run: Run) -> float:
    three = (e.applied(run, node).keys() for node in ("inventory", "shipping", "analytics"))
    return len(set.intersection(*map(set, three)))


def _lateness(run: Run) -> float:
    stops = e.moments(run, "stop", "analytics", "asked")
    return e.time_to_catch_up(run, "analytics", stops[0] + STOPPED) + STOPPED if stops else 0.0
