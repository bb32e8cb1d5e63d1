"""A screen at the end of the line: a WebSocket on loopback that is told of each order Analytics has counted.

Real time, real sockets: a client in the same process reads the frames, and its clock is the publisher's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from math import ceil

from aiohttp import ClientSession, ClientWebSocketResponse, web

from patterns.core.clock import LiveClock, real_seconds
from patterns.core.experiment import Show
from patterns.core.log import Event, Settled
from patterns.core.pattern import Settings, discover
from patterns.core.run import Run
from patterns.core.scenario import Scenario


async def watch(settings: Settings, seed: int, seconds: float, show: Show, screen: bool) -> float:
    """The 95th percentile, in real seconds, from an order's storing to its effect at Analytics or, with a `screen`, to
    the arrival of its frame at the client.

    The run is shown when it is over: to make its frames meanwhile would cost the time that is measured.
    """
    run = Run(discover()["pub-sub"], seed, settings, clock=LiveClock(1.0))
    run.play(Scenario("screen", "Screen", "", seconds))
    window = Screen(run)
    async with window.connected() as socket:
        reading = asyncio.create_task(window.read(socket))
        await run.start()
        await run.ended
        await window.close()
        await reading
    show(run)
    ages = sorted(window.frame_ages if screen else window.effect_ages)
    return ages[ceil(0.95 * len(ages)) - 1]


class Screen:
    """Sends what the run's log says, and notes when it arrives."""

    def __init__(self, run: Run) -> None:
        self.effect_ages: list[float] = []
        self.frame_ages: list[float] = []
        self._births: dict[str, float] = {}
        self._news: asyncio.Queue[str | None] = asyncio.Queue()
        run.log.observe(self._observe)

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[ClientWebSocketResponse]:
        """A server for one screen, and the screen's own socket to it."""
        site = web.Application()
        site.router.add_get("/orders", self._serve)
        runner = web.AppRunner(site)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            async with ClientSession() as session, session.ws_connect(f"http://{host}:{port}/orders") as socket:
                yield socket
        finally:
            await runner.cleanup()

    async def read(self, socket: ClientWebSocketResponse) -> None:
        """Take frames until the server closes."""
        async for frame in socket:
            self.frame_ages.append(real_seconds() - self._births[json.loads(frame.data)["order"]])

    async def close(self) -> None:
        """Let the server say goodbye after what it still has to send."""
        await self._news.put(None)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        while (order := await self._news.get()) is not None:
            await socket.send_json({"order": order})
        await socket.close()
        return socket

    def _observe(self, event: Event) -> None:
        if not isinstance(event, Settled):
            return
        if (event.outcome, event.node) == ("accepted", "orders"):
            self._births[event.message] = real_seconds()
        elif (event.outcome, event.node) == ("applied", "analytics"):
            self.effect_ages.append(real_seconds() - self._births[event.message])
            self._news.put_nowait(event.message)
