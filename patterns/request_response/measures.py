"""What must hold and what is measured, each as a small function of the events.

Longer than most files: one small function for each measure, and the tables that name them. A visit is what one
visitor asks for: a page, an order or a report. Behind it stand calls to services.
"""

from patterns.core.invariants import AtMostOnce, EndsWithin, Invariant
from patterns.core.log import Changed, Dropped, Event, Received, RunLog, Sent, Settled
from patterns.core.metrics import Figure, Highest, Level, Meter, Metric, Quantile, Rate, Ratio, Total
from patterns.request_response.promises import BothSidesAgree, PromiseKept, applied_order
from patterns.request_response.topology import SERVICES
from patterns.request_response.visits import InFlight, OpenBreakers, RecentShare, finished, visit_begins

PATIENCE_SECONDS = 10.0
NOBODY_WAITS = "nobody waits for it"
"""Why an answer is dropped whose caller has given up."""


def _visit(event: Event, log: RunLog) -> float | None:
    return 1.0 if visit_begins(event, log) else None


def _over(event: Event, log: RunLog) -> float | None:
    return 1.0 if finished(event, log) else None


def _succeeded(event: Event, log: RunLog) -> float | None:
    message = finished(event, log)
    return None if message is None else float(isinstance(event, Settled) and event.outcome == "reply")


def _visit_seconds(event: Event, log: RunLog) -> float | None:
    message = finished(event, log)
    return None if message is None else event.at - message.time


def _accept_seconds(event: Event, log: RunLog) -> float | None:
    if isinstance(event, Settled) and event.node == "browser" and event.outcome == "accepted":
        return event.at - log.messages[event.message].time
    return None


def _round_trip(event: Event, log: RunLog) -> float | None:
    return 1.0 if isinstance(event, Sent) and (event.source, event.target) == ("browser", "page") else None


def _request(event: Event, log: RunLog) -> float | None:
    return 1.0 if isinstance(event, Sent) and log.messages[event.message].role == "request" else None


def _first_try(event: Event, log: RunLog) -> float | None:
    return _request(event, log) if isinstance(event, Sent) and event.attempt == 1 else None


def _service_call(event: Event, log: RunLog) -> float | None:
    return _request(event, log) if isinstance(event, Sent) and event.target in SERVICES else None


def _stock_call(event: Event, log: RunLog) -> float | None:
    return _request(event, log) if isinstance(event, Sent) and event.target == "stock" else None


def _list_call(event: Event, log: RunLog) -> float | None:
    return (
        _service_call(event, log) if isinstance(event, Sent) and log.messages[event.message].data.get("list") else None
    )


def _list_begins(event: Event, log: RunLog) -> float | None:
    is_first = isinstance(event, Sent) and event.attempt == 1 and log.messages[event.message].type == "GetList"
    return 1.0 if is_first else None


def _price_answered(event: Event, log: RunLog) -> float | None:
    if not isinstance(event, Settled) or event.node != "page" or log.messages[event.message].subject != "price":
        return None
    return float(event.outcome == "reply")


def _page(event: Event, log: RunLog, part: str) -> float | None:
    """A number that a page carries, read where the browser receives it."""
    if isinstance(event, Received) and event.node == "browser":
        return log.messages[event.message].data.get(part)
    return None


def _touched_a_slow_call(event: Event, log: RunLog) -> float | None:
    slow = _page(event, log, "slow")
    return None if slow is None else float(slow > 0)


def _wasted(event: Event, log: RunLog) -> float | None:
    return 1.0 if isinstance(event, Dropped) and event.why == NOBODY_WAITS else None


def _answer(event: Event, log: RunLog) -> float | None:
    return 1.0 if isinstance(event, Sent) and log.messages[event.message].role in ("reply", "error") else None


def _hit(event: Event, log: RunLog) -> float | None:
    if isinstance(event, Received) and event.node == "page":
        return log.messages[event.message].data.get("hit")
    return None


def _quantity(event: Event, node: str, quantity: str) -> float | None:
    if isinstance(event, Changed) and event.node == node and event.quantity == quantity:
        return float(event.value)
    return None


def _pool_use(event: Event, log: RunLog) -> float | None:
    if not isinstance(event, Changed) or event.quantity != "pool":
        return None
    busy, _, size = str(event.value).partition("/")
    return int(busy) / int(size)


def _order_applied(event: Event, log: RunLog) -> float | None:
    return None if applied_order(event, log) is None else 1.0


def _is_order_acknowledged(event: Event, log: RunLog) -> float | None:
    message = finished(event, log)
    acknowledged = message is not None and message.type == "PlaceOrder" and _succeeded(event, log)
    return 1.0 if acknowledged else None


class DuplicatesApplied(Meter):
    """How many times an order was applied that had been applied before."""

    def __init__(self) -> None:
        self._checker = AtMostOnce(applied_order)
        self.value: float | None = 0.0

    def observe(self, event: Event, log: RunLog) -> None:
        self._checker.observe(event, log)
        self.value = float(self._checker.count)


def _begins(event: Event, log: RunLog) -> str | None:
    message = visit_begins(event, log)
    return message.id if message else None


def _ends(event: Event, log: RunLog) -> str | None:
    return event.message if isinstance(event, Settled) and event.node == "browser" else None


