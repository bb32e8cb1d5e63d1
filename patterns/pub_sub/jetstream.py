"""The twin of the built-in broker on a real server: NATS JetStream.

The server stores, filters, numbers, deduplicates and redelivers; this module only asks it to, and tells the log. Each
subscription has a durable pull consumer per partition, with `max_ack_pending` 1 where order is kept. What a hop
costs in time is put on between the server and the members, as everywhere in this lab.

Longer than other files, since one class translates one protocol; its sections follow those of `broker.py`.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import orjson
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, PubAck, StorageType, StreamConfig

from patterns.core.clock import LiveClock
from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.run import EngineMissing, Run
from patterns.engines.nats import NatsServer
from patterns.pub_sub.broker import REORDER_DELAY
from patterns.pub_sub.dead_letters import DeadLetters
from patterns.pub_sub.network import Network
from patterns.pub_sub.promises import FROM_THE_START
from patterns.pub_sub.subjects import is_header_filter, matches
from patterns.pub_sub.subscriptions import (
    ASIDE,
    Delivery,
    Reader,
    Readers,
    Subscription,
    choose_lane,
    is_ordered,
    title,
)

PATIENCE = 1.0
"""Real seconds for which one pull waits at the server."""

Gone = (NatsError, OSError, TimeoutError)
"""What a call raises when the server is not there."""


@dataclass(eq=False, slots=True)
class Lease:
    """A delivery the server has not seen answered. `over` once it holds no place in the member's prefetch."""

    delivery: Delivery
    raw: Msg
    over: bool = False


@dataclass(eq=False, slots=True)
class Feed:
    """One durable consumer at the server, for one lane of one subscription, and the story that pulls from it."""

    subscription: Subscription
    lane: int
    durable: str
    config: ConsumerConfig
    story: asyncio.Task[None] | None = None


@dataclass(eq=False, slots=True)
class Desk:
    """What this side keeps for one subscription."""

    subscription: Subscription
    first: DeliverPolicy
    feeds: dict[int, Feed] = field(default_factory=dict)
    leases: dict[int, Lease] = field(default_factory=dict)
    flights: Counter[int] = field(default_factory=Counter)
    tries: Counter[int] = field(default_factory=Counter)
    not_before: dict[int, float] = field(default_factory=dict)


