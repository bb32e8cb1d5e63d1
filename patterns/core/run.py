"""One execution of one pattern with a seed, settings and an engine."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Coroutine, Iterable
from typing import Any, Protocol

from patterns.core.clock import Clock, LiveClock, seeded, settle
from patterns.core.faults import Faults
from patterns.core.invariants import Status
from patterns.core.link import Link, Wire
from patterns.core.log import CAP_EVENTS, LogClosed, RunLog
from patterns.core.pattern import Pattern, Settings, Value
from patterns.core.readings import Readings
from patterns.core.scenario import Scenario, Step

CAP_SECONDS = 600.0


class Backend(Protocol):
    """What a pattern's backend looks like to a run."""

    async def start(self) -> None:
        """Begin the story. Raises EngineMissing if the engine cannot be had."""

    async def stop(self) -> None:
        """Give back what the run's tasks do not own: sockets, processes, files."""


class EngineMissing(RuntimeError):
    """A real engine could not be started; the message is a sentence for the page."""


class Run:
    """Wires a declaration to a clock, a log and a backend, and lets it go.

    Args:
        pattern: what is run.
        seed: the same seed gives the same messages.
        settings: values for controls and remedies; the rest are at their defaults.
        engine: what carries the messages.
        clock: LiveClock unless given. Run time is in seconds.
        cap_events, cap_seconds: bounds, past which the run ends and says so.

    Raises:
        SettingError: unknown engine or setting, or a value out of its bounds.
    """

    def __init__(
        self,
        pattern: Pattern,
        seed: int = 1,
        settings: Settings | None = None,
        engine: str = "builtin",
        clock: Clock | None = None,
        cap_events: int = CAP_EVENTS,
        cap_seconds: float = CAP_SECONDS,
    ) -> None:
        self.pattern = pattern
        self.seed = seed
        self.engine = pattern.engine(engine).name
        self.settings = pattern.defaults()
        self.settings.update({name: pattern.check(name, value) for name, value in (settings or {}).items()})
        self.clock = clock if clock is not None else LiveClock()
        self.log = RunLog(self.clock.now, cap_events, self._full)
        self.readings = Readings(pattern.invariants, pattern.metrics, self.log)
        self.faults = Faults(pattern.faults, self.clock, self.log, self.random("faults"))
        self.open = True
        """Whether new work may begin; a run that winds down lets what is under way finish."""
        self.ended: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.failure = ""
        """What broke, if part of the story failed and ended the run."""
        self._cap_seconds = cap_seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self._backend: Backend | None = None
        self._wires: dict[tuple[str, str], Wire] = {}
        self._stopping: asyncio.Task[None] | None = None

    # --- what a backend uses -----------------------------------------------------------------------------------

    def random(self, purpose: str) -> random.Random:
        """A seeded source of randomness for one purpose."""
        return seeded(self.seed, purpose)

    def number(self, name: str) -> float:
        """A numeric setting as it is now, in its declared unit."""
        return float(self.settings[name])

    def on(self, name: str) -> bool:
        """Whether a switch or remedy is on now."""
        return bool(self.settings[name])

    def choice(self, name: str) -> str:
        """A choice as it is now."""
        return str(self.settings[name])

    def wire(self, source: str, target: str) -> Wire:
        """The live link from source to target; a declared link that goes both ways serves both directions.

        Raises:
            KeyError: no such link is declared.
        """
        key = (source, target)
        if key not in self._wires:
            link = self._declared_link(source, target)
            self._wires[key] = Wire(source, target, link, self.clock, self.log, self.random(f"{source}→{target}"))
        return self._wires[key]

    def spawn(self, story: Coroutine[Any, Any, None], name: str) -> asyncio.Task[None]:
        """Run part of the backend's story in a task that ends with the run. A failure ends the run and is told."""
        task = asyncio.create_task(self._tell_failure(story, name), name=f"{self.pattern.slug}: {name}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: story.close())  # a run that ends at once cancels it before its first line
        return task

    # --- what a session uses -----------------------------------------------------------------------------------

    async def start(self) -> None:
        """Start the clock and the backend.

        Raises:
            EngineMissing: the engine cannot be had; the run has ended with that sentence.
        """
        self.clock.call_at(self._cap_seconds, lambda: self.end(f"the run reached {self._cap_seconds:g} s"))
        self._backend = self.pattern.load_backend()(self)
        try:
            await self._backend.start()
        except BaseException as problem:
            await self.stop(str(problem) or type(problem).__name__)
            raise
        await settle()
        if isinstance(self.clock, LiveClock):  # only now: a server's start is no part of the story
            self.spawn(self.clock.drive(), "clock")

    def set(self, name: str, value: object, by: str = "viewer") -> Value:
        """Turn a control or remedy; returns the value as checked.

        Raises:
            SettingError: unknown, or out of bounds.
        """
        checked = self.pattern.check(name, value)
        self.settings[name] = checked
        self.log.tuned(name, checked, by)
        return checked

    def play(self, scenario: Scenario) -> None:
        """Let a scenario's script happen at its times, and end the run when it is over."""
        self.follow(scenario.script, by="scenario")
        self.clock.call_at(scenario.seconds, lambda: self.end("the scenario is over"))

    def follow(self, steps: Iterable[Step], by: str) -> None:
        """Let steps happen at their times, in the name of whoever wrote them."""
        for step in steps:
            self.clock.call_at(step.at, lambda step=step: self._take(step, by))  # type: ignore[misc]

    def wind_down(self) -> None:
        """Begin no new work from now on: a backend asks `open` before it does."""
        self.open = False

    def end(self, why: str) -> None:
        """End the run from inside its own story; `ended` resolves once everything is given back."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._tear_down(why), name=f"{self.pattern.slug}: stop")

    async def stop(self, why: str = "stopped") -> None:
        """End the run and wait until no task, socket, thread or file of it is left."""
        self.end(why)
        await asyncio.shield(self.ended)

    def invariants(self) -> dict[str, Status]:
        """What each invariant says now, by name."""
        return {name: checker.status for name, checker in self.readings.checkers.items()}

    def metrics(self) -> dict[str, dict[str, float | str | None]]:
        """What each metric reads now, by name, with its unit."""
        meters = self.readings.meters
        return {m.name: {"value": meters[m.name].value, "unit": m.unit} for m in self.pattern.metrics}

    # --- within ------------------------------------------------------------------------------------------------

    def _declared_link(self, source: str, target: str) -> Link:
        for link in self.pattern.links:
            if (link.source, link.target) == (source, target):
                return link
        for link in self.pattern.links:
            if link.both_ways and (link.target, link.source) == (source, target):
                return link
        raise KeyError(f"{self.pattern.slug} declares no link from {source} to {target}")

    def _take(self, step: Step, by: str) -> None:
        for name, value in step.settings.items():
            self.set(name, value, by)
        if step.fault:
            name, _, target = step.fault.partition(":")
            self.faults.ask(name, target, step.amount, step.lasts, by)
        if step.heal:
            self.faults.heal(step.heal, by)

    def _full(self) -> None:
        self.end(f"the log reached {len(self.log):,} events")

    async def _tell_failure(self, story: Coroutine[Any, Any, None], name: str) -> None:
        try:
            await story
        except (LogClosed, asyncio.CancelledError):
            raise
        except Exception as problem:
            logging.getLogger(__name__).exception("%s: %s failed", self.pattern.slug, name)
            self.failure = f"{name} failed: {problem}"
            self.end(self.failure)

    async def _tear_down(self, why: str) -> None:
        if not self.log.closed:
            self.log.ended(why)
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            if self._backend is not None:
                await self._backend.stop()
        finally:
            if not self.ended.done():
                self.ended.set_result(why)
