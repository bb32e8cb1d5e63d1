"""Daphne's HTTP request, with a bound on what it takes. Imported by server.py only, which has the reactor by then."""

from __future__ import annotations

from daphne.http_protocol import WebRequest

MAX_BODY_BYTES = 4 * 1024 * 1024


class LabRequest(WebRequest):  # type: ignore[misc]
    """Daphne's HTTP request, with a bound on its body before the body is kept."""

    _received = 0

    def gotLength(self, length: int | None) -> None:  # noqa: N802 - Twisted's name
        """Refuse a body that says it is too large."""
        super().gotLength(length)
        if length is not None and length > MAX_BODY_BYTES:
            self._refuse_body()

    def handleContentChunk(self, data: bytes) -> None:  # noqa: N802
        """Refuse a body that turns out to be too large."""
        self._received += len(data)
        if self._received <= MAX_BODY_BYTES:
            super().handleContentChunk(data)
        else:
            self._refuse_body()

    def _refuse_body(self) -> None:
        if not getattr(self, "_response_started", False):
            why = f"The request is larger than {MAX_BODY_BYTES // 1024 // 1024} MB, the most this site takes.".encode()
            self._response_started = True
            self.channel.transport.write(
                b"HTTP/1.1 413 Content Too Large\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(why), why)
            )
            self.channel.loseConnection()
