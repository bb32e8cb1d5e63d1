"""The NATS server belongs to the process that started it, however that one ends."""

import os
import signal
import subprocess
import sys
import time

import pytest

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
