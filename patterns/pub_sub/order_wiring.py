"""Who hears of what when an order is placed by events, as a declaration: runs are made from it, and edits are counted
in it."""

from __future__ import annotations

from dataclasses import dataclass

from patterns.core.faults import Fault
from patterns.core.link import Link
from patterns.core.order_work import STEPS
from patterns.core.pattern import Control, Fidelity, Node, Pattern
from patterns.pub_sub.knobs import CONTROLS, REMEDIES


@dataclass(frozen=True, slots=True)
class Hears:
    """One part's wiring: which subjects it subscribes to, and the subject it publishes to when it is done."""

    subjects: tuple[str, ...]
    publishes: str = ""


Wiring = dict[str, Hears]

WIRING: Wiring = {
    "orders": Hears((), "order.placed"),
    "payment": Hears(("order.placed", "order.refused"), "order.paid"),
    "inventory": Hears(("order.paid",), "order.reserved"),
    "shipping": Hears(("order.reserved",)),
    "email": Hears(("order.reserved",)),
    "analytics": Hears(("order.placed",)),
}
"""Nobody is called: each step follows from what the one before has published."""

REFUSED = "order.refused"
"""What inventory publishes of an order that is sold out."""

WITH_LOYALTY: Wiring = {**WIRING, "loyalty": Hears(("order.paid",))}
WITH_FRAUD_CHECK: Wiring = {
    **WIRING,
    "fraud": Hears(("order.placed",), "order.checked"),
    "payment": Hears(("order.checked", "order.refused"), "order.paid"),
    "analytics": Hears(("order.checked",)),
}
"""Payment must hear of checked orders only, and so must analytics, which is not to count what was fraud."""


def count_edits(before: Wiring, after: Wiring) -> float:
    """How many of the parts that were there hear or publish something else afterwards."""
    return float(sum(after[part] != hears for part, hears in before.items()))


_ABOUT = {
    "payment": "Charges, and gives back.",
    "inventory": "Reserves, or says that it is sold out.",
    "shipping": "Sends the parcel.",
    "email": "Writes to the customer.",
    "analytics": "Counts.",
}
_SHOWN = ("state", "applied")
_OWN = ("orders", "service-time", "publish-rate")

LAB = Pattern(
    slug="pub-sub-orders",
    title="Pub-sub: place an order",
    backend="patterns.pub_sub.order_line:OrderLine",
    nodes=(
        Node("customer", "Buyer", "client", 6, 50, about="Each waits for one answer."),
        Node("orders", "Orders", "producer", 26, 50, ("state", "outbox"), about="Stores an order and publishes it."),
        Node("broker", "Broker", "broker", 50, 50, ("state",), about="Keeps a copy per subscription."),
        *(Node(name, name.capitalize().replace("Email", "E-mail"), "consumer", 86, 10 + 20 * place, _SHOWN,
               about=_ABOUT[name])
          for place, name in enumerate(STEPS)),
    ),
    links=(
        Link("customer", "orders", protocol="HTTP"),
        Link("orders", "broker", protocol="publish"),
        *(Link("broker", name, protocol="deliver") for name in STEPS),
    ),
    controls=(*(control for control in CONTROLS if control.name not in _OWN),
              Control("orders", "Orders", "orders", 200, 1, 1000)),
    remedies=REMEDIES,
    faults=(
        Fault("down", "Down", ("orders", "broker", *STEPS), "It dies, and what it works on is lost; it comes back."),
        Fault("slow", "Slow", tuple(STEPS), "Each handling takes so much longer.", "s", 0.5, 0.0, 30.0),
        Fault("drop-ack", "Acks lost of", tuple(STEPS), "It acts, but its ack never arrives.", "ratio", 0.3),
    ),
    invariants=(), metrics=(), figures=(), scenarios=(),
    fidelity=(
        Fidelity("Broker, groups, confirms, outbox", "real", "The lab's own parts, wired for one more story."),
        Fidelity("Time of a hop and of a step", "scaled", "Put on by the clock; loopback takes 0.1 ms."),
    ),
)  # fmt: skip
