"""Place an order: five steps behind one order, on one seeded timetable, and what is read from the logs of all columns.

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
from patterns.core.workload import (
    PLAIN,
    Blow,
    Expectation,
    Mishap,
    Read,
    Script,
    Size,
    Workload,
    Yardstick,
    per_cent,
    quantile,
)

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


def _during(kind: str, target: str, begins: float, share: float, amount: float | None = None) -> Script:
    """One blow over a share of the time in which orders come."""
    return lambda seed, comes: (Blow(begins * comes, kind, target, share * comes, amount),)


def _kill_each_once(seed: int, comes: float) -> tuple[Blow, ...]:
    """Every part dies once, in an order and at moments that the seed draws, and is back after a short time."""
    source = seeded(seed, "kills")
    victims = ["orders", *STEPS]
    source.shuffle(victims)
    part = 0.9 * comes / len(victims)
    return tuple(
        Blow((place + source.random()) * part, "down", victim, 0.06 * comes) for place, victim in enumerate(victims)
    )


CALLS, EVENTS = ("wait", "key"), ("publish", "outbox")

ORDER = Workload(
    "order",
    "Place an order",
    "Twenty orders a second come in at random moments (Poisson); one in ten wants what is sold out. Behind each stand "
    "five steps: charge (40 ms), reserve (20 ms), ship (60 ms), e-mail (100 ms), count (10 ms). A hop takes 20 ms, and "
    "every part has eight workers.",
    Size("How many orders", "orders", (100, 200, 1000), 200),
    lambda size: size / ORDERS_PER_SECOND,
    lambda size: 6.0 + 0.4 * size / ORDERS_PER_SECOND,
    (
        Yardstick("reply", "Customer has an answer, median", "s", "low", "What the answer means is part of it."),
        Yardstick("reply-p95", "Customer has an answer, 95 of 100", "s", "low"),
        Yardstick("done", "Order is truly done, median", "s", "low", "From placing it to its last step."),
        Yardstick("done-p95", "Order is truly done, 95 of 100", "s", "low"),
        Yardstick("success", "Customers told yes, or sold out", "%", "high",
                  f"Within {PATIENCE_SECONDS:g} s, without an error."),
        Yardstick("applied", "Orders done in the end", "%", "high", "Of those in stock, all five steps."),
        Yardstick("broken", "Told yes, and sold out after all", "orders", "low"),
        Yardstick("half", "Stuck or half-done at the end", "orders", "low",
                  "Kept or charged, and neither done nor undone."),
        Yardstick("twice", "Charged more than once", "orders", "low"),
        Yardstick("messages", "Messages per order", "messages", "low"),
        Yardstick("edit-loyalty", "Parts to edit to add loyalty points", "parts", "low", "Besides the new one."),
        Yardstick("edit-fraud", "Parts to edit to check for fraud before the charge", "parts", "low"),
        Yardstick("places", f"Parts to ask where order {LOOKED_FOR} is", "parts", "low"),
    ),
    (
        PLAIN,
        Mishap("email", "E-mail is down while orders come, from a tenth on", _during("down", "email", 0.1, 0.9)),
        Mishap("payment", "Payment is down for three fifths of the time", _during("down", "payment", 0.2, 0.6)),
        Mishap("kills", "Every part is killed once, at a random moment", _kill_each_once),
        Mishap("middle", "The part in the middle is down for half of the time", _during("down", "broker", 0.2, 0.5)),
        Mishap("lost", "Three in ten answers of payment are lost", _during("lose-answer", "payment", 0.0, 2.0, 0.3)),
        Mishap("slow", "Shipping takes 0.5 s longer for half of the time", _during("slow", "shipping", 0.2, 0.5, 0.5)),
    ),
    (
        Expectation("reply", (("outbox", "publish", "receipt"), CALLS),
                    "“Accepted” is told before the work, “done” after it; the first is only good if it will do.",
                    ("plain", "slow")),
        Expectation("done", (EVENTS, ("wait", "receipt", "key")),
                    "Events let steps go side by side; calls do one after the other.", ("plain",)),
        Expectation("success", (CALLS, ("receipt", *EVENTS)),
                    "Who waits for every step fails with any of them; who only hands over does not notice.",
                    ("email", "payment")),
        Expectation("success", (("publish",), ("outbox", *CALLS)),
                    "Without the middle nothing is accepted, unless an outbox holds it; calls have no middle.",
                    ("middle",)),
        Expectation("applied", (("wait", "receipt", "key"), EVENTS),
                    "A queue keeps the work until the part is back; a call that failed is gone.",
                    ("email", "payment", "kills")),
        Expectation("half", (EVENTS, ("wait", "receipt", "key")),
                    "A killed chain stops in the middle; a queue delivers again.", ("email", "kills")),
        Expectation("broken", (CALLS, ("receipt", *EVENTS)),
                    "Who answers before he has looked promises what is sold out.", ("plain", "slow")),
        Expectation("twice", (("key",), ("wait",)),
                    "What is tried again is done again, unless it carries a key.", ("lost", "email")),
        Expectation("twice", (("outbox",), ("publish",)),
                    "Redelivery charges again, unless the reader knows what he has done.", ("lost",)),
        Expectation("messages", (("wait", "key"), EVENTS),
                    "Two messages a call; an event costs a publish, its receipt, and a copy and an ack per reader.",
                    ("plain",)),
        Expectation("edit-loyalty", (EVENTS, ("wait", "receipt", "key")),
                    "A new reader subscribes and nobody is told; a caller must be edited."),
        Expectation("edit-fraud", (("wait", "receipt", "key"), EVENTS),
                    "A step between two others is one more call for a caller; with events, readers are rewired."),
        Expectation("places", (("wait", "receipt", "key", *EVENTS),),
                    "Nobody keeps the whole story in either: the logs of all parts have to be joined.", ("plain",)),
    ),
    (
        ("Gateway and orchestration", "their labs are not built yet, and so are their columns."),
        ("30 and 60 s of outage", "they are shares of the time in which orders come, so that a comparison takes "
         "seconds: with 1,000 orders payment is down for the 30 s."),
        ("Deploying what was edited", "an edit is counted in the wiring that the runs are made from; what it costs to "
         "bring it out is not measured."),
    ),
)  # fmt: skip
