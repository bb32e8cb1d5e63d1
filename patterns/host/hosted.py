"""One run and those who watch it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import orjson

from patterns.core.clock import LiveClock, real_seconds
from patterns.core.run import Run
from patterns.host.encoder import Encoder, ticks
from patterns.host.limits import Limits
from patterns.host.pipe import SEQ, Kind

CLOCK_SECONDS = 0.25
"""A viewer of a run in which nothing happens hears at least this often what time it is there, in real seconds."""
PAUSED_CLOCK_SECONDS = 5.0

Send = Callable[[Kind, int, bytes], None]


class HostedRun:
    """Drains a run's log into frames for everyone who watches it: each frame is made once and sent once.

    Args:
        number: the host's number for the run, on the pipe.
        address: prefix of the run's id, which says in which host it lives.
        run: not started yet; its clock is a LiveClock.
        scenario, visitor: what it plays, and who may control it.
        send: puts an envelope on the pipe.
    """

    def __init__(self, number: int, address: str, run: Run, scenario: str, visitor: str, send: Send) -> None:
        assert isinstance(run.clock, LiveClock)
        self.number = number
        self.id = f"{address}-{secrets.token_hex(8)}"
        self.run = run
        self.clock = run.clock
        self.scenario = scenario
        self.visitor = visitor
        self.encoder = Encoder(run)
        self.viewers: set[int] = set()
        self.began = self.unwatched_since = self._spoke = real_seconds()
        self._settings = dict(run.settings)
        self._send = send

    @property
    def is_over(self) -> bool:
        """Whether the run has ended."""
        return self.run.log.closed

    def describe(self) -> bytes:
        """The `run` frame: what runs here, with the settings it began with."""
        return orjson.dumps(
            {
                "t": "run",
                "run": self.id,
                "pattern": self.run.pattern.slug,
                "engine": self.run.engine,
                "seed": self.run.seed,
                "settings": self._settings,
                "scenario": self.scenario,
                "speed": self.clock.speed,
            }
        )

    def attach(self, viewer: int, seq: int, limits: Limits) -> None:
        """Show the run to a viewer who holds its log up to `seq`: what he lacks, then every frame from here on."""
        self.drain()
        self._send(Kind.TO_VIEWER, viewer, self.describe())
        missing = self.encoder.since(seq)
        if missing is None or sum(map(len, missing)) > limits.history_bytes:
            missing = [self.encoder.snapshot()]
        self._join(viewer, missing)

    def catch_up(self, viewer: int, seq: int) -> None:
        """Give a viewer who was not sent the events after `seq` the newest state instead."""
        self.drain()
        skipped = max(0, self.encoder.seq - seq)
        why = f"your connection did not keep up: {skipped:,} events were skipped, this is the newest state"
        self._join(viewer, [orjson.dumps({"t": "lagged", "skipped": skipped, "why": why}), self.encoder.snapshot()])

    def detach(self, viewer: int) -> None:
        """Show the run no longer to a viewer."""
        if viewer in self.viewers:
            self.viewers.discard(viewer)
            self.unwatched_since = real_seconds()
            self._send(Kind.DETACH, viewer, b"")

    def drain(self) -> None:
        """Send what the run recorded since the last call, or else the time, if it has not been told for a while."""
        frame = self.encoder.frame()
        if frame is not None:
            self._tell(frame)
        elif not self.is_over:
            wait = PAUSED_CLOCK_SECONDS if self.clock.paused else CLOCK_SECONDS
            if real_seconds() - self._spoke >= wait:
                self.tell_clock()

    def tell_clock(self) -> None:
        """Say what time it is in the run, and how fast it goes."""
        self._tell(self._clock_frame())

    def find_message(self, identity: str) -> dict[str, Any] | None:
        """One message whole, or None if the run has none of that id."""
        message = self.run.log.messages.get(identity)
        if message is None:
            return None
        names = ("id", "type", "source", "time", "subject", "data", "role", "correlation_id", "causation_id", "parents")
        return {name: getattr(message, name) for name in names}

    def _join(self, viewer: int, frames: list[bytes]) -> None:
        for frame in frames:
            self._send(Kind.TO_VIEWER, viewer, frame)
        self._send(Kind.TO_VIEWER, viewer, self._clock_frame())
        self.viewers.add(viewer)
        self._send(Kind.ATTACH, viewer, SEQ.pack(self.number) + SEQ.pack(self.encoder.seq))

    def _clock_frame(self) -> bytes:
        now = ticks(self.clock.now())
        return orjson.dumps({"t": "clock", "now": now, "speed": self.clock.speed, "paused": self.clock.paused})

    def _tell(self, frame: bytes) -> None:
        self._spoke = real_seconds()
        if self.viewers:
            self._send(Kind.TO_RUN, self.number, SEQ.pack(self.encoder.seq) + frame)
