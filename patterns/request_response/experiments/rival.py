"""The other bet, for comparison: the pub-sub lab as it comes. It is discovered, since labs do not import each other."""

from __future__ import annotations

from patterns.core.attempt import TrialFailed
from patterns.core.clock import ManualClock
from patterns.core.experiment import Show
from patterns.core.pattern import discover
from patterns.core.run import Run

RIVAL = "pub-sub"


async def run_rival(seed: int, seconds: float, show: Show) -> Run:
    """A finished run of it, at its defaults.

    Raises:
        TrialFailed: there is no such lab.
    """
    pattern = discover().get(RIVAL)
    if pattern is None:
        raise TrialFailed(f"there is no lab '{RIVAL}' to compare with")
    clock = ManualClock()
    run = Run(pattern, seed, clock=clock)
    await run.start()
    await clock.run_for(seconds)
    await run.stop()
    show(run)
    return run
