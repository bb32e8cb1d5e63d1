"""One arm of an experiment, run once: begun, let go, and read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from patterns.core.clock import LiveClock, ManualClock, settle
from patterns.core.experiment import Arm, Experiment, Measure, Measurements, Size
from patterns.core.pace import ENGINE_SPEED
from patterns.core.pattern import discover
from patterns.core.run import Run
from patterns.core.scenario import Scenario

CAP_EVENTS = 100_000
"""Events of one arm: more than a viewer's run may have, since nobody waits for its frames."""

SLICES = 120
"""Parts in which arms that jump through time go forward together."""

STARVED_SECONDS = 1.0
"""Run seconds that a run on a real engine may fall behind: the engine's own timers, which are scaled to run time, went
on meanwhile."""

LOOK_SECONDS = 0.2
"""Real seconds between two looks at a run that follows real time."""

Watch = Callable[[Arm, Run], None]
"""Called with a run when it has begun, now and then while it goes on, and when it is over."""


class TrialFailed(RuntimeError):
    """An arm could not be carried out; the sentence says why. The verdict is then unknown, never wrong."""


class FellBehind(TrialFailed):
    """The machine left a run so little time that a real engine's timers ran ahead of it: it decides nothing."""


def look_away(arm: Arm, run: Run) -> None:
    """Nobody watches."""


class Attempt:
    """One arm, run once; on a real engine at `speed`. An arm that is no run of the lab is carried out whole when it is
    read."""

    def __init__(
        self,
        slug: str,
        experiment: Experiment,
        arm: Arm,
        engine: str,
        seed: int,
        size: Size,
        watch: Watch = look_away,
        speed: float = ENGINE_SPEED,
    ) -> None:
        self.arm, self._experiment, self._watch = arm, experiment, watch
        self._seed, self._size = seed, size
        self._run: Run | None = None
        if arm.procedure is None:
            live = experiment.timed or engine != "builtin"
            clock = LiveClock(1.0 if experiment.timed else speed) if live else ManualClock()
            self._run = Run(discover()[slug], seed, experiment.settings(arm, size), engine, clock, CAP_EVENTS)

    async def begin(self) -> None:
        """Start the run, with its faults asked for. Raises EngineMissing if the engine cannot be had."""
        if (run := self._run) is None:
            return
        run.play(Scenario("trial", self._experiment.claim, "", self._experiment.length(self._size),
                          script=self.arm.script))  # fmt: skip
        await run.start()
        for key, amount in self.arm.faults:
            name, _, target = key.partition(":")
            run.faults.ask(name, target, amount, lasts=0.0, by="experiment")
        self._watch(self.arm, run)

    async def advance(self, share: float) -> None:
        """Let a run that jumps through time go on, until this share of it is over."""
        if self._run is not None and isinstance(self._run.clock, ManualClock):
            await settle()
            await self._run.clock.advance(share * self._experiment.length(self._size))
            self._watch(self.arm, self._run)

    async def read(self) -> Measurements:
        """Wait until it is over, and read its measures.

        Raises:
            FellBehind: the machine was too busy for a real engine.
            TrialFailed: the run ended before its time.
        """
        if self.arm.procedure is not None:
            return await self.arm.procedure(self._seed, self._size, lambda run: self._watch(self.arm, run))
        assert self._run is not None
        run = self._run
        while isinstance(run.clock, LiveClock) and not run.ended.done():
            await asyncio.wait({run.ended}, timeout=LOOK_SECONDS)
            self._watch(self.arm, run)
            self._check_pace(run)
        why = await asyncio.shield(run.ended)
        if why != "the scenario is over":
            raise TrialFailed(f"the arm '{self.arm.label}' ended early: {why}")
        self._watch(self.arm, run)
        return {measure.name: _read(measure, self.arm, run) for measure in self._experiment.measures}

    def _check_pace(self, run: Run) -> None:
        assert isinstance(run.clock, LiveClock)
        if run.engine != "builtin" and run.clock.latest * run.clock.speed > STARVED_SECONDS:
            raise FellBehind(f"the arm '{self.arm.label}' fell behind the engine's own timers")

    async def leave(self) -> None:
        """Give back what the run holds, if it is not over."""
        if self._run is not None and not self._run.ended.done():
            await self._run.stop("abandoned")


async def perform(attempt: Attempt) -> Measurements:
    """One arm, once, on its own.

    Raises:
        EngineMissing: the engine cannot be had.
        FellBehind: the machine was too busy for a real engine.
        TrialFailed: the run ended before its time.
    """
    return (await perform_abreast([attempt], lambda share: None))[0]


async def perform_abreast(attempts: Sequence[Attempt], progress: Callable[[float], None]) -> list[Measurements]:
    """Several arms side by side, all at the same moment of run time; each measures what it would measure alone."""
    try:
        for attempt in attempts:
            await attempt.begin()
        for part in range(1, SLICES + 1):
            progress(part / SLICES)
            for attempt in attempts:
                await attempt.advance(part / SLICES)
        return [await attempt.read() for attempt in attempts]
    finally:
        for attempt in attempts:
            await attempt.leave()


def _read(measure: Measure, arm: Arm, run: Run) -> float:
    """One measure. A run in which there was nothing to count, no answer for a mean, decides nothing."""
    try:
        return measure.read(run)
    except (ArithmeticError, LookupError, ValueError) as problem:
        raise TrialFailed(f"in the arm '{arm.label}' there was nothing to read '{measure.label}' from") from problem
