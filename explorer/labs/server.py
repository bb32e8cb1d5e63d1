"""Daphne with bounds: how long its queue for new connections is, what a socket may send, and how it says goodbye.

Daphne itself never blocks a writer and never refuses a reader, so whoever floods it, or does not read, costs everyone
else. Past a bound the peer gets a sentence, then a close code, and the site goes on.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import orjson

# first, since importing it installs the asyncio reactor
from daphne.server import Server  # isort: skip

from daphne.ws_protocol import WebSocketProtocol
from django.conf import settings
from twisted.internet import defer, reactor

from explorer.labs.outlet import DaphneOutlet, frame_text
from explorer.labs.request import LabRequest
from patterns.host.protocol import MAX_COMMAND_BYTES, MAX_COMMANDS_PER_SECOND, MAX_QUEUED_COMMANDS

BACKLOG = 2048
SEND_BUFFER_BYTES = 64 * 1024
"""What the operating system may hold for one viewer. By default it grows to megabytes, and he lags before we notice."""
FLOOD = 10
"""A peer who sends so many times what is allowed is not clumsy but hostile, and is hung up on."""
GOODBYE_SECONDS = 0.3
CLOSING_SECONDS = 3.0
"""A viewer who was hung up on has so long to read why."""

RESTARTING, TOO_BIG = 1012, 1009
TOO_MANY_SOCKETS, TOO_FAST = 4429, 4430
SAID_BY_US = (TOO_BIG, TOO_MANY_SOCKETS, TOO_FAST)
"""With these a frame comes first, since a browser shows no code; other closers have sent theirs."""


class LabSocket(WebSocketProtocol):  # type: ignore[misc]
    """Daphne's WebSocket protocol with bounds on both directions."""

    outlet: DaphneOutlet | None = None
    _allowance = float(MAX_COMMANDS_PER_SECOND)
    _counted_at = 0.0
    _refused = 0
    _is_one_too_many = False

    def onConnect(self, request: Any) -> Any:  # noqa: N802 - autobahn's name
        """Count the sockets of an address; one too many opens only to hear why."""
        self.address = self.server_class.address_of(self, request.headers)
        if self.server_class.sockets[self.address] >= settings.EXPLORER_SOCKETS_PER_ADDRESS:
            self._is_one_too_many = True
            return None
        self.server_class.sockets[self.address] += 1
        self._is_counted = True
        return super().onConnect(request)

    @property
    def server_class(self) -> Any:
        """The server, as Daphne's factory calls it."""
        return self.factory.server_class

    def onOpen(self) -> None:  # noqa: N802
        """Take the fast way out from now on."""
        import socket

        if hasattr(self.transport, "getHandle"):
            self.transport.getHandle().setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.outlet = DaphneOutlet(self)
        if self._is_one_too_many:
            limit = settings.EXPLORER_SOCKETS_PER_ADDRESS
            self.hang_up(TOO_MANY_SOCKETS, f"your network has {limit} sockets open, which is all it may; close a tab")
            return
        super().onOpen()

    def onMessage(self, payload: bytes, isBinary: bool) -> None:  # noqa: N802, N803
        """Hand a message to the application, unless there are too many of them."""
        if self._is_one_too_many or self.muted:
            return
        if isBinary:
            self.refuse("this socket takes text messages only")
        elif not self._has_allowance():
            self._count_refusal(f"more than {MAX_COMMANDS_PER_SECOND} messages a second; the rest is dropped")
        elif self.application_queue.qsize() >= MAX_QUEUED_COMMANDS:
            self._count_refusal(f"{MAX_QUEUED_COMMANDS} messages are waiting already; the rest is dropped")
        else:
            super().onMessage(payload, isBinary)

    def onClose(self, wasClean: bool, code: int | None, reason: str | None) -> None:  # noqa: N802, N803
        """Give the address its place back."""
        if getattr(self, "_is_counted", False):
            self._is_counted = False
            self.server_class.release(self.address)
            super().onClose(wasClean, code, reason)

    def serverSend(self, content: Any, binary: bool = False) -> None:  # noqa: N802
        """Send what the application gives, by the same way as a hub's frames, so that their order is kept."""
        if self.outlet is None or binary:
            super().serverSend(content, binary)
        else:
            self.outlet.write(frame_text(content.encode()))

    def sendData(self, *data: Any, **how: Any) -> None:  # noqa: N802
        """Autobahn's pings, pongs and closes: a hub must not overtake them."""
        super().sendData(*data, **how)
        if self.outlet is not None:
            self.outlet.on_wait()

    def handle_reply(self, message: dict[str, Any]) -> None:
        """Daphne's call for what the application says; a close carries its reason, which Daphne leaves out."""
        if message["type"] == "websocket.close" and self.outlet is not None:
            self.hang_up(message.get("code") or 1000, message.get("reason") or "")
        else:
            super().handle_reply(message)

    def refuse(self, why: str) -> None:
        """Tell the peer why something he sent was dropped."""
        if self.outlet is not None:
            self.outlet.write(frame_text(orjson.dumps({"t": "error", "re": 0, "why": why})))

    def hang_up(self, code: int, why: str) -> None:
        """Say why, close, and drop the connection if the peer does not close in turn."""
        if self.state != self.STATE_OPEN:
            return
        if code in SAID_BY_US:
            self.refuse(why)
        self.sendCloseFrame(code=code, reasonUtf8=why.encode()[:120] if why else None)
        reactor.callLater(CLOSING_SECONDS, self.dropConnection, True)

    def _max_message_size_exceeded(self, size: int, limit: int, reason: str) -> None:
        self.hang_up(TOO_BIG, f"a message of {size:,} bytes; the most is {limit:,}")
        self.failedByMe = True

    def _has_allowance(self) -> bool:
        now = reactor.seconds()
        self._allowance = min(
            float(MAX_COMMANDS_PER_SECOND), self._allowance + (now - self._counted_at) * MAX_COMMANDS_PER_SECOND
        )
        self._counted_at = now
        if self._allowance < 1.0:
            return False
        self._allowance -= 1.0
        return True

    def _count_refusal(self, why: str) -> None:
        """One sentence a flood, not one for each of its messages; a flood that goes on ends the socket."""
        self._refused += 1
        if self._refused % (MAX_COMMANDS_PER_SECOND * FLOOD) == 0:
            self.hang_up(TOO_FAST, why)
        elif self._refused % MAX_COMMANDS_PER_SECOND == 1:
            self.refuse(why)


