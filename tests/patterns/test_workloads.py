"""The same work through several patterns: what a workload says of itself is true of each of its columns."""

from __future__ import annotations

import pytest

from patterns.core.log import Sent
from patterns.core.run import Run
from patterns.core.workload import Column, columns, play_column

HOP_SECONDS = 0.05
"""What both workloads say a hop takes."""


@pytest.mark.parametrize("address", sorted(columns()))
async def test_a_hop_takes_as_long_in_every_column(address: str) -> None:
    runs: list[Run] = []

    def keep(column: Column, run: Run) -> None:
        runs.append(run)

    await play_column(address, "plain", 7, keep)
    flights = [event.due - event.at for event in runs[0].log if isinstance(event, Sent)]
    assert flights
    assert min(flights) == pytest.approx(HOP_SECONDS)
