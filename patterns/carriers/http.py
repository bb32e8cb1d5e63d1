"""HTTP on both sides, by aiohttp: one server for one handler, and one client for all calls."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
from aiohttp import web

from patterns.carriers.call import Handler, Refused, Request, Response
from patterns.carriers.work import Work
from patterns.core.clock import settle

HOST = "127.0.0.1"
CLOSING_SECONDS = 0.05
"""How long aiohttp waits for handlers that have been ended already. 0 would mean for ever."""


class HttpServer:
    """A real HTTP server on an ephemeral loopback port."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._work = Work()
        self._runner: web.ServerRunner | None = None
        self.port = 0

    async def start(self) -> None:
        """Listen. aiohttp makes the socket: one made by hand with proto=0 loses TCP_NODELAY, and 44 ms a call."""
        server = web.Server(self._answer, access_log=None)
        self._runner = web.ServerRunner(server, shutdown_timeout=CLOSING_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0, backlog=1024).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        """End what it works on, break its connections, free its port."""
        await self._work.drop("")
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, http: web.BaseRequest) -> web.StreamResponse:
        body = await http.text()
        headers = {name.lower(): value for name, value in http.headers.items()}
        request = Request(http.method, http.path_qs, headers, json.loads(body) if body else None)
        try:
            response = await self._work.do("", self._handler, request)
        except Refused:
            if http.transport is not None:
                http.transport.abort()
            return web.Response()  # goes nowhere: there is no connection any more
        return web.Response(status=response.status, headers=response.headers, **_content(response.body))


class HttpClient:
    """Calls by port, over kept-alive connections, with no bound of its own on how many or how long."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def call(self, port: int, request: Request) -> Response:
        """Make one call.

        Raises:
            Refused: nobody listens on that port, or the connection broke.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=None)
            )
        url = f"http://{HOST}:{port}{request.path}"
        content = {} if request.body is None else {"json": request.body}
        try:
            async with self._session.request(request.method, url, headers=request.headers, **content) as http:
                body = await http.text()
        except aiohttp.ClientConnectionError as problem:
            raise Refused(f"port {port}: {problem}") from None
        headers = {name.lower(): value for name, value in http.headers.items()}
        return Response(http.status, json.loads(body) if body else None, headers)

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()
            await settle()  # a transport closes in the turn after it was told to


def _content(body: Any) -> dict[str, Any]:
    return {} if body is None else {"text": json.dumps(body), "content_type": "application/json"}


async def stop_all(servers: list[HttpServer]) -> None:
    """Stop several servers side by side: each takes a few turns of the loop."""
    await asyncio.gather(*(server.stop() for server in servers))
