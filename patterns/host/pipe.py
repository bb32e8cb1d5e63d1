"""The pipe between the site and one host process: one loopback connection that carries many channels.

An envelope is `length, kind, number` in network byte order and then its payload. The number names a viewer or a run, as
the kind says; the site numbers viewers, the host numbers runs. Order is kept, so a viewer who is attached to a run gets
exactly the run's frames that were made from then on.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from enum import IntEnum

HEADER = struct.Struct("!IBI")
SEQ = struct.Struct("!I")
MAX_ENVELOPE_BYTES = 64 * 1024 * 1024
"""Far above the largest recording; a length beyond it means that the two sides are out of step."""


class Kind(IntEnum):
    """What an envelope is about, and whom its number names."""

    # host to site
    HELLO = 1
    """First of all: the secret. The number is the host's."""
    BEAT = 2
    """Once a second: the host's loop turns. The payload is JSON: how much it holds."""
    TO_VIEWER = 3
    """A frame for one viewer."""
    TO_RUN = 4
    """A frame for all viewers of a run; the first four bytes are the seq of the last log event they then hold."""
    ATTACH = 5
    """This viewer gets the frames of the run named by the first four payload bytes from here on; the next four are the
    seq he holds."""
    DETACH = 6
    """This viewer gets no more frames of a run."""
    RECORDING = 7
    """A recording that this viewer asked to keep: length of a JSON head, the head, the gzipped recording."""

    # site to host
    OPEN = 16
    """A viewer came: JSON of the pattern's slug and who he is."""
    COMMAND = 17
    """What a viewer sent, as he sent it."""
    CLOSE = 18
    """A viewer left."""
    LAGS = 19
    """A viewer was not sent frames after the seq in the payload, and can take more again: give him the newest state."""


class Pipe(asyncio.Protocol):
    """One end of the pipe.

    Args:
        receive: called with each envelope's kind, number and payload.
        lost: called once when the other end is gone.
    """

    def __init__(self, receive: Callable[[Pipe, int, int, bytes], None], lost: Callable[[Pipe], None]) -> None:
        self.receive = receive
        self._lost = lost
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._waiting: list[bytes] = []

    @property
    def unsent_bytes(self) -> int:
        """What the other end has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def send(self, kind: Kind, number: int, payload: bytes = b"") -> None:
        """Put an envelope on its way; into a pipe that is gone it falls silently, since `lost` has told."""
        if not self._waiting:  # what is sent in one turn of the loop costs the operating system one call
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting += (HEADER.pack(len(payload), kind, number), payload)

    def close(self) -> None:
        """Hang up."""
        self._flush()
        if self._transport is not None:
            self._transport.close()

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if waiting and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(waiting))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Asyncio's call: the other end is there."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Asyncio's call: hand on every envelope that is complete."""
        buffer = self._buffer
        buffer += data
        start = 0
        while len(buffer) - start >= HEADER.size:
            length, kind, number = HEADER.unpack_from(buffer, start)
            if length > MAX_ENVELOPE_BYTES:
                self.close()
                return
            end = start + HEADER.size + length
            if len(buffer) < end:
                break
            self.receive(self, kind, number, bytes(memoryview(buffer)[start + HEADER.size : end]))
            start = end
        if start:
            del buffer[:start]

    def connection_lost(self, exc: Exception | None) -> None:
        """Asyncio's call: the other end is gone."""
        self._lost(self)
