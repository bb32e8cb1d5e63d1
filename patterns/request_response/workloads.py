"""How this lab does the work that other patterns do too."""

from __future__ import annotations

from patterns.core.log import Received, Sent, Settled
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.core.scenario import Step
from patterns.core.workload import Column, metric, quantile, share_done
from patterns.request_response.promises import applied_order
from patterns.request_response.visits import visit_begins

LAST_SECONDS = 8.0
"""Orders placed later than this before the end of a run may still be under way, and are not counted as lost."""


def _begun(run: Run) -> dict[str, float]:
    """When each order was placed."""
    visits = (visit_begins(event, run.log) for event in run.log)
    return {visit.subject: visit.time for visit in visits if visit and visit.type == "PlaceOrder"}


def _applied(run: Run) -> dict[str, float]:
    """When each order was first applied."""
    times: dict[str, float] = {}
    for event in run.log:
        if order := applied_order(event, run.log):
            times.setdefault(order, event.at)
    return times


def _replies(run: Run) -> dict[str, float]:
    """When each visitor first had an answer that says yes: the result, or a receipt."""
    times: dict[str, float] = {}
    for event in run.log:
        if isinstance(event, Settled) and event.node == "browser" and event.outcome in ("reply", "accepted"):
            times.setdefault(run.log.messages[event.message].subject, event.at)
    return times


def _waits(run: Run, ends: dict[str, float]) -> list[float]:
    return [ends[order] - at for order, at in _begun(run).items() if order in ends]


def _told_yes(run: Run) -> float | None:
    return share_done(_begun(run), _replies(run), run.log.events[-1].at - LAST_SECONDS)


def _done(run: Run) -> float | None:
    return share_done(_begun(run), _applied(run), run.log.events[-1].at - LAST_SECONDS)


def _messages(run: Run) -> float | None:
    return sum(isinstance(event, Sent) for event in run.log) / len(_begun(run)) if _begun(run) else None


ORDER_READS = {
    "reply": lambda run: quantile(_waits(run, _replies(run)), 0.5),
    "reply-p95": lambda run: quantile(_waits(run, _replies(run)), 0.95),
    "done": lambda run: quantile(_waits(run, _applied(run)), 0.5),
    "done-p95": lambda run: quantile(_waits(run, _applied(run)), 0.95),
    "success": _told_yes,
    "applied": _done,
    "twice": metric("duplicates-applied"),
    "messages": _messages,
}
ORDER_MISHAPS = {
    "down": (Step(6.0, fault="crash:stock", lasts=5.0),),
    "lost": (Step(4.0, fault="lose-response:stock", amount=0.3),),
    "slow": (Step(6.0, fault="slow:stock", amount=1.0, lasts=6.0),),
}
ORDER_SETTINGS: Settings = {
    "request-rate": 3.0, "checkout-share": 1.0, "service-time": 0.06, "network-latency": 0.05, "timeout": 1.0,
    "patience": 6.0, "retries": 1.0,
}  # fmt: skip


def _calls(run: Run) -> float | None:
    pages = sum(visit_begins(event, run.log) is not None for event in run.log)
    sent = (event for event in run.log if isinstance(event, Sent) and event.source == "page")
    calls = sum(run.log.messages[event.message].role == "request" for event in sent)
    return calls / pages if pages else None


def _page_waits(run: Run) -> list[float]:
    began = {visit.id: visit.time for event in run.log if (visit := visit_begins(event, run.log))}
    arrivals = (e for e in run.log if isinstance(e, Received) and e.node == "browser")
    return [e.at - began[cause] for e in arrivals if (cause := run.log.messages[e.message].causation_id) in began]


PAGE_READS = {
    "wait": lambda run: quantile(_page_waits(run), 0.5),
    "wait-p95": lambda run: quantile(_page_waits(run), 0.95),
    "success": metric("success-ratio", 100),
    "calls": _calls,
}
PAGE_MISHAPS = {
    "slow": (Step(8.0, fault="slow:reviews", amount=2.0, lasts=10.0),),
    "down": (Step(8.0, fault="crash:reviews", lasts=8.0),),
}
PAGE_SETTINGS: Settings = {
    "request-rate": 2.0, "checkout-share": 0.0, "widgets": 12.0, "service-time": 0.05, "network-latency": 0.05,
    "slow-share": 0.01, "timeout": 1.5, "pool-size": 100.0,
}  # fmt: skip

COLUMNS = (
    Column(
        "order", "wait", "wait for the answer",
        "The customer waits until stock has reserved; a failed call is tried once more.",
        ORDER_SETTINGS, ORDER_MISHAPS, ORDER_READS,
    ),
    Column(
        "order", "receipt", "202 and polling", "The customer gets a receipt at once, and asks later.",
        {**ORDER_SETTINGS, "accept-202": True}, ORDER_MISHAPS, ORDER_READS,
        note="The reply is a receipt: it says accepted, not done.",
    ),
    Column(
        "order", "key", "wait, with a key", "As the first, and each order carries an idempotency key.",
        {**ORDER_SETTINGS, "idempotency-key": True}, ORDER_MISHAPS, ORDER_READS,
    ),
    Column(
        "page", "serial", "one after another", "The page server asks for one part, then for the next.",
        {**PAGE_SETTINGS, "style": "rest-serial"}, PAGE_MISHAPS, PAGE_READS,
    ),
    Column(
        "page", "parallel", "side by side", "The page server asks for all parts at once and needs them all.",
        PAGE_SETTINGS, PAGE_MISHAPS, PAGE_READS,
    ),
    Column(
        "page", "fallback", "side by side, with a fallback", "A part that takes longer than 0.4 s is left out.",
        {**PAGE_SETTINGS, "timeout": 0.4, "fallback": True}, PAGE_MISHAPS, PAGE_READS,
    ),
    Column(
        "page", "cached", "from a cache", "Answers are kept for 20 s and asked for there first.",
        {**PAGE_SETTINGS, "cache-on": True, "products": 5.0}, PAGE_MISHAPS, PAGE_READS,
        note="How old a cached answer is, is not measured here.",
    ),
)  # fmt: skip
