"""The other bet, for comparison: the pub-sub lab, with the same job. It is discovered, since labs do not import each
other."""

from __future__ import annotations

from patterns.core.attempt import TrialFailed
from patterns.core.clock import ManualClock
from patterns.core.experiment import Show
from patterns.core.pattern import Settings, discover
from patterns.core.run import Run

RIVAL = "pub-sub"

READER = "inventory"
"""The reader that does what Stock does."""


def same_job(settings: Settings) -> Settings:
    """As many orders, over as long a way, each with as much work, and a worker free for each."""
    return {
        "publish-rate": settings["request-rate"], "service-time": settings["service-time"], "service-spread": 0.0,
        "hop-time": settings["network-latency"], "ack-timeout": 5.0, "consumers-per-group": 16.0, "prefetch": 1.0,
    }  # fmt: skip


async def run_rival(seed: int, seconds: float, show: Show, settings: Settings) -> Run:
    """A finished run of it.

    Raises:
        TrialFailed: there is no such lab.
    """
    pattern = discover().get(RIVAL)
    if pattern is None:
        raise TrialFailed(f"there is no lab '{RIVAL}' to compare with")
    clock = ManualClock()
    run = Run(pattern, seed, settings, clock=clock)
    await run.start()
    await clock.run_for(seconds)
    await run.stop()
    show(run)
    return run
