"""The customer's next question: is my order in the books? Asked too soon, the answer is stale."""

from __future__ import annotations

from patterns.core.message import Message
from patterns.core.run import Run
from patterns.pub_sub.network import Network
from patterns.pub_sub.readers import Group


class StockDesk:
    """Asks Inventory about each order, a set time after it was placed."""

    def __init__(self, run: Run, network: Network, inventory: Group) -> None:
        self._run, self._network, self._inventory = run, network, inventory

    def expect(self, order: Message) -> None:
        """An order has been placed: a question about it may fall due."""
        if self._run.on("reads"):
            self._run.clock.call_later(self._run.number("read-after"), lambda: self._question(order))

    def _question(self, order: Message) -> None:
        question = Message(
            id=f"r{order.id}", type="GetStock", source="orders", time=self._run.clock.now(),
            data={"after_order": order.id}, role="request",
            correlation_id=order.correlation_id, causation_id=order.id,
        )  # fmt: skip
        self._network.fly(
            question, "orders", "inventory", lambda: self._look_up(order, question),
            closed=self._inventory.unreachable,
        )  # fmt: skip

    def _look_up(self, order: Message, question: Message) -> None:
        """Answer from the books as they are; with read-your-writes, once they know the order that is named."""
        if self._run.on("read-your-writes"):
            self._inventory.when_known(order.id, lambda: self._reply(order, question))
        else:
            self._reply(order, question)

    def _reply(self, order: Message, question: Message) -> None:
        fresh = self._inventory.knows(order.id)
        reply = Message(
            id=f"{question.id}/reply", type="Stock", source="inventory", time=self._run.clock.now(),
            data={"knows_order": fresh}, role="reply",
            correlation_id=order.correlation_id, causation_id=question.id,
        )  # fmt: skip
        why = "fresh" if fresh else "stale"
        self._network.fly(reply, "inventory", "orders", lambda: self._settle(reply, order, why))

    def _settle(self, reply: Message, order: Message, why: str) -> None:
        self._run.log.settled(reply, "orders", "reply", why)
        if why == "stale":
            self._network.tell("inventory", f"Asked too soon: #{order.id} is not in the books", order.id)
