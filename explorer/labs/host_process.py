"""A process in which labs run, as the site sees it."""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.conf import settings

from explorer.labs.hub import Hub
from explorer.labs.viewer import Viewer
from patterns.host.pipe import Pipe

SILENT_SECONDS = 15.0
"""A host says every second that its loop turns; after so long without a word it is killed."""
READY_SECONDS = 20.0
CLOSING_SECONDS = 2.0


@dataclass(slots=True, eq=False)
class HostProcess:
    """One host. `pipe` is None until it has said the secret, and again once it is gone; `hubs` are by the host's number
    of the run, `viewers` by the site's number of the viewer; `runs` is what it said last."""

    index: int
    process: asyncio.subprocess.Process | None = None
    pipe: Pipe | None = None
    heard: float = 0.0
    hubs: dict[int, Hub] = field(default_factory=dict)
    viewers: dict[int, Viewer] = field(default_factory=dict)
    runs: int = 0

    @property
    def is_silent(self) -> bool:
        """Whether its loop has not turned for too long."""
        return time.monotonic() - self.heard > SILENT_SECONDS

    async def live(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start it, and return once it has ended, or was killed for its silence. Raises OSError if it cannot start."""
        self.process = await asyncio.create_subprocess_exec(
            *command, "--index", str(self.index),
            stdin=asyncio.subprocess.DEVNULL, env={**os.environ, **environment}, cwd=settings.ROOT,
        )  # fmt: skip
        self.heard = time.monotonic() + READY_SECONDS - SILENT_SECONDS
        ended = asyncio.ensure_future(self.process.wait())
        while not ended.done():
            await asyncio.wait([ended], timeout=1.0)
            if not ended.done() and self.is_silent:
                logging.getLogger(__name__).error("host %s is silent for %g s; killed", self.index, SILENT_SECONDS)
                self.process.kill()

    async def end(self) -> None:
        """Hang up, which makes it end, and see to it that it does."""
        if self.pipe is not None:
            self.pipe.close()
        process, self.process = self.process, None
        if process is None or process.returncode is not None:
            return
        try:
            async with asyncio.timeout(CLOSING_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()
