"""What one exchange is: two messages, one who waits, and an answer that may be a receipt."""

from __future__ import annotations

from math import ceil, inf
from statistics import fmean

from patterns.core.checks import Between, Constants, Exactly, Near, Order, Share
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Measurements, Show, Size
from patterns.core.log import Received, Sent, Settled
from patterns.core.message import Message
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.request_response import evidence as e
from patterns.request_response.experiments.rival import READER, RIVAL, run_rival, same_job
from patterns.request_response.knobs import POLL_SECONDS

NEAR_BY, FAR_AWAY = 0.02, 0.2
"""Seconds one way."""


def _old_enough(run: Run) -> list[e.Exchange]:
    """The page's calls to Price that had the time to be answered."""
    return [call for call in e.exchanges(run, "page", "price") if call.asked < run.log.events[-1].at - 2.0]


def _messages(run: Run) -> float:
    return fmean(1 + call.replies for call in _old_enough(run))


def _on_the_way(run: Run) -> float:
    return fmean(call.span - call.stay for call in e.heard(run, "page", "price"))


def _meanwhile(run: Run) -> float:
    """What the page sends for the same visit while one of its calls is under way, per call."""
    sent = [
        (event.at, run.log.messages[event.message])
        for event in run.log
        if isinstance(event, Sent) and event.source == "page"
    ]
    calls = e.heard(run, "page", "price")
    busy = sum(
        message.correlation_id == call.request.correlation_id and message.id != call.request.id
        for call in calls
        for at, message in sent
        if call.asked <= at < (call.heard or 0.0)
    )
    return busy / len(calls)


TWO_MESSAGES = Experiment(
    "RR-1",
    says="Follows every call from the page server to Price on the wire, over a short way and over a long one.",
    workload={
        "request-rate": 1.0, "widgets": 4.0, "checkout-share": 0.0, "style": "rest-serial", "service-time": 0.1,
        "timeout": 5.0, "network-latency": NEAR_BY,
    },
    seconds=40.0,
    reduced_seconds=15.0,
    repeats=2,
    arms=(
        Arm("near", "20 ms away", null=True),
        Arm("far", "200 ms away", {"network-latency": FAR_AWAY}),
        Arm("slow", "near, and Price works for 1 s longer", faults=(("slow:price", 1.0),)),
        Arm("abreast", "near, all calls side by side", {"style": "rest-parallel"}),
    ),
    measures=(
        Measure("messages", "Messages of one call", "messages", _messages),
        Measure(
            "strays", "Replies that name another request", "replies",
            lambda run: sum(c.stray for c in _old_enough(run)),
        ),
        Measure("way", "Caller's time less server's time", "s", _on_the_way),
        Measure("meanwhile", "Sent for the same visit while a call is out", "messages", _meanwhile),
        e.WAIT,
    ),
    checks=(
        Exactly("near", "messages", 2, "one request + one reply"),
        Exactly("far", "messages", 2, "one request + one reply"),
        *(Exactly(arm, "strays", 0) for arm in ("near", "far", "slow")),
        Near("near", "way", 2 * NEAR_BY, "2 × latency", "client span = server span + network", tolerance=0.01),
        Near("far", "way", 2 * FAR_AWAY, "2 × latency", "client span = server span + network", tolerance=0.01),
        Near("slow", "way", 2 * NEAR_BY, "2 × latency, however slow the server", "the same", tolerance=0.01),
        Exactly("near", "meanwhile", 0, "the one who asks sends nothing else before the answer"),
        Between("abreast", "meanwhile", low=1, text="at least 1: a visit that waits for several answers at once"),
        Order(("abreast", "near"), "wait", "several answers at once < one after another"),
    ),
    expected="proved",
    caveat="Two messages and a match are all it takes: two queues and a correlation id do it too, without a line held "
    "open.",
    bet=Bet(
        "number", "Price works for 0.1 s and is 0.2 s away. How much of the caller's wait is the way?", "way", "far",
        "s", 0.0, 1.0,
    ),
    try_next="Open a reply in the lab and find the request that it names as its cause.",
)  # fmt: skip

LOST = 0.3
"""Share of the answers that get lost; and publishes them instead."""


def _first_answers(run: Run) -> dict[str, tuple[float, Message]]:
    """When and what each visitor hears first, by visit."""
    found: dict[str, tuple[float, Message]] = {}
    for event in run.log:
        if isinstance(event, Received) and event.node == "browser":
            message = run.log.messages[event.message]
            found.setdefault(message.correlation_id, (event.at, message))
    return found


