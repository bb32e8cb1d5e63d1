"""Viewers in one process that cost as little as can be: they count frames, and note when each came.

`python -m tests.bench.viewers`
"""

from __future__ import annotations

import asyncio
import base64
import os
import time
from itertools import pairwise
from typing import Any

from tests.bench.child import obey, say

PATIENCE_SECONDS = 60.0


class Viewer(asyncio.Protocol):
    """A WebSocket client without the parts that a benchmark does not need."""

    def __init__(self, room: Room, path: str, first: bytes) -> None:
        self.room, self.path, self.first = room, path, first
        self.buffer = bytearray()
        self.is_open = False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET {self.path} HTTP/1.1\r\nHost: 127.0.0.1:{self.room.port}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer
        buffer += data
        if not self.is_open:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            self.is_open = buffer.startswith(b"HTTP/1.1 101")
            self.room.opened += self.is_open
            del buffer[: end + 4]
            if self.first:
                self.transport.write(mask(self.first))
        now = time.monotonic()
        while len(buffer) >= 4:
            length, start = buffer[1], 2
            if length == 126:
                length, start = int.from_bytes(buffer[2:4]), 4
            elif length == 127:
                length, start = int.from_bytes(buffer[2:10]), 10
            if len(buffer) < start + length:
                return
            if buffer[0] == 0x81:
                self.room.note(bytes(buffer[start : start + 44]), now)
            del buffer[: start + length]

    def connection_lost(self, problem: Exception | None) -> None:
        self.room.lost += 1


class Room:
    """All viewers of this process."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.opened = self.lost = self.frames = 0
        self.late: list[float] = []
        self.arrivals: dict[bytes, tuple[float, float]] = {}
        self.viewers: list[Viewer] = []

    def note(self, head: bytes, now: float) -> None:
        self.frames += 1
        if head.startswith(b"@"):  # the moment at which the server made it
            self.late.append(now - float(head[1:21]))
        elif head.startswith(b'{"t":"events"'):
            first, _ = self.arrivals.get(head[13:30], (now, now))
            self.arrivals[head[13:30]] = (first, now)

    async def enter(self, path: str, viewers: int, within: float, first: str) -> dict[str, Any]:
        """Open so many sockets, evenly within so many seconds; says how long it took until the last was open."""
        began, wanted = time.monotonic(), self.opened + viewers
        waves = []
        for number in range(viewers):
            await asyncio.sleep(max(0.0, began + number * within / viewers - time.monotonic()))
            waves.append(asyncio.ensure_future(self._open(path, first.encode())))
        while self.opened < wanted and time.monotonic() - began < PATIENCE_SECONDS:  # noqa: ASYNC110 - thousands count
            await asyncio.sleep(0.005)
        took = time.monotonic() - began
        await asyncio.gather(*waves, return_exceptions=True)
        return {"seconds": took, "opened": self.opened - wanted + viewers}

    async def _open(self, path: str, first: bytes) -> None:
        _, viewer = await asyncio.get_running_loop().create_connection(
            lambda: Viewer(self, path, first), "127.0.0.1", self.port
        )
        self.viewers.append(viewer)

    async def wait(self, frames: int, seconds: float) -> dict[str, Any]:
        """Until so many frames came, or so long."""
        began = time.monotonic()
        while self.frames < frames and time.monotonic() - began < seconds:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        late = sorted(self.late)
        spread = sorted(last - first for first, last in self.arrivals.values())
        firsts = sorted(first for first, _ in self.arrivals.values())
        gaps = sorted(b - a for a, b in pairwise(firsts))
        return {
            "frames": self.frames,
            "p50": quantile(late, 0.5),
            "p99": quantile(late, 0.99),
            "spread_p50": quantile(spread, 0.5),
            "spread_p95": quantile(spread, 0.95),
            "gap_p95": quantile(gaps, 0.95),
            "lost": self.lost,
        }

    def reset(self) -> None:
        self.frames = 0
        self.late.clear()
        self.arrivals.clear()


def quantile(ordered: list[float], q: float) -> float:
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0


def mask(text: bytes) -> bytes:
    """A client's text frame; a key of zeros masks nothing."""
    return bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text


async def main() -> None:
    rooms: dict[int, Room] = {}

    async def act(command: dict[str, Any]) -> dict[str, Any]:
        room = rooms.setdefault(command["port"], Room(command["port"]))
        if command["do"] == "enter":
            return await room.enter(command["path"], command["viewers"], command["within"], command.get("first", ""))
        if command["do"] == "wait":
            return await room.wait(command["frames"], command["seconds"])
        if command["do"] == "leave":
            for viewer in rooms.pop(command["port"]).viewers:
                viewer.transport.abort()
            return {}
        room.reset()
        return {}

    obey(asyncio.get_running_loop(), act)
    say(port=0)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
