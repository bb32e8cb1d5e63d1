"""Starts the processes in which labs run, reaches them, and starts another when one dies or hangs.

A host connects back to the loopback port the supervisor listens on, and says the secret it was started with. Viewers
are spread over the hosts; what a viewer sends goes to his host untouched, and what a host sends to a run goes to the
run's hub.
"""

from __future__ import annotations

import asyncio
import hmac
import itertools
import logging
import secrets
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.conf import settings

from explorer.labs.host_process import HostProcess
from explorer.labs.hub import Hub
from explorer.labs.outlet import Outlet
from explorer.labs.viewer import Viewer
from patterns.host.pipe import SEQ, Kind, Pipe

logger = logging.getLogger(__name__)

RESTART_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits before the next start of a host that keeps dying at once; the last one repeats."""
STABLE_SECONDS = 10.0
GONE_WHY = "the process in which this run lived has died; another is starting, and what you have seen is still here"


class Supervisor:
    """All hosts of this site process. Lives in the server's event loop.

    Args:
        hosts: how many processes.
        arguments: further ones for each host, such as its limits.
        module: what a host runs.
    """

    def __init__(self, hosts: int, arguments: tuple[str, ...] = (), module: str = "patterns.host") -> None:
        self.hosts = [HostProcess(index) for index in range(hosts)]
        self._command = (sys.executable, "-m", module, *arguments)
        self._secret = secrets.token_urlsafe(32)
        self._environment: dict[str, str] = {}
        self._numbers = itertools.count(1)
        self._homeless: set[Viewer] = set()
        self._server: asyncio.Server | None = None
        self._keepers: list[asyncio.Task[None]] = []
        self._started: asyncio.Future[None] | None = None

    async def start(self) -> None:
        """Listen, and start the hosts; at once if they are started already."""
        if self._started is None:
            self._started = asyncio.get_running_loop().create_future()
            make = lambda: Pipe(self._greet, self._lose)  # noqa: E731
            self._server = await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0)
            port = self._server.sockets[0].getsockname()[1]
            self._environment = {"PATTERNS_HOST_PORT": str(port), "PATTERNS_HOST_SECRET": self._secret}
            self._keepers = [asyncio.create_task(self._keep(host), name=f"host {host.index}") for host in self.hosts]
            self._started.set_result(None)
        await asyncio.shield(self._started)

    async def close(self) -> None:
        """Hang up on the hosts, which makes them end, and wait for them a moment."""
        if self._server is not None:
            self._server.close()
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)

    async def admit(
        self, slug: str, visitor: str, outlet: Outlet, keep: Callable[[dict[str, Any], bytes], None]
    ) -> Viewer:
        """Find a place for a viewer; his host greets him with `hello`, now or when it is there."""
        await self.start()
        viewer = Viewer(self, next(self._numbers), slug, visitor, outlet, keep)
        self._place(viewer)
        return viewer

    def forget(self, viewer: Viewer) -> None:
        """Give a viewer's place up."""
        self._homeless.discard(viewer)
        host, viewer.host = viewer.host, None
        if host is not None:
            host.viewers.pop(viewer.number, None)
            if host.pipe is not None:
                host.pipe.send(Kind.CLOSE, viewer.number)

    def follow(self, viewer: Viewer, data: bytes) -> None:
        """Move a viewer to the host of the run he wants to join, if it is another than his."""
        if len(self.hosts) == 1:
            return
        try:
            index = int(str(orjson.loads(data)["run"]).partition("-")[0])
            host = self.hosts[index]
        except (ValueError, KeyError, IndexError, TypeError):
            return  # no such run; his own host says so
        if host is not viewer.host and host.pipe is not None and index >= 0:
            viewer.watcher.leave()
            self.forget(viewer)
            self._settle(viewer, host)

    # --- placing viewers ---------------------------------------------------------------------------------------

    def _place(self, viewer: Viewer) -> None:
        ready = [host for host in self.hosts if host.pipe is not None]
        if ready:
            self._settle(viewer, choose_host(ready, viewer.visitor))
        else:
            self._homeless.add(viewer)

    def _settle(self, viewer: Viewer, host: HostProcess) -> None:
        assert host.pipe is not None
        viewer.host = host
        host.viewers[viewer.number] = viewer
        who = {"pattern": viewer.slug, "visitor": viewer.visitor}
        host.pipe.send(Kind.OPEN, viewer.number, orjson.dumps(who))
        for command in viewer.waiting:
            host.pipe.send(Kind.COMMAND, viewer.number, command)
        viewer.waiting = ()

    # --- the pipes ---------------------------------------------------------------------------------------------

    def _greet(self, pipe: Pipe, kind: int, number: int, payload: bytes) -> None:
        """The first word on a new pipe must be the secret; then the pipe belongs to that host."""
        known = kind == Kind.HELLO and number < len(self.hosts) and hmac.compare_digest(payload, self._secret.encode())
        if not known:
            logger.warning("something that is no host connected to the hosts' port")
            pipe.close()
            return
        host = self.hosts[number]
        host.pipe, host.heard = pipe, time.monotonic()
        pipe.receive = lambda _, kind, number, payload: self._receive(host, kind, number, payload)
        for viewer in tuple(self._homeless):
            self._homeless.discard(viewer)
            self._place(viewer)

    def _receive(self, host: HostProcess, kind: int, number: int, payload: bytes) -> None:
        host.heard = time.monotonic()
        if kind == Kind.TO_RUN:
            if (hub := host.hubs.get(number)) is not None:
                hub.broadcast(SEQ.unpack_from(payload)[0], payload[SEQ.size :])
        elif kind == Kind.BEAT:
            host.runs = orjson.loads(payload)["runs"]
        elif (viewer := host.viewers.get(number)) is not None:
            self._serve(host, viewer, kind, payload)

    def _serve(self, host: HostProcess, viewer: Viewer, kind: int, payload: bytes) -> None:
        if kind == Kind.TO_VIEWER:
            viewer.deliver(payload)
        elif kind == Kind.ATTACH:
            run, seq = SEQ.unpack_from(payload)[0], SEQ.unpack_from(payload, SEQ.size)[0]
            host.hubs.setdefault(run, Hub()).add(viewer.watcher, seq)
        elif kind == Kind.DETACH:
            viewer.watcher.leave()
            host.hubs = {run: hub for run, hub in host.hubs.items() if len(hub)}
        elif kind == Kind.RECORDING:
            start = SEQ.size + SEQ.unpack_from(payload)[0]
            viewer.keep(orjson.loads(payload[SEQ.size : start]), payload[start:])

    def _lose(self, pipe: Pipe) -> None:
        for host in self.hosts:
            if host.pipe is pipe:
                self._bury(host)

    def _bury(self, host: HostProcess) -> None:
        """Tell the viewers of a dead host that their runs are over, and find them another."""
        orphans = list(host.viewers.values())
        host.pipe, host.hubs, host.viewers, host.runs = None, {}, {}, 0
        for viewer in orphans:
            viewer.host = None
            if viewer.watcher.hub is not None:
                viewer.tell({"t": "gone", "why": GONE_WHY})
                viewer.watcher.leave()
            self._place(viewer)

    # --- the processes -----------------------------------------------------------------------------------------

    async def _keep(self, host: HostProcess) -> None:
        """Keep one host alive until cancelled."""
        failures = 0
        while True:
            began = time.monotonic()
            try:
                await host.live(self._command, self._environment)
            except OSError as problem:
                logger.error("host %s cannot be started: %s", host.index, problem)
            finally:
                await host.end()
            failures = 0 if time.monotonic() - began > STABLE_SECONDS else failures + 1
            wait = RESTART_SECONDS[min(failures, len(RESTART_SECONDS) - 1)]
            logger.warning("host %s is gone; another starts in %g s", host.index, wait)
            await asyncio.sleep(wait)