def _holds_result(run: Run) -> float:
    """Share of the first answers that carry what Stock had by then reserved for that order."""
    reserved = e.reservations(run)
    return fmean(
        any(number == message.data.get("reservation") and done <= at for done, number in reserved[message.subject])
        for at, message in _first_answers(run).values()
    )


def _result_after(run: Run) -> float:
    """From the first answer to the result, over visits that have both."""
    over = e.ended(run)
    return fmean(over[visit].at - at for visit, (at, _) in _first_answers(run).items() if visit in over)


def _left_in_doubt(run: Run) -> float:
    over, applied = e.ended_orders(run), e.applications(run)
    return fmean(event.outcome == "expired" and order in applied for order, event in over.items())


def _polls(c: Constants) -> float:
    """Polls until one finds the result: it leaves half a second after the answer to the one before."""
    return ceil((c["service-time"] + 2 * c["network-latency"]) / (POLL_SECONDS + 2 * c["network-latency"]))


async def publish_instead(seed: int, size: Size, show: Show) -> Measurements:
    """The same orders as events: what the publisher has when the broker has answered, and when the effect is there."""
    job = same_job(HOLDS_THE_RESULT.workload)
    run = await run_rival(seed, HOLDS_THE_RESULT.length(size), show, job)
    receipts, effects = dict[str, float](), dict[str, float]()
    for event in run.log:
        if isinstance(event, Settled) and (event.outcome, event.node) == ("accepted", "broker"):
            receipts.setdefault(event.message, event.at)
        elif isinstance(event, Settled) and (event.outcome, event.node) == ("applied", READER):
            effects.setdefault(event.message, event.at)
    done = receipts.keys() & effects.keys()
    return {
        "result": fmean(effects.get(order, inf) <= at for order, at in receipts.items()),
        "after": fmean(effects[order] - receipts[order] for order in done),
    }


ORDERS: Settings = {"request-rate": 3.0, "checkout-share": 1.0, "service-time": 0.8, "network-latency": 0.05}

HOLDS_THE_RESULT = Experiment(
    "RR-4",
    says="Places orders as plain calls, as calls that get a receipt (202), as events, and with answers that get lost.",
    workload={**ORDERS, "timeout": 5.0, "patience": 3.0, "pool-size": 100.0},
    seconds=60.0,
    reduced_seconds=30.0,
    repeats=2,
    arms=(
        Arm("call", "a plain call", null=True),
        Arm("receipt", "202, and polling", {"accept-202": True}),
        Arm("event", "an event (pub-sub lab)", procedure=publish_instead, lab=RIVAL),
        Arm("lost", "a plain call, 3 in 10 answers lost", faults=(("lose-response:page", LOST),)),
    ),
    measures=(
        Measure("result", "First answers that hold the result", "ratio", _holds_result),
        Measure("after", "From the first answer to the result", "s", _result_after),
        Measure("doubt", "Visitors left in doubt about an order that was done", "ratio", _left_in_doubt),
        e.ANSWERED,
    ),
    checks=(
        Exactly("call", "result", 1.0, "every first answer holds what Stock had reserved by then"),
        Exactly("call", "after", 0.0, "known with the answer"),
        Exactly("receipt", "result", 0.0, "a receipt tells no result", where="fails"),
        Exactly("event", "result", 0.0, "a broker's receipt tells no result", where="fails"),
        Near(
            "event", "after", lambda c: c["network-latency"] + c["service-time"], "the way on + the work",
            "the broker accepts, then delivers", tolerance=0.01, where="fails",
        ),
        Near(
            "receipt", "after", lambda c: _polls(c) * (POLL_SECONDS + 2 * c["network-latency"]),
            "polls × (0.5 s + 2 × latency)", "a poll leaves 0.5 s after the last answer", tolerance=0.01, where="fails",
        ),
        Share(
            "lost", "doubt", LOST, lambda c: c["request-rate"] * c["seconds"], "share of lost answers",
            "one loss ends the wait: nothing is tried again", where="fails",
        ),
        Exactly("call", "answered", 1.0),
        Exactly("call", "doubt", 0.0, "in doubt"),
    ),
    expected="refined",
    caveat="There is a third outcome besides yes and no: no answer. Then the work may be done or not, and the caller "
    "cannot tell.",
    bet=Bet(
        "number",
        "Of 100 orders 30 answers get lost on the way back. What share of visitors is in doubt about an order "
        "that was in fact done?", "doubt", "lost", "ratio", 0.0, 1.0,
    ),
    try_next="Lose requests instead of responses: the visitors are told the same. What has Stock done this time?",
)  # fmt: skip
