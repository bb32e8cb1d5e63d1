"""What can be turned while it runs, and the switches that turn a cure on."""

from __future__ import annotations

from patterns.core.pattern import Control, Remedy

FILTERS = ("orders.>", "orders.placed", "orders.*.eu", "orders.placed.*", "priority=high", "region=eu")

CONTROLS = (
    Control(
        "publish-rate", "Publish rate", "/s", 5.0, 0.5, 200.0, 0.5, main=True,
        help="Orders per second.", shown_by="published",
    ),
    Control(
        "service-time", "Service time", "s", 0.1, 0.0, 5.0, 0.01, main=True,
        help="What one reader needs for one order, on average.", shown_by="end-to-end-p95",
    ),
    Control(
        "ack-timeout", "Ack timeout", "s", 2.0, 0.2, 30.0, 0.1, main=True,
        help="The broker waits this long for an ack, then it delivers again.",
        shown_by="redeliveries", given_fault="drop-ack:inventory",
    ),
    Control(
        "consumers-per-group", "Consumers per group", "members", 1.0, 1.0, 16.0, 1.0,
        help="Members that share one subscription.",
        shown_by="lag", given=(("service-time", 0.5),),
    ),
    Control(
        "partitions", "Partitions", "partitions", 3.0, 1.0, 16.0, 1.0,
        help="Lanes of a topic. With keys, each lane has one reader at a time.",
        shown_by="lag", given=(("keyed-partitions", True), ("service-time", 0.5), ("consumers-per-group", 8.0)),
    ),
    Control(
        "prefetch", "Prefetch", "messages", 10.0, 1.0, 100.0, 1.0,
        help="Deliveries that one member may hold unanswered. More than it handles within the ack timeout comes twice.",
        shown_by="peak-in-flight", given=(("service-time", 0.5),),
    ),
    Control(
        "max-deliveries", "Maximum deliveries", "deliveries", 5.0, 1.0, 20.0, 1.0,
        help="After so many the dead-letter queue takes over. Without one, a message is tried for ever.",
        shown_by="failed-attempts", given=(("dead-letter-queue", True), ("retry-delay", 0.1)),
        given_fault="poison:orders",
    ),
    Control(
        "retry-delay", "Retry delay", "s", 1.0, 0.0, 30.0, 0.1,
        help="What the broker waits before it delivers a refused message again.",
        shown_by="failed-attempts", given_fault="fail:email",
    ),
    Control(
        "mode", "Broker keeps", "", "queue", choices=("queue", "log"),
        help="A queue forgets what was acked; a log keeps it, and a late reader gets the history.",
        shown_by="applied-loyalty", given=(("loyalty", True), ("loyalty-after", 5.0)),
    ),
    Control(
        "durable-broker", "Durable broker", "", True,
        help="The broker writes messages down before it accepts them. Turned on later, from its next start.",
        shown_by="lost-copies", given=(("service-time", 0.5),), given_fault="kill-broker:broker",
    ),
    Control(
        "loyalty", "Add Loyalty", "", False,
        help="A fifth reader joins; nobody edits the publisher.", shown_by="applied-loyalty",
    ),
    Control(
        "loyalty-after", "Loyalty joins at", "s", 0.0, 0.0, 300.0, 1.0,
        help="The earliest moment at which Loyalty subscribes.",
        shown_by="applied-loyalty", given=(("loyalty", True),),
    ),
    Control(
        "analytics-filter", "Analytics wants", "", "orders.>", choices=FILTERS,
        help="A subject with wildcards, or a header.", shown_by="applied-analytics",
    ),
    Control(
        "orders", "Orders to publish", "orders", 0.0, 0.0, 5000.0, 1.0,
        help="How many in all; 0 means no end.", shown_by="published",
    ),
    Control(
        "service-spread", "Spread of service time", "ratio", 0.2, 0.0, 1.0, 0.05,
        help="0: every handling takes the same. 1: exponential. The mean stays.",
        shown_by="end-to-end-p95", given=(("service-time", 0.15),),
    ),
    Control(
        "slow-share", "Share of slow handlings", "ratio", 0.0, 0.0, 1.0, 0.01,
        help="So many handlings take ten times as long.", shown_by="end-to-end-p95",
    ),
    Control(
        "more-readers", "More readers", "subscriptions", 0.0, 0.0, 100.0, 1.0,
        help="Further subscriptions, each with a copy of every order.", shown_by="deliveries",
    ),
    Control(
        "poll-interval", "Poll every", "s", 0.0, 0.0, 10.0, 0.1,
        help="Readers ask instead of being told; 0 means that the broker pushes.", shown_by="end-to-end-p95",
    ),
    Control(
        "hop-time", "Time of a hop", "s", 0.04, 0.0, 1.0, 0.01,
        help="One way between a service and the broker.", shown_by="publish-p95",
    ),
    Control(
        "reads", "Read stock after ordering", "", False,
        help="The shop asks Inventory about each order it has placed.", shown_by="stock-reads",
    ),
    Control(
        "read-after", "Read how soon", "s", 0.1, 0.0, 5.0, 0.01,
        help="From the order to the question.", shown_by="stale-ratio", given=(("reads", True),),
    ),
    Control(
        "read-hop", "Time of the question's hop", "s", 0.005, 0.0, 1.0, 0.005,
        help="One way between the shop and Inventory, when it asks.", shown_by="stale-ratio", given=(("reads", True),),
    ),
    Control(
        "optional-field", "Add an optional field", "", False,
        help="Events gain a field that nobody needs.", shown_by="payload-size",
    ),
)  # fmt: skip

REMEDIES = (
    Remedy(
        "idempotency-key", "Idempotency key", "drop-ack:inventory", "duplicated",
        help="Each reader knows what it has done, and skips it the second time.",
    ),
    Remedy(
        "keyed-partitions", "Keyed partitions", "reorder:inventory", "reordered",
        help="A customer's orders share a lane, and a lane has one delivery under way.",
    ),
    Remedy(
        "dead-letter-queue", "Dead-letter queue", "poison:orders", "stuck",
        help="What fails too often is parked, and the rest goes on.",
        given=(("retry-delay", 0.2), ("keyed-partitions", True)),
    ),
    Remedy(
        "replay-dead-letters", "Replay dead letters", "poison:orders", "dead-letters",
        help="Parked messages go back to the readers that could not handle them.",
        momentary=True, at="dead-letters",
        given=(("dead-letter-queue", True), ("retry-delay", 0.1), ("max-deliveries", 2.0)),
    ),
    Remedy(
        "outbox", "Outbox", "crash-publisher:orders", "lost",
        help="Order and event are stored in one transaction; a relay publishes from there.",
    ),
    Remedy(
        "retry-topic", "Retry topic", "poison:orders", "stuck",
        help="What failed waits in a lane of its own, and does not block the others.",
        given=(("keyed-partitions", True),),
    ),
    Remedy(
        "schema-check", "Schema check", "rename-field:orders", "lost",
        help="An event that breaks the agreed shape is refused before it gets out.",
    ),
    Remedy(
        "publisher-confirms", "Publisher confirms", "kill-broker:broker", "lost",
        help="The publisher keeps an event until the broker says that it has it.",
    ),
    Remedy(
        "read-your-writes", "Read your writes", "slow:inventory", "stale",
        help="A question names the order it must already know; the answer waits for it.",
        given=(("reads", True),),
    ),
)  # fmt: skip