INVARIANTS = (
    Invariant(
        "lost",
        'Every order answered "yes" is applied',
        PromiseKept,
        "Promised by a 201 or a 202; broken when the one who promised forgets it.",
    ),
    Invariant(
        "duplicated", "No order is applied twice", lambda: AtMostOnce(applied_order), "Seen where Stock reserves."
    ),
    Invariant(
        "stuck",
        f"No visitor waits more than {PATIENCE_SECONDS:g} s",
        lambda: EndsWithin(_begins, _ends, PATIENCE_SECONDS),
        "From the first try of a visit to an answer, a receipt or the end of patience.",
    ),
    Invariant(
        "unbalanced",
        "Visitor and shop agree on each order",
        BothSidesAgree,
        "Broken when a visitor was told of a failure and the order is applied all the same.",
    ),
)


def _waits(q: float) -> Quantile:
    return Quantile(_visit_seconds, q)


METRICS = (
    Metric("p50", "Wait, median", "s", lambda: _waits(0.5), "Half of the visitors wait less; the last 1,000 visits."),
    Metric("p95", "Wait, 95 of 100", "s", lambda: _waits(0.95)),
    Metric("p99", "Wait, 99 of 100", "s", lambda: _waits(0.99)),
    Metric("p999", "Wait, 999 of 1,000", "s", lambda: _waits(0.999)),
    Metric("success-ratio", "Visits answered", "ratio", lambda: Ratio(_succeeded, _over)),
    Metric("recent-success", "Visits answered lately", "ratio", lambda: RecentShare(_succeeded, _over), "Last 2 s."),
    Metric(
        "price-success",
        "Price calls answered",
        "ratio",
        lambda: Ratio(_price_answered, lambda e, log: _one(_price_answered(e, log))),
    ),
    Metric(
        "recent-price",
        "Price calls answered lately",
        "ratio",
        lambda: RecentShare(_price_answered, lambda e, log: _one(_price_answered(e, log))),
        "Last 2 s.",
    ),
    Metric("throughput", "Visits ended", "/s", lambda: Rate(_over), "Answered or failed; last 2 s."),
    Metric("goodput", "Visits answered", "/s", lambda: Rate(_succeeded), "Only the good ones; last 2 s."),
    Metric(
        "backend-load", "Calls to services", "/s", lambda: Rate(_service_call), "First tries and all others; last 2 s."
    ),
    Metric("in-flight", "Visits in flight", "requests", InFlight, "Little's law: rate × time each takes."),
    Metric(
        "pool-queue",
        "Calls that wait for a thread",
        "requests",
        lambda: Level(lambda e, _: _quantity(e, "page", "queue")),
    ),
    Metric("pool-use", "Threads in use", "ratio", lambda: Level(_pool_use)),
    Metric("pool-peak", "Most threads in use", "ratio", lambda: Highest(_pool_use)),
    Metric("attempts-per-call", "Tries per call", "", lambda: Ratio(_request, _first_try)),
    Metric(
        "stock-calls-per-view",
        "Calls to Stock per visit",
        "",
        lambda: Ratio(_stock_call, _visit),
        "How retries multiply.",
    ),
    Metric(
        "recent-stock-calls",
        "Calls to Stock per visit lately",
        "",
        lambda: RecentShare(_stock_call, _visit, 4.0),
        "Last 4 s.",
    ),
    Metric(
        "round-trips",
        "Browser round trips per visit",
        "",
        lambda: Ratio(_round_trip, lambda e, log: _one(_sent_visit(e, log))),
    ),
    Metric("list-calls", "Backend calls per list", "", lambda: Ratio(_list_call, _list_begins), "N+1, or 2."),
    Metric("breaker-open", "Breakers open", "", OpenBreakers),
    Metric(
        "degraded-ratio",
        "Widgets left out",
        "ratio",
        lambda: Ratio(lambda e, log: _page(e, log, "degraded"), lambda e, log: _page(e, log, "widgets")),
    ),
    Metric(
        "slow-page-ratio",
        "Pages that met a slow call",
        "ratio",
        lambda: Ratio(_touched_a_slow_call, lambda e, log: _one(_page(e, log, "slow"))),
    ),
    Metric("hit-ratio", "Answered by the cache", "ratio", lambda: Ratio(_hit, lambda e, log: _one(_hit(e, log)))),
    Metric(
        "recent-hits",
        "Answered by the cache lately",
        "ratio",
        lambda: RecentShare(_hit, lambda e, log: _one(_hit(e, log))),
    ),
    Metric("wasted-work", "Answers that nobody awaited", "ratio", lambda: Ratio(_wasted, _answer)),
    Metric("orders-applied", "Orders applied", "orders", lambda: Total(_order_applied)),
    Metric("orders-acknowledged", "Orders acknowledged", "orders", lambda: Total(_is_order_acknowledged)),
    Metric("duplicates-applied", "Orders applied again", "orders", DuplicatesApplied),
    Metric("accept-p95", "Time to a receipt, 95 of 100", "s", lambda: Quantile(_accept_seconds, 0.95)),
)

FIGURES = (
    Figure("waits", "How long visitors wait", ("p50", "p95", "p99", "p999"), "s"),
    Figure("load", "What comes in, what goes out, what is behind it", ("throughput", "goodput", "backend-load"), "/s"),
    Figure("flight", "Waiting at once", ("in-flight", "pool-queue"), "requests"),
    Figure(
        "shares",
        "Shares",
        ("recent-success", "recent-price", "pool-use", "degraded-ratio", "wasted-work", "recent-hits"),
        "ratio",
    ),
    Figure(
        "multiples",
        "How calls multiply",
        ("attempts-per-call", "recent-stock-calls", "round-trips", "breaker-open"),
        "",
    ),
    Figure("orders", "Orders", ("orders-applied", "orders-acknowledged", "duplicates-applied"), "orders"),
)


def _one(amount: float | None) -> float | None:
    return None if amount is None else 1.0


def _sent_visit(event: Event, log: RunLog) -> float | None:
    return 1.0 if visit_begins(event, log) else None
