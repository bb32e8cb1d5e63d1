"""What a subscription is, and what any broker of this shop can do: ours, and the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.pub_sub.network import Network

ASIDE = -1
"""The lane beside the ordered ones: for what is tried again later, and for what is replayed."""


def title(node: str) -> str:
    """The node's name as a sentence says it."""
    return node.replace("-", " ").capitalize()


def is_ordered(run: Run) -> bool:
    """Whether a lane has one delivery under way at a time: in a log always, in a queue with keys."""
    return run.on("keyed-partitions") or run.choice("mode") == "log"


def choose_lane(run: Run, message: Message, sequence: int) -> int:
    """The partition of a message: by its customer where keys are on, else in turn; a plain queue has only one lane."""
    if not is_ordered(run):
        return 0
    key = int(message.data["customer"]) if run.on("keyed-partitions") else sequence
    return key % int(run.number("partitions"))


def tell_death(run: Run, network: Network, why: str) -> None:
    """What the log says when a broker is killed."""
    run.log.changed("broker", "state", "down", why=why)
    network.tell("broker", "The broker is killed: nobody takes or gives messages")


def tell_return(run: Run, network: Network, kept: bool) -> None:
    """What the log says when it is back, with or without what it had."""
    run.log.changed("broker", "state", "up")
    what = "with what it had written down" if kept else "and remembers nothing"
    network.tell("broker", f"The broker is back, {what}")


class Reader(Protocol):
    """One member of a group, as a broker sees it: `holds` deliveries are not answered yet."""

    holds: int

    def gone(self) -> str:
        """Why it cannot be reached, or ""."""

    def receive(self, delivery: Delivery) -> None:
        """Take a delivery into the inbox."""


class Readers(Protocol):
    """A group of members, as a broker sees it."""

    node: str

    def pick(self, lane: int) -> Reader | None:
        """The member that may have the next message of this lane, if one has room."""


@dataclass(eq=False, slots=True)
class Delivery:
    """One copy on its way to one member. `handle` is what the broker needs to settle it; `answered` is set once the
    member has sent its ack or nack."""

    message: Message
    subscription: Subscription
    lane: int
    attempt: int
    reader: Reader
    handle: Any = None
    answered: bool = False


@dataclass(eq=False, slots=True)
class Subscription:
    """One interest in the topic: every matching message is owed to it once.

    `owed` holds, by the broker's sequence number, when each order still owed was placed. `demand` is what the group
    has asked for and not yet got, while it polls.
    """

    name: str
    readers: Readers
    wanted: str
    owed: dict[int, float] = field(default_factory=dict)
    leased: int = 0
    demand: int = 0

    @property
    def node(self) -> str:
        return self.readers.node


class MessageBroker(Protocol):
    """What the shop asks of a broker."""

    subscriptions: dict[str, Subscription]

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def closed(self) -> str:
        """Why the broker cannot be reached, or ""."""

    def stored(self) -> int:
        """Messages that it keeps."""

    def publish(
        self, message: Message, receipt: str, accepted: Callable[[], None], refused: Callable[[], None]
    ) -> None:
        """A publish has arrived; `accepted` is called once the broker vouches for it, `refused` if it cannot."""

    def subscribe(self, name: str, readers: Readers, wanted: str, from_the_start: bool) -> None: ...

    def unsubscribe(self, name: str) -> None: ...

    def change_filter(self, name: str, wanted: str) -> None: ...

    def ack(self, delivery: Delivery) -> None:
        """The reader is done with it."""

    def nack(self, delivery: Delivery) -> None:
        """The reader refuses it for now."""

    def give_back(self, reader: Reader) -> None:
        """A reader has left in good order: what it holds goes to others at once."""

    def replay(self, message: Message, subscription: str, attempts: int) -> None:
        """A parked message is to be delivered again."""

    def wake(self) -> None:
        """Something has changed: look whether more can be delivered."""

    def kill(self, asked: Asked) -> None: ...

    def revive(self, asked: Asked) -> None: ...
