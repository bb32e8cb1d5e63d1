"""How this pattern does the work that other patterns do too."""

from __future__ import annotations

from math import inf

from patterns.core.log import Sent
from patterns.core.order_work import ORDER_READS
from patterns.core.pattern import Settings
from patterns.core.product_page import PAGE_READS, Look, list_changes, name_parts, share_stale, visits
from patterns.core.run import Run
from patterns.core.workload import Column
from patterns.pub_sub import copy_wiring, order_wiring
from patterns.pub_sub import evidence as e
from patterns.pub_sub.order_wiring import WIRING, WITH_FRAUD_CHECK, WITH_LOYALTY, count_edits

READS = {
    **ORDER_READS,
    "edit-loyalty": lambda run: count_edits(WIRING, WITH_LOYALTY),
    "edit-fraud": lambda run: count_edits(WIRING, WITH_FRAUD_CHECK),
}
SETTINGS: Settings = {
    "hop-time": 0.02, "service-spread": 0.0, "ack-timeout": 1.0, "consumers-per-group": 8.0, "prefetch": 1.0,
    "publisher-confirms": True,
}  # fmt: skip
ORDER_FAULTS = {"lose-answer": "drop-ack"}


def read_stale(run: Run) -> float | None:
    """Parts of the copy that had changed at their source when the visitor asked."""
    changes = list_changes(run.seed, int(run.number("parts")))
    applied = e.applied(run, "copy")
    asked, looks = visits(run), []
    parts = [name for _, name in name_parts(int(run.number("parts")))]
    for event in run.log:
        if isinstance(event, Sent) and event.source == "copy" and event.target == "page":
            product = run.log.messages[event.message].data["product"]
            known = dict.fromkeys((f"{part} of {product}" for part in parts), inf)
            for change in changes:
                if change.key in known and applied.get(f"{change.key} at {change.at:.3f}", inf) > event.at:
                    known[change.key] = min(known[change.key], change.at - 1e-9)
            looks.append(Look(asked[run.log.messages[event.message].correlation_id], known))
    return share_stale(looks, changes)


COLUMNS = (
    Column(
        "order", "publish", "publish an event",
        "Orders stores the order and publishes it; the customer has his answer when the broker's receipt is back.",
        SETTINGS, "orders", READS, ORDER_FAULTS, order_wiring.LAB,
        note="The answer says that the order is accepted, not that it is done.",
    ),
    Column(
        "order", "outbox", "publish from an outbox",
        "As the first, but event and order are stored in one write: the customer has his answer then. Readers know "
        "what they have done.",
        {**SETTINGS, "outbox": True, "idempotency-key": True}, "orders", READS, ORDER_FAULTS, order_wiring.LAB,
        note="The answer says that the order is stored, not that anybody has heard of it.",
    ),
    Column(
        "page", "projection", "from a projection",
        "Events keep a ready copy up to date beside the reader; showing it is one look.",
        {"hop-time": 0.05, "service-time": 0.01, "service-spread": 0.0, "consumers-per-group": 8.0, "prefetch": 1.0},
        "parts", {**PAGE_READS, "stale": read_stale}, lab=copy_wiring.LAB,
        spared={"error": "no visitor's page calls a service, so there is no call to fail."},
        note="A visitor's request goes through a page server as in the other ways; the copy works 50 ms on a look.",
    ),
)  # fmt: skip
"""How this pattern does the work that other patterns do too."""
