"""A way out to one viewer: the fast one into Daphne's transport, and the plain one for every other server.

A run's frame goes to a thousand viewers twenty times a second. So it is framed once as a WebSocket message, and while
nothing waits for a socket it is given to the operating system at once: no coroutine, no queue, no copy. What the system
does not take goes the usual way, through Twisted's buffer.
"""

from __future__ import annotations

import asyncio
import struct
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from patterns.host.protocol import MAX_UNSENT_BYTES

LAG_BYTES = 64 * 1024
"""A viewer with more than this unread gets no further frames of a run, but the newest state once he has read."""
TEXT_FRAME = 0x81
STATE_OPEN = 3  # autobahn's WebSocketProtocol.STATE_OPEN, without the import
TOO_SLOW = 3408
TOO_SLOW_WHY = "1 MB was waiting for you unread; the page comes back with the newest state"

Send = Callable[[dict[str, Any]], Awaitable[None]]
Give = Callable[[bytes], int]
"""A socket's own `send`: how many bytes the operating system took."""


def ignore() -> None:
    """Nobody wants to know."""


def frame_text(payload: bytes) -> bytes:
    """A whole WebSocket text message (RFC 6455, 5.2), unmasked as a server's are."""
    length = len(payload)
    if length < 126:
        return bytes((TEXT_FRAME, length)) + payload
    if length < 65536:
        return struct.pack("!BBH", TEXT_FRAME, 126, length) + payload
    return struct.pack("!BBQ", TEXT_FRAME, 127, length) + payload


class Outlet(Protocol):
    """What a hub needs of a viewer's socket."""

    on_wait: Callable[[], None]
    """Called when `give` is no longer what it was said to be."""

    @property
    def give(self) -> Give | None:
        """The socket's own way to take bytes, if none wait before them and it is open; else None."""

    @property
    def unsent_bytes(self) -> int:
        """What waits in this process because the viewer has not read."""

    def write(self, framed: bytes) -> None:
        """Send a whole WebSocket message, made by `frame_text`; past 1 MB unsent, hang up with a reason instead."""

    def offer(self, framed: bytes) -> bool:
        """Send it if the viewer keeps up; False if more than LAG_BYTES wait for him already."""


class DaphneOutlet:
    """Writes into the transport of Daphne's WebSocket protocol."""

    __slots__ = ("_give", "_protocol", "_transport", "on_wait")

    def __init__(self, protocol: Any) -> None:
        self.on_wait: Callable[[], None] = ignore
        self._protocol = protocol
        self._transport = protocol.transport
        # with TLS on, bytes given to the socket itself would go out unencrypted
        is_plain = not getattr(self._transport, "TLS", False) and hasattr(self._transport, "getHandle")
        self._give: Give | None = self._transport.getHandle().send if is_plain else None

    @property
    def give(self) -> Give | None:
        transport = self._transport
        is_free = self._protocol.state == STATE_OPEN and not transport.dataBuffer and not transport._tempDataBuffer
        return self._give if is_free else None

    @property
    def unsent_bytes(self) -> int:
        transport = self._transport
        return len(transport.dataBuffer) - transport.offset + transport._tempDataLen if self._give is not None else 0

    def write(self, framed: bytes) -> None:
        protocol, give = self._protocol, self.give
        if protocol.state != STATE_OPEN:
            return
        if give is not None:
            framed = framed[_take(give, framed) :]  # what is begun is ended, however long it is
        elif self.unsent_bytes + len(framed) > MAX_UNSENT_BYTES:
            protocol.hang_up(TOO_SLOW, TOO_SLOW_WHY)
            return
        if framed:
            self._transport.write(framed)
            self.on_wait()

    def offer(self, framed: bytes) -> bool:
        if self.unsent_bytes > LAG_BYTES:
            return False
        self.write(framed)
        return True


def _take(give: Give, framed: bytes) -> int:
    try:
        return give(framed)
    except BlockingIOError:
        return 0
    except OSError:
        return len(framed)  # the connection is lost, and the reactor is about to say so


class PlainOutlet:
    """Sends through the ASGI `send` of any server, one message after the other."""

    give = None

    def __init__(self, send: Send) -> None:
        self.on_wait: Callable[[], None] = ignore
        self._send = send
        self._waiting: deque[bytes] = deque()
        self._sender: asyncio.Task[None] | None = None
        self.unsent_bytes = 0

    def write(self, framed: bytes) -> None:
        if self.unsent_bytes + len(framed) > MAX_UNSENT_BYTES:
            self._waiting.clear()
            self._waiting.append(b"")
        else:
            self._waiting.append(framed)
            self.unsent_bytes += len(framed)
        if self._sender is None:
            self._sender = asyncio.create_task(self._drain())

    def offer(self, framed: bytes) -> bool:
        if self.unsent_bytes > LAG_BYTES:
            return False
        self.write(framed)
        return True

    async def _drain(self) -> None:
        try:
            while self._waiting:
                framed = self._waiting.popleft()
                if not framed:
                    await self._send({"type": "websocket.close", "code": TOO_SLOW, "reason": TOO_SLOW_WHY})
                    return
                await self._send({"type": "websocket.send", "text": _unframe(framed)})
                self.unsent_bytes -= len(framed)
        finally:
            self._sender = None


def _unframe(framed: bytes) -> str:
    start = {126: 4, 127: 10}.get(framed[1], 2)
    return framed[start:].decode()