class LabServer(Server):  # type: ignore[misc]
    """Daphne with bounds. `sockets` counts the open ones by address."""

    def __init__(self, application: Any, host: str, port: int, **options: Any) -> None:
        self.sockets: Counter[str] = Counter()
        where = host.replace(":", "\\:")
        super().__init__(
            application,
            endpoints=[f"tcp:port={port}:interface={where}:backlog={BACKLOG}"],
            websocket_max_message_size=MAX_COMMAND_BYTES,
            websocket_max_frame_size=MAX_COMMAND_BYTES,
            websocket_timeout=-1,
            ready_callable=self._make_ready,
            server_name="",
            **options,
        )

    def create_application(self, protocol: Any, scope: dict[str, Any]) -> Any:
        """Let a consumer reach its socket's way out, which is there once it is accepted."""
        if isinstance(protocol, LabSocket):
            scope["socket"] = protocol
            scope["address"] = protocol.address
        return super().create_application(protocol, scope)

    def address_of(self, protocol: Any, headers: dict[str, str]) -> str:
        """Whose socket it is: the peer's address, or what the outermost of our own proxies says."""
        forwarded = [part.strip() for part in headers.get("x-forwarded-for", "").split(",") if part.strip()]
        proxies = settings.EXPLORER_PROXIES
        if proxies and len(forwarded) >= proxies:
            return forwarded[-proxies]
        return str(getattr(protocol.transport.getPeer(), "host", "unknown"))

    def release(self, address: str) -> None:
        """A socket of this address is gone."""
        self.sockets[address] -= 1
        if self.sockets[address] <= 0:
            del self.sockets[address]

    def _make_ready(self) -> None:
        self.ws_factory.protocol = LabSocket
        build = self.http_factory.buildProtocol

        def build_bounded(address: Any) -> Any:
            channel = build(address)
            channel.requestFactory = LabRequest
            return channel

        self.http_factory.buildProtocol = build_bounded
        reactor.addSystemEventTrigger("before", "shutdown", self._say_goodbye)
        reactor.callWhenRunning(self._warm_up)

    def _warm_up(self) -> None:
        from explorer.labs.supervisor import the_supervisor

        # a task's exception vanishes unless somebody asks for it
        task = asyncio.ensure_future(the_supervisor().start())
        task.add_done_callback(lambda done: done.cancelled() or done.result())

    def _say_goodbye(self) -> Any:
        from explorer.labs.supervisor import the_supervisor

        for protocol in list(self.connections):
            if isinstance(protocol, LabSocket):
                protocol.hang_up(RESTARTING, "the site restarts; this page comes back by itself")
        return defer.Deferred.fromFuture(asyncio.ensure_future(_close(the_supervisor().close())))


async def _close(closing: Any) -> None:
    await asyncio.gather(closing, asyncio.sleep(GOODBYE_SECONDS), return_exceptions=True)


def serve(host: str, port: int, *, signal_handlers: bool = True) -> None:
    """Serve the site until SIGINT or SIGTERM. Prints nothing; raises OSError if the address cannot be had."""
    from explorer.asgi import application

    make_server(application, host, port, signal_handlers=signal_handlers).run()


def make_server(application: Any, host: str, port: int, **options: Any) -> LabServer:
    """A server for an application, not running yet; `listening_addresses` says where once it does."""
    return LabServer(application, host, port, **options)
