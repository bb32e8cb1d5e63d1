"""Calls over real HTTP on loopback sockets, servers and callers in this process: the default of the labs."""

from __future__ import annotations

from patterns.carriers.call import Handler, Refused, Request, Response
from patterns.carriers.http import HttpClient, HttpServer, stop_all


class Loopback:
    """A carrier with one HTTP server for each address."""

    def __init__(self) -> None:
        self._servers: dict[str, HttpServer] = {}
        self._client = HttpClient()

    async def serve(self, address: str, handler: Handler) -> None:
        server = HttpServer(handler)
        await server.start()
        self._servers[address] = server

    async def call(self, address: str, request: Request) -> Response:
        server = self._servers.get(address)
        if server is None:
            raise Refused(f"nobody has ever listened at {address}")
        return await self._client.call(server.port, request)

    async def crash(self, address: str) -> None:
        """Its port is known still: calls to it are refused by the system, as they are on a crashed machine."""
        await self._servers[address].stop()

    async def close(self) -> None:
        await self._client.close()
        await stop_all(list(self._servers.values()))
        self._servers.clear()
