"""The shop: it puts publisher, broker and subscribers together, and keeps them as the settings say."""

from __future__ import annotations

from collections.abc import Callable

from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.pub_sub.broker import Broker
from patterns.pub_sub.dead_letters import DeadLetters
from patterns.pub_sub.network import Network
from patterns.pub_sub.publisher import OrderService
from patterns.pub_sub.readers import Group
from patterns.pub_sub.stock import StockDesk
from patterns.pub_sub.subscriptions import MessageBroker
from patterns.pub_sub.topology import SUBSCRIBERS

ROUND = 0.25
"""Seconds between two looks at the settings and the gauges."""


Blow = Callable[[Group, Asked], None]
"""What a fault does to a group, or what its end does."""


def _nothing(group: Group, asked: Asked) -> None:
    return None


class Shop:
    """The backend of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._network = Network(run)
        self._dead_letters = DeadLetters(run, self._network)
        self._broker = self._choose_broker()
        self._groups: dict[str, Group] = {}
        self._desk = StockDesk(run, self._network, self._group("inventory"))
        self._orders = OrderService(run, self._network, self._broker, self._desk.expect)
        self._gauges: dict[tuple[str, str], float] = {}
        self._polls = 0

    async def start(self) -> None:
        """Open the shop."""
        await self._broker.start()
        self._listen_for_faults()
        self._open_groups()
        self._look_after()
        self._run.spawn(self._orders.sell(), "orders")
        self._run.spawn(self._make_rounds(), "rounds")
        self._run.spawn(self._poll(), "polls")

    async def stop(self) -> None:
        await self._broker.stop()

    def _choose_broker(self) -> MessageBroker:
        if self._run.engine == "nats":
            from patterns.pub_sub.jetstream.broker import JetStreamBroker

            return JetStreamBroker(self._run, self._network, self._dead_letters)
        return Broker(self._run, self._network, self._dead_letters)

    def _listen_for_faults(self) -> None:
        faults = self._run.faults
        faults.when("kill-broker", self._broker.kill, self._broker.revive)
        faults.when("crash-publisher", self._orders.crash, self._orders.restart)
        self._hit("stop", lambda group, asked: group.stop(asked), lambda group, asked: group.start(asked))
        self._hit("crash", lambda group, asked: group.doom(asked), lambda group, asked: group.restart(asked))
        for name in ("drop-ack", "slow", "reorder"):
            self._hit(name)

    def _hit(self, fault: str, begins: Blow = _nothing, heals: Blow = _nothing) -> None:
        """Have a fault do something to the group it is aimed at; one that has not joined yet joins for it."""

        def begin(asked: Asked) -> None:
            self._call_in(asked)
            begins(self._group(asked.target), asked)

        self._run.faults.when(fault, begin, lambda asked: heals(self._group(asked.target), asked))

    def _call_in(self, asked: Asked) -> None:
        """A fault that does nothing would be a riddle: with nobody there, Loyalty joins, and the log says so."""
        if asked.target == "loyalty" and not self._is_loyalty_due():
            self._network.tell("loyalty", "Loyalty joins, so that there is somebody to hit")
            self._run.set("loyalty", True, by="fault")
            self._run.set("loyalty-after", 0.0, by="fault")
            self._look_after()

    # --- readers -----------------------------------------------------------------------------------------------

    def _open_groups(self) -> None:
        for name in SUBSCRIBERS:
            if name != "loyalty":
                self._subscribe(name, name, self._wanted(name))

    def _wanted(self, name: str) -> str:
        return self._run.choice("analytics-filter") if name == "analytics" else "orders.>"

    def _group(self, name: str) -> Group:
        """The group of that name; one that has not subscribed yet is only made."""
        if name not in self._groups:
            self._groups[name] = Group(self._run, self._network, self._broker, name, name)
        return self._groups[name]

    def _subscribe(self, name: str, node: str, wanted: str) -> None:
        group = self._groups[name] = self._groups.get(name) or Group(self._run, self._network, self._broker, name, node)
        self._broker.subscribe(name, group, wanted, from_the_start=self._run.choice("mode") == "log")
        group.resize(self._members_of(name))

    def _members_of(self, name: str) -> int:
        return int(self._run.number("consumers-per-group")) if name in SUBSCRIBERS else 1

    def _look_after(self) -> None:
        """Bring what is there in line with what is set."""
        self._admit("loyalty", "loyalty", self._is_loyalty_due())
        for number in range(1, self._most_mirrors() + 1):
            self._admit(f"mirror-{number}", "mirrors", number <= self._run.number("more-readers"))
        for name, subscription in self._broker.subscriptions.items():
            self._groups[name].resize(self._members_of(name))
            if subscription.wanted != self._wanted(name):
                self._broker.change_filter(name, self._wanted(name))
        if self._run.on("replay-dead-letters"):
            self._run.set("replay-dead-letters", False, by="shop")  # a button, so that it can be pressed again
            self._dead_letters.replay(self._broker.replay, self._broker.closed)

    def _is_loyalty_due(self) -> bool:
        return self._run.on("loyalty") and self._run.clock.now() >= self._run.number("loyalty-after")

    def _most_mirrors(self) -> int:
        there = sum(name.startswith("mirror-") for name in self._broker.subscriptions)
        return max(there, int(self._run.number("more-readers")))

    def _admit(self, name: str, node: str, wanted: bool) -> None:
        subscribed = name in self._broker.subscriptions
        if wanted and not subscribed:
            if name == "loyalty":
                self._network.tell(node, "Loyalty subscribes; Orders is not told")
            self._subscribe(name, node, self._wanted(name))
        elif subscribed and not wanted:
            self._groups[name].resize(0)
            self._broker.unsubscribe(name)

    # --- rounds ------------------------------------------------------------------------------------------------

    async def _make_rounds(self) -> None:
        while True:
            await self._run.clock.sleep(ROUND)
            self._look_after()
            self._broker.wake()
            self._read_gauges()

    def _read_gauges(self) -> None:
        subscriptions = self._broker.subscriptions.values()
        for subscription in subscriptions:
            if subscription.name in SUBSCRIBERS:
                self._show(subscription.node, "backlog", len(subscription.owed), "messages")
        oldest = min((birth for s in subscriptions for birth in s.owed.values()), default=self._run.clock.now())
        self._show("broker", "backlog", sum(len(s.owed) for s in subscriptions), "messages")
        self._show("broker", "in-flight", sum(s.leased for s in subscriptions), "messages")
        self._show("broker", "lag", round(self._run.clock.now() - oldest, 3), "s")
        self._show("broker", "stored", self._broker.stored(), "messages")
        if self._run.number("more-readers"):
            self._show("mirrors", "subscriptions", self._run.number("more-readers"), "subscriptions")

    def _show(self, node: str, quantity: str, value: float, unit: str) -> None:
        if self._gauges.get((node, quantity)) != value:
            self._gauges[node, quantity] = value
            self._run.log.changed(node, quantity, value, unit)

    # --- asking instead of being told --------------------------------------------------------------------------

    async def _poll(self) -> None:
        while True:
            interval = self._run.number("poll-interval")
            await self._run.clock.sleep(interval or ROUND)
            for name in SUBSCRIBERS if interval else ():
                if name in self._broker.subscriptions and not self._groups[name].unreachable():
                    self._ask_for_messages(name)

    def _ask_for_messages(self, name: str) -> None:
        self._polls += 1
        question = Message(
            id=f"poll/{name}/{self._polls}", type="poll", source=name, time=self._run.clock.now(), role="request"
        )
        self._network.fly(question, name, "broker", lambda: self._serve(name, question), closed=self._broker.closed)

    def _serve(self, name: str, question: Message) -> None:
        subscription = self._broker.subscriptions.get(name)
        if subscription is None:
            return
        subscription.demand = len(subscription.owed) - subscription.leased
        if subscription.demand:
            self._broker.wake()
            return
        nothing = Message(
            id=f"{question.id}/nothing", type="nothing new", source="broker", time=self._run.clock.now(),
            role="reply", causation_id=question.id,
        )  # fmt: skip
        self._network.fly(nothing, "broker", name, lambda: None)
