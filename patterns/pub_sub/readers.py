"""The subscribers: a group of members that share one subscription, and what each does with a delivery."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.pub_sub.network import Network
from patterns.pub_sub.subscriptions import ASIDE, Delivery, MessageBroker, Reader, is_ordered, title

SLOW_FACTOR = 10.0
"""How much longer a slow handling takes."""


class Member:
    """One process of a group. It works off its inbox in order, one delivery at a time."""

    def __init__(self, group: Group, number: int) -> None:
        self.holds = 0
        self.number = number
        self.left = ""
        self._group = group
        self._inbox: asyncio.Queue[Delivery] = asyncio.Queue()
        self._story = group.run.spawn(self._work(), f"{group.name} {number}")

    def gone(self) -> str:
        return self.left

    def receive(self, delivery: Delivery) -> None:
        self._inbox.put_nowait(delivery)

    def leave(self, why: str) -> None:
        """Stop working. What is in the inbox is never looked at."""
        self.left = why
        if asyncio.current_task() is not self._story:
            self._story.cancel()

    async def _work(self) -> None:
        while not self.left:
            await self._group.handle(await self._inbox.get(), self)


class Group:
    """All members of one subscription, and the effects they have had on the business."""

    def __init__(self, run: Run, network: Network, broker: MessageBroker, name: str, node: str) -> None:
        self.run, self.name, self.node = run, name, node
        self._network, self._broker = network, broker
        self._random = run.random(f"service {name}")
        self._members: list[Member] = []
        self._hired = 0
        self._doom: Asked | None = None
        self._missing = 0
        self._stopped = ""
        self._effects: dict[str, int] = {}
        self._waiting_for: dict[str, list[Callable[[], None]]] = {}

    # --- membership --------------------------------------------------------------------------------------------

    def resize(self, wanted: int) -> None:
        """Have as many members as wanted, less those that have crashed; none while stopped."""
        target = 0 if self._stopped else max(0, wanted - self._missing)
        before = len(self._members)
        while len(self._members) < target:
            self._hired += 1
            self._members.append(Member(self, self._hired))
        while len(self._members) > target:
            self._dismiss(self._members[-1], self._stopped or "left the group")
        if len(self._members) != before:
            self._announce(before, self._stopped)

    def pick(self, lane: int) -> Reader | None:
        """In an ordered lane its one owner; else the member with the least to do. None if there is no room."""
        prefetch = self.run.number("prefetch")
        free = [member for member in self._members if member.holds < prefetch]
        if lane != ASIDE and is_ordered(self.run) and self._members:
            owner = self._members[lane % len(self._members)]
            return owner if owner in free else None
        return min(free, key=lambda member: (member.holds, member.number), default=None)

    def stop(self, asked: Asked) -> None:
        """Switch the reader off in good order. One that is not there yet will find itself off."""
        self._stopped = asked.key
        if self._members:
            self.resize(0)
            self._network.tell(self.node, f"{title(self.node)} is off; the broker keeps its messages")

    def start(self, asked: Asked) -> None:
        """Switch the reader on again."""
        self._stopped = ""
        self._come_back()

    def doom(self, asked: Asked) -> None:
        """Let the next member that has had an effect die before its ack."""
        self._doom = asked

    def restart(self, asked: Asked) -> None:
        """Start what has crashed again."""
        self._doom, self._missing = None, 0
        self._come_back()

    def _come_back(self) -> None:
        if self.name in self._broker.subscriptions:
            self.resize(int(self.run.number("consumers-per-group")))

    def _announce(self, before: int, why: str = "") -> None:
        """Say how many share the work now, and let the broker deal the lanes again."""
        now = len(self._members)
        if self.name == self.node:
            self.run.log.changed(self.node, "members", now, "members", why)
            if not before or not now:
                self.run.log.changed(self.node, "state", "up" if now else "down", why=why)
            elif self.run.clock.now():
                self._network.tell(self.node, f"{title(self.node)} rebalances: work for {now}, not {before}")
        self._broker.wake()

    def _dismiss(self, member: Member, why: str) -> None:
        self._members.remove(member)
        member.leave(why)
        self._broker.give_back(member)

    def _crash(self, member: Member, asked: Asked, message: Message) -> None:
        self._doom = None
        self._missing += 1
        self._members.remove(member)
        member.leave(asked.key)
        self._network.tell(self.node, f"A member dies: #{message.id} is done, but not acked", message.id)
        self._announce(len(self._members) + 1, asked.key)

    # --- one delivery ------------------------------------------------------------------------------------------

    async def handle(self, delivery: Delivery, member: Member) -> None:
        """Do the work of one delivery, and answer it."""
        message = delivery.message
        await self.run.clock.sleep(self._handling_time())
        if refusal := self._refusal(message):
            self.run.log.settled(message, self.node, "nack", refusal)
            self._answer(delivery, "nack")
        elif "total" not in message.data:
            self.run.log.settled(message, self.node, "error", "rename-field:orders")
            self._network.tell(self.node, f"#{message.id} has no total: acked, not understood", message.id)
            self._answer(delivery, "ack")
        elif self.run.on("idempotency-key") and message.id in self._effects:
            self.run.log.settled(message, self.node, "skipped", "idempotency-key")
            self._network.tell(self.node, f"#{message.id} is known already, so it is skipped", message.id)
            self._answer(delivery, "ack")
        else:
            self._apply(message)
            if self._doom is not None:
                self._crash(member, self._doom, message)
            else:
                self._answer(delivery, "ack")

    def _handling_time(self) -> float:
        mean, spread = self.run.number("service-time"), self.run.number("service-spread")
        seconds = mean * (1 - spread + spread * self._random.expovariate(1.0))
        if self._random.random() < self.run.number("slow-share"):
            seconds *= SLOW_FACTOR
        slow = self.run.faults.on("slow", self.node)
        if slow is not None:
            seconds += slow.amount
            self.run.log.changed(self.node, "handling", round(seconds, 3), "s", slow.key)
        return seconds

    def _refusal(self, message: Message) -> str:
        """Why this reader cannot handle the message now, or ""."""
        poison = self.run.faults.on("poison", "orders")
        if message.data.get("total") == POISON and poison is not None:
            self._network.tell(self.node, f"#{message.id} cannot be read, so it goes back", message.id)
            return poison.key
        if refused := self.run.faults.strikes("fail", self.node):
            self._network.tell(self.node, f"The provider refuses #{message.id}, so it goes back", message.id)
            return refused
        return ""

    def _apply(self, message: Message) -> None:
        self._effects[message.id] = self._effects.get(message.id, 0) + 1
        self.run.log.settled(message, self.node, "applied")
        if self._effects[message.id] > 1:
            self._network.tell(self.node, f"#{message.id} comes again, so it is applied again", message.id)
        if self.node == self.name:
            self.run.log.changed(self.node, "applied", sum(self._effects.values()), "orders")
        for answer in self._waiting_for.pop(message.id, ()):
            answer()

    def _answer(self, delivery: Delivery, what: str) -> None:
        message, node = delivery.message, self.node
        delivery.answered = True
        answer = Message(
            id=f"{message.id}/{what}/{self.name}/{delivery.attempt}", type=what, source=node,
            time=self.run.clock.now(), data={"order": message.id}, role="ack" if what == "ack" else "error",
            correlation_id=message.correlation_id, causation_id=message.id,
        )  # fmt: skip
        settle = self._broker.ack if what == "ack" else self._broker.nack
        self._network.fly(
            answer, node, "broker", lambda: settle(delivery), closed=self._broker.closed,
            lost_to=self.run.faults.strikes("drop-ack", node) if what == "ack" else "",
        )  # fmt: skip

    # --- questions ---------------------------------------------------------------------------------------------

    def knows(self, order: str) -> bool:
        """Whether this order's effect is in this reader's books."""
        return order in self._effects

    def when_known(self, order: str, answer: Callable[[], None]) -> None:
        """Call back once the order is in the books."""
        if self.knows(order):
            answer()
        else:
            self._waiting_for.setdefault(order, []).append(answer)

    def unreachable(self) -> str:
        """Why a question to this reader finds nobody, or ""."""
        return "" if self._members else self._stopped or "no member is up"


POISON = "12,50 €"
"""A total that the reader in service chokes on; the next release can read it."""
