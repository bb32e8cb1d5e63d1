"""The cache: answers kept for a while, asked before a service is."""

from __future__ import annotations

from typing import Any

from patterns.carriers.call import Response
from patterns.core.faults import Asked
from patterns.request_response.gauge import Gauge
from patterns.request_response.job import Job
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.server import Server


class Cache(Server):
    """Keeps values by key. One too old goes only to who asks for an old copy, having nothing better."""

    def __init__(self, network: Network, narrator: Narrator) -> None:
        super().__init__(network, "cache", narrator)
        self._entries: dict[str, tuple[float, dict[str, Any]]] = {}
        self._gauge = Gauge(self.log, self.clock, "cache", "entries", "entries")
        self._hits = self._asked = 0
        self._share = Gauge(self.log, self.clock, "cache", "hits", "ratio")

    async def answer(self, job: Job) -> Response:
        """GET or PUT of one entry."""
        key = str(job.data["key"])
        if job.call.message.type == "PutCached":
            self._entries[key] = (self.clock.now(), job.data["value"])
            self._gauge.show(len(self._entries))
            return Response(204)
        if job.data.get("old"):
            return self._said(self._entries[key][1] if key in self._entries else None)
        value = self._fresh(key)
        self._asked += 1
        self._hits += value is not None
        self._share.show(round(self._hits / self._asked, 2))
        return self._said(value, hit=int(value is not None))

    def flush(self, asked: Asked) -> None:
        """Forget everything."""
        self._entries.clear()
        self.log.changed("cache", "entries", 0, "entries", why=asked.key)
        self.narrator.say("cache", "The cache is empty, so every call reaches a service")

    def _fresh(self, key: str) -> dict[str, Any] | None:
        kept, value = self._entries.get(key, (float("-inf"), None))
        return None if self.clock.now() - kept > self.run.number("cache-ttl") else value

    def _said(self, value: dict[str, Any] | None, **more: int) -> Response:
        return Response(200, more | ({"value": value} if value is not None else {}))
