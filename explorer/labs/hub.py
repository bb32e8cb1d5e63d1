"""One run's viewers in this process: the same bytes to all, and never a queue for one who lags."""

from __future__ import annotations

from collections.abc import Callable

from explorer.labs.outlet import Give, Outlet, frame_text, ignore


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
    """Those who watch one run. `seq` is the last log event in the frames so far.

    Nearly always nothing waits for anybody. Then a frame costs each viewer his socket's own `send` and nothing else:
    with a look into each outlet it cost a sixth more. An outlet says when something begins to wait.
    """

    def __init__(self) -> None:
        self.seq = 0
        self._watchers: set[Watcher] = set()
        self._free: list[Watcher] = []
        self._gives: list[Give] = []
        """The sends of the free ones, in their order."""
        self._held: list[Watcher] = []
        self._is_sorted = True

    def __len__(self) -> int:
        return len(self._watchers)

    def add(self, watcher: Watcher, seq: int) -> None:
        """Show the run to a watcher who holds its log up to `seq`."""
        watcher.leave()
        watcher.hub, watcher.lags_since = self, None
        watcher.outlet.on_wait = self._forget_order
        self.seq = max(self.seq, seq)
        self._watchers.add(watcher)
        self._is_sorted = False

    def remove(self, watcher: Watcher) -> None:
        """Show it no longer."""
        self._watchers.discard(watcher)
        watcher.hub, watcher.outlet.on_wait = None, ignore
        self._is_sorted = False

    def broadcast(self, seq: int, frame: bytes) -> None:
        """Write a frame, after which its readers hold the log up to `seq`, to everyone who keeps up."""
        framed = frame_text(frame)
        before, self.seq = self.seq, seq
        if not self._is_sorted:
            self._sort()
        free = self._free
        rests = give_all(self._gives, framed)
        for watcher in self._held:
            self._offer(watcher, framed, before)
        for place, rest in rests:
            free[place].outlet.write(rest)

    def _offer(self, watcher: Watcher, framed: bytes, before: int) -> None:
        if watcher.lags_since is not None:
            self._readmit(watcher)
        elif not watcher.outlet.offer(framed):
            watcher.lags_since = before
        elif watcher.outlet.give is not None:
            self._is_sorted = False

    def _sort(self) -> None:
        """Tell those who can be given bytes at once from those who have to be looked after."""
        self._free, self._gives, self._held = [], [], []
        for watcher in self._watchers:
            give = watcher.outlet.give
            if give is not None and watcher.lags_since is None:
                self._free.append(watcher)
                self._gives.append(give)
            else:
                self._held.append(watcher)
        self._is_sorted = True

    def _forget_order(self) -> None:
        self._is_sorted = False

    def _readmit(self, watcher: Watcher) -> None:
        if watcher.outlet.unsent_bytes == 0 and watcher.lags_since is not None:
            self.remove(watcher)  # until the host has told him what he missed
            watcher.ask_newest(watcher.lags_since)


def give_all(gives: list[Give], framed: bytes) -> list[tuple[int, bytes]]:
    """Give bytes to each; returns what was not taken, by place."""
    rests, size = [], len(framed)
    for place, give in enumerate(gives):
        try:
            taken = give(framed)
        except BlockingIOError:
            taken = 0
        except OSError:
            continue  # the connection is lost, and the reactor is about to say so
        if taken != size:
            rests.append((place, framed[taken:]))
    return rests
