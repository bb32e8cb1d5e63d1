"""One run's viewers in this process: the same bytes to all, and never a queue for one who lags."""

from __future__ import annotations

from collections.abc import Callable

from explorer.labs.outlet import Outlet, frame_text


class Watcher:
    """A viewer's place in a hub.

    Args:
        outlet: his socket.
        ask_newest: called with the seq he holds, once he lagged and can take more again.
    """

    __slots__ = ("ask_newest", "hub", "lags_since", "outlet")

    def __init__(self, outlet: Outlet, ask_newest: Callable[[int], None]) -> None:
        self.outlet = outlet
        self.ask_newest = ask_newest
        self.hub: Hub | None = None
        self.lags_since: int | None = None

    def leave(self) -> None:
        """Watch nothing."""
        if self.hub is not None:
            self.hub.remove(self)


class Hub:
    """Those who watch one run. `seq` is the last log event in the frames so far."""

    def __init__(self) -> None:
        self.seq = 0
        self._watchers: set[Watcher] = set()

    def __len__(self) -> int:
        return len(self._watchers)

    def add(self, watcher: Watcher, seq: int) -> None:
        """Show the run to a watcher who holds its log up to `seq`."""
        watcher.leave()
        watcher.hub, watcher.lags_since = self, None
        self.seq = max(self.seq, seq)
        self._watchers.add(watcher)

    def remove(self, watcher: Watcher) -> None:
        """Show it no longer."""
        self._watchers.discard(watcher)
        watcher.hub = None

    def broadcast(self, seq: int, frame: bytes) -> None:
        """Write a frame, after which its readers hold the log up to `seq`, to everyone who keeps up."""
        framed = frame_text(frame)
        before, self.seq = self.seq, seq
        for watcher in tuple(self._watchers):
            if watcher.lags_since is not None:
                self._readmit(watcher)
            elif not watcher.outlet.offer(framed):
                watcher.lags_since = before

    def _readmit(self, watcher: Watcher) -> None:
        if watcher.outlet.unsent_bytes == 0 and watcher.lags_since is not None:
            self.remove(watcher)  # until the host has told him what he missed
            watcher.ask_newest(watcher.lags_since)
