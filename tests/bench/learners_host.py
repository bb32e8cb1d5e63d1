"""A host whose runs are fed by their logs alone: every viewer gets one of his own when he comes."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from patterns.core.clock import real_seconds, wait_real
from patterns.host import __main__ as entry
from patterns.host.host import Host
from patterns.host.hosted import HostedRun
from patterns.host.pipe import Kind
from tests.bench.workload import MOST_FRAMES, Workload

PERIOD = 1 / 20


class LearnersHost(Host):
    """Drains as the real one does, on command."""

    learners: list[tuple[Workload, HostedRun]]
    going: asyncio.Task[None] | None = None

    def receive(self, kind: int, number: int, payload: bytes) -> None:
        if kind == Kind.OPEN:
            self.learners = [*getattr(self, "learners", []), self._enrol(number)]
        elif kind == Kind.COMMAND and number == 0:
            self.going = asyncio.create_task(self._teach(json.loads(payload)))

    def _enrol(self, viewer: int) -> tuple[Workload, HostedRun]:
        workload = Workload(MOST_FRAMES)
        hosted = HostedRun(viewer, "0", workload.run, "", "", self.send)
        hosted.attach(viewer, 0, self.limits)
        return workload, hosted

    async def _teach(self, command: dict[str, Any]) -> None:
        began = real_seconds()
        for frame in range(command["frames"]):
            await wait_real(max(0.0, began + frame * PERIOD - real_seconds()))
            for workload, hosted in self.learners:
                workload.work()
                hosted.drain()


if __name__ == "__main__":
    entry.Host = LearnersHost  # type: ignore[misc]
    entry.main()
