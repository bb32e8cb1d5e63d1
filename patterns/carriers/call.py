"""A call and its answer as plain data, and what every carrier of calls can do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked. `body` is anything JSON can hold, or None for none. Header names are lower case."""

    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered, with an HTTP status."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Request], Awaitable[Response]]
"""A service: request in, response out."""


class Refused(ConnectionError):
    """Nobody listens at that address, or the connection broke before an answer came."""


class Carrier(Protocol):
    """Takes calls to handlers. A caller that is cancelled closes its connection; the handler works on regardless,
    as it does behind most HTTP servers."""

    async def serve(self, address: str, handler: Handler) -> None:
        """Answer calls to `address` (a name, not a host) from now on."""

    async def call(self, address: str, request: Request) -> Response:
        """Make one call and wait for its answer; bounds on the wait are the caller's.

        Raises:
            Refused: nobody listens there, or the connection broke.
        """

    async def crash(self, address: str) -> None:
        """Stop serving at once: work under way is lost, callers see their connection break."""

    async def close(self) -> None:
        """Give back every socket, task and process."""
