"""The site in a process of its own, and a viewer of one of its labs."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parent.parent.parent
SERVE = "import sys; from explorer.labs.server import serve; serve('127.0.0.1', int(sys.argv[1]))"
PATIENCE_SECONDS = 20.0


class Served:
    """A site that answers at `port` until it is ended."""

    def __init__(self, database: Path, **environment: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        ours = {"DJANGO_SETTINGS_MODULE": "explorer.settings", "DATABASE_URL": f"sqlite:///{database}"}
        self.environment = {**os.environ, **ours, **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SERVE, str(self.port)], cwd=ROOT, env=self.environment
        )
        self.wait()

    def wait(self) -> None:
        """Return once somebody listens at the port."""
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.1)
        raise AssertionError("the site does not answer")

    def manage(self, *arguments: str) -> None:
        subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, check=True)

    async def open(self, slug: str = "pub-sub", **options: Any) -> Viewer:
        """A viewer whom a host has greeted."""
        address = f"ws://127.0.0.1:{self.port}/ws/labs/{slug}/"
        viewer = Viewer(await connect(address, max_size=None, compression=None, ping_interval=None, **options))
        await viewer.find("hello")
        return viewer

    def hosts(self) -> list[int]:
        """Process ids of the hosts."""
        found = []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
                if parent == self.process.pid and b"patterns.host" in (path / "cmdline").read_bytes():
                    found.append(int(path.name))
            except OSError:
                continue
        return found

    def end(self, how: int = signal.SIGTERM) -> int:
        if self.process.poll() is None:
            self.process.send_signal(how)
        return self.process.wait(10)


class Viewer:
    """One socket, and all it was sent."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.frames: list[dict[str, Any]] = []
        self.raw: list[str] = []
        self.numbers = iter(range(1, 10_000))

    async def read(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_SECONDS):
            self.raw.append(str(await self.connection.recv()))
        self.frames.append(orjson.loads(self.raw[-1]))
        return self.frames[-1]

    async def find(self, kind: str, wanted: Callable[[dict[str, Any]], bool] = lambda _: True) -> dict[str, Any]:
        """The next frame of this kind that is wanted."""
        while True:
            frame = await self.read()
            if frame["t"] == kind and wanted(frame):
                return frame

    async def ask(self, c: str, **fields: Any) -> dict[str, Any]:
        number = next(self.numbers)
        await self.say({"c": c, "id": number, **fields})
        while True:
            frame = await self.read()
            if frame.get("re") == number:
                return frame

    async def say(self, command: dict[str, Any]) -> None:
        await self.connection.send(orjson.dumps(command).decode())

    async def start(self, **fields: Any) -> str:
        answer = await self.ask("start", **fields)
        assert answer["t"] == "ok", answer
        return str([frame for frame in self.frames if frame["t"] == "run"][-1]["run"])

    async def close(self) -> None:
        await self.connection.close()
