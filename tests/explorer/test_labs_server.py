"""The served site under bad input and bad luck: whoever causes it gets a sentence, and everyone else goes on."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import urllib.request
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from served import Served, Viewer
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

pytestmark = pytest.mark.xdist_group("served")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(tmp_path_factory.mktemp("labs") / "site.sqlite3")
    served.manage("migrate", "--verbosity", "0")
    yield served
    served.end()


@pytest.fixture
async def enter(site: Served) -> AsyncIterator[Callable]:
    opened: list[Viewer] = []

    async def open_one(**options) -> Viewer:
        opened.append(await site.open(**options))
        return opened[-1]

    yield open_one
    for viewer in opened:
        await viewer.close()


async def test_two_viewers_of_a_run_get_the_same_bytes(enter):
    ann, bob = await enter(), await enter()
    run = await ann.start(seed=7)
    await bob.ask("join", run=run)
    for viewer in (ann, bob):
        await viewer.find("events", lambda frame: frame["seq"] > 100)
    shown = [raw for raw in bob.raw if raw.startswith('{"t":"events"')]
    assert shown == [raw for raw in ann.raw if raw.startswith('{"t":"events"')][: len(shown)]


async def test_a_viewer_who_was_away_goes_on_where_he_was(enter, site):
    ann = await enter()
    run = await ann.start(seed=7, speed=4)
    await ann.find("events", lambda frame: frame["seq"] > 100)
    await ann.connection.close()
    last = seq_after(ann.frames)
    again = await enter()
    await again.ask("join", run=run, seq=last)
    came = [frame for frame in again.frames if frame["t"] == "events"]  # perhaps before the answer
    assert (came[0] if came else await again.find("events"))["seq"] == last + 1


async def test_a_foreign_page_may_open_no_socket(site):
    address = f"ws://127.0.0.1:{site.port}/ws/labs/pub-sub/"
    with pytest.raises(InvalidStatus) as refused:
        await connect(address, origin="https://example.com")
    assert refused.value.response.status_code == 403
    async with connect(address, origin=f"http://127.0.0.1:{site.port}"):
        pass


@pytest.mark.parametrize(
    ("path", "said"),
    [("ws/labs/nothing/", "there is no lab 'nothing'; there are: "), ("ws/", "there is no socket at this address")],
)
async def test_an_unknown_address_says_so_and_closes(site, enter, path, said):
    await enter()
    async with connect(f"ws://127.0.0.1:{site.port}/{path}") as connection:
        assert orjson.loads(await connection.recv())["why"].startswith(said)
        with pytest.raises(ConnectionClosed) as closed:
            await connection.recv()
    assert closed.value.rcvd.code == 4404
    assert closed.value.rcvd.reason.startswith(said)


@pytest.mark.parametrize("pieces", [1, 4])
async def test_an_oversize_message_ends_its_socket_with_a_sentence(enter, pieces):
    ann, bob = await enter(), await enter()
    await bob.start()
    text = "x" * 20_000
    await ann.connection.send(text if pieces == 1 else iter([text[:5000]] * pieces))
    assert (await ann.find("error"))["why"].endswith("bytes; the most is 16,384")
    with pytest.raises(ConnectionClosed) as closed:
        await ann.read()
    assert closed.value.rcvd.code == 1009
    await bob.find("events")


async def test_a_flood_gets_a_sentence_and_then_the_end_and_others_go_on(enter):
    ann, bob = await enter(), await enter()
    await bob.start()
    with suppress(ConnectionClosed):
        for _ in range(1000):
            await ann.say({"c": "pause"})
    with pytest.raises(ConnectionClosed) as closed:
        await ann.find("never")
    said = [frame["why"] for frame in ann.frames if frame["t"] == "error"]
    assert "more than 20 messages a second; the rest is dropped" in said
    assert len(said) < 60
    assert closed.value.rcvd.code == 4430
    await bob.find("events")


async def test_bytes_instead_of_text_get_a_sentence(enter):
    ann = await enter()
    await ann.connection.send(b'{"c": "start"}')
    assert (await ann.find("error"))["why"] == "this socket takes text messages only"
    await ann.start()


async def test_a_viewer_who_does_not_read_gets_the_newest_state_when_he_does(site, enter):
    lazy_socket = socket.socket()
    lazy_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    lazy_socket.connect(("127.0.0.1", site.port))
    lazy = await enter(sock=lazy_socket, max_queue=1)
    keen = await enter()
    run = await lazy.start(speed=10, settings={"publish-rate": 50})
    await keen.ask("join", run=run)
    await keen.find("events", lambda frame: frame["seq"] > 40_000)
    before = memory_bytes(site.process.pid)
    lagged = await lazy.find("lagged")
    snapshot = await lazy.find("snapshot")
    assert lagged["skipped"] > 1000
    assert snapshot["seq"] == lagged["skipped"] + max(seq_after(lazy.frames[:-2]), 0)
    assert memory_bytes(site.process.pid) - before < 8_000_000


async def test_one_address_has_fifty_sockets_and_no_more(site, enter):
    viewers = [await enter() for _ in range(50)]
    address = f"ws://127.0.0.1:{site.port}/ws/labs/pub-sub/"
    async with connect(address) as one_more:
        assert "50 sockets" in orjson.loads(await one_more.recv())["why"]
        with pytest.raises(ConnectionClosed) as closed:
            await one_more.recv()
    assert closed.value.rcvd.code == 4429
    await viewers[0].close()
    await enter()


async def test_killing_the_host_ends_its_runs_with_a_sentence_and_nothing_else(site, enter):
    ann, idle = await enter(), await enter()
    await ann.start()
    (host,) = site.hosts()
    os.kill(host, signal.SIGKILL)
    gone = await ann.find("gone")
    assert "has died; another is starting" in gone["why"]
    began = asyncio.get_running_loop().time()
    await ann.find("hello")
    assert asyncio.get_running_loop().time() - began < 5.0  # generous: two seconds on a busy machine
    await ann.start()
    await ann.find("events")
    await idle.find("hello")
    assert "gone" not in [frame["t"] for frame in idle.frames]
    assert site.hosts() != [host]


async def test_a_kept_run_can_be_fetched_in_every_format(site, enter):
    ann = await enter()
    await ann.start(speed=10, scenario="fan-out")
    await ann.find("events", lambda frame: any(row[0] == 9 for row in frame["rows"]))
    saved = await ann.ask("save", title="mine")
    assert saved["t"] == "saved"
    recording = orjson.loads(fetch(site, saved["url"] + "recording.json"))
    lines = [orjson.loads(line) for line in fetch(site, saved["url"] + "log.jsonl").splitlines()]
    trace = orjson.loads(fetch(site, saved["url"] + "trace.json"))
    assert (recording["title"], recording["scenario"]) == ("mine", "fan-out")
    assert [line["seq"] for line in lines] == list(range(1, recording["events"] + 1))
    assert lines[-1]["kind"] == "ended"
    assert lines[-1]["invariants"]["duplicated"] == "violated"
    assert len(trace["resourceSpans"]) > 4


async def test_a_body_that_is_too_large_is_refused_before_it_is_kept(site, enter):
    await enter()
    with socket.create_connection(("127.0.0.1", site.port)) as raw:
        raw.sendall(b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5000000\r\n\r\n")
        raw.settimeout(5)
        status = raw.recv(400)
    assert status.startswith(b"HTTP/1.1 413 ")
    assert b"larger than 4 MB" in status


async def test_a_site_that_is_told_to_stop_says_goodbye(tmp_path):
    site = Served(tmp_path / "site.sqlite3")
    try:
        viewer = await site.open()
        (host,) = site.hosts()
        site.process.send_signal(signal.SIGTERM)
        with pytest.raises(ConnectionClosed) as closed:
            await viewer.find("never")
        assert closed.value.rcvd.code == 1012
        await has_ended(host)
    finally:
        assert site.end() in (0, -signal.SIGTERM)


async def test_killing_the_site_leaves_no_orphan(tmp_path):
    site = Served(tmp_path / "site.sqlite3")
    try:
        viewer = await site.open()
        await viewer.start()
        (host,) = site.hosts()
        site.end(signal.SIGKILL)
        await has_ended(host)
    finally:
        site.end(signal.SIGKILL)


async def test_a_run_on_another_host_can_be_joined(tmp_path):
    site = Served(tmp_path / "site.sqlite3", EXPLORER_HOSTS="2", EXPLORER_PROXIES="1")

    async def come(visitors: range) -> list[Viewer]:  # one visitor's runs share a host, so each comes from elsewhere
        return [await site.open(additional_headers={"X-Forwarded-For": f"192.0.2.{n}"}) for n in visitors]

    try:
        viewers = await come(range(6))
        await asyncio.sleep(2.0)  # until the other host is there too
        viewers += await come(range(6, 10))
        runs = [await viewer.start() for viewer in viewers[:8]]
        assert len({run[0] for run in runs}) == 2
        for run in runs:
            assert (await viewers[-1].ask("join", run=run))["t"] == "ok"
    finally:
        site.end()


def seq_after(frames: list[dict]) -> int:
    """The seq of the last event in these frames."""
    last = 0
    for frame in frames:
        if frame["t"] == "events":
            last = frame["seq"] + sum(0 < row[0] < 10 for row in frame["rows"]) - 1
    return last


def memory_bytes(process: int) -> int:
    return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def fetch(site: Served, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{site.port}{path}") as response:
        return response.read()


async def has_ended(process: int) -> None:
    for _ in range(100):
        if not is_running(process):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("the host outlives its site")


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
