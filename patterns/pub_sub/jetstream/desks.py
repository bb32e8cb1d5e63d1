"""What this side keeps while the server keeps the messages: who is served, by which consumers, and what is out."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig, DeliverPolicy

from patterns.core.message import Message
from patterns.pub_sub.subscriptions import Delivery, Subscription


@dataclass(eq=False, slots=True)
class Lease:
    """A delivery the server has not seen answered. `over` once it holds no place in the member's prefetch."""

    delivery: Delivery
    raw: Msg
    over: bool = False

    @property
    def sequence(self) -> int:
        """The place of its message in the stream."""
        place: int = self.raw.metadata.sequence.stream
        return place


@dataclass(eq=False, slots=True)
class Feed:
    """One durable consumer at the server, for one lane of one subscription, and the story that pulls from it."""

    lane: int
    durable: str
    config: ConsumerConfig
    story: asyncio.Task[None] | None = None

    def stop(self) -> None:
        """Pull no more."""
        if self.story is not None:
            self.story.cancel()


@dataclass(eq=False, slots=True)
class Desk:
    """What this side keeps for one subscription; all but `feeds` by the message's place in the stream."""

    subscription: Subscription
    first: DeliverPolicy
    feeds: dict[int, Feed] = field(default_factory=dict)
    leases: dict[int, Lease] = field(default_factory=dict)
    flights: Counter[int] = field(default_factory=Counter)
    tries: Counter[int] = field(default_factory=Counter)
    not_before: dict[int, float] = field(default_factory=dict)

    def forget(self) -> None:
        """The stream has begun anew, and so do its places."""
        self.subscription.owed.clear()
        for kept in (self.flights, self.tries, self.not_before):
            kept.clear()


@dataclass(slots=True)
class Books:
    """What has been published, by order, and what of it the server has stored, by place in the stream."""

    published: dict[str, Message] = field(default_factory=dict)
    stored: dict[int, Message] = field(default_factory=dict)
