"""How a message gets from one part of the shop to another, and what becomes of it when nobody is there."""

from __future__ import annotations

import re
from collections.abc import Callable

from patterns.core.message import Message
from patterns.core.run import Run

PLUMBING = True  # the line that sent a message is the one to read

QUIET = 3.0
"""Seconds until the same thing is said again, of whatever message and at whatever node."""


def _open() -> str:
    return ""


def _ignore() -> None:
    return None


class Network:
    """Flies messages over the declared links, at the hop time that is set now."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._told: dict[str, float] = {}

    def fly(
        self,
        message: Message,
        source: str,
        target: str,
        deliver: Callable[[], None],
        *,
        attempt: int = 1,
        lost_to: str = "",
        late: float = 0.0,
        why: str = "",
        closed: Callable[[], str] = _open,
        dropped: Callable[[], None] = _ignore,
    ) -> None:
        """Send one hop. If `closed` says on arrival why nobody is there, `dropped` is called in place of `deliver`."""
        wire = self._run.wire(source, target)
        wire.latency = self._run.number("read-hop" if wire.link.protocol == "stock query" else "hop-time")
        flight = wire.launch(message, attempt, lost_to, why, late)

        def arrive() -> None:
            flight.lost_to = flight.lost_to or closed()
            if flight.lost_to:
                flight.drop()
                dropped()
            else:
                flight.land()
                deliver()

        self._run.clock.call_at(flight.due, arrive)

    def tell(self, node: str, text: str, message: str = "") -> None:
        """Put a caption at a node, unless the same has just been said."""
        now, said = self._run.clock.now(), re.sub(r"[0-9]+", "", text)
        if now - self._told.get(said, -QUIET) >= QUIET:
            self._told[said] = now
            self._run.log.noted(node, text, message)
