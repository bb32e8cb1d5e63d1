"""The real host, in which a thread computes for ever once somebody opens a lab beside the others."""

from __future__ import annotations

import threading

from patterns.core.clock import real_seconds
from patterns.host import __main__ as entry
from patterns.host.host import Host
from patterns.host.pipe import Kind


class BurningHost(Host):
    """Burns on command, for so many seconds."""

    def receive(self, kind: int, number: int, payload: bytes) -> None:
        if kind == Kind.COMMAND and number == 0:
            threading.Thread(target=burn, args=(4.0,), daemon=True).start()
        else:
            super().receive(kind, number, payload)


def burn(seconds: float) -> None:
    """Take the interpreter as often as it can be had, as a large transform does."""
    until = real_seconds() + seconds
    while real_seconds() < until:
        sum(number * number for number in range(10_000))


if __name__ == "__main__":
    entry.Host = BurningHost  # type: ignore[misc]
    entry.main()
