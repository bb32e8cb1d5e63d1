"""Who calls whom when an order is placed in calls, as a declaration: runs are made from it, and edits are counted in
it."""

from __future__ import annotations

from patterns.core.faults import Fault
from patterns.core.link import Link
from patterns.core.order_work import STEPS
from patterns.core.pattern import Control, Fidelity, Node, Pattern
from patterns.request_response.knobs import CONTROLS, REMEDIES

Chain = tuple[tuple[str, str], ...]

CHAIN: Chain = (
    ("Charge", "payment"),
    ("Reserve", "inventory"),
    ("Ship", "shipping"),
    ("SendEmail", "email"),
    ("Count", "analytics"),
)
"""What the desk asks of whom, in this order."""

WITH_LOYALTY: Chain = (*CHAIN, ("AddPoints", "loyalty"))
WITH_FRAUD_CHECK: Chain = (("CheckFraud", "fraud"), *CHAIN)


def calls(chain: Chain) -> dict[str, Chain]:
    """What each part calls: the desk the whole chain, the others nobody."""
    return {"orders": chain} | {target: () for _, target in chain}


def count_edits(before: dict[str, Chain], after: dict[str, Chain]) -> float:
    """How many of the parts that were there do something else afterwards."""
    return float(sum(after[part] != does for part, does in before.items()))


_ABOUT = {
    "payment": "Charges, and gives back.",
    "inventory": "Reserves, or says that it is sold out.",
    "shipping": "Sends the parcel.",
    "email": "Writes to the customer.",
    "analytics": "Counts.",
}
_SHOWN = ("state", "busy", "applied")

_KNOBS = tuple(control for control in CONTROLS if control.name not in ("service-time", "request-rate"))

LAB = Pattern(
    slug="request-response-orders",
    title="Request-response: place an order",
    backend="patterns.request_response.order_line:OrderLine",
    nodes=(
        Node("customer", "Buyer", "client", 8, 50, about="Each waits for one answer."),
        Node("orders", "Orders", "gateway", 40, 50, ("state",), about="Asks one part after the other."),
        *(Node(name, name.capitalize().replace("Email", "E-mail"), "service", 82, 10 + 20 * place, _SHOWN,
               about=_ABOUT[name])
          for place, name in enumerate(STEPS)),
    ),
    links=(
        Link("customer", "orders", protocol="HTTP"),
        *(Link("orders", name, protocol="HTTP") for name in STEPS),
    ),
    controls=(*_KNOBS, Control("orders", "Orders", "orders", 200, 1, 1000)),
    remedies=REMEDIES,
    faults=(
        Fault("down", "Down", ("orders", *STEPS), "It dies, and what it works on is lost; it comes back."),
        Fault("slow", "Slow", tuple(STEPS), "Each call takes this much longer.", "s", 0.5, 0.0, 30.0),
        Fault("lose-response", "Answers lost of", tuple(STEPS), "It acts, but its answer never arrives.", "ratio", 0.3),
    ),
    invariants=(), metrics=(), figures=(), scenarios=(),
    fidelity=(
        Fidelity("Servers, retries, keys, receipts", "real", "The lab's own parts, called without sockets."),
        Fidelity("Time of a hop and of a step", "scaled", "Put on by the clock; loopback takes 0.1 ms."),
    ),
)  # fmt: skip
