"""The order service: it stores an order, then tells the world, and these are two writes.

Between the two it can crash, and then the order is stored and its event is gone. With an *outbox* the event is stored
in the order's own transaction and a relay publishes it from there. With *publisher confirms* an event is kept in
memory until the broker has accepted it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.pub_sub.network import Network
from patterns.pub_sub.readers import POISON
from patterns.pub_sub.subscriptions import MessageBroker

CUSTOMERS = 8
RECONNECT = 0.5
"""Seconds until the publisher tries a broker again that it could not reach."""


class OrderService:
    """Takes orders at a steady rate and publishes OrderPlaced for each. `told` hears of each order that is stored."""

    def __init__(self, run: Run, network: Network, broker: MessageBroker, told: Callable[[Message], None]) -> None:
        self._run, self._network, self._broker, self._told = run, network, broker, told
        self._random = run.random("orders")
        self._placed = 0
        self._versions: Counter[int] = Counter()
        self._kept: dict[str, Message] = {}
        self._outbox: set[str] = set()
        self._reconnecting = False
        self._down = False

    async def sell(self) -> None:
        """Take one order after the other, as long as the shop is open."""
        while True:
            await self._run.clock.sleep(1 / self._run.number("publish-rate"))
            if self._run.open and not self._down and not self._sold_out():
                self._place_order()

    def crash(self, asked: Asked) -> None:
        """Take one more order, and die after its commit and before its publish."""
        if self._run.open and not self._down and not self._sold_out():
            self._place_order(dying=asked.key)
        self._down = True
        self._run.log.changed("orders", "state", "down", why=asked.key)
        for order, message in list(self._kept.items()):
            if order not in self._outbox:
                del self._kept[order]
                self._run.log.settled(message, "orders", "lost", asked.key)

    def restart(self, asked: Asked) -> None:
        """Come back; the relay publishes what is in the outbox."""
        self._down = False
        self._run.log.changed("orders", "state", "up")
        if self._kept:
            self._network.tell("orders", "The relay finds events in the outbox and publishes them")
        self._publish_kept()

    # --- storing -----------------------------------------------------------------------------------------------

    def _sold_out(self) -> bool:
        return 0 < self._run.number("orders") <= self._placed

    def _place_order(self, dying: str = "") -> None:
        self._placed += 1
        order = self._write_order()
        renamed = "total" not in order.data
        if renamed and self._run.on("schema-check"):
            self._run.log.settled(order, "orders", "error", "rename-field:orders")
            self._network.tell("orders", f"The schema check refuses #{order.id}: total is missing", order.id)
            return
        self._run.log.settled(order, "orders", "accepted")
        self._told(order)
        if self._run.on("outbox") or self._run.on("publisher-confirms"):
            self._keep(order)
        if not dying:
            self._publish(order)
        elif order.id not in self._outbox:
            self._kept.pop(order.id, None)
            self._network.tell("orders", f"Orders dies: #{order.id} is stored, its event never sent", order.id)
            self._run.log.settled(order, "orders", "lost", dying)

    def _write_order(self) -> Message:
        draw = self._random
        customer, region = draw.randrange(CUSTOMERS), draw.choice(("eu", "us", "home", "home"))
        high, total = draw.random() < 0.2, round(draw.uniform(5, 200), 2)
        self._versions[customer] += 1
        data: dict[str, Any] = {
            "customer": customer, "version": self._versions[customer], "region": region,
            "priority": "high" if high else "normal", "total": total,
        }  # fmt: skip
        self._spoil(data)
        return Message(
            id=str(self._placed), type="OrderPlaced", source="orders", time=self._run.clock.now(),
            subject="orders.placed" if region == "home" else f"orders.placed.{region}", data=data,
            correlation_id=str(self._placed),
        )  # fmt: skip

    def _spoil(self, data: dict[str, Any]) -> None:
        """What a change of the event's shape, or a bad value in it, does to the payload."""
        if self._run.on("optional-field"):
            data["voucher"] = "SPRING-TIDE"
        if self._run.faults.strikes("poison", "orders"):
            data["total"] = POISON
        if self._run.faults.on("rename-field", "orders"):
            data["total_eur"] = data.pop("total")

    # --- publishing --------------------------------------------------------------------------------------------

    def _keep(self, order: Message) -> None:
        self._kept[order.id] = order
        if self._run.on("outbox"):
            self._outbox.add(order.id)
            self._count_outbox()

    def _publish(self, order: Message) -> None:
        if self._reconnecting and order.id in self._kept:
            return  # behind those that wait for the broker, so that their order is kept
        self._send(order, order.id)
        if twice := self._run.faults.strikes("duplicate-publish", "orders"):
            self._send(order, f"{order.id} again", twice)

    def _send(self, order: Message, receipt: str, why: str = "") -> None:
        def publish() -> None:
            self._broker.publish(order, receipt, lambda: self._confirm(order), lambda: self._fail(order))

        self._network.fly(
            order, "orders", "broker", publish,
            why=why, closed=self._broker.closed, dropped=lambda: self._fail(order),
        )  # fmt: skip

    def _fail(self, order: Message) -> None:
        """The broker could not be reached. What is kept is tried again; the rest was the only copy."""
        if order.id not in self._kept:
            self._run.log.settled(order, "orders", "lost", self._broker.closed())
            self._network.tell("orders", f"No broker takes #{order.id}, so its event is lost", order.id)
        elif not self._reconnecting:
            self._reconnecting = True
            self._run.clock.call_later(RECONNECT, self._reconnect)

    def _reconnect(self) -> None:
        self._reconnecting = False
        self._publish_kept()

    def _publish_kept(self) -> None:
        for order in [] if self._down else list(self._kept.values()):
            self._send(order, order.id)

    def _confirm(self, order: Message) -> None:
        """The broker has it: send the receipt back, and forget the event."""
        if order.id not in self._kept:
            return
        receipt = Message(
            id=f"{order.id}/receipt", type="receipt", source="broker", time=self._run.clock.now(),
            data={"order": order.id}, role="ack", correlation_id=order.correlation_id, causation_id=order.id,
        )  # fmt: skip
        self._network.fly(receipt, "broker", "orders", lambda: self._forget(order))

    def _forget(self, order: Message) -> None:
        self._kept.pop(order.id, None)
        if order.id in self._outbox:
            self._outbox.discard(order.id)
            self._count_outbox()

    def _count_outbox(self) -> None:
        self._run.log.changed("orders", "outbox", len(self._outbox), "events")