class JetStreamBroker:
    """Asks a NATS server to do what the built-in broker does by itself."""

    def __init__(self, run: Run, network: Network, dead_letters: DeadLetters) -> None:
        self._run, self._network, self._dead_letters = run, network, dead_letters
        self._server = NatsServer()
        self._name = f"lab{secrets.token_hex(4)}"
        self._jobs: asyncio.Queue[Callable[[], Coroutine[Any, Any, None]]] = asyncio.Queue()
        self._js: JetStreamContext
        self._close: Callable[[], Awaitable[None]] | None = None
        self.subscriptions: dict[str, Subscription] = {}
        self._desks: dict[str, Desk] = {}
        self._messages: dict[str, Message] = {}
        self._stored: dict[int, Message] = {}
        self._is_durable = True
        self._down = ""
        self._changed = asyncio.Event()
        self._death: asyncio.Future[None]

    async def start(self) -> None:
        """Start the server.

        Raises:
            EngineMissing: it cannot be had, or the clock is one that a real server cannot follow.
        """
        if not isinstance(self._run.clock, LiveClock):
            raise EngineMissing("NATS engine not started: a real server needs a live clock")
        await self._connect()
        self._run.spawn(self._work(), "broker")
        self._run.log.changed("broker", "state", "up")

    async def stop(self) -> None:
        with suppress(*Gone):
            if not self._server.is_ours and self._close is not None:
                await self._js.delete_stream(self._name)
        await self._disconnect()
        await self._server.stop()

    def closed(self) -> str:
        return self._down

    def stored(self) -> int:
        if self._run.choice("mode") == "log":
            return len(self._stored)
        return len({sequence for subscription in self.subscriptions.values() for sequence in subscription.owed})

    async def _connect(self) -> None:
        client = await self._server.start()
        self._close = client.close
        self._js = client.jetstream(timeout=5)
        self._death = asyncio.get_running_loop().create_future()
        self._is_durable = self._run.on("durable-broker")
        storage = StorageType.FILE if self._is_durable else StorageType.MEMORY
        await self._js.add_stream(StreamConfig(name=self._name, subjects=[f"{self._name}.>"], storage=storage))

    async def _disconnect(self) -> None:
        close, self._close = self._close, None
        if close is not None:
            with suppress(*Gone):
                await close()

    async def _work(self) -> None:
        """One request after the other, so that what is published after a subscription is opened reaches it.

        One that a kill cut short is made again when the server is back.
        """
        while True:
            job = await self._jobs.get()
            while not await self._carry_out(job):
                await self._changed.wait()

    async def _carry_out(self, job: Callable[[], Coroutine[Any, Any, None]]) -> bool:
        try:
            await job()
        except Gone:
            return not self._down
        return True

    async def _ask[T](self, call: Coroutine[Any, Any, T]) -> T:
        """What the server answers. Nobody waits longer for it than it lives."""
        answer = asyncio.ensure_future(call)
        first: list[asyncio.Future[Any]] = [answer, self._death]
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ConnectionResetError("the server was killed before it answered")
            return answer.result()
        finally:
            answer.cancel()

    def _later(self, call: Awaitable[Any]) -> None:
        """Send something to the server that nobody waits for."""

        async def send() -> None:
            with suppress(*Gone):
                await call

        self._run.spawn(send(), "to the server")

    # --- from the publisher ------------------------------------------------------------------------------------

    def publish(
        self, message: Message, receipt: str, accepted: Callable[[], None], refused: Callable[[], None]
    ) -> None:
        """Have the server store a message. It drops a second one with the same receipt by itself."""
        self._messages[message.id] = message
        self._jobs.put_nowait(lambda: self._store(message, receipt, accepted, refused))

    async def _store(
        self, message: Message, receipt: str, accepted: Callable[[], None], refused: Callable[[], None]
    ) -> None:
        lane = choose_lane(self._run, message, int(message.id))
        try:
            for desk in self._desks.values():
                await self._ensure(desk, lane)
            answer = await self._send(
                f"{lane}.{message.subject}", message.id, receipt, orjson.dumps(dict(message.data))
            )
        except Gone:
            refused()
            return
        # A kill can swallow the answer to what the server had written down: then the second copy tells of the first.
        if answer.duplicate and answer.seq in self._stored:
            self._run.log.settled(message, "broker", "skipped", "same receipt")
        else:
            self._note_stored(answer.seq, message)
        accepted()

    async def _send(self, subject: str, order: str, receipt: str, data: bytes = b"") -> PubAck:
        headers = {"Nats-Msg-Id": receipt, "order": order}
        return await self._ask(self._js.publish(f"{self._name}.{subject}", data, headers=headers))

    def _note_stored(self, sequence: int, message: Message) -> None:
        self._stored[sequence] = message
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
        for sequence, message in self._stored.items() if from_the_start else ():
            self._owe(subscription, sequence, message)
        desk = Desk(subscription, DeliverPolicy.ALL if from_the_start else DeliverPolicy.NEW)
        self._jobs.put_nowait(lambda: self._open(desk))

    async def _open(self, desk: Desk) -> None:
        self._desks[desk.subscription.name] = desk
        for lane in (*range(int(self._run.number("partitions"))), ASIDE):
            await self._ensure(desk, lane)
        desk.first = DeliverPolicy.ALL  # a lane that opens later has nothing older in it

    async def _ensure(self, desk: Desk, lane: int) -> None:
        """Have a consumer for this lane at the server, and a story that pulls from it."""
        if lane in desk.feeds:
            return
        config = self._configure(desk, lane)
        await self._ask(self._js.add_consumer(self._name, config))
        feed = desk.feeds[lane] = Feed(desk.subscription, lane, str(config.durable_name), config)
        feed.story = self._run.spawn(self._feed(desk, feed), feed.durable)

    def _configure(self, desk: Desk, lane: int) -> ConsumerConfig:
        subscription = desk.subscription
        wanted = ">" if is_header_filter(subscription.wanted) else subscription.wanted
        place = f"aside.{subscription.name}" if lane == ASIDE else f"{lane}.{wanted}"
        return ConsumerConfig(
            durable_name=f"{subscription.name}-{'aside' if lane == ASIDE else lane}",
            filter_subject=f"{self._name}.{place}",
            deliver_policy=desk.first if lane != ASIDE else DeliverPolicy.ALL,
            ack_policy=AckPolicy.EXPLICIT,
            ack_wait=self._real(self._run.number("ack-timeout")),
            max_ack_pending=1 if lane != ASIDE and is_ordered(self._run) else 2000,
            max_deliver=-1,
        )

    def _real(self, seconds: float) -> float:
        """Run time as the server's own clock counts it."""
        assert isinstance(self._run.clock, LiveClock)
        return max(0.02, seconds / self._run.clock.speed)

    def unsubscribe(self, name: str) -> None:
        subscription = self.subscriptions.pop(name)
        self._run.log.changed(subscription.node, "filter", "")
        self._jobs.put_nowait(lambda: self._shut(name))

    async def _shut(self, name: str) -> None:
        desk = self._desks.pop(name, None)
        if desk is None:
            return  # a kill cut this short; nobody reads what the server kept of it
        for lease in list(desk.leases.values()):
            self._release(lease)
        for feed in desk.feeds.values():
            if feed.story is not None:
                feed.story.cancel()
            await self._ask(self._js.delete_consumer(self._name, feed.durable))

    def change_filter(self, name: str, wanted: str) -> None:
        self.subscriptions[name].wanted = wanted
        self._run.log.changed(self.subscriptions[name].node, "filter", wanted)

    # --- delivery ----------------------------------------------------------------------------------------------

    def wake(self) -> None:
        """Let the pulls look again, and tell the server of settings that have changed."""
        self._changed.set()
        self._changed = asyncio.Event()
        for desk in self._desks.values() if not self._down else ():
            for feed in desk.feeds.values():
                config = self._configure(desk, feed.lane)
                config.deliver_policy = feed.config.deliver_policy
                if config != feed.config:
                    feed.config = config
                    self._later(self._js.add_consumer(self._name, config))

    async def _feed(self, desk: Desk, feed: Feed) -> None:
        """Pull one message after the other, each when a member has room for it."""
        with suppress(*Gone):
            pull = await self._js.pull_subscribe_bind(feed.durable, self._name)
            try:
                while not self._down:
                    while self._free_reader(desk, feed.lane) is None:
                        await self._changed.wait()
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
        message = self._messages[(raw.headers or {})["order"]]
        wait = desk.not_before.pop(sequence, 0.0) - self._run.clock.now()
        if not matches(desk.subscription.wanted, message.subject, message.data) and lane != ASIDE:
            await raw.term()
            desk.subscription.owed.pop(sequence, None)
        elif wait > 0:
            await raw.nak(delay=self._real(wait))
        elif not self._give_up(desk, sequence, message, raw):
            while sequence not in self._stored and lane != ASIDE:
                await self._changed.wait()
            if (reader := self._free_reader(desk, lane)) is not None:
                self._lease(desk, lane, message, raw, reader)
            else:
                await raw.nak()  # the room it was pulled for is taken: let the server keep it

    def _give_up(self, desk: Desk, sequence: int, message: Message, raw: Msg) -> bool:
        """The server offers it again because no answer came in time; is that once too often?"""
        before = desk.leases.pop(sequence, None)
        if before is not None:
            node = desk.subscription.node
            self._release(before)
            self._run.log.settled(message, "broker", "expired", f"no ack from {node}")
            self._network.tell("broker", f"No ack from {title(node)}, so #{message.id} goes again", message.id)
        return self._park(desk, sequence, message, raw)

    def _park(self, desk: Desk, sequence: int, message: Message, raw: Msg) -> bool:
        tries = desk.tries[sequence]
        if not self._run.on("dead-letter-queue") or tries < self._run.number("max-deliveries"):
            return False
        self._later(raw.term())
        desk.subscription.owed.pop(sequence, None)
        self._dead_letters.park(message, desk.subscription, desk.flights[sequence])
        return True

    def _lease(self, desk: Desk, lane: int, message: Message, raw: Msg, reader: Reader) -> None:
        sequence, subscription = raw.metadata.sequence.stream, desk.subscription
        desk.flights[sequence] += 1
        desk.tries[sequence] += 1
        delivery = Delivery(message, subscription, lane, desk.flights[sequence], reader)
        lease = desk.leases[sequence] = delivery.handle = Lease(delivery, raw)
        reader.holds += 1
        subscription.leased += 1
        subscription.demand -= 1
        self._run.clock.call_later(self._run.number("ack-timeout"), lambda: self._release(lease))
        overtaken = self._run.faults.strikes("reorder", subscription.node)
        self._network.fly(
            message, "broker", subscription.node, lambda: reader.receive(delivery), attempt=delivery.attempt,
            late=REORDER_DELAY if overtaken else 0.0, why=overtaken, closed=reader.gone,
        )  # fmt: skip

    # --- from the readers --------------------------------------------------------------------------------------

    def ack(self, delivery: Delivery) -> None:
        """Done: tell the server."""
        lease: Lease = delivery.handle
        sequence = lease.raw.metadata.sequence.stream
        self._release(lease)
        desk = self._desks.get(delivery.subscription.name)
        if desk is not None and desk.leases.get(sequence) is lease:
            del desk.leases[sequence]
            delivery.subscription.owed.pop(sequence, None)
            self._later(lease.raw.ack())

    def nack(self, delivery: Delivery) -> None:
        """Refused: the server delivers again after the delay or, with a retry topic, from a lane of its own."""
        lease: Lease = delivery.handle
        sequence = lease.raw.metadata.sequence.stream
        self._release(lease)
        desk = self._desks.get(delivery.subscription.name)
        if desk is None or desk.leases.pop(sequence, None) is not lease:
            return
        delay = self._run.number("retry-delay")
        if self._park(desk, sequence, delivery.message, lease.raw):
            return
        if self._run.on("retry-topic") and delivery.lane != ASIDE:
            due = self._run.clock.now() + delay
            self._jobs.put_nowait(lambda: self._move_aside(desk, delivery.message, sequence, due))
            self._later(lease.raw.ack())
        else:
            self._later(lease.raw.nak(delay=self._real(delay)))

    async def _move_aside(self, desk: Desk, message: Message, before: int, not_before: float) -> None:
        name = desk.subscription.name
        answer = await self._send(f"aside.{name}", message.id, f"{name} sets {before} aside")
        owed = desk.subscription.owed
        owed[answer.seq] = owed.pop(before, message.time)
        desk.flights[answer.seq], desk.tries[answer.seq] = desk.flights[before], desk.tries[before]
        desk.not_before[answer.seq] = not_before

    def give_back(self, reader: Reader) -> None:
        for desk in self._desks.values():
            for sequence, lease in list(desk.leases.items()):
                if lease.delivery.reader is reader and not lease.delivery.answered:
                    self._release(lease)
                    del desk.leases[sequence]
                    self._later(lease.raw.nak())

    def replay(self, message: Message, subscription: str, attempts: int) -> None:
        if subscription in self._desks:
            self._jobs.put_nowait(lambda: self._put_back(self._desks[subscription], message, attempts))

    async def _put_back(self, desk: Desk, message: Message, attempts: int) -> None:
        name = desk.subscription.name
        answer = await self._send(f"aside.{name}", message.id, f"{name} takes {message.id} back after {attempts}")
        desk.subscription.owed[answer.seq] = message.time
        desk.flights[answer.seq] = attempts

    def _release(self, lease: Lease) -> None:
        """Free the place that a delivery has in its member's prefetch."""
        if not lease.over:
            lease.over = True
            lease.delivery.reader.holds -= 1
            lease.delivery.subscription.leased -= 1
            self.wake()

    # --- death and return --------------------------------------------------------------------------------------

    def kill(self, asked: Asked) -> None:
        """SIGKILL. What is not on disk is gone."""
        self._down = asked.key
        self._server.kill()
        if not self._death.done():
            self._death.set_result(None)
        self._run.log.changed("broker", "state", "down", why=asked.key)
        self._network.tell("broker", "The broker is killed: nobody takes or gives messages")
        for desk in self._desks.values():
            for lease in desk.leases.values():
                self._release(lease)
            desk.leases.clear()
            for feed in desk.feeds.values():
                if feed.story is not None:
                    feed.story.cancel()
            if not self._is_durable:
                self._forget(desk, asked.key)

    def _forget(self, desk: Desk, why: str) -> None:
        for sequence in desk.subscription.owed:
            if sequence in self._stored:
                self._run.log.settled(self._stored[sequence], desk.subscription.node, "lost", why)
        desk.subscription.owed.clear()
        for counts in (desk.flights, desk.tries):
            counts.clear()

    def revive(self, asked: Asked) -> None:
        """Start the server again on the same folder."""
        self._run.spawn(self._come_back(), "broker restart")

    async def _come_back(self) -> None:
        await self._disconnect()
        was_durable = self._is_durable
        await self._connect()
        if not was_durable:
            self._stored.clear()
        self._down = ""
        for desk in list(self._desks.values()):
            for feed in list(desk.feeds.values()):
                if not was_durable:  # nothing is older than this start, and something may be newer by now
                    feed.config.deliver_policy = DeliverPolicy.ALL
                await self._js.add_consumer(self._name, feed.config)
                feed.story = self._run.spawn(self._feed(desk, feed), feed.durable)
        self._run.log.changed("broker", "state", "up")
        self._network.tell("broker", "The broker is back, with what it had written down")
        self.wake()
