"""What the shop asks of a broker, said to a NATS server.

Longer than most files, since it is the whole of one protocol; its sections follow those of the built-in `broker.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import orjson
from nats.js.api import DeliverPolicy

from patterns.core.clock import LiveClock
from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.run import EngineMissing, Run
from patterns.pub_sub.dead_letters import DeadLetters
from patterns.pub_sub.jetstream.desks import Books, Desk, Lease
from patterns.pub_sub.jetstream.feeds import Feeds
from patterns.pub_sub.jetstream.uplink import Gone, Uplink
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
    tell_death,
    tell_return,
)  # fmt: skip


class JetStreamBroker:
    """Asks a NATS server to do what the built-in broker does by itself."""

    def __init__(self, run: Run, network: Network, dead_letters: DeadLetters) -> None:
        self._run, self._network = run, network
        self._uplink = Uplink(run)
        self._books = Books()
        self._feeds = Feeds(run, network, dead_letters, self._uplink, self._books)
        self._desks: dict[str, Desk] = {}
        self.subscriptions: dict[str, Subscription] = {}
        self._deaths = 0
        self._kept = True
        self._returning = asyncio.Lock()

    async def start(self) -> None:
        """Start the server.

        Raises:
            EngineMissing: it cannot be had, or the clock is one that a real server cannot follow.
        """
        if not isinstance(self._run.clock, LiveClock):
            raise EngineMissing("NATS engine not started: a real server needs a live clock")
        await self._uplink.connect(keep=False)
        self._run.spawn(self._uplink.work(), "broker")
        self._run.log.changed("broker", "state", "up")

    async def stop(self) -> None:
        await self._uplink.close()

    def closed(self) -> str:
        return self._uplink.down

    def stored(self) -> int:
        if self._run.choice("mode") == "log":
            return len(self._books.stored)
        return len({sequence for subscription in self.subscriptions.values() for sequence in subscription.owed})

    def wake(self) -> None:
        """Let the pulls look again, and tell the server of settings that have changed."""
        self._uplink.stir()
        for desk in self._desks.values() if not self._uplink.down else ():
            self._feeds.adjust(desk)

    # --- from the publisher ------------------------------------------------------------------------------------

    def publish(
        self, message: Message, receipt: str, accepted: Callable[[], None], refused: Callable[[], None]
    ) -> None:
        """Have the server store a message. It drops a second one with the same receipt by itself."""
        self._books.published[message.id] = message
        self._uplink.order(lambda: self._store(message, receipt, accepted, refused))

    async def _store(
        self, message: Message, receipt: str, accepted: Callable[[], None], refused: Callable[[], None]
    ) -> None:
        lane = choose_lane(self._run, message, int(message.id))
        try:
            for desk in self._desks.values():
                await self._feeds.open(desk, lane)
            data = orjson.dumps(dict(message.data))
            answer = await self._uplink.publish(f"{lane}.{message.subject}", message.id, receipt, data)
        except Gone:
            refused()
            return
        # A kill can swallow the answer to what the server had written down: then the second copy tells of the first.
        if answer.duplicate and answer.seq in self._books.stored:
            self._run.log.settled(message, "broker", "skipped", "same receipt")
        else:
            self._note_stored(answer.seq, message)
        accepted()

    def _note_stored(self, sequence: int, message: Message) -> None:
        self._books.stored[sequence] = message
        self._run.log.settled(message, "broker", "accepted")
        for subscription in self.subscriptions.values():
            self._owe(subscription, sequence, message)
        self.wake()

    def _owe(self, subscription: Subscription, sequence: int, message: Message) -> None:
        if matches(subscription.wanted, message.subject, message.data):
            subscription.owed[sequence] = message.time

    # --- subscriptions -----------------------------------------------------------------------------------------

    def subscribe(self, name: str, readers: Readers, wanted: str, from_the_start: bool) -> None:
        """Open a subscription: from the stream's first message, or from here on."""
        subscription = self.subscriptions[name] = Subscription(name, readers, wanted)
        self._run.log.changed(readers.node, "filter", wanted, why=FROM_THE_START if from_the_start else "")
        for sequence, message in self._books.stored.items() if from_the_start else ():
            self._owe(subscription, sequence, message)
        desk = Desk(subscription, DeliverPolicy.ALL if from_the_start else DeliverPolicy.NEW)
        self._uplink.order(lambda: self._open(desk))

    async def _open(self, desk: Desk) -> None:
        self._desks[desk.subscription.name] = desk
        for lane in (*range(int(self._run.number("partitions"))), ASIDE):
            await self._feeds.open(desk, lane)
        desk.first = DeliverPolicy.ALL  # a lane that opens later has nothing older in it

    def unsubscribe(self, name: str) -> None:
        subscription = self.subscriptions.pop(name)
        self._run.log.changed(subscription.node, "filter", "")
        self._uplink.order(lambda: self._shut(name))

    async def _shut(self, name: str) -> None:
        desk = self._desks.pop(name, None)
        if desk is None:
            return  # a kill cut this short; nobody reads what the server kept of it
        for lease in list(desk.leases.values()):
            self._feeds.release(lease)
        for feed in desk.feeds.values():
            feed.stop()
            await self._uplink.drop_consumer(feed.durable)

    def change_filter(self, name: str, wanted: str) -> None:
        self.subscriptions[name].wanted = wanted
        self._run.log.changed(self.subscriptions[name].node, "filter", wanted)

    # --- from the readers --------------------------------------------------------------------------------------

    def ack(self, delivery: Delivery) -> None:
        """Done: tell the server."""
        lease: Lease = delivery.handle
        self._feeds.release(lease)
        desk = self._desks.get(delivery.subscription.name)
        if desk is not None and desk.leases.get(lease.sequence) is lease:
            del desk.leases[lease.sequence]
            delivery.subscription.owed.pop(lease.sequence, None)
            self._uplink.send(lease.raw.ack())

    def nack(self, delivery: Delivery) -> None:
        """Refused: the server delivers again after the delay or, with a retry topic, from a lane of its own."""
        lease: Lease = delivery.handle
        self._feeds.release(lease)
        desk = self._desks.get(delivery.subscription.name)
        if desk is None or desk.leases.pop(lease.sequence, None) is not lease:
            return
        delay = self._run.number("retry-delay")
        if self._feeds.park(desk, lease.sequence, delivery.message, lease.raw):
            return
        if self._run.on("retry-topic") and delivery.lane != ASIDE:
            due = self._run.clock.now() + delay
            self._uplink.order(lambda: self._move_aside(desk, delivery.message, lease.sequence, due))
            self._uplink.send(lease.raw.ack())
        else:
            self._uplink.send(lease.raw.nak(delay=self._feeds.real(delay)))

    async def _move_aside(self, desk: Desk, message: Message, before: int, not_before: float) -> None:
        name = desk.subscription.name
        answer = await self._uplink.publish(f"aside.{name}", message.id, f"{name} sets {before} aside")
        owed = desk.subscription.owed
        owed[answer.seq] = owed.pop(before, message.time)
        desk.flights[answer.seq], desk.tries[answer.seq] = desk.flights[before], desk.tries[before]
        desk.not_before[answer.seq] = not_before

    def give_back(self, reader: Reader) -> None:
        for desk in self._desks.values():
            for sequence, lease in list(desk.leases.items()):
                if lease.delivery.reader is reader and not lease.delivery.answered:
                    self._feeds.release(lease)
                    del desk.leases[sequence]
                    self._uplink.send(lease.raw.nak())

    def replay(self, message: Message, subscription: str, attempts: int) -> None:
        if subscription in self._desks:
            self._uplink.order(lambda: self._put_back(self._desks[subscription], message, attempts))

    async def _put_back(self, desk: Desk, message: Message, attempts: int) -> None:
        name = desk.subscription.name
        receipt = f"{name} takes {message.id} back after {attempts}"
        answer = await self._uplink.publish(f"aside.{name}", message.id, receipt)
        desk.subscription.owed[answer.seq] = message.time
        desk.flights[answer.seq] = attempts

    # --- death and return --------------------------------------------------------------------------------------

    def kill(self, asked: Asked) -> None:
        """Die at once. What is not on disk is gone."""
        self._deaths += 1
        self._kept = self._kept and self._uplink.keeps()
        self._uplink.down = asked.key
        if not self._returning.locked():  # else it is killed as soon as it is up
            self._uplink.kill()
        tell_death(self._run, self._network, asked.key)
        for desk in self._desks.values():
            for lease in desk.leases.values():
                self._feeds.release(lease)
            desk.leases.clear()
            for feed in desk.feeds.values():
                feed.stop()
        if not self._kept:
            self._forget(asked.key)

    def _forget(self, why: str) -> None:
        for desk in self._desks.values():
            for sequence in desk.subscription.owed:
                if sequence in self._books.stored:
                    message = self._books.stored[sequence]
                    self._run.log.settled(message, desk.subscription.node, "lost", why)
            desk.forget()
        self._books.stored.clear()

    def revive(self, asked: Asked) -> None:
        """Start the server again on the same folder."""
        self._run.spawn(self._come_back(self._deaths), "broker restart")

    async def _come_back(self, deaths: int) -> None:
        """From this many deaths. A further one may fall into the return, and then has one of its own."""
        async with self._returning:
            if deaths != self._deaths:
                return
            await self._uplink.connect(self._kept)
            desks = list(self._desks.values())
            for feed in [feed for desk in desks for feed in desk.feeds.values()]:
                if not self._kept:  # nothing is older than this start, and something may be newer by now
                    feed.config.deliver_policy = DeliverPolicy.ALL
                await self._uplink.have_consumer(feed.config)
            if deaths != self._deaths:
                self._uplink.kill()
                return
        self._go_on(desks)

    def _go_on(self, desks: list[Desk]) -> None:
        """Only now may others speak to the server: what they ask for too early would be made in another shape."""
        kept, self._kept = self._kept, True
        self._uplink.down = ""
        for desk in desks:
            for feed in desk.feeds.values():
                self._feeds.start(desk, feed)
        tell_return(self._run, self._network, kept)
        self.wake()
