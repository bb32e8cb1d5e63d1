"""The built-in broker: subscriptions, lanes, leases, redelivery, dead letters. Everything it does is in this file.

A message that is accepted is put, once for each subscription whose filter it passes, into the lane of its partition.
A *lease* is a delivery that waits for its ack: it ends with an ack, with a nack, or when the ack timeout runs out, and
then the message is delivered again. In an ordered lane only one lease is out at a time.

Longer than other files: a broker is one set of books, and is easiest to follow from publish to ack on one page.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field

from patterns.core.clock import Timer
from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.pub_sub.dead_letters import DeadLetters
from patterns.pub_sub.network import Network
from patterns.pub_sub.promises import FROM_THE_START
from patterns.pub_sub.subjects import matches
from patterns.pub_sub.subscriptions import (
    ASIDE,
    Delivery,
    Reader,
    Readers,
    Subscription,
    choose_lane,
    is_ordered,
    tell_death,
    tell_return,
    title,
)  # fmt: skip

REORDER_DELAY = 0.8
"""Seconds that a delivery on a long way round arrives late."""


@dataclass(slots=True, order=True)
class Item:
    """A copy that waits in a lane, ordered by when the broker accepted it."""

    sequence: int
    message: Message = field(compare=False)
    lane: int = field(compare=False)
    attempts: int = field(compare=False, default=0)
    tries: int = field(compare=False, default=0)
    ready_at: float = field(compare=False, default=0.0)


@dataclass(eq=False, slots=True)
class Lease:
    """A delivery that has not been answered."""

    item: Item
    delivery: Delivery
    timer: Timer


@dataclass(eq=False, slots=True)
class Lanes:
    """One subscription's waiting copies by lane, and its leases."""

    subscription: Subscription
    waiting: dict[int, list[Item]] = field(default_factory=dict)
    leases: list[Lease] = field(default_factory=list)

    def put(self, item: Item) -> None:
        """Queue a copy at its place: what came first is delivered first, again too."""
        insort(self.waiting.setdefault(item.lane, []), item)

    def next_copies(self, now: float, ordered: bool) -> list[Item]:
        """What each lane could deliver now, oldest first. In an ordered lane nothing passes its first copy."""
        found = []
        busy = {lease.item.lane for lease in self.leases} - {ASIDE} if ordered else set()
        for number, lane in self.waiting.items():
            reach = lane[:1] if ordered and number != ASIDE else lane
            ready = next((item for item in reach if item.ready_at <= now), None)
            if ready is not None and number not in busy:
                found.append(ready)
        return sorted(found)


