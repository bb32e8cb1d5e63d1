"""The order line by events: the desk stores and publishes, and each step follows from what the one before published.

Put together from the lab's own parts for the comparison with other patterns: its broker, its groups of readers, its
publisher with confirms and outbox.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from patterns.core.faults import Asked
from patterns.core.log import Outcome
from patterns.core.message import Message
from patterns.core.order_work import PATIENCE_SECONDS, STEPS, Placed, list_orders
from patterns.core.run import Run
from patterns.pub_sub.broker import Broker
from patterns.pub_sub.dead_letters import DeadLetters
from patterns.pub_sub.network import Network
from patterns.pub_sub.order_wiring import REFUSED, WIRING
from patterns.pub_sub.publisher import RECONNECT, OrderService
from patterns.pub_sub.readers import Group

COMMIT_SECONDS = 0.01
"""What it takes the desk to write an order down. Dying after that and before the publish is what an outbox is for."""

PRICE = 10.0


class OrderLine:
    """The backend of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._network = network = Network(run)
        self._broker = Broker(run, network, DeadLetters(run, network))
        self._customers = Customers(run, network)
        self._desk = self._customers.desk = Desk(run, network, self._broker, self._customers)
        self._parts = [
            Part(run, network, self._broker, subject, node)
            for node, hears in WIRING.items()
            for subject in hears.subjects
        ]

    async def start(self) -> None:
        """Let every part subscribe, then let customers in."""
        await self._broker.start()
        self._run.faults.when("down", self._go_down, self._come_back)
        for part in self._parts:
            self._broker.subscribe(part.name, part, part.subject, from_the_start=False)
            part.resize(int(self._run.number("consumers-per-group")))
        self._customers.open()

    async def stop(self) -> None:
        """Forget what is kept in memory."""
        await self._broker.stop()

    def _go_down(self, asked: Asked) -> None:
        if asked.target == "broker":
            self._broker.kill(asked)
        elif asked.target == "orders":
            self._desk.crash(asked)
        for part in self._parts:
            if part.node == asked.target:
                part.stop(asked)

    def _come_back(self, asked: Asked) -> None:
        if asked.target == "broker":
            self._broker.revive(asked)
        elif asked.target == "orders":
            self._desk.restart(asked)
        for part in self._parts:
            if part.node == asked.target:
                part.start(asked)


class Part(Group):
    """One step: it works its own time, acts, and publishes that it is done."""

    def __init__(self, run: Run, network: Network, broker: Broker, subject: str, node: str) -> None:
        # the first subscription bears the part's own name, so that its members are told of
        name = node if subject == WIRING[node].subjects[0] else f"{node} {subject}"
        super().__init__(run, network, broker, name, node)
        self.subject = subject
        self._unsent: dict[str, Message] = {}
        self._reconnecting = False

    def stop(self, asked: Asked) -> None:
        """Die: what was not yet published is gone, unless an outbox has it."""
        super().stop(asked)
        for message in [] if self.run.on("outbox") else list(self._unsent.values()):
            self.run.log.settled(message, self.node, "lost", asked.key)
            del self._unsent[message.id]

    def start(self, asked: Asked) -> None:
        """Come back, and publish what the outbox has."""
        super().start(asked)
        self._publish_unsent()

    def _handling_time(self) -> float:
        slow = self.run.faults.on("slow", self.node)
        if slow is None:
            return STEPS[self.node]
        seconds = STEPS[self.node] + slow.amount
        self.run.log.changed(self.node, "handling", round(seconds, 3), "s", slow.key)
        return seconds

    def _apply(self, message: Message) -> None:
        """Act, and publish what follows from it; inventory does not act on what is sold out."""
        if self.node == "inventory" and not message.data["in_stock"]:
            self._follow_up(message, "OutOfStock", REFUSED)
            return
        super()._apply(message)
        publishes = WIRING[self.node].publishes
        if publishes and message.subject != REFUSED:
            self._follow_up(message, publishes.partition(".")[2].capitalize(), publishes)

    def _follow_up(self, message: Message, kind: str, subject: str) -> None:
        event = Message(
            f"{message.correlation_id}/{subject}", kind, self.node, self.run.clock.now(), subject, message.data,
            correlation_id=message.correlation_id, causation_id=message.id,
        )  # fmt: skip
        self._unsent[event.id] = event
        self._send(event)

    def _send(self, event: Message) -> None:
        accept = partial(self._broker.publish, event, event.id, partial(self._forget, event), lambda: None)
        self._network.fly(
            event, self.node, "broker", accept, closed=self._broker_closed, dropped=self._try_later
        )  # fmt: skip

    def _forget(self, event: Message) -> None:
        self._unsent.pop(event.id, None)

    def _broker_closed(self) -> str:
        return self._broker.closed()

    def _try_later(self) -> None:
        if not self._reconnecting:
            self._reconnecting = True
            self.run.clock.call_later(RECONNECT, self._publish_unsent)

    def _publish_unsent(self) -> None:
        self._reconnecting = False
        for event in [] if self._stopped else list(self._unsent.values()):
            self._send(event)


