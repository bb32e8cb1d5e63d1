"""A lab's socket: between the server and the viewer's host, and nothing else."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import orjson
from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from explorer.labs.outlet import PlainOutlet
from explorer.labs.runs import NotKept, keep_run
from explorer.labs.supervisor import the_supervisor
from explorer.labs.viewer import Viewer
from explorer.learning.visitors import read_scope
from patterns.core.pattern import discover

UNKNOWN_LAB, FAILED = 4404, 4500


class LabConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One viewer of one lab."""

    channel_layer_alias = "none: a hub needs no layer, and without one a task less waits for each viewer"
    viewer: Viewer | None = None
    errands: frozenset[asyncio.Task[None]] = frozenset()

    async def connect(self) -> None:
        """Take the viewer in, or say that there is no such lab."""
        await self.accept()
        self.visitor = read_scope(self.scope)
        slug = self.scope["url_route"]["kwargs"]["slug"]
        if slug not in discover():
            await self.refuse(UNKNOWN_LAB, f"there is no lab '{slug:.40}'; there are: {', '.join(discover())}")
            return
        socket = self.scope.get("socket")
        outlet = socket.outlet if socket is not None and socket.outlet is not None else PlainOutlet(self.base_send)
        who = self.visitor or f"address {self.scope.get('address', 'unknown')}"
        try:
            self.viewer = await the_supervisor().admit(slug, who, outlet, self.keep)
        except OSError as problem:
            logging.getLogger(__name__).exception("labs cannot be reached")
            await self.refuse(FAILED, f"labs cannot run now ({problem}); the recorded run is still here")

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Pass a command on."""
        if self.viewer is not None and text_data is not None:
            self.viewer.command(text_data.encode())

    async def disconnect(self, code: int) -> None:
        """The viewer is gone; his run waits a while for him to come back."""
        if self.viewer is not None:
            self.viewer.leave()

    async def refuse(self, code: int, why: str) -> None:
        """Say why, and close."""
        await self.send(text_data=orjson.dumps({"t": "error", "re": 0, "why": why}).decode())
        await self.close(code=code, reason=why.encode()[:120].decode(errors="ignore"))

    def keep(self, head: dict[str, Any], zipped: bytes) -> None:
        """Store a recording that the host made for this viewer, and tell him where it is."""
        self.errands |= {asyncio.create_task(self._keep(head, zipped))}  # a task that nobody holds may vanish

    async def _keep(self, head: dict[str, Any], zipped: bytes) -> None:
        assert self.viewer is not None
        try:
            url = await database_sync_to_async(keep_run)(self.visitor, head, zipped)
            self.viewer.tell({"t": "saved", "re": head["re"], "url": url})
        except NotKept as problem:
            self.viewer.tell({"t": "error", "re": head["re"], "why": str(problem)})
        except Exception as problem:  # a task's exception vanishes unless somebody asks for it
            logging.getLogger(__name__).exception("a run could not be kept")
            self.viewer.tell({"t": "error", "re": head["re"], "why": f"this run could not be kept: {problem}"})