def choose_host(ready: Sequence[HostProcess], visitor: str) -> HostProcess:
    """Where a visitor is already, so that one host counts all his runs; else where there is least to do."""
    if len(ready) > 1:
        for host in ready:
            if any(viewer.visitor == visitor for viewer in host.viewers.values()):
                return host
    return min(ready, key=lambda host: (host.runs, len(host.viewers)))


def make_supervisor() -> Supervisor:
    """The supervisor as the settings want it."""
    limits = (
        "--runs",
        str(settings.EXPLORER_RUNS_PER_HOST),
        "--runs-per-visitor",
        str(settings.EXPLORER_RUNS_PER_VISITOR),
    )
    return Supervisor(settings.EXPLORER_HOSTS, limits)


_supervisors: dict[asyncio.AbstractEventLoop, Supervisor] = {}


def the_supervisor() -> Supervisor:
    """The one supervisor of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _supervisors:
        _supervisors[loop] = make_supervisor()
    return _supervisors[loop]


def count_load() -> tuple[int, int]:
    """Runs going on and viewers present, over all hosts of this process; may be called from any thread."""
    hosts = [host for supervisor in list(_supervisors.values()) for host in supervisor.hosts]
    return sum(host.runs for host in hosts), sum(len(host.viewers) for host in hosts)
