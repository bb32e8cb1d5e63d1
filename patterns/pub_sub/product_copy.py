"""The product page from a ready copy: a visitor's page is one look, and events keep the copy up to date beside it."""

from __future__ import annotations

from functools import partial

from patterns.core.faults import Asked
from patterns.core.message import Message, Role
from patterns.core.product_page import (
    SOURCES,
    VISITORS_PER_SECOND,
    WORK_SECONDS,
    Change,
    choose_product,
    list_changes,
)
from patterns.core.run import Run
from patterns.pub_sub.broker import Broker
from patterns.pub_sub.dead_letters import DeadLetters
from patterns.pub_sub.network import Network
from patterns.pub_sub.readers import Group

SUBJECT = "part.changed"


class ProductPage:
    """The backend of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._network = network = Network(run)
        self._broker = Broker(run, network, DeadLetters(run, network))
        self._sources = {name: Source(run, network, self._broker, name) for name in SOURCES}
        self._copy = Group(run, network, self._broker, "copy", "copy")

    async def start(self) -> None:
        """Let the copy subscribe, then let parts change and visitors come."""
        await self._broker.start()
        self._run.faults.when(
            "down", lambda a: self._sources[a.target].go_down(a), lambda a: self._sources[a.target].come_back()
        )
        self._broker.subscribe("copy", self._copy, SUBJECT, from_the_start=False)
        self._copy.resize(int(self._run.number("consumers-per-group")))
        for change in list_changes(self._run.seed, int(self._run.number("parts"))):
            self._run.clock.call_at(change.at, partial(self._sources[change.source].publish, change))
        self._run.spawn(self._let_visitors_in(), "visitors")

    async def stop(self) -> None:
        """Forget what is kept in memory."""
        await self._broker.stop()

    async def _let_visitors_in(self) -> None:
        number = 0
        while True:
            await self._run.clock.sleep(1 / VISITORS_PER_SECOND)
            if not self._run.open:
                return
            number += 1
            self._visit(number)

    def _visit(self, number: int) -> None:
        """Browser, page server, copy, and back: one request each way, and one piece of work."""
        product = choose_product(self._run.random(f"visitor {number}"))
        visit = self._message(f"r{number}", "ViewProduct", "browser", product, "request")
        look = self._message(f"r{number}/look", "GetCopy", "page", product, "request", visit)
        found = self._message(f"r{number}/copy", "Copy", "copy", product, "reply", look)
        shown = self._message(f"r{number}/reply", "Page", "page", product, "reply", visit)
        self._chain(
            (visit, "browser", "page", 0.0),
            (look, "page", "copy", 0.0),
            (found, "copy", "page", WORK_SECONDS),
            (shown, "page", "browser", 0.0),
        )

    def _chain(self, *hops: tuple[Message, str, str, float]) -> None:
        """Fly the first hop, after its work, then the rest."""
        if not hops:
            return
        (message, source, target, work), *rest = hops

        def land() -> None:
            self._chain(*rest)
            if not rest:
                visit = self._run.log.messages[message.causation_id]
                self._run.log.settled(visit, "browser", "reply")

        self._run.clock.call_later(work, lambda: self._network.fly(message, source, target, land))

    def _message(
        self, name: str, kind: str, source: str, product: int, role: Role, cause: Message | None = None
    ) -> Message:
        return Message(
            name, kind, source, self._run.clock.now(), f"product {product}", {"product": product}, role,
            name.partition("/")[0], cause.id if cause else "",
        )  # fmt: skip


class Source:
    """A service whose parts change, whether or not it is up; it publishes each change when it can."""

    def __init__(self, run: Run, network: Network, broker: Broker, name: str) -> None:
        self._run, self._network, self._broker, self.name = run, network, broker, name
        self._down = ""
        self._unsent: list[Message] = []

    def publish(self, change: Change) -> None:
        """Tell that a part is another now."""
        data = {"part": change.part, "product": change.product, "changed": change.at, "total": 0}
        name = f"{change.key} at {change.at:.3f}"
        event = Message(name, "PartChanged", self.name, change.at, SUBJECT, data, correlation_id=name)
        if self._down:
            self._unsent.append(event)
            return
        slow = self._run.faults.on("slow", self.name)
        if slow is not None:
            self._run.log.changed(self.name, "delay", slow.amount, "s", slow.key)
        self._run.clock.call_later(slow.amount if slow else 0.0, lambda: self._send(event))

    def go_down(self, asked: Asked) -> None:
        """Publish nothing from now on."""
        self._down = asked.key
        self._run.log.changed(self.name, "state", "down", why=asked.key)

    def come_back(self) -> None:
        """Publish what has changed meanwhile."""
        self._down = ""
        if self._run.log.closed:
            return
        self._run.log.changed(self.name, "state", "up")
        unsent, self._unsent = self._unsent, []
        for event in unsent:
            self._send(event)

    def _send(self, event: Message) -> None:
        accept = partial(self._broker.publish, event, event.id, lambda: None, lambda: None)
        self._network.fly(event, self.name, "broker", accept)
