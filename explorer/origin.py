"""Which pages may open a socket: this site's own, and programs that are no browser."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host

DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}


class SameOrigin:
    """Refuses a socket whose Origin is another site than the Host it asks for, or whose Host is not in ALLOWED_HOSTS.

    The same rule as Django's for a POST. Every browser sends an Origin, so a request without one is no page of another
    site; it is let in, for scripts. Channels' own validator compares host names only: another program's page on
    another port of this machine would pass.
    """

    def __init__(self, application: Callable[..., Awaitable[Any]]) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if is_same_origin(scope.get("headers", []), settings.ALLOWED_HOSTS):
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)


def is_same_origin(headers: Iterable[tuple[bytes, bytes]], allowed_hosts: list[str]) -> bool:
    """Say whether the Host among `headers` is allowed and the Origin, if there is one, names the same host and port."""
    fields = {name.decode("latin1").lower(): value.decode("latin1") for name, value in headers}
    try:
        origin = urlsplit(fields["origin"]) if "origin" in fields else None
        host = urlsplit(f"{origin.scheme if origin else 'http'}://{fields.get('host', '')}")
        host_name, host_port = host.hostname or "", host.port or DEFAULT_PORTS.get(host.scheme)
        same = origin is None or (
            origin.hostname == host_name and (origin.port or DEFAULT_PORTS.get(origin.scheme)) == host_port
        )
    except ValueError:  # a port that is no number
        return False
    bare = f"[{host_name}]" if ":" in host_name else host_name
    return same and validate_host(bare, allowed_hosts)