class Desk(OrderService):
    """The order service. Its customer is answered once the broker has the event; with an outbox, once it is stored."""

    def __init__(self, run: Run, network: Network, broker: Broker, customers: Customers) -> None:
        super().__init__(run, network, broker, lambda order: None)
        self._customers = customers
        self._requests: dict[str, Message] = {}
        self._died = 0

    def closed(self) -> str:
        """Why no customer gets through, or ""."""
        return "down:orders" if self._down else ""

    def take(self, request: Message) -> None:
        """An order has come in: write it down."""
        self._run.clock.call_later(COMMIT_SECONDS, partial(self._store, request, self._died))

    def crash(self, asked: Asked) -> None:
        """Die: what is only in memory is gone."""
        self._died += 1
        self._down = True
        self._run.log.changed("orders", "state", "down", why=asked.key)
        for order, message in list(self._kept.items()):
            if order not in self._outbox:
                del self._kept[order]
                self._run.log.settled(message, "orders", "lost", asked.key)

    def _store(self, request: Message, died: int) -> None:
        if died != self._died:
            return
        number = request.correlation_id
        self._requests.setdefault(number, request)
        order = Message(
            number, "Placed", "orders", self._run.clock.now(), "order.placed",
            {**request.data, "total": PRICE}, correlation_id=number, causation_id=request.id,
        )  # fmt: skip
        self._run.log.settled(order, "orders", "accepted")
        self._keep(order)
        if self._run.on("outbox"):
            self._customers.answer(request)
        self._publish(order)

    def _forget(self, order: Message) -> None:
        """The broker's receipt is there."""
        was_kept = order.id in self._kept
        super()._forget(order)
        if was_kept and not self._down and not self._run.on("outbox"):
            self._customers.answer(self._requests[order.id])


class Customers:
    """Customers by the timetable, each of whom waits for his answer so long and no longer."""

    desk: Desk

    def __init__(self, run: Run, network: Network) -> None:
        self._run, self._network = run, network
        self._waiting: dict[str, Message] = {}

    def open(self) -> None:
        """Let each come at his time."""
        for placed in list_orders(self._run.seed, int(self._run.number("orders"))):
            self._run.clock.call_at(placed.at, partial(self._order, placed))

    def answer(self, request: Message) -> None:
        """Tell a customer that his order is accepted."""
        reply = Message(
            f"{request.id}/reply", "Accepted", "orders", self._run.clock.now(), request.subject, role="reply",
            correlation_id=request.correlation_id, causation_id=request.id,
        )  # fmt: skip
        self._network.fly(reply, "orders", "customer", lambda: self._settle(request, "accepted"))

    def _order(self, placed: Placed) -> None:
        number, now = str(placed.number), self._run.clock.now()
        data = {"order": placed.number, "in_stock": int(placed.in_stock)}
        request = Message(f"r{number}", "PlaceOrder", "customer", now, f"order {number}", data, "request", number)
        self._waiting[request.id] = request
        self._run.clock.call_later(PATIENCE_SECONDS, lambda: self._settle(request, "expired"))
        self._ask(request, 1)

    def _ask(self, request: Message, attempt: int) -> None:
        """Ask; a customer who is refused tries once more."""

        def refused() -> None:
            if attempt == 1:
                self._ask(request, 2)
            else:
                self._settle(request, "error")

        self._network.fly(
            request, "customer", "orders", lambda: self.desk.take(request),
            attempt=attempt, closed=self.desk.closed,
            dropped=lambda: self._later(refused),
        )  # fmt: skip

    def _later(self, refused: Callable[[], None]) -> None:
        self._run.clock.call_later(self._run.number("hop-time"), refused)

    def _settle(self, request: Message, outcome: Outcome) -> None:
        if self._waiting.pop(request.id, None) is not None:
            self._run.log.settled(request, "customer", outcome)
