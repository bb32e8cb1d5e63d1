"""One socket's way to a host and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson

from explorer.labs.hub import Watcher
from explorer.labs.outlet import Outlet, frame_text
from patterns.host.pipe import SEQ, Kind
from patterns.host.protocol import MAX_QUEUED_COMMANDS

if TYPE_CHECKING:
    from explorer.labs.host_process import HostProcess
    from explorer.labs.supervisor import Supervisor


class Viewer:
    """Someone who looks at a lab. There may be thousands of them, so each is small.

    Args:
        supervisor: finds him a host.
        number: his number on the pipe.
        slug, visitor: the lab he is in and who he is.
        outlet: his socket.
        keep: called with the head and the gzipped recording of a run he asked to keep.
    """

    __slots__ = ("_supervisor", "host", "keep", "number", "slug", "visitor", "waiting", "watcher")

    def __init__(
        self,
        supervisor: Supervisor,
        number: int,
        slug: str,
        visitor: str,
        outlet: Outlet,
        keep: Callable[[dict[str, Any], bytes], None],
    ) -> None:
        self.number = number
        self.slug = slug
        self.visitor = visitor
        self.keep = keep
        self.host: HostProcess | None = None
        self.waiting: tuple[bytes, ...] = ()
        self.watcher = Watcher(outlet, self._ask_newest)
        self._supervisor = supervisor

    def tell(self, frame: dict[str, Any]) -> None:
        """Send him a frame the site itself makes."""
        self.deliver(orjson.dumps(frame))

    def deliver(self, frame: bytes) -> None:
        """Send him a frame."""
        self.watcher.outlet.write(frame_text(frame))

    def command(self, data: bytes) -> None:
        """Pass on what he sent, at once or when there is a host."""
        if b'"join"' in data:
            self._supervisor.follow(self, data)
        if self.host is not None and self.host.pipe is not None:
            self.host.pipe.send(Kind.COMMAND, self.number, data)
        elif len(self.waiting) < MAX_QUEUED_COMMANDS:
            self.waiting += (data,)
        else:
            self.tell({"t": "error", "re": 0, "why": "the process that runs labs is starting; try again in a second"})

    def leave(self) -> None:
        """He is gone."""
        self.watcher.leave()
        self._supervisor.forget(self)

    def _ask_newest(self, seq: int) -> None:
        if self.host is not None and self.host.pipe is not None:
            self.host.pipe.send(Kind.LAGS, self.number, SEQ.pack(seq))
