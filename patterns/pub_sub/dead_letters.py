"""The dead-letter queue: what nobody could handle is kept, looked at, and replayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from patterns.core.message import Message
from patterns.core.run import Run
from patterns.pub_sub.network import Network
from patterns.pub_sub.subscriptions import Subscription, title


@dataclass(frozen=True, slots=True)
class Parked:
    """One copy that was given up on, and for whom."""

    message: Message
    subscription: str
    attempts: int


class DeadLetters:
    """Parks and replays. Parked copies outlive a crash of the broker."""

    def __init__(self, run: Run, network: Network) -> None:
        self._run, self._network = run, network
        self._parked: list[Parked] = []

    def park(self, message: Message, subscription: Subscription, attempts: int) -> None:
        """Give up on a copy: the broker moves it out of everybody's way."""
        self._run.log.settled(message, subscription.node, "dead-lettered", f"{attempts} deliveries")
        self._network.tell("dead-letters", f"#{message.id} fails {attempts} times, so it is parked", message.id)
        letter = self._letter(message, subscription.name, "dead", "error")
        parked = Parked(message, subscription.name, attempts)
        self._network.fly(letter, "broker", "dead-letters", lambda: self._keep(parked))

    def replay(self, put_back: Callable[[Message, str, int], None], closed: Callable[[], str]) -> None:
        """Send everything parked back to the subscriptions that could not handle it."""
        batch, self._parked = self._parked, []
        for parked in batch:
            command = self._letter(parked.message, parked.subscription, "replay", "command")
            self._network.fly(
                command, "dead-letters", "broker",
                lambda parked=parked: put_back(parked.message, parked.subscription, parked.attempts),  # type: ignore[misc]
                closed=closed,
                dropped=lambda parked=parked: self._keep(parked),  # type: ignore[misc]
            )  # fmt: skip
        self._count()
        self._network.tell("dead-letters", f"{len(batch)} parked messages are sent back")

    def _keep(self, parked: Parked) -> None:
        self._parked.append(parked)
        self._count()

    def _count(self) -> None:
        self._run.log.changed("dead-letters", "parked", len(self._parked), "messages")

    def _letter(self, message: Message, subscription: str, what: str, role: str) -> Message:
        return Message(
            id=f"{message.id}/{what}/{subscription}", type=f"{title(what)} {message.type}", source="broker",
            time=self._run.clock.now(), subject=f"{what}.{subscription}", data={"order": message.id},
            role="command" if role == "command" else "error",
            correlation_id=message.correlation_id, causation_id=message.id,
        )  # fmt: skip
