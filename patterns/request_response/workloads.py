"""How this pattern does the work that other patterns do too."""

from __future__ import annotations

from patterns.core.log import Received, Sent
from patterns.core.order_work import ORDER_READS
from patterns.core.pattern import Settings
from patterns.core.product_page import (
    HOP_SECONDS,
    PAGE_READS,
    PRODUCTS,
    VISITORS_PER_SECOND,
    WORK_SECONDS,
    Look,
    answered,
    list_changes,
    name_parts,
    share_stale,
    visits,
)
from patterns.core.run import Run
from patterns.core.workload import Column
from patterns.request_response.order_wiring import CHAIN, LAB, WITH_FRAUD_CHECK, WITH_LOYALTY, calls, count_edits

ORDER_READS_HERE = {
    **ORDER_READS,
    "edit-loyalty": lambda run: count_edits(calls(CHAIN), calls(WITH_LOYALTY)),
    "edit-fraud": lambda run: count_edits(calls(CHAIN), calls(WITH_FRAUD_CHECK)),
}
ORDER_SETTINGS: Settings = {"network-latency": 0.02, "timeout": 1.0, "retries": 1.0, "workers": 8.0}
ORDER_FAULTS = {"lose-answer": "lose-response"}
NO_MIDDLE = {"middle": "there is no part in the middle, so nothing goes down."}


def read_stale(run: Run) -> float | None:
    """Parts that had changed at their service when the visitor asked: only what a cache has kept can be so old."""
    asked, known = visits(run), _read_known(run)
    parts = [name for _, name in name_parts(int(run.number("widgets")))]
    looks = []
    for page in answered(run):
        product = run.log.messages[page.message].data["product"]
        found = {f"{part} of {product}": known.get(f"{page.message}/{part}") for part in parts}
        looks.append(Look(asked[page.message], {key: at for key, at in found.items() if at is not None}))
    return share_stale(looks, list_changes(run.seed, int(run.number("widgets"))))


def _read_known(run: Run) -> dict[str, float]:
    """At which moment a service knew each part that a page shows, by visit and part; a cache's answer keeps the moment
    at which its entry was made."""
    known: dict[str, float] = {}
    kept: dict[str, float] = {}
    keys: dict[str, str] = {}
    for event in run.log:
        if isinstance(event, Sent) and event.target == "page" and event.source != "browser":
            message = run.log.messages[event.message]
            about = message.causation_id
            if event.source != "cache":
                known[about] = event.at
            elif message.data.get("hit"):
                known[about.removesuffix("/cached")] = kept[keys[about]]
        elif isinstance(event, Received) and event.node == "cache":
            message = run.log.messages[event.message]
            keys[message.id] = str(message.data["key"])
            if message.type == "PutCached":
                kept[keys[message.id]] = known[message.id.removesuffix("/keep")]
    return known


PAGE_READS_HERE = {**PAGE_READS, "stale": read_stale}
PAGE_FAULTS = {"down": "crash", "error": "error-500"}
PAGE_SETTINGS: Settings = {
    "request-rate": VISITORS_PER_SECOND, "checkout-share": 0.0, "service-time": WORK_SECONDS,
    "network-latency": HOP_SECONDS, "slow-share": 0.01, "timeout": 1.5, "patience": 60.0, "pool-size": 400.0,
    "workers": 64.0, "replicas": 4.0, "products": float(PRODUCTS),
}  # fmt: skip

COLUMNS = (
    Column(
        "order", "wait", "wait for the answer",
        "Orders asks one part after the other, and the customer waits for all; a failed call is tried once more.",
        ORDER_SETTINGS, "orders", ORDER_READS_HERE, ORDER_FAULTS, LAB, NO_MIDDLE,
        note="What failed half-way is not undone; a customer who is refused tries once more.",
    ),
    Column(
        "order", "receipt", "202 and polling", "The customer gets a receipt at once, and asks for the result later.",
        {**ORDER_SETTINGS, "accept-202": True}, "orders", ORDER_READS_HERE, ORDER_FAULTS, LAB, NO_MIDDLE,
        note="The answer is a receipt: it says accepted, not done. What was accepted is kept in memory.",
    ),
    Column(
        "order", "key", "wait, with a key", "As the first, and each order carries an idempotency key.",
        {**ORDER_SETTINGS, "idempotency-key": True}, "orders", ORDER_READS_HERE, ORDER_FAULTS, LAB, NO_MIDDLE,
    ),
    Column(
        "page", "serial", "one after another", "The page server asks for one part, then for the next.",
        {**PAGE_SETTINGS, "style": "rest-serial"}, "widgets", PAGE_READS_HERE, PAGE_FAULTS,
    ),
    Column(
        "page", "parallel", "side by side", "The page server asks for all parts at once and needs them all.",
        PAGE_SETTINGS, "widgets", PAGE_READS_HERE, PAGE_FAULTS,
    ),
    Column(
        "page", "fallback", "side by side, with a fallback", "A part that takes longer than 0.4 s is left out.",
        {**PAGE_SETTINGS, "timeout": 0.4, "fallback": True}, "widgets", PAGE_READS_HERE, PAGE_FAULTS,
    ),
    Column(
        "page", "cached", "from a cache",
        "Answers are kept for 20 s and asked for there first; how many are left is not.",
        {**PAGE_SETTINGS, "cache-on": True}, "widgets", PAGE_READS_HERE, PAGE_FAULTS,
    ),
)  # fmt: skip
"""How this lab does the work that other patterns do too."""
