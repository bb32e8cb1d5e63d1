"""The shop: one browser, one page server, its cache and four services, wired to a run."""

from __future__ import annotations

from patterns.carriers.call import Carrier
from patterns.carriers.direct import Direct
from patterns.carriers.loopback import Loopback
from patterns.core.clock import FASTEST, Clock, LiveClock
from patterns.core.faults import Asked
from patterns.core.run import Run
from patterns.request_response.browser import Browser
from patterns.request_response.cache import Cache
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.page import Page
from patterns.request_response.recommendations import Recommendations
from patterns.request_response.server import Server
from patterns.request_response.service import Service
from patterns.request_response.stock import Stock


class Shop:
    """The backend of the request-response lab."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._network = network = Network(run, choose_carrier(run.clock))
        narrator = Narrator(run.log, run.clock)
        self._cache = Cache(network, narrator)
        servers: list[Server] = [
            Service(network, "price", narrator),
            Service(network, "reviews", narrator),
            Stock(network, "stock", narrator),
            Recommendations(network, "recommendations", narrator),
            self._cache,
            Page(network, narrator),
        ]
        self._servers = {server.name: server for server in servers}
        self._browser = Browser(network, narrator)

    async def start(self) -> None:
        """Open every server, then let visitors in."""
        for server in self._servers.values():
            await server.open()
        self._run.faults.when("crash", self._crash, self._restart)
        self._run.faults.when("flush-cache", self._cache.flush, lambda asked: None)
        self._run.spawn(self._browser.open(), "visitors")

    async def stop(self) -> None:
        """Close every socket."""
        await self._network.close()

    def _crash(self, asked: Asked) -> None:
        self._run.spawn(self._servers[asked.target].crash(asked), f"crash of {asked.target}")

    def _restart(self, asked: Asked) -> None:
        if not self._run.log.closed:
            self._run.spawn(self._servers[asked.target].restart(), f"restart of {asked.target}")


def choose_carrier(clock: Clock) -> Carrier:
    """Sockets for time that a person watches; direct calls for time that jumps or runs faster than sockets can."""
    if isinstance(clock, LiveClock) and clock.speed <= FASTEST:
        return Loopback()
    return Direct()
