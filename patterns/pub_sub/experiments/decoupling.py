"""How free publisher and subscribers are of each other: in time, in place, in shape."""

from __future__ import annotations

from collections import defaultdict
from statistics import median

from patterns.core.checks import Constants, Exactly, Near, Times
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.log import Received, Sent, Settled
from patterns.core.run import Run
from patterns.core.scenario import Step
from patterns.pub_sub import evidence as e
from patterns.pub_sub import receipts
from patterns.pub_sub.topology import SUBSCRIBERS

STOPS_AT, OUTAGE = 5.0, 60.0
"""When Shipping goes off, and for how many seconds."""


def _backlog(c: Constants) -> float:
    return c["publish-rate"] * OUTAGE


def _drain(c: Constants) -> float:
    return _backlog(c) / (1 / c["service-time"] - c["publish-rate"])


BROKER_DECOUPLES = Experiment(
    "PS-1",
    says="Switches Shipping off for a minute while orders keep coming, and on again.",
    workload={"publish-rate": 20.0, "service-time": 0.02, "publisher-confirms": True},
    reduced={"publish-rate": 4.0, "service-time": 0.1},
    seconds=115.0,
    repeats=2,
    arms=(
        Arm("up", "all readers up", null=True),
        Arm("off", "Shipping off for 60 s", script=(Step(STOPS_AT, fault="stop:shipping", lasts=OUTAGE),)),
    ),
    measures=(
        Measure("drain", "Time to drain after the restart", "s", lambda run: _drained(run)),
        Measure("backlog", "Waiting for Shipping at its restart", "orders", lambda run: _left(run)),
        e.UNSENT,
        Measure("publish", "Publish until its receipt, meanwhile, 95th percentile", "s", lambda run: _publish(run)),
    ),
    checks=(
        Near("off", "drain", _drain, "backlog / (μ − λ)", "fluid approximation of a queue", tolerance=0.15),
        Near(
            "off", "backlog", _backlog, "λ × outage", "what flows in while nothing flows out", tolerance=0.02, margin=3
        ),
        Exactly("off", "unsent", 0, "publishes that fail"),
        Times("off", "publish", "up", at_most=1.5, text="no publish waits for Shipping: × 1.5 at most"),
    ),
    expected="proved",
    caveat="Free of each other in time and place. Both still hang on the broker, and on the shape of the event.",
    bet=Bet("number", "How many seconds after its restart has Shipping caught up?", "drain", "off", "s", 0.0, 120.0),
    try_next="Stop the broker instead of Shipping, and see who notices now.",
)


def _left(run: Run) -> float:
    return e.waiting_at(run, "shipping", _restart(run))


def _publish(run: Run) -> float:
    return receipts.late_publish(run, STOPS_AT, STOPS_AT + OUTAGE)


def _drained(run: Run) -> float:
    return e.time_to_catch_up(run, "shipping", _restart(run))


def _restart(run: Run) -> float:
    """When Shipping is on again; in a run where it never was off, when it would have been."""
    return next((at for at in e.moments(run, "stop", "shipping", "healed")), STOPS_AT + OUTAGE)


LOOSE_COUPLING = Experiment(
    "PS-11",
    says="Changes the event at the publisher in two ways and stops a reader, and counts who breaks and who is told.",
    workload={"publish-rate": 5.0, "orders": 100.0, "service-time": 0.05},
    reduced={"orders": 40.0},
    seconds=26.0,
    engines=("builtin", "nats"),
    arms=(
        Arm("same", "the agreed event", null=True),
        Arm("added", "an optional field more", {"optional-field": True}),
        Arm("stopped", "Shipping stopped", script=(Step(2.0, fault="stop:shipping"),)),
        Arm("renamed", "a field renamed", faults=(("rename-field:orders", None),)),
        Arm("checked", "renamed, with a schema check", {"schema-check": True}, (("rename-field:orders", None),)),
    ),
    measures=(
        Measure("broken", "Readers that cannot read it", "readers", lambda run: len(e.unread(run))),
        Measure("unread", "Orders acked unread", "orders", lambda run: sum(e.unread(run).values())),
        Measure("told", "Errors that the publisher sees", "errors", lambda run: _errors_at_publisher(run)),
        e.UNSENT,
    ),
    checks=(
        Exactly("added", "broken", 0, "readers broken by one more field"),
        Exactly("same", "broken", 0, "readers broken by the agreed event"),
        Exactly("same", "told", 0, "errors at the publisher"),
        Exactly("stopped", "unsent", 0, "orders the publisher loses when a reader stops"),
        Exactly("renamed", "broken", len(e.REGULARS), "all the readers", where="fails"),
        Exactly("renamed", "told", 0, "errors that come back to the publisher", where="fails"),
        Exactly("renamed", "unread", lambda c: c["orders"] * len(e.REGULARS), "orders × readers", where="fails"),
        Exactly("checked", "broken", 0, "readers broken behind a schema check"),
        Exactly("checked", "told", lambda c: c["orders"], "one refusal an order"),
    ),
    expected="refined",
    caveat="Loose in time and place, tight in the event's shape; and there nobody hears of the break but the readers.",
    bet=Bet(
        "number", "How many of the four readers break when one field gets a new name?",
        "broken", "renamed", "readers", 0, 4,
    ),
    try_next="Rename the field in a run that is going well, and look for any sign of it at the publisher.",
)  # fmt: skip


