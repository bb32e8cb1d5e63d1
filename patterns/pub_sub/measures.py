"""What is counted, as functions of the log alone. Every metric has a unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from patterns.core.invariants import Checker
from patterns.core.log import Changed, Event, Received, RunLog, Sent, Settled
from patterns.core.metrics import Figure, Highest, Level, Meter, Metric, Quantile, Rate, Ratio, Total
from patterns.pub_sub.promises import Copy, NothingLost, first_effects, is_stale
from patterns.pub_sub.topology import SUBSCRIBERS


def _when(*tests: tuple[str, str | None]) -> Callable[[Event, RunLog], float | None]:
    """1 for each `settled` event with one of these (outcome, node); None as node means any."""

    def amount(event: Event, log: RunLog) -> float | None:
        if isinstance(event, Settled) and any(event.outcome == o and n in (None, event.node) for o, n in tests):
            return 1.0
        return None

    return amount


def _delivery(event: Event, log: RunLog) -> float | None:
    if isinstance(event, Sent) and event.source == "broker" and log.messages[event.message].role == "event":
        return 1.0
    return None


def _redelivery(event: Event, log: RunLog) -> float | None:
    return _delivery(event, log) if isinstance(event, Sent) and event.attempt > 1 else None


class WorstReader(Meter):
    """Deliveries per message at the subscriber that needs most of them: 1 / (1 − q) if it loses a share q of acks."""

    def __init__(self) -> None:
        self._all: Counter[str] = Counter()
        self._first: Counter[str] = Counter()

    def observe(self, event: Event, log: RunLog) -> None:
        if isinstance(event, Sent) and event.target in SUBSCRIBERS and _delivery(event, log):
            self._all[event.target] += 1
            self._first[event.target] += event.attempt == 1
            self.value = max(self._all[node] / first for node, first in self._first.items() if first)


class Broken(Meter):
    """How often a promise was broken."""

    def __init__(self, checker: Checker) -> None:
        self._checker = checker

    def observe(self, event: Event, log: RunLog) -> None:
        self._checker.observe(event, log)
        self.value = float(self._checker.count)


def _value(node: str, quantity: str) -> Callable[[Event, RunLog], float | None]:
    def amount(event: Event, log: RunLog) -> float | None:
        if isinstance(event, Changed) and event.node == node and event.quantity == quantity:
            return float(event.value)
        return None

    return amount


def _once(amount: Callable[[Event, RunLog], float | None]) -> Callable[[Event, RunLog], float | None]:
    """Only the first of this kind per message and node."""
    seen: set[Copy] = set()

    def first(event: Event, log: RunLog) -> float | None:
        if (found := amount(event, log)) is None or not isinstance(event, Settled):
            return None
        copy = event.message, event.node
        if copy in seen:
            return None
        seen.add(copy)
        return found

    return first


def _again(amount: Callable[[Event, RunLog], float | None]) -> Callable[[Event, RunLog], float | None]:
    """All but the first per message and node, subscribers only."""
    first = _once(amount)

    def again(event: Event, log: RunLog) -> float | None:
        if getattr(event, "node", "") not in SUBSCRIBERS or amount(event, log) is None:
            return None
        return 1.0 if first(event, log) is None else None

    return again


def _age(outcome: str, node: str | None) -> Callable[[Event, RunLog], float | None]:
    """Seconds from the order's birth to this outcome."""
    hit = _when((outcome, node))

    def amount(event: Event, log: RunLog) -> float | None:
        if isinstance(event, Settled) and hit(event, log) is not None:
            return event.at - log.messages[event.message].time
        return None

    return amount


def _inversion() -> Callable[[Event, RunLog], float | None]:
    step, highest = first_effects(), dict[tuple[str, int], float]()

    def amount(event: Event, log: RunLog) -> float | None:
        if (found := step(event, log)) is None:
            return None
        key, number = found
        before = highest.get(key, number)
        highest[key] = max(before, number)
        return 1.0 if number < before else None

    return amount


def _size(event: Event, log: RunLog) -> float | None:
    if isinstance(event, Settled) and event.outcome == "accepted" and event.node == "broker":
        return float(len(str(dict(log.messages[event.message].data))))
    return None


def _stock_read(event: Event, log: RunLog) -> float | None:
    return 1.0 if isinstance(event, Settled) and event.outcome == "reply" and event.node == "orders" else None


def _stale_read(event: Event, log: RunLog) -> float | None:
    return 1.0 if is_stale(event, log) else None


def _unreadable(event: Event, log: RunLog) -> float | None:
    return 1.0 if isinstance(event, Settled) and event.outcome == "error" and event.node in SUBSCRIBERS else None


