"""Orders on one seeded timetable, five steps behind each, and what is read from the logs of all columns.

Every column tells its log the same words: a `PlaceOrder` leaves the node `customer`, is settled there once the customer
knows, and each step settles as `applied` at its node. A story's correlation id is the order's number. So one set of
functions reads them all.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from patterns.core.clock import seeded
from patterns.core.log import Sent, Settled
from patterns.core.run import Run
from patterns.core.workload import Read, per_cent, quantile

ORDERS_PER_SECOND = 20.0
OUT_OF_STOCK = 0.1
"""Share of the orders."""

STEPS = {"payment": 0.04, "inventory": 0.02, "shipping": 0.06, "email": 0.1, "analytics": 0.01}
"""Seconds of work, by the part that does it."""

UNDOES = ("Refund", "OutOfStock")
"""Types of message upon which payment gives the money back."""

PATIENCE_SECONDS = 3.0
"""How long a customer waits for an answer."""

LOOKED_FOR = "42"
"""The order that somebody asks about."""


@dataclass(frozen=True, slots=True)
class Placed:
    """One order of the timetable: when it is placed, in seconds of run time."""

    number: int
    at: float
    in_stock: bool


def list_orders(seed: int, count: int) -> list[Placed]:
    """The timetable: independent customers (Poisson), a tenth of whom want what is sold out."""
    source, at, found = seeded(seed, "order list"), 0.0, []
    for number in range(1, count + 1):
        at += source.expovariate(ORDERS_PER_SECOND)
        found.append(Placed(number, at, source.random() >= OUT_OF_STOCK))
    return found


@dataclass(slots=True)
class Book:
    """What became of every order, by its number; times are seconds of run time."""

    placed: dict[str, float] = field(default_factory=dict)
    sold_out: set[str] = field(default_factory=set)
    told: dict[str, float] = field(default_factory=dict)
    promised: set[str] = field(default_factory=set)
    stored: set[str] = field(default_factory=set)
    undone: set[str] = field(default_factory=set)
    steps: dict[str, Counter[str]] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)

    def is_done(self, order: str) -> bool:
        """Whether nothing is left to do: all five steps, or what is sold out is not paid."""
        done = self.steps.get(order, Counter())
        if order in self.sold_out:
            return order in self.undone or not done["payment"]
        return all(done[step] for step in STEPS)

    def finished(self) -> dict[str, float]:
        """When each order in stock had its last step."""
        return {order: at for order, at in self.last.items() if order not in self.sold_out and self.is_done(order)}

    def half_done(self) -> set[str]:
        """Orders that somebody keeps or has worked on, and that are not done."""
        return {order for order in self.stored | self.steps.keys() if not self.is_done(order)}


def read_book(run: Run) -> Book:
    """Read a run's log once."""
    book = Book()
    for event in run.log:
        if isinstance(event, Sent) and event.source == "customer":
            message = run.log.messages[event.message]
            if message.type == "PlaceOrder" and message.correlation_id not in book.placed:
                book.placed[message.correlation_id] = message.time
                if not message.data["in_stock"]:
                    book.sold_out.add(message.correlation_id)
        elif isinstance(event, Settled):
            _settle(book, event, run)
    return book


def _settle(book: Book, event: Settled, run: Run) -> None:
    message = run.log.messages[event.message]
    order = message.correlation_id
    if event.node == "customer" and event.outcome in ("reply", "accepted"):
        book.told.setdefault(order, event.at)
        if event.why != "out of stock" and book.told[order] == event.at:
            book.promised.add(order)
    elif event.node == "orders" and event.outcome == "accepted":
        book.stored.add(order)
    elif event.outcome == "applied" and message.type in UNDOES:
        book.undone.add(order)
    elif event.outcome == "applied" and event.node in STEPS:
        done = book.steps.setdefault(order, Counter())
        done[event.node] += 1
        if done[event.node] == 1:
            book.last[order] = event.at


def _reply(run: Run, q: float) -> float | None:
    book = read_book(run)
    return quantile((at - book.placed[order] for order, at in book.told.items()), q, len(book.placed))


def _done(run: Run, q: float) -> float | None:
    book = read_book(run)
    wanted = len(book.placed.keys() - book.sold_out)
    return quantile((at - book.placed[order] for order, at in book.finished().items()), q, wanted)


def _success(run: Run) -> float | None:
    book = read_book(run)
    return per_cent(len(book.told), len(book.placed))


def _applied(run: Run) -> float | None:
    book = read_book(run)
    wanted = book.placed.keys() - book.sold_out
    return per_cent(len(book.finished()), len(wanted))


def _broken(run: Run) -> float:
    book = read_book(run)
    return float(len(book.promised & book.sold_out))


def _twice(run: Run) -> float:
    return float(sum(done["payment"] > 1 for done in read_book(run).steps.values()))


def _messages(run: Run) -> float | None:
    book = read_book(run)
    return sum(isinstance(event, Sent) for event in run.log) / len(book.placed) if book.placed else None


def _places(run: Run) -> float:
    """How many parts each know a piece of what became of that order."""
    done = read_book(run).steps.get(LOOKED_FOR, Counter())
    return float(sum(count > 0 for count in done.values()))


ORDER_READS: dict[str, Read] = {
    "reply": lambda run: _reply(run, 0.5),
    "reply-p95": lambda run: _reply(run, 0.95),
    "done": lambda run: _done(run, 0.5),
    "done-p95": lambda run: _done(run, 0.95),
    "success": _success,
    "applied": _applied,
    "broken": _broken,
    "half": lambda run: float(len(read_book(run).half_done())),
    "twice": _twice,
    "messages": _messages,
    "places": _places,
}
"""How the yardsticks are read, the same in every column; edits are counted in a column's own wiring."""