class Broker:
    """Stores messages, owes copies, leases them out, and takes back what is not acked."""

    def __init__(self, run: Run, network: Network, dead_letters: DeadLetters) -> None:
        self._run, self._network, self._dead_letters = run, network, dead_letters
        self.subscriptions: dict[str, Subscription] = {}
        self._lanes: dict[str, Lanes] = {}
        self._log: list[tuple[int, Message]] = []
        self._receipts: set[str] = set()
        self._accepted = 0
        self._down = ""
        self._is_on_disk = run.on("durable-broker")
        self._kept = True

    async def start(self) -> None:
        self._run.log.changed("broker", "state", "up")

    async def stop(self) -> None:
        self._lanes.clear()

    def closed(self) -> str:
        return self._down

    def stored(self) -> int:
        if self._run.choice("mode") == "log":
            return len(self._log)
        return len({sequence for subscription in self.subscriptions.values() for sequence in subscription.owed})

    # --- from the publisher ------------------------------------------------------------------------------------

    def publish(
        self, message: Message, receipt: str, accepted: Callable[[], None], refused: Callable[[], None]
    ) -> None:
        """Accept a message, once per receipt, and owe a copy to every subscription that wants it."""
        if receipt in self._receipts:
            self._run.log.settled(message, "broker", "skipped", "same receipt")
        else:
            self._receipts.add(receipt)
            self._accepted += 1
            self._log.append((self._accepted, message))
            self._run.log.settled(message, "broker", "accepted")
            for lanes in self._lanes.values():
                self._owe(lanes, self._accepted, message)
        accepted()
        self.wake()

    def _owe(self, lanes: Lanes, sequence: int, message: Message) -> None:
        subscription = lanes.subscription
        if matches(subscription.wanted, message.subject, message.data):
            subscription.owed[sequence] = message.time
            lanes.put(Item(sequence, message, choose_lane(self._run, message, sequence)))

    # --- subscriptions -----------------------------------------------------------------------------------------

    def subscribe(self, name: str, readers: Readers, wanted: str, from_the_start: bool) -> None:
        """Open a subscription: on a log with all that was ever published, on a queue from here on."""
        subscription = self.subscriptions[name] = Subscription(name, readers, wanted)
        lanes = self._lanes[name] = Lanes(subscription)
        self._run.log.changed(readers.node, "filter", wanted, why=FROM_THE_START if from_the_start else "")
        for sequence, message in self._log if from_the_start else ():
            self._owe(lanes, sequence, message)
        self.wake()

    def unsubscribe(self, name: str) -> None:
        subscription = self.subscriptions.pop(name)
        for lease in self._lanes.pop(name).leases:
            self._release(lease)
        self._run.log.changed(subscription.node, "filter", "")

    def change_filter(self, name: str, wanted: str) -> None:
        self.subscriptions[name].wanted = wanted
        self._run.log.changed(self.subscriptions[name].node, "filter", wanted)

    # --- delivery ----------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Deliver all that may be delivered now."""
        for lanes in self._lanes.values():
            self._deliver(lanes)

    def _deliver(self, lanes: Lanes) -> None:
        while not self._down and self._deliver_next(lanes):
            pass

    def _deliver_next(self, lanes: Lanes) -> bool:
        if self._run.number("poll-interval") and lanes.subscription.demand <= 0:
            return False
        for item in lanes.next_copies(self._run.clock.now(), is_ordered(self._run)):
            reader = lanes.subscription.readers.pick(item.lane)
            if reader is not None:
                lanes.waiting[item.lane].remove(item)
                self._lease(lanes, item, reader)
                return True
        return False

    def _lease(self, lanes: Lanes, item: Item, reader: Reader) -> None:
        subscription = lanes.subscription
        item.attempts, item.tries = item.attempts + 1, item.tries + 1
        delivery = Delivery(item.message, subscription, item.lane, item.attempts, reader)
        timeout = self._run.number("ack-timeout")
        lease = Lease(item, delivery, self._run.clock.call_later(timeout, lambda: self._expire(lease)))
        delivery.handle = lease
        lanes.leases.append(lease)
        reader.holds += 1
        subscription.leased += 1
        subscription.demand -= 1
        self._send(delivery)

    def _send(self, delivery: Delivery) -> None:
        node, reader = delivery.subscription.node, delivery.reader
        overtaken = self._run.faults.strikes("reorder", node)
        self._network.fly(
            delivery.message, "broker", node, lambda: reader.receive(delivery), attempt=delivery.attempt,
            late=REORDER_DELAY if overtaken else 0.0, why=overtaken, closed=reader.gone,
        )  # fmt: skip

    # --- from the readers --------------------------------------------------------------------------------------

    def ack(self, delivery: Delivery) -> None:
        """Done: the copy is no longer owed. An ack that comes after its timeout changes nothing."""
        lease: Lease = delivery.handle
        if self._release(lease):
            delivery.subscription.owed.pop(lease.item.sequence, None)
            self._deliver(self._lanes[delivery.subscription.name])

    def nack(self, delivery: Delivery) -> None:
        """Refused: deliver again after the retry delay, in the same lane or, with a retry topic, beside it."""
        lease: Lease = delivery.handle
        if self._release(lease):
            if self._run.on("retry-topic"):
                lease.item.lane = ASIDE
            self._try_again(lease, self._run.number("retry-delay"))

    def give_back(self, reader: Reader) -> None:
        for lanes in self._lanes.values():
            held = [lease for lease in lanes.leases if lease.delivery.reader is reader]
            for lease in [lease for lease in held if not lease.delivery.answered]:
                self._release(lease)
                lanes.put(lease.item)
        self.wake()

    def replay(self, message: Message, subscription: str, attempts: int) -> None:
        lanes = self._lanes.get(subscription)
        if lanes is not None:
            self._accepted += 1
            lanes.subscription.owed[self._accepted] = message.time
            lanes.put(Item(self._accepted, message, ASIDE, attempts))
            self.wake()

    def _expire(self, lease: Lease) -> None:
        """No ack in time: the broker cannot know whether the work was done, so it delivers again."""
        message, node = lease.item.message, lease.delivery.subscription.node
        if self._release(lease):
            self._run.log.settled(message, "broker", "expired", f"no ack from {node}")
            self._network.tell("broker", f"No ack from {title(node)}, so #{message.id} goes again", message.id)
            self._try_again(lease, 0.0)

    def _try_again(self, lease: Lease, delay: float) -> None:
        item, subscription = lease.item, lease.delivery.subscription
        if self._run.on("dead-letter-queue") and item.tries >= self._run.number("max-deliveries"):
            subscription.owed.pop(item.sequence, None)
            self._dead_letters.park(item.message, subscription, item.attempts)
        else:
            item.ready_at = self._run.clock.now() + delay
            self._lanes[subscription.name].put(item)
            self._run.clock.call_at(item.ready_at, self.wake)
        self._deliver(self._lanes[subscription.name])

    def _release(self, lease: Lease) -> bool:
        """End a lease, if it has not ended yet."""
        lanes = self._lanes.get(lease.delivery.subscription.name)
        if lanes is None or lease not in lanes.leases:
            return False
        lease.timer.cancel()
        lanes.leases.remove(lease)
        lease.delivery.reader.holds -= 1
        lease.delivery.subscription.leased -= 1
        return True

    # --- death and return --------------------------------------------------------------------------------------

    def kill(self, asked: Asked) -> None:
        """Die at once. What was leased is owed again later; what was only in memory is gone."""
        self._down = asked.key
        tell_death(self._run, self._network, asked.key)
        for lanes in self._lanes.values():
            for lease in list(lanes.leases):
                self._release(lease)
                lanes.put(lease.item)
        self._kept = self._is_on_disk and self._run.on("durable-broker")
        if not self._kept:
            self._forget(asked.key)

    def _forget(self, why: str) -> None:
        for lanes in self._lanes.values():
            for item in sorted(item for lane in lanes.waiting.values() for item in lane):
                self._run.log.settled(item.message, lanes.subscription.node, "lost", why)
            lanes.waiting.clear()
            lanes.subscription.owed.clear()
        self._log.clear()
        self._receipts.clear()

    def revive(self, asked: Asked) -> None:
        """Start again: with what was written down, or anew."""
        self._down = ""
        self._is_on_disk = self._is_on_disk if self._kept else self._run.on("durable-broker")
        tell_return(self._run, self._network, self._kept)
        self.wake()