def _end_to_end() -> Callable[[Event, RunLog], float | None]:
    ages = _once(_age("applied", None))
    return lambda event, log: ages(event, log) if getattr(event, "node", "") in SUBSCRIBERS else None


def _empty_poll(event: Event, log: RunLog) -> float | None:
    return 1.0 if isinstance(event, Received) and event.message.endswith("/nothing") else None


def _applied_by(node: str) -> Metric:
    return Metric(f"applied-{node}", f"Applied by {node.title()}", "orders", lambda: Total(_when(("applied", node))))


_accepted = _when(("accepted", "broker"))
_applied = _when(*(("applied", node) for node in SUBSCRIBERS))


METRICS: tuple[Metric, ...] = (
    Metric("backlog", "Backlog", "messages", lambda: Level(_value("broker", "backlog")), "Copies not yet acked."),
    Metric("deliveries-per-message", "Deliveries per message", "", WorstReader, "At the reader that needs most."),
    Metric("lag", "Lag", "s", lambda: Level(_value("broker", "lag")), "Age of the oldest copy not yet acked."),
    Metric("publish-p95", "Publish, 95th percentile", "s", lambda: Quantile(_once(_age("accepted", "broker")), 0.95)),
    Metric("end-to-end-p95", "Order to effect, 95th percentile", "s", lambda: Quantile(_end_to_end(), 0.95)),
    Metric("duplicates-applied", "Applied twice", "effects", lambda: Total(_again(_applied))),
    Metric("inversions", "Handled out of order", "orders", lambda: Total(_inversion())),
    Metric("dead-letters", "Parked", "messages", lambda: Level(_value("dead-letters", "parked"))),
    Metric("redelivery-rate", "Redeliveries", "/s", lambda: Rate(_redelivery)),
    Metric("redeliveries", "Redeliveries in all", "deliveries", lambda: Total(_redelivery)),
    Metric("deliveries", "Deliveries in all", "deliveries", lambda: Total(_delivery)),
    Metric("published", "Published", "orders", lambda: Total(_once(_accepted)), "Orders that the broker accepted."),
    Metric("placed", "Orders stored", "orders", lambda: Total(_when(("accepted", "orders")))),
    Metric("publish-failures", "Publishes that came to nothing", "orders", lambda: Total(_when(("lost", "orders")))),
    Metric("applied", "Effects", "effects", lambda: Total(_applied)),
    Metric("apply-rate", "Effects per second", "/s", lambda: Rate(_applied)),
    Metric("skipped", "Recognised and skipped", "deliveries", lambda: Total(_when(("skipped", None)))),
    Metric("failed-attempts", "Attempts refused", "deliveries", lambda: Total(_when(("nack", None)))),
    Metric("unreadable", "Acked unread", "orders", lambda: Total(_unreadable)),
    Metric("refused", "Refused at publish", "events", lambda: Total(_when(("error", "orders")))),
    Metric(
        "lost-copies", "Lost", "messages", lambda: Broken(NothingLost("orders")), "Copies that nobody holds any more."
    ),
    Metric("outbox", "In the outbox", "events", lambda: Level(_value("orders", "outbox"))),
    Metric("peak-backlog", "Highest backlog", "messages", lambda: Highest(_value("broker", "backlog"))),
    Metric("in-flight", "Delivered, not answered", "messages", lambda: Level(_value("broker", "in-flight"))),
    Metric("peak-in-flight", "Most under way", "messages", lambda: Highest(_value("broker", "in-flight"))),
    Metric("stock-reads", "Stock answers", "answers", lambda: Total(_stock_read)),
    Metric("stale-ratio", "Stale answers", "ratio", lambda: Ratio(_stale_read, _stock_read)),
    Metric("empty-polls", "Polls in vain", "polls", lambda: Total(_empty_poll)),
    Metric("payload-size", "Size of an event", "characters", lambda: Ratio(_size, _accepted)),
    *(_applied_by(node) for node in SUBSCRIBERS),
)


FIGURES = (
    Figure("lag", "Lag", ("lag", "end-to-end-p95", "publish-p95"), "s"),
    Figure("deliveries", "Deliveries per order", ("deliveries-per-message",), ""),
    Figure("backlog", "Waiting", ("backlog", "in-flight", "dead-letters"), "messages"),
    Figure("rates", "Rates", ("apply-rate", "redelivery-rate"), "/s"),
    Figure("damage", "Damage", ("duplicates-applied",), "effects"),
    Figure("order", "Handled out of order", ("inversions",), "orders"),
    Figure("staleness", "Stale answers", ("stale-ratio",), "ratio"),
)
