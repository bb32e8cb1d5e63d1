"""The NATS server belongs to the process that started it, however that one ends."""

import asyncio
import gc
import os
import signal
import subprocess
import sys
import time

import pytest

from patterns.engines.nats import NatsServer

START = """
import asyncio
from patterns.engines.nats import NatsServer

async def main():
    server = NatsServer()
    await server.start()
    print(server._process.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


def _is_alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child's life to its parent's")
def test_a_killed_host_leaves_no_server_behind():
    host = subprocess.Popen([sys.executable, "-c", START], stdout=subprocess.PIPE, text=True)
    assert host.stdout is not None
    server = int(host.stdout.readline())
    assert _is_alive(server)
    os.kill(host.pid, signal.SIGKILL)
    host.wait()
    for _ in range(100):
        if not _is_alive(server):
            return
        time.sleep(0.05)
    os.kill(server, signal.SIGKILL)
    raise AssertionError("nats-server outlived the host that started it")


async def test_a_client_that_fails_over_the_servers_death_is_asked_how_it_ended(caplog: pytest.LogCaptureFixture):
    server = NatsServer()
    client = await server.start()

    def write_to_what_is_gone(payload: list[bytes]) -> None:
        raise AttributeError("'NoneType' object has no attribute '_add_writer'")

    def read_from_what_is_gone() -> bool:
        raise ConnectionResetError

    client._pending, client._pending_data_size = [b"PING\r\n"], 6
    client._transport.writelines = write_to_what_is_gone
    client._transport.at_eof = read_from_what_is_gone
    os.kill(server._process.pid, signal.SIGKILL)  # by somebody else, so that the client is not told
    reading = client._reading_task
    await asyncio.wait({reading}, timeout=10)
    assert isinstance(reading._exception, AttributeError)  # looked at so that it still counts as never asked
    await server.stop()
    del reading, client
    gc.collect()
    assert [record.message for record in caplog.records if record.name == "asyncio"] == []


async def test_a_server_that_is_started_again_leaves_no_task_of_the_first_connection():
    server = NatsServer()
    before = asyncio.all_tasks()
    await server.start()
    server.kill()
    await server.start()
    await server.stop()
    assert asyncio.all_tasks() == before
