"""How the arms of an experiment take their turns: in rounds, several at once, or each in a process of its own."""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass

from patterns.core.attempt import Attempt, FellBehind, TrialFailed, Watch, look_away, perform, perform_abreast
from patterns.core.experiment import Arm, Experiment, Measurements, Size, experiments
from patterns.core.pace import ENGINE_SPEED

ENGINES_AT_ONCE = 3
"""Arms on a real engine that run side by side, each with a server of its own: they mostly wait."""

TRIES = 4
"""How often an arm on a real engine is begun, each time at half the speed, before the machine is called too busy."""

Progress = Callable[[float, str], None]
Measured = tuple[Arm, int, Measurements]
"""An arm, the seed of its run, and what that measured."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a trial is carried out: on what, from which seed on, and who is told."""

    slug: str
    experiment: Experiment
    engine: str
    first: int
    size: Size
    watch: Watch
    progress: Progress

    def attempt(self, arm: Arm, number: int, watched: bool, speed: float = ENGINE_SPEED) -> Attempt:
        """The run of one arm in round `number`."""
        watch = self.watch if watched else look_away
        return Attempt(self.slug, self.experiment, arm, self.engine, self.first + number, self.size, watch, speed)


async def take_rounds(plan: Plan) -> AsyncIterator[Measured]:
    """Round after round. The first is watched, if anybody watches: then all arms go side by side, at the same moment of
    run time, and measure what they would measure one after the other."""
    repeats = plan.experiment.repeats
    for number in range(repeats):
        arms = _rotate(plan.experiment.arms, number)
        watched = number == 0 and plan.watch is not look_away

        def tell(share: float, number: int = number) -> None:
            plan.progress((number + share) / repeats, f"run {number + 1} of {repeats} of each")

        if watched:
            attempts = [plan.attempt(arm, number, watched) for arm in arms]
            for arm, measured in zip(arms, await perform_abreast(attempts, tell), strict=True):
                yield arm, plan.first + number, measured
            continue
        for place, arm in enumerate(arms):
            tell(place / len(arms))
            yield arm, plan.first + number, await perform(plan.attempt(arm, number, watched))


async def take_at_once(plan: Plan) -> AsyncIterator[Measured]:
    """Several arms on a real engine at once, each with a server of its own."""
    arms, room, done = plan.experiment.arms, asyncio.Semaphore(ENGINES_AT_ONCE), itertools.count()

    async def take_turn(arm: Arm) -> Measurements:
        async with room:
            plan.progress(next(done) / len(arms), arm.label)
            return await _perform_unhurried(plan, arm)

    turns = [asyncio.create_task(take_turn(arm)) for arm in arms]
    try:
        for arm, measured in zip(arms, await asyncio.gather(*turns), strict=True):
            yield arm, plan.first, measured
    finally:
        for turn in turns:
            turn.cancel()
        await asyncio.gather(*turns, return_exceptions=True)


async def _perform_unhurried(plan: Plan, arm: Arm) -> Measurements:
    """An arm on a real engine, again if the machine was too busy: what came out then is the machine's doing. Slower,
    since the same delay is then a smaller part of the engine's timers."""
    for halvings in range(TRIES):
        with suppress(FellBehind):
            return await perform(plan.attempt(arm, 0, watched=True, speed=ENGINE_SPEED / 2**halvings))
    raise TrialFailed(
        f"the machine was too busy for the arm '{arm.label}': it fell behind the engine's own timers, "
        f"{TRIES} times and in the end at {ENGINE_SPEED / 2 ** (TRIES - 1):g} times real time"
    )


async def take_apart(plan: Plan) -> AsyncIterator[Measured]:
    """Each arm in a process of its own, one after the other. Each repeat begins with another arm, so that a drifting
    machine favours none. Who watches is shown one more run of each, since showing takes time and times are compared."""
    arms, repeats = plan.experiment.arms, plan.experiment.repeats
    if plan.watch is not look_away:
        for arm in arms:
            plan.progress(0.0, f"{arm.label}, a run to look at, which does not count")
            await perform(plan.attempt(arm, 0, watched=True))
    for number in range(repeats):
        for place, arm in enumerate(_rotate(arms, number)):
            plan.progress((number + place / len(arms)) / repeats, arm.label)
            seed = plan.first + number
            yield arm, seed, await _perform_apart(plan, arm, seed)


def _rotate(arms: tuple[Arm, ...], number: int) -> tuple[Arm, ...]:
    place = number % len(arms)
    return arms[place:] + arms[:place]


async def _perform_apart(plan: Plan, arm: Arm, seed: int) -> Measurements:
    call = [sys.executable, "-m", "patterns.core.rounds", plan.experiment.claim, arm.name, plan.engine, str(seed),
            plan.size]  # fmt: skip
    child = await asyncio.create_subprocess_exec(*call, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        out, problem = await child.communicate()
    except asyncio.CancelledError:
        child.kill()
        await child.wait()
        raise
    if child.returncode:
        last = problem.decode(errors="replace").strip().splitlines()[-1:] or [f"exit code {child.returncode}"]
        raise TrialFailed(f"the process of the arm '{arm.label}' failed: {last[0]}")
    measured: Measurements = json.loads(out)
    return measured


async def _main() -> None:
    claim, name, engine, seed, size = sys.argv[1:]
    slug, experiment = experiments()[claim]
    chosen: Size = "reduced" if size == "reduced" else "full"
    measured = await perform(Attempt(slug, experiment, experiment.arm(name), engine, int(seed), chosen))
    print(json.dumps(measured))


if __name__ == "__main__":
    asyncio.run(_main())
