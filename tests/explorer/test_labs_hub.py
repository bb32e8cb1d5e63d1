"""The same bytes to everyone who keeps up, and never a queue for one who does not."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from types import SimpleNamespace

import pytest

from explorer.labs.server import LabSocket  # first: it installs the reactor  # isort: skip

from explorer.labs.hub import Hub, Watcher
from explorer.labs.outlet import LAG_BYTES, STATE_OPEN, TOO_SLOW, DaphneOutlet, PlainOutlet, frame_text
from patterns.host.protocol import MAX_UNSENT_BYTES


class Shelf:
    """An outlet that keeps what it is given, and says that so much is unsent."""

    give = None

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.unsent_bytes = 0

    def offer(self, framed: bytes) -> bool:
        if self.unsent_bytes <= LAG_BYTES:
            self.got.append(framed)
        return self.unsent_bytes <= LAG_BYTES


class Transport:
    """Twisted's, as far as an outlet looks into it, over a real socket."""

    def __init__(self, end: socket.socket) -> None:
        self.end, self.dataBuffer, self.offset = end, b"", 0
        self._tempDataBuffer: list[bytes] = []
        end.setblocking(False)

    @property
    def _tempDataLen(self) -> int:  # noqa: N802 - Twisted's name
        return sum(map(len, self._tempDataBuffer))

    def getHandle(self) -> socket.socket:  # noqa: N802
        return self.end

    def write(self, data: bytes) -> None:
        self._tempDataBuffer.append(data)


class Closing(list):
    def hang_up(self, code: int, why: str) -> None:
        self.append((code, why))


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.mark.parametrize(("size", "head"), [(5, 2), (125, 2), (126, 4), (65_535, 4), (65_536, 10)])
def test_a_frame_has_the_head_that_its_length_asks_for(size, head):
    framed = frame_text(b"x" * size)
    assert framed[0] == 0x81
    assert len(framed) == head + size
    length = framed[1] if head == 2 else int.from_bytes(framed[2:head])
    assert length == size


def test_everyone_gets_the_same_object():
    hub, shelves = Hub(), [Shelf() for _ in range(3)]
    for shelf in shelves:
        hub.add(Watcher(shelf, pytest.fail), 0)
    hub.broadcast(5, b"frame")
    assert {id(shelf.got[0]) for shelf in shelves} == {id(shelves[0].got[0])}


def test_one_who_lags_is_left_out_until_he_has_read_and_is_then_told_once():
    hub, slow, quick, asked = Hub(), Shelf(), Shelf(), []
    hub.add(Watcher(slow, asked.append), 0)
    hub.add(Watcher(quick, pytest.fail), 0)
    hub.broadcast(5, b"one")
    slow.unsent_bytes = LAG_BYTES + 1
    hub.broadcast(9, b"two")
    hub.broadcast(12, b"three")
    slow.unsent_bytes = 10
    hub.broadcast(13, b"four")
    assert asked == []
    slow.unsent_bytes = 0
    hub.broadcast(15, b"five")
    hub.broadcast(16, b"six")
    assert asked == [5]
    assert len(slow.got) == 1
    assert len(quick.got) == 6


def test_one_who_moves_to_another_run_leaves_the_first():
    first, second, shelf = Hub(), Hub(), Shelf()
    watcher = Watcher(shelf, pytest.fail)
    first.add(watcher, 0)
    second.add(watcher, 0)
    first.broadcast(1, b"no")
    second.broadcast(1, b"yes")
    assert shelf.got == [frame_text(b"yes")]
    watcher.leave()
    assert len(second) == 0


def test_with_nothing_queued_bytes_go_to_the_socket_at_once(pair):
    ours, theirs = pair
    transport = Transport(ours)
    outlet = DaphneOutlet(SimpleNamespace(state=STATE_OPEN, transport=transport))
    outlet.write(b"hello")
    assert theirs.recv(10) == b"hello"
    assert transport._tempDataBuffer == []


def test_what_the_socket_does_not_take_waits_in_order_and_is_bounded(pair):
    ours, _ = pair
    transport, closing = Transport(ours), Closing()
    outlet = DaphneOutlet(SimpleNamespace(state=STATE_OPEN, transport=transport, hang_up=closing.hang_up))
    while not transport._tempDataBuffer:
        outlet.write(b"x" * 50_000)
    while not closing:
        before = outlet.unsent_bytes
        outlet.write(b"y" * 50_000)
    assert before + 50_000 > MAX_UNSENT_BYTES
    assert outlet.unsent_bytes == before
    assert closing[0][0] == TOO_SLOW


