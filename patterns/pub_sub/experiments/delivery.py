"""What arrives, how often, and what is done about what cannot be handled."""

from __future__ import annotations

from math import sqrt

from patterns.core.checks import Between, Constants, Exactly, Near
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.core.scenario import Step
from patterns.pub_sub import evidence as e

OUTAGE = 3.0
"""Seconds from the broker's death to its return."""

DIES_AT = 7.02
DEATH = (Step(DIES_AT, fault="kill-broker:broker", lasts=OUTAGE),)
CONFIRMS: Settings = {"publisher-confirms": True}
FIRST = 100
"""Orders published before Loyalty subscribes to a topic that has had no such subscription."""

UNHEARD: Settings = {"orders": float(FIRST), "loyalty": True, "loyalty-after": 7.0}

ACKNOWLEDGED_IS_KEPT = Experiment(
    "PS-2",
    says=(
        "Kills the broker in the middle of 500 publishes: confirmed and written down, confirmed only, not confirmed; "
        "and subscribes to a queue and to a log when all is published."
    ),
    workload={"publish-rate": 25.0, "orders": 500.0, "service-time": 0.05, "hop-time": 0.1},
    reduced={"orders": 250.0},
    seconds=36.0,
    reduced_seconds=26.0,
    repeats=2,
    engines=("builtin", "nats"),
    arms=(
        Arm("alive", "confirmed, nobody dies", CONFIRMS, null=True),
        Arm("durable", "confirmed once written down", CONFIRMS, script=DEATH),
        Arm("memory", "confirmed from memory", {**CONFIRMS, "durable-broker": False}, script=DEATH),
        Arm("forget", "sent and forgotten", script=DEATH),
        Arm("queue", "a queue, and a reader that comes later", {**UNHEARD, "mode": "queue"}),
        Arm("log", "a log, and a reader that comes later", {**UNHEARD, "mode": "log"}),
    ),
    measures=(
        Measure("lost-confirmed", "Confirmed copies that never arrive", "copies", e.forsaken),
        e.UNSENT,
        Measure("in-flight", "On their way when the broker died, and lost", "orders", lambda run: _lost_under_way(run)),
        Measure("history", "Orders that a later reader gets", "orders", lambda run: len(e.applied(run, "loyalty"))),
    ),
    checks=(
        Exactly("durable", "lost-confirmed", 0, "confirmed and lost"),
        Exactly("durable", "unsent", 0, "never taken by the broker"),
        Between("forget", "in-flight", low=1, text="more than none, of those under way at the crash"),
        Near(
            "forget", "unsent", lambda c: c["publish-rate"] * OUTAGE, "λ × outage", "each publish finds nobody",
            tolerance=0.25,
        ),
        Exactly("alive", "lost-confirmed", 0, "confirmed and lost"),
        Exactly("alive", "unsent", 0, "never taken by the broker"),
        Exactly("log", "history", FIRST, "all that a log was given before"),
        Exactly("queue", "history", 0, "of what a queue was given before"),
        Between("memory", "lost-confirmed", low=1, text="more than none, if it confirms before it writes"),
    ),
    expected="proved",
    caveat="Kept for the subscriptions there are. For those that come later a log has kept it, and a queue has not.",
    bet=Bet(
        "number", "The broker is gone for 3 s, at 25 orders a second. How many does a publisher lose that forgets?",
        "unsent", "forget", "orders", 0, 500,
    ),
    try_next="Turn the durable broker off and kill it while a reader is slow: count what was confirmed in vain.",
)  # fmt: skip


def _lost_under_way(run: Run) -> float:
    """Orders that were sent before the broker died and that it never got."""
    deaths = e.moments(run, "kill-broker", "broker", "asked")
    sent = {order for order, at in e.accepted(run, "orders").items() if deaths and at < deaths[0]}
    return len(sent - e.accepted(run).keys())


LOST = 0.05
"""Share of acks that never reach the broker."""

FEW: Settings = {"orders": 300.0}
"""Where no chance is at work, fewer orders tell as much."""

DEATHS = tuple(Step(at, fault="crash:inventory", lasts=1.0) for at in (5.0, 11.0))


def _spread_of_extra(c: Constants) -> float:
    """Standard deviations of the second deliveries of N orders, mean of all repeats; as many as it takes to be sure."""
    return e.SURE * sqrt(c["orders"] / c["repeats"] * LOST) / (1 - LOST)


