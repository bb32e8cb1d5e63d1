"""What must hold, as functions of the log alone.

A *copy* is one order for one subscriber. The log tells which copies there must be: an order is promised when Orders
has stored it (`accepted` at orders) to every subscriber whose filter, as the broker last announced it, lets it by.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from patterns.core.invariants import AtMostOnce, Checker, InOrder, Invariant, Never, Status
from patterns.core.log import Changed, Ended, Event, RunLog, Settled
from patterns.core.message import Message
from patterns.pub_sub.subjects import matches
from patterns.pub_sub.topology import SUBSCRIBERS

Copy = tuple[str, str]
"""Order id and subscriber."""

FROM_THE_START = "from the start"
"""Why a `filter` is announced with the whole history: the subscriber reads a log from its first entry."""

PATIENCE = 10.0
"""Seconds from the broker's acceptance after which a copy that is still unhandled counts as stuck."""


class Copies(Checker):
    """Follows every promised copy to its end; says nothing by itself."""

    def __init__(self, promised_by: str) -> None:
        super().__init__()
        self._promised_by = promised_by
        self._filters: dict[str, str] = {}
        self._orders: dict[str, Message] = {}
        self.open: dict[Copy, float] = {}

    def observe(self, event: Event, log: RunLog) -> None:
        if isinstance(event, Changed) and event.quantity == "filter" and event.node in SUBSCRIBERS:
            self._subscribe(event)
        elif isinstance(event, Settled):
            self._settle(event, log)
        self.pending = bool(self.open)

    def over(self, copy: Copy, event: Settled) -> None:
        """A copy came to an end."""

    def _subscribe(self, event: Changed) -> None:
        self._filters[event.node] = str(event.value)
        if event.why == FROM_THE_START:
            for order in self._orders.values():
                self._promise(order, event.node, event.at)

    def _promise(self, order: Message, node: str, at: float) -> None:
        wanted = self._filters[node]
        if wanted and matches(wanted, order.subject, order.data):
            self.open.setdefault((order.id, node), at)

    def _settle(self, event: Settled, log: RunLog) -> None:
        if event.outcome == "accepted" and event.node == self._promised_by and event.message not in self._orders:
            order = self._orders[event.message] = log.messages[event.message]
            for node in self._filters:
                self._promise(order, node, event.at)
        for copy in self._ended_by(event):
            if self.open.pop(copy, None) is not None:
                self.over(copy, event)

    def _ended_by(self, event: Settled) -> Iterator[Copy]:
        if event.node in SUBSCRIBERS and ends_a_copy(event):
            yield event.message, event.node
        elif event.outcome == "lost":
            yield from [copy for copy in self.open if copy[0] == event.message]


class NothingLost(Copies):
    """Lost: a promised copy that nobody holds any more. What is parked or under way is undecided."""

    def over(self, copy: Copy, event: Settled) -> None:
        if event.outcome == "dead-lettered":
            self.open[copy] = event.at
        elif event.outcome in ("lost", "error"):
            self._break(event)


class NothingStuck(Copies):
    """Stuck: a copy that the broker has accepted and no reader has handled within PATIENCE."""

    def observe(self, event: Event, log: RunLog) -> None:
        super().observe(event, log)
        self.pending = False
        while self.open and event.at - self.open[oldest := next(iter(self.open))] > PATIENCE:
            del self.open[oldest]
            self._break(event)


class CountsAgree(Copies):
    """Unbalanced: on orders that all their readers are done with, one reader has more effects than another.

    Counted when the run ends; before, differing counts are only work under way.
    """

    def __init__(self, promised_by: str) -> None:
        super().__init__(promised_by)
        self._effects: Counter[Copy] = Counter()
        self._extra = 0
        self._done: set[Copy] = set()

    @property
    def status(self) -> Status:
        self.pending = bool(self.open) or self._extra > 0
        return super().status

    def observe(self, event: Event, log: RunLog) -> None:
        if isinstance(event, Settled) and event.outcome == "applied" and event.node in SUBSCRIBERS:
            self._effects[event.message, event.node] += 1
            self._extra += self._effects[event.message, event.node] > 1
        super().observe(event, log)
        if isinstance(event, Ended):
            self._compare(event)

    def over(self, copy: Copy, event: Settled) -> None:
        self._done.add(copy)

    def _compare(self, event: Ended) -> None:
        under_way = {order for order, _ in self.open}
        for order, node in self._done:
            if order not in under_way and self._effects[order, node] != 1:
                self._break(event)


def ends_a_copy(event: Settled) -> bool:
    """Whether this settles a subscriber's copy for good."""
    return event.outcome in ("applied", "skipped", "dead-lettered", "lost", "error")


def _effect(event: Event, log: RunLog) -> Copy | None:
    if isinstance(event, Settled) and event.outcome == "applied" and event.node in SUBSCRIBERS:
        return event.message, event.node
    return None


def first_effects() -> Callable[[Event, RunLog], tuple[tuple[str, int], float] | None]:
    """Steps of (reader, customer) through a customer's orders; a second effect is no step, it is a duplicate."""
    seen: set[Copy] = set()

    def step(event: Event, log: RunLog) -> tuple[tuple[str, int], float] | None:
        copy = _effect(event, log)
        if copy is None or copy in seen:
            return None
        seen.add(copy)
        data = log.messages[copy[0]].data
        return (copy[1], data["customer"]), float(data["version"])

    return step


def is_stale(event: Event, log: RunLog) -> bool:
    """Whether this is an answer that did not know the order just placed."""
    return isinstance(event, Settled) and event.outcome == "reply" and event.why == "stale"


INVARIANTS = (
    Invariant("lost", "Nothing lost", lambda: NothingLost("orders"), "Every stored order reaches every subscriber."),
    Invariant("duplicated", "No order applied twice", lambda: AtMostOnce(_effect), "One effect per order and reader."),
    Invariant(
        "reordered", "In order per customer", lambda: InOrder(first_effects()), "A later order is not handled first."
    ),
    Invariant(
        "unbalanced", "All subscribers agree", lambda: CountsAgree("orders"), "Their counts match once all are done."
    ),
    Invariant("stuck", f"Nothing waits over {PATIENCE:g} s", lambda: NothingStuck("broker"), "From broker to effect."),
    Invariant("stale", "No stale answer", lambda: Never(is_stale), "Stock answers know the order just placed."),
)