def watch(hub: Hub, end: socket.socket) -> Transport:
    transport = Transport(end)
    outlet = DaphneOutlet(SimpleNamespace(state=STATE_OPEN, transport=transport))
    hub.add(Watcher(outlet, pytest.fail), 0)
    return transport


def read_all(end: socket.socket) -> bytes:
    end.setblocking(False)
    parts = []
    with suppress(BlockingIOError):
        while part := end.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def test_no_frame_overtakes_the_rest_of_one_that_was_begun(pair):
    ours, theirs = pair
    hub, frames = Hub(), [bytes([65 + n]) * 20_000 for n in range(26)]
    transport, sent = watch(hub, ours), 0
    while not transport._tempDataBuffer:
        hub.broadcast(sent, frames[sent])
        sent += 1
    got = read_all(theirs)
    hub.broadcast(sent, frames[sent])  # there is room in the socket again, but not in front of what waits
    assert read_all(theirs) == b""
    got += b"".join(transport._tempDataBuffer)
    transport._tempDataBuffer.clear()
    hub.broadcast(sent + 1, b"looked after")
    hub.broadcast(sent + 2, b"free again")
    assert transport._tempDataBuffer == []
    expected = [*frames[: sent + 1], b"looked after", b"free again"]
    assert got + read_all(theirs) == b"".join(map(frame_text, expected))


def test_one_who_does_not_read_holds_up_nobody(pair):
    hub, (other, reader) = Hub(), socket.socketpair()
    with other, reader:
        slow, quick = watch(hub, pair[0]), watch(hub, other)
        got = b""
        while not slow._tempDataBuffer:
            hub.broadcast(1, b"x" * 20_000)
            got += read_all(reader)
        hub.broadcast(2, b"last")
        assert read_all(reader) == frame_text(b"last")
        assert quick._tempDataBuffer == []


def test_a_socket_that_is_gone_costs_the_others_nothing(pair):
    hub, (other, reader) = Hub(), socket.socketpair()
    with other, reader:
        watch(hub, other)
        gone = watch(hub, pair[0])
        hub.broadcast(1, b"one")
        pair[0].close()
        hub.broadcast(2, b"two")
        assert read_all(reader) == frame_text(b"one") + frame_text(b"two")
        assert gone._tempDataBuffer == []


def test_a_frame_waits_behind_a_pong_that_the_server_itself_sends(pair):
    ours, theirs = pair
    hub, protocol = Hub(), LabSocket()
    protocol.transport, protocol.state, protocol.send_queue = Transport(ours), STATE_OPEN, []
    protocol.logOctets = False
    protocol.peer, protocol.trafficStats = "peer", SimpleNamespace(outgoingOctetsWireLevel=0)
    protocol.outlet = DaphneOutlet(protocol)
    hub.add(Watcher(protocol.outlet, pytest.fail), 0)
    hub.broadcast(1, b"one")
    assert read_all(theirs) == frame_text(b"one")
    protocol.sendData(b"pong")
    hub.broadcast(2, b"two")
    assert read_all(theirs) == b""
    assert protocol.transport._tempDataBuffer == [b"pong", frame_text(b"two")]


def test_nothing_is_written_to_a_socket_that_closes(pair):
    ours, theirs = pair
    DaphneOutlet(SimpleNamespace(state=STATE_OPEN - 1, transport=Transport(ours))).write(b"late")
    theirs.setblocking(False)
    with pytest.raises(BlockingIOError):
        theirs.recv(10)


def test_with_tls_bytes_go_through_the_transport(pair):
    transport = Transport(pair[0])
    transport.TLS = True
    DaphneOutlet(SimpleNamespace(state=STATE_OPEN, transport=transport)).write(b"secret")
    assert transport._tempDataBuffer == [b"secret"]


async def test_a_plain_server_gets_messages_in_order_and_a_close_past_the_bound():
    sent, gate = [], asyncio.Event()

    async def send(message: dict) -> None:
        sent.append(message)
        await gate.wait()

    outlet = PlainOutlet(send)
    for word in ("one", "two", "three"):
        outlet.write(frame_text(word.encode()))
    await asyncio.sleep(0)
    outlet.write(frame_text(b"z" * MAX_UNSENT_BYTES))
    gate.set()
    await asyncio.gather(outlet._sender)
    assert [message.get("text", message.get("code")) for message in sent] == ["one", TOO_SLOW]


async def test_a_plain_server_is_given_every_message_whole():
    sent = []

    async def send(message: dict) -> None:
        sent.append(message["text"])

    outlet, words = PlainOutlet(send), ["one", "x" * 200, "y" * 70_000]
    for word in words:
        outlet.write(frame_text(word.encode()))
    await asyncio.gather(outlet._sender)
    assert sent == words
    assert outlet.unsent_bytes == 0
