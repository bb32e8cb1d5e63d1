"""Place an order: by what its columns are measured, what goes wrong meanwhile, and what one expects of them."""

from __future__ import annotations

from patterns.core.clock import seeded
from patterns.core.order_work import LOOKED_FOR, ORDERS_PER_SECOND, PATIENCE_SECONDS, STEPS
from patterns.core.workload import PLAIN, Blow, Expectation, Mishap, Script, Size, Workload, Yardstick


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
