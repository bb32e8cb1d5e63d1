"""Addresses of sockets."""

from __future__ import annotations

from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from django.urls import path, re_path

from explorer.labs.consumers import LabConsumer


class NoSuchSocket(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Answers every address at which there is no socket."""

    async def connect(self) -> None:
        """Say so, and close."""
        await self.accept()
        await self.send(text_data='{"t": "error", "re": 0, "why": "there is no socket at this address"}')
        await self.close(code=4404, reason="there is no socket at this address")


websocket_urlpatterns: list[Any] = [
    path("ws/labs/<str:slug>/", LabConsumer.as_asgi()),
    re_path("", NoSuchSocket.as_asgi()),
]
