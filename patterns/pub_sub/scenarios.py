"""Guided tours, one per failure mode worth seeing. The first is the golden run.

Longer than other files: it is a list, and each tour stands by itself.
"""

from __future__ import annotations

from patterns.core.scenario import Scenario, Step, Stop

SCENARIOS = (
    Scenario(
        "fan-out",
        "One event, many readers",
        "See one order become four copies, one of them twice, and what stops the second effect.",
        20.0,
        script=(
            Step(4.0, fault="drop-ack:inventory", amount=0.6),
            Step(10.0, settings={"idempotency-key": True}),
            Step(14.0, heal="drop-ack:inventory"),
            Step(15.0, settings={"loyalty": True}),
        ),
        stops=(
            Stop(0.26, "Orders publishes one event and is done. It knows the broker, and nobody behind it.", "orders"),
            Stop(1.45, "The broker sends a copy to each subscription. Each reader answers with an ack.", "broker"),
            Stop(
                4.5,
                "Now some of Inventory's acks get lost. The goods are reserved, but the broker cannot know.",
                "inventory",
            ),
            Stop(
                7.5,
                "No ack after 2 s, so the broker delivers again, and Inventory reserves a second time.",
                "inventory",
            ),
            Stop(
                12.5,
                "With an idempotency key the second delivery still comes. It is recognised, and skipped.",
                "inventory",
            ),
            Stop(16.5, "Loyalty joins while the shop is open. Nobody touched Orders.", "loyalty"),
        ),
    ),
    Scenario(
        "lost-ack",
        "A lost ack is a second delivery",
        "Count deliveries and effects while acks get lost; then turn the key on.",
        25.0,
        settings={"publish-rate": 4.0},
        script=(
            Step(2.0, fault="drop-ack:inventory", amount=0.3),
            Step(14.0, settings={"idempotency-key": True}),
        ),
        stops=(
            Stop(
                5.0,
                "The reservation was made; only the news of it was lost. The broker has to assume the worst.",
                "broker",
            ),
            Stop(
                13.0,
                "Deliveries per order settle near 1 / (1 − q). Every extra one is an extra reservation.",
                "inventory",
            ),
            Stop(20.0, "The key does not save the delivery. It saves the effect.", "inventory"),
        ),
    ),
    Scenario(
        "poison-message",
        "One message nobody can handle",
        "See a lane stand still behind one bad order; park it; fix the reader; replay.",
        40.0,
        settings={"keyed-partitions": True, "retry-delay": 0.5, "partitions": 1.0, "publish-rate": 3.0},
        script=(
            Step(2.0, fault="poison:orders", amount=0.07),
            Step(14.0, settings={"dead-letter-queue": True, "max-deliveries": 3.0}),
            Step(24.0, heal="poison:orders"),
            Step(30.0, settings={"replay-dead-letters": True}),
        ),
        stops=(
            Stop(4.0, "One order cannot be handled. In a lane that keeps order, everything behind it waits.", "broker"),
            Stop(13.5, "The readers are up and busy, and get nothing done. Nothing looks down.", "inventory"),
            Stop(16.0, "Three tries, then the message is parked, and the lane moves again.", "dead-letters"),
            Stop(
                26.0,
                "A fixed reader is deployed. What is parked stays parked until somebody replays it.",
                "dead-letters",
            ),
            Stop(32.0, "Replayed: late, and out of its customer's order, but done.", "broker"),
        ),
    ),
    Scenario(
        "two-consumers-one-crash",
        "Two consumers, one crash",
        "See a group carry on with one member less, and the order that was done but not acked.",
        22.0,
        settings={
            "consumers-per-group": 2.0,
            "publish-rate": 6.0,
            "service-time": 0.1,
            "keyed-partitions": True,
            "partitions": 8.0,
        },
        script=(Step(4.0, fault="crash:shipping", lasts=8.0), Step(14.0, settings={"idempotency-key": True})),
        stops=(
            Stop(
                3.0, "Shipping is two members that share one subscription. Each order goes to one of them.", "shipping"
            ),
            Stop(4.6, "One member dies after planning the parcel and before its ack.", "shipping"),
            Stop(6.8, "Its orders are delivered to the other member: the one already done, too.", "shipping"),
            Stop(12.5, "The member is back, and the group shares the work again.", "shipping"),
        ),
    ),
    Scenario(
        "late-subscriber",
        "Late to the party",
        "Add a reader after ten seconds: what does it get of what came before?",
        24.0,
        settings={"mode": "log", "keyed-partitions": True},
        script=(Step(10.0, settings={"loyalty": True}),),
        stops=(
            Stop(9.5, "Nobody acked on Loyalty's behalf, and the log keeps everything anyway.", "broker"),
            Stop(11.0, "Loyalty starts at the first order ever and works through the history.", "loyalty"),
            Stop(20.0, "It has caught up. With a queue it would have got nothing of the past.", "loyalty"),
        ),
    ),
    Scenario(
        "broker-dies",
        "The broker dies",
        "Kill the middle: what was accepted, what was on its way, and who notices.",
        30.0,
        settings={"publish-rate": 8.0, "service-time": 0.08},
        script=(
            Step(4.0, fault="kill-broker:broker", lasts=3.0),
            Step(12.0, settings={"publisher-confirms": True}),
            Step(16.0, fault="kill-broker:broker", lasts=3.0),
        ),
        stops=(
            Stop(5.0, "No broker, no publishing. Orders goes on selling, and its events go nowhere.", "orders"),
            Stop(8.0, "Back with all it had written down. What was sent meanwhile is lost.", "broker"),
            Stop(18.0, "With confirms the publisher keeps each event until the broker has it.", "orders"),
            Stop(22.0, "Late, but complete.", "broker"),
        ),
    ),
    Scenario(
        "no-outbox",
        "Two writes, one crash",
        "Crash the publisher between storing an order and publishing it, without and with an outbox.",
        20.0,
        script=(
            Step(3.0, fault="crash-publisher:orders"),
            Step(8.0, settings={"outbox": True}),
            Step(11.0, fault="crash-publisher:orders"),
        ),
        stops=(
            Stop(
                3.6,
                "The order is in the database. Its event died with the process, and no one will ever send it.",
                "orders",
            ),
            Stop(9.0, "Now the event is stored in the same transaction as the order.", "orders"),
            Stop(13.6, "After the restart the relay finds it in the outbox and sends it.", "orders"),
        ),
    ),
    Scenario(
        "order-broken-by-parallelism",
        "Faster, and out of order",
        "Add members to a group until a customer's second order overtakes the first; then give it a key.",
        26.0,
        settings={
            "publish-rate": 8.0,
            "service-time": 0.25,
            "service-spread": 1.0,
            "partitions": 8.0,
            "ack-timeout": 30.0,
        },
        script=(
            Step(6.0, settings={"consumers-per-group": 6.0}),
            Step(15.0, settings={"keyed-partitions": True}),
        ),
        stops=(
            Stop(5.0, "One member keeps the order, and cannot keep up.", "inventory"),
            Stop(10.0, "Six members keep up, and a quick one overtakes a slow one.", "inventory"),
            Stop(20.0, "One lane per customer: order where it matters, parallel where it does not.", "broker"),
        ),
    ),
    Scenario(
        "retry-blocks-the-partition",
        "The retry in front of the queue",
        "See a provider's refusals hold up a whole lane, then step aside.",
        34.0,
        settings={
            "keyed-partitions": True,
            "partitions": 1.0,
            "retry-delay": 2.0,
            "publish-rate": 4.0,
            "service-time": 0.05,
        },
        script=(
            Step(3.0, fault="fail:email", amount=0.3),
            Step(16.0, settings={"retry-topic": True}),
        ),
        stops=(
            Stop(
                6.0, "The provider refuses one letter. Order must be kept, so the others wait for its retry.", "email"
            ),
            Stop(14.0, "The lag grows by the retry delay for each refusal, though Email is idle.", "email"),
            Stop(
                26.0,
                "With a retry topic only the refused letter waits. Order within its customer is the price.",
                "email",
            ),
        ),
    ),
    Scenario(
        "schema-rename",
        "A field by another name",
        "Rename one field at the publisher and see who is told.",
        18.0,
        script=(
            Step(3.0, settings={"optional-field": True}),
            Step(6.0, fault="rename-field:orders"),
            Step(12.0, settings={"schema-check": True}),
        ),
        stops=(
            Stop(5.0, "A new optional field: nobody minds.", "broker"),
            Stop(
                8.0,
                "The total has a new name. Every reader acks what it cannot read; Orders hears nothing.",
                "inventory",
            ),
            Stop(13.0, "Checked at publish, the mistake stops where it was made.", "orders"),
        ),
    ),
    Scenario(
        "backlog-and-drain",
        "Down for a while",
        "Stop Shipping, let the backlog grow, start it again, and time the drain.",
        40.0,
        settings={"publish-rate": 10.0, "service-time": 0.05},
        script=(Step(3.0, fault="stop:shipping"), Step(15.0, heal="stop:shipping")),
        stops=(
            Stop(6.0, "Shipping is off. Orders does not notice, and neither do the others.", "shipping"),
            Stop(14.5, "The backlog is the publish rate times the outage.", "broker"),
            Stop(18.0, "It drains at the service rate less what keeps coming in.", "shipping"),
        ),
    ),
    Scenario(
        "stale-reads",
        "Asked too soon",
        "Ask for the stock right after each order, while Inventory lags; then name the order it must know.",
        28.0,
        settings={"publish-rate": 1.0, "reads": True, "read-after": 0.5},
        script=(
            Step(6.0, fault="slow:inventory", amount=0.8),
            Step(17.0, settings={"read-your-writes": True}),
        ),
        stops=(
            Stop(4.0, "Half a second after each order the shop asks Inventory. It is in the books.", "inventory"),
            Stop(10.0, "Now Inventory needs longer, and is asked too soon: it answers from old books.", "inventory"),
            Stop(15.5, "Nothing failed, and no message is lost. The answer was only older than the order.", "orders"),
            Stop(
                22.0,
                "Each question now names the order it must know. No answer is stale; each waits for its order.",
                "inventory",
            ),
        ),
    ),
)