LOST_ACKS = Experiment(
    "PS-15",
    says="Loses 5 % of Inventory's acks, then kills it between effect and ack; with and without an idempotency key.",
    workload={"publish-rate": 25.0, "orders": 1000.0, "service-time": 0.02, "ack-timeout": 4.0},
    reduced={"orders": 500.0},
    seconds=58.0,
    reduced_seconds=38.0,
    repeats=2,
    engines=("builtin", "nats"),
    arms=(
        Arm("well", "every ack arrives", FEW, null=True),
        Arm("lost", "5 % of acks lost", faults=(("drop-ack:inventory", LOST),)),
        Arm("key", "5 % lost, with a key", {"idempotency-key": True}, (("drop-ack:inventory", LOST),)),
        Arm("crash", "2 crashes before the ack", FEW, script=DEATHS),
        Arm("crash-key", "2 crashes, with a key", {**FEW, "idempotency-key": True}, script=DEATHS),
    ),
    measures=(
        Measure("deliveries", "Deliveries per order", "deliveries", lambda run: e.attempts_per_order(run, "inventory")),
        Measure("twice", "Effects too many", "effects", lambda run: e.duplicates(run, "inventory")),
        e.applied_by("inventory"),
    ),
    checks=(
        Near(
            "lost", "deliveries", 1 / (1 - LOST), "1 / (1 − q)", "mean of a geometric distribution",
            tolerance=0.0, margin=lambda c: _spread_of_extra(c) / c["orders"], pooled=True,
        ),
        Near(
            "lost", "twice", lambda c: c["orders"] * LOST / (1 - LOST), "N q / (1 − q)", "as many as second deliveries",
            tolerance=0.0, margin=_spread_of_extra, pooled=True,
        ),
        Exactly("key", "twice", 0, "effects too many with a key"),
        Exactly("key", "applied-inventory", lambda c: c["orders"], "effects: N"),
        Exactly("crash", "twice", len(DEATHS), "one a crash"),
        Exactly("crash-key", "twice", 0, "effects too many with a key"),
        Exactly("well", "twice", 0, "effects too many"),
    ),
    expected="proved",
    caveat="A broker may recognise a second publish, for a while and at its door. The effect needs a key of its own.",
    bet=Bet(
        "number", "1,000 orders, and 5 % of all acks are lost. How many effects are too many?",
        "twice", "lost", "effects", 0, 300,
    ),
    try_next="Lose 40 % of the acks and watch one order come a third and a fourth time.",
)  # fmt: skip

BEFORE = 24
"""Orders in front of the bad one."""

BAD = (
    Step((BEFORE + 0.5) / 10, fault="poison:orders", amount=1.0),
    Step((BEFORE + 1.5) / 10, fault="poison:orders", amount=0.0),
)
"""The 25th order of ten a second, and no other; what was written stays unreadable."""

ORDERED: Settings = {"keyed-partitions": True, "partitions": 1.0}
TRIES = 5


def _wasted(c: Constants) -> float:
    round_trip = c["retry-delay"] + c["service-time"] + 2 * c["hop-time"]
    return (POISON_SECONDS - (BEFORE + 1) / 10) / round_trip


def _held_up(c: Constants) -> float:
    """From the effect before the bad order to the one behind it: its tries, the waits between, and a round trip."""
    trip = c["service-time"] + 2 * c["hop-time"]
    return TRIES * trip + (TRIES - 1) * c["retry-delay"] + trip


POISON_SECONDS = 25.0

POISON = Experiment(
    "PS-16",
    says="Makes the 25th of 100 orders unreadable, in an ordered lane and beside one, with and without a way out.",
    workload={"publish-rate": 10.0, "orders": 100.0, "service-time": 0.05, "retry-delay": 0.5, "hop-time": 0.04},
    seconds=POISON_SECONDS,
    engines=("builtin", "nats"),
    arms=(
        Arm("clean", "no bad order", ORDERED, null=True),
        Arm("ordered", "ordered, no dead letters", ORDERED, script=BAD),
        Arm("unordered", "unordered, no dead letters", script=BAD),
        Arm(
            "parked", "ordered, parked after 5 tries",
            {**ORDERED, "dead-letter-queue": True, "max-deliveries": float(TRIES)}, script=BAD,
        ),
    ),
    measures=(
        e.applied_by("inventory"),
        Measure("tries", "Deliveries of the bad order", "deliveries", lambda run: _tries(run)),
        Measure("silence", "Longest time without an effect", "s", lambda run: e.longest_silence(run, "inventory")),
        Measure("parked", "Copies parked", "messages", lambda run: sum(1 for _ in e.settled(run, "dead-lettered"))),
    ),
    checks=(
        Exactly("ordered", "applied-inventory", BEFORE, "those in front of it"),
        Exactly("clean", "applied-inventory", lambda c: c["orders"], "all"),
        Exactly("clean", "parked", 0, "parked"),
        Exactly("unordered", "applied-inventory", lambda c: c["orders"] - 1, "all others"),
        Near("unordered", "tries", _wasted, "time / (delay + round trip)", "it is tried for as long as it is there"),
        Exactly("parked", "applied-inventory", lambda c: c["orders"] - 1, "all others"),
        Exactly("parked", "tries", TRIES, "m"),
        Exactly("parked", "parked", len(e.REGULARS), "one a reader"),
        Near(
            "parked", "silence", _held_up, "m × trip + (m − 1) × delay + trip", "one lane, one at a time",
            tolerance=0.15,
        ),
    ),
    expected="proved",
    caveat="Dead letters that nobody reads are a slow way to lose data; and what is parked is out of its order.",
    bet=Bet(
        "number", "100 orders, the 25th cannot be read, order is kept, no dead letters. How many are done after 25 s?",
        "applied-inventory", "ordered", "orders", 0, 100,
    ),
    try_next="Park the bad order, ship the fix (heal the fault), and press replay.",
)  # fmt: skip


def _tries(run: Run) -> float:
    bad = e.refused(run, "inventory")
    return sum(flight.message in bad for flight in e.deliveries(run, "inventory"))
