"""From the server to the members: what is pulled, when, and what becomes of it.

What a hop costs in time is put on between the server and the members, as everywhere in this lab.
"""

from __future__ import annotations

from contextlib import suppress

from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

from patterns.core.clock import LiveClock
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.pub_sub.broker import REORDER_DELAY
from patterns.pub_sub.dead_letters import DeadLetters
from patterns.pub_sub.jetstream.desks import Books, Desk, Feed, Lease
from patterns.pub_sub.jetstream.uplink import Gone, Uplink
from patterns.pub_sub.network import Network
from patterns.pub_sub.subjects import is_header_filter, matches
from patterns.pub_sub.subscriptions import ASIDE, Delivery, Reader, is_ordered, title

PATIENCE = 1.0
"""Real seconds for which one pull waits at the server."""


class Feeds:
    """One durable pull consumer per lane of each subscription, with `max_ack_pending` 1 where order is kept."""

    def __init__(self, run: Run, network: Network, dead_letters: DeadLetters, uplink: Uplink, books: Books) -> None:
        self._run, self._network, self._dead_letters = run, network, dead_letters
        self._uplink, self._books = uplink, books

    # --- consumers ---------------------------------------------------------------------------------------------

    async def open(self, desk: Desk, lane: int) -> None:
        """Have a consumer for this lane at the server, and a story that pulls from it."""
        if lane not in desk.feeds:
            config = self._configure(desk, lane)
            await self._uplink.have_consumer(config)
            feed = desk.feeds[lane] = Feed(lane, str(config.durable_name), config)
            self.start(desk, feed)

    def start(self, desk: Desk, feed: Feed) -> None:
        """Begin to pull."""
        feed.story = self._run.spawn(self._pull(desk, feed), feed.durable)

    def adjust(self, desk: Desk) -> None:
        """Tell the server of settings that have changed."""
        for feed in desk.feeds.values():
            config = self._configure(desk, feed.lane)
            config.deliver_policy = feed.config.deliver_policy
            if config != feed.config:
                feed.config = config
                self._uplink.send(self._uplink.stream.add_consumer(self._uplink.name, config))

    def _configure(self, desk: Desk, lane: int) -> ConsumerConfig:
        subscription = desk.subscription
        wanted = ">" if is_header_filter(subscription.wanted) else subscription.wanted
        place = f"aside.{subscription.name}" if lane == ASIDE else f"{lane}.{wanted}"
        return ConsumerConfig(
            durable_name=f"{subscription.name}-{'aside' if lane == ASIDE else lane}",
            filter_subject=f"{self._uplink.name}.{place}",
            deliver_policy=desk.first if lane != ASIDE else DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self.real(self._run.number("ack-timeout")),
            max_ack_pending=1 if lane != ASIDE and is_ordered(self._run) else 2000,
            max_deliver=-1,
        )

    def real(self, seconds: float) -> float:
        """Run time as the server's own clock counts it."""
        assert isinstance(self._run.clock, LiveClock)
        return max(0.02, seconds / self._run.clock.speed)

    # --- pulling -----------------------------------------------------------------------------------------------

    async def _pull(self, desk: Desk, feed: Feed) -> None:
        """Pull one message after the other, each when a member has room for it."""
        with suppress(*Gone):
            pull = await self._uplink.stream.pull_subscribe_bind(feed.durable, self._uplink.name)
            try:
                while not self._uplink.down:
                    while self._free_reader(desk, feed.lane) is None:
                        await self._uplink.wait_for_news()
                    with suppress(TimeoutError):
                        (raw,) = await pull.fetch(1, timeout=PATIENCE)
                        await self._take(desk, feed.lane, raw)
            finally:
                with suppress(*Gone):
                    await pull.unsubscribe()

    def _free_reader(self, desk: Desk, lane: int) -> Reader | None:
        if self._run.number("poll-interval") and desk.subscription.demand <= 0:
            return None
        return desk.subscription.readers.pick(lane)

    async def _take(self, desk: Desk, lane: int, raw: Msg) -> None:
        """The server has handed out a message: send it on to a member, unless it is none of theirs."""
        sequence = raw.metadata.sequence.stream
        message = self._books.published[(raw.headers or {})["order"]]
        wait = desk.not_before.pop(sequence, 0.0) - self._run.clock.now()
        if not matches(desk.subscription.wanted, message.subject, message.data) and lane != ASIDE:
            await raw.term()
            desk.subscription.owed.pop(sequence, None)
        elif wait > 0:
            await raw.nak(delay=self.real(wait))
        elif not self._give_up(desk, sequence, message, raw):
            while sequence not in self._books.stored and lane != ASIDE:
                await self._uplink.wait_for_news()
            if (reader := self._free_reader(desk, lane)) is not None:
                self._lease(desk, lane, message, raw, reader)
            else:
                await raw.nak()  # the room it was pulled for is taken: let the server keep it

    def _give_up(self, desk: Desk, sequence: int, message: Message, raw: Msg) -> bool:
        """The server offers it again because no answer came in time; is that once too often?"""
        before = desk.leases.pop(sequence, None)
        if before is not None:
            node = desk.subscription.node
            self.release(before)
            self._run.log.settled(message, "broker", "expired", f"no ack from {node}")
            self._network.tell("broker", f"No ack from {title(node)}, so #{message.id} goes again", message.id)
        return self.park(desk, sequence, message, raw)

    def park(self, desk: Desk, sequence: int, message: Message, raw: Msg) -> bool:
        """Park what has been tried as often as is allowed. Whether it has."""
        tries = desk.tries[sequence]
        if not self._run.on("dead-letter-queue") or tries < self._run.number("max-deliveries"):
            return False
        self._uplink.send(raw.term())
        desk.subscription.owed.pop(sequence, None)
        self._dead_letters.park(message, desk.subscription, desk.flights[sequence])
        return True

    # --- leases ------------------------------------------------------------------------------------------------

    def _lease(self, desk: Desk, lane: int, message: Message, raw: Msg, reader: Reader) -> None:
        sequence, subscription = raw.metadata.sequence.stream, desk.subscription
        desk.flights[sequence] += 1
        desk.tries[sequence] += 1
        delivery = Delivery(message, subscription, lane, desk.flights[sequence], reader)
        lease = desk.leases[sequence] = delivery.handle = Lease(delivery, raw)
        reader.holds += 1
        subscription.leased += 1
        subscription.demand -= 1
        self._run.clock.call_later(self._run.number("ack-timeout"), lambda: self.release(lease))
        overtaken = self._run.faults.strikes("reorder", subscription.node)
        self._network.fly(
            message, "broker", subscription.node, lambda: reader.receive(delivery), attempt=delivery.attempt,
            late=REORDER_DELAY if overtaken else 0.0, why=overtaken, closed=reader.gone,
        )  # fmt: skip

    def release(self, lease: Lease) -> None:
        """Free the place that a delivery has in its member's prefetch."""
        if not lease.over:
            lease.over = True
            lease.delivery.reader.holds -= 1
            lease.delivery.subscription.leased -= 1
            self._uplink.stir()
