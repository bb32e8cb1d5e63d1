"""Who is there, and who can reach whom."""

from __future__ import annotations

from patterns.core.link import Link
from patterns.core.pattern import Engine, Fidelity, Node

SUBSCRIBERS = ("inventory", "shipping", "analytics", "email", "loyalty")
"""The readers with a life of their own; each is one subscription, served by a group of members."""

_READER_SHOWS = ("state", "applied", "backlog", "members")

NODES = (
    Node("orders", "Orders", "producer", 10, 50, ("state", "outbox"), about="Stores orders and tells the world."),
    Node("broker", "Broker", "broker", 42, 50, ("state", "backlog", "stored"), about="Keeps a copy per subscription."),
    Node("inventory", "Inventory", "consumer", 82, 12, _READER_SHOWS, about="Reserves goods for each order."),
    Node("shipping", "Shipping", "consumer", 82, 32, _READER_SHOWS, about="Plans a parcel for each order."),
    Node("analytics", "Analytics", "consumer", 82, 52, _READER_SHOWS, about="Counts the orders its filter lets by."),
    Node("email", "Email", "consumer", 82, 72, _READER_SHOWS, about="Hands a letter to an outside provider."),
    Node("loyalty", "Loyalty", "consumer", 82, 92, _READER_SHOWS, "loyalty", about="Joins while the shop is open."),
    Node("dead-letters", "Dead letters", "store", 42, 88, ("parked",), about="What nobody could handle, kept."),
    Node(
        "mirrors", "More readers", "sink", 62, 92, ("subscriptions",), "more-readers",
        about="Any number of further subscriptions, drawn as one.",
    ),
)  # fmt: skip

LINKS = (
    Link("orders", "broker", protocol="publish"),
    *(Link("broker", name, protocol="deliver") for name in SUBSCRIBERS if name != "loyalty"),
    Link("broker", "loyalty", protocol="deliver", shown_with="loyalty"),
    Link("broker", "mirrors", protocol="deliver", shown_with="more-readers"),
    Link("broker", "dead-letters", protocol="park"),
    Link("orders", "inventory", latency=0.005, protocol="stock query", shown_with="reads"),
)

ENGINES = (
    Engine("builtin", "Built-in", about="A small broker written to be read; every inner step is in the log."),
    Engine(
        "nats",
        "NATS JetStream",
        needs="nats",
        program="nats-server",
        replaced_by="NATS_URL",
        about="A real server, started for this run; NATS_URL replaces it.",
    ),
)

FIDELITY = (
    Fidelity(
        "Topics, filters, groups, acks, redelivery on the built-in broker", "real", "It decides; nothing is drawn."
    ),
    Fidelity("Storing, subject filters, numbering, receipts, ack timeout on NATS", "real", "The server decides."),
    Fidelity(
        "Which member gets a message, polling, the retry topic on NATS",
        "scaled",
        "The lab's side deals out what one pull consumer per lane hands it.",
    ),
    Fidelity(
        "Maximum deliveries and dead letters on NATS",
        "scaled",
        "Counted and parked by the lab: the server gives up, and has no queue for it.",
    ),
    Fidelity(
        "Order without keys on NATS",
        "scaled",
        "Nobody's promise: with several lanes or members it is luck, and another run may differ.",
    ),
    Fidelity("Latency of a hop, time to handle an order", "scaled", "Put on by the clock, so that an eye can follow."),
    Fidelity("A killed broker on NATS", "real", "The server gets SIGKILL and starts again on the same data folder."),
    Fidelity(
        "'Durable' turned off in a running NATS",
        "scaled",
        "Its stream stays on disk; the lab drops it when the server is back.",
    ),
    Fidelity("A killed built-in broker", "scaled", "Its memory is dropped; what it calls durable stays."),
    Fidelity("Pause on NATS", "not shown", "The server's own timers run on; its ack timeout is scaled to the speed."),
    Fidelity("A header filter on NATS", "scaled", "NATS filters by subject only, so the lab's side of it sorts."),
    Fidelity("Disk and network that fail, a cluster of brokers", "not shown", "One broker on one machine."),
)