def _errors_at_publisher(run: Run) -> float:
    return sum(1 for _ in e.settled(run, "error", "orders"))


JOINS_AT = 20.0
"""Seconds after which Loyalty subscribes."""


def _catch_up(c: Constants) -> float:
    return c["publish-rate"] * JOINS_AT / (1 / c["service-time"] - c["publish-rate"])


NEW_SUBSCRIBER = Experiment(
    "PS-12",
    says="Lets Loyalty subscribe to a log that is 20 s old, and read it from the start.",
    workload={
        "publish-rate": 10.0,
        "service-time": 0.04,
        "mode": "log",
        "partitions": 8.0,
        "loyalty-after": JOINS_AT,
        "publisher-confirms": True,
    },
    reduced={"publish-rate": 4.0, "service-time": 0.1},
    seconds=40.0,
    repeats=2,
    engines=("builtin", "nats"),
    arms=(
        Arm("without", "four readers", null=True),
        Arm("with", "Loyalty joins at 20 s", {"loyalty": True}),
    ),
    measures=(
        Measure("catch-up", "Time until Loyalty is up to date", "s", lambda run: _caught_up(run)),
        Measure("history", "Orders from before it joined that it applied", "orders", lambda run: _history(run)),
        Measure("edits", "Orders that Orders treats otherwise than before", "orders", lambda run: _edits(run)),
        Measure("publish", "Publish until its receipt, after the join, median", "s", lambda run: _publish_after(run)),
        Measure("copies", "Copies that the broker sends out per order", "copies", lambda run: _copies(run)),
    ),
    checks=(
        # wide enough for a real server's round trips, which come on top of the service time
        Near("with", "catch-up", _catch_up, "N / (μ − λ)", "fluid approximation of a queue", tolerance=0.2),
        Near(
            "with",
            "history",
            lambda c: c["publish-rate"] * JOINS_AT,
            "all N",
            "a log keeps its entries",
            tolerance=0.02,
        ),
        Exactly("with", "edits", 0, "orders treated otherwise, event by event"),
        Times("with", "publish", "without", at_most=1.5, text="no slower: × 1.5 at most"),
    ),
    expected="proved",
    caveat="One more copy of everything to send and to keep; and what is read again may do again what it did (mails).",
    bet=Bet("number", "How many seconds does Loyalty need for the history?", "catch-up", "with", "s", 0.0, 40.0),
    try_next="Do the same with a queue in place of the log, and look at how much history Loyalty gets.",
)


def _caught_up(run: Run) -> float:
    return e.time_to_catch_up(run, "loyalty", e.subscribed(run, "loyalty")) if run.on("loyalty") else 0.0


def _history(run: Run) -> float:
    begun, joined = e.accepted(run), JOINS_AT
    return sum(begun[order] < joined for order in e.applied(run, "loyalty"))


def _publish_after(run: Run) -> float:
    return median(receipts.publishes(run, JOINS_AT, JOINS_AT + 10.0))


def _edits(run: Run) -> float:
    """Orders after the join for which Orders logged another story, times and numbers aside, than for any before."""
    stories = _stories(run)
    before = {stories[order] for order, at in e.accepted(run, "orders").items() if at < JOINS_AT}
    over = run.log.events[-1].at - 1.0  # later ones may not be told to their end
    after = [stories[order] for order, at in e.accepted(run, "orders").items() if JOINS_AT <= at < over]
    return sum(story not in before for story in after)


def _stories(run: Run) -> dict[str, tuple[tuple[object, ...], ...]]:
    """All that Orders did about each order, and what it sent, in its order."""
    found: defaultdict[str, list[tuple[object, ...]]] = defaultdict(list)
    for event in run.log:
        if isinstance(event, Sent) and event.source == "orders":
            fields = tuple(sorted(run.log.messages[event.message].data))
            found[event.message].append(("sent", event.target, event.attempt, fields))
        elif isinstance(event, Received) and event.node == "orders":
            found[event.message.partition("/")[0]].append(("received", event.message.rpartition("/")[2]))
        elif isinstance(event, Settled) and event.node == "orders":
            found[event.message].append(("settled", event.outcome, event.why))
    return {order: tuple(story) for order, story in found.items()}


def _copies(run: Run) -> float:
    flights = e.deliveries(run, *SUBSCRIBERS)
    return len(flights) / len(e.accepted(run))
