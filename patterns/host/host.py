"""The host: the runs of one process, the ticker that drains them, and the limits it keeps."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import orjson

from patterns.core.clock import LiveClock, real_seconds, wait_real
from patterns.core.pattern import Pattern, discover
from patterns.core.run import Run
from patterns.core.scenario import Scenario
from patterns.host import protocol
from patterns.host.deeds import read_deed, read_fault
from patterns.host.hosted import HostedRun
from patterns.host.limits import Limits, Refused, used_memory_bytes
from patterns.host.pipe import SEQ, Kind
from patterns.host.protocol import FRAMES_PER_SECOND, CommandError
from patterns.host.session import Session, check_speed

RUNS_AT_A_STRETCH = 25
"""After draining so many, the ticker lets the runs themselves have the loop."""
TENDING_SECONDS = 1.0
LARGEST_SEED = 2**53 - 1
"""Beyond it a browser cannot say the number back."""


class Host:
    """Runs, sessions and what they cost.

    Args:
        index: which of the site's hosts this is; run ids begin with it.
        limits: see Limits.
        send: puts an envelope on the pipe to the site.
        unsent_bytes: says how much the site has not taken yet.
        labs: by slug; those that `patterns` has unless given.
    """

    def __init__(
        self,
        index: int,
        limits: Limits,
        send: Callable[[Kind, int, bytes], None],
        unsent_bytes: Callable[[], int],
        labs: Mapping[str, Pattern] | None = None,
    ) -> None:
        self.limits = limits
        self.send = send
        self.runs: dict[int, HostedRun] = {}
        self.sessions: dict[int, Session] = {}
        self._index = index
        self._labs = discover() if labs is None else labs
        self._unsent_bytes = unsent_bytes
        self._numbers = itertools.count(1)
        self._errands: set[asyncio.Task[None]] = set()
        self._tended = 0.0

    # --- what the site says ------------------------------------------------------------------------------------

    def receive(self, kind: int, number: int, payload: bytes) -> None:
        """Take an envelope from the site."""
        if kind == Kind.OPEN:
            self._open(number, payload)
        elif number not in self.sessions:
            return  # left in the meantime
        elif kind == Kind.COMMAND:
            self.sessions[number].take(payload)
        elif kind == Kind.LAGS:
            self.sessions[number].lag(SEQ.unpack(payload)[0])
        elif kind == Kind.CLOSE:
            self._run_errand(self.sessions.pop(number).leave())

    def _open(self, number: int, payload: bytes) -> None:
        who = orjson.loads(payload)
        session = Session(self, number, self._labs[who["pattern"]], who["visitor"])
        self.sessions[number] = session
        session.greet()

    # --- what sessions ask -------------------------------------------------------------------------------------

    async def begin(
        self, pattern: Pattern, start: protocol.Start, visitor: str, instead_of: HostedRun | None = None
    ) -> HostedRun:
        """Start a run. The one it replaces, if any, goes on until its session drops it, and takes no place meanwhile.

        Raises:
            Refused: past a bound.
            CommandError, SettingError, FaultError, EngineMissing: something it was asked for cannot be.
        """
        self._check_room(visitor, instead_of)
        scenario = pattern.scenario(start.scenario) if start.scenario else None
        faults = [read_fault(text) for text in start.faults]
        script = [read_deed(text, pattern) for text in start.script]
        hosted = self._make(pattern, start, scenario, visitor)
        self.runs[hosted.number] = hosted
        try:
            await hosted.run.start()
            for fault in faults:
                hosted.run.faults.ask(*fault)
            hosted.run.follow(script, by="viewer")
            if scenario is not None:
                hosted.run.play(scenario)
        except BaseException:
            await self.discard(hosted, "it could not start")
            raise
        return hosted

    def find(self, identity: str, slug: str) -> HostedRun:
        """The run of that id in that lab.

        Raises:
            Refused: there is none, or no longer.
        """
        for hosted in self.runs.values():
            if hosted.id == identity and hosted.run.pattern.slug == slug:
                return hosted
        raise Refused("that run is over and no longer kept; start another")

    async def discard(self, hosted: HostedRun, why: str) -> None:
        """End a run and keep nothing of it; whoever still watches is told why."""
        self.runs.pop(hosted.number, None)
        for session in self.sessions.values():
            if session.watched is hosted:
                hosted.detach(session.number)
                session.watched = None
                self.send(Kind.TO_VIEWER, session.number, orjson.dumps({"t": "gone", "why": why}))
        await hosted.run.stop(why)

    def _make(self, pattern: Pattern, start: protocol.Start, scenario: Scenario | None, visitor: str) -> HostedRun:
        if not 0 <= start.seed <= LARGEST_SEED:
            raise CommandError(f"seed cannot be {start.seed}; it is a whole number from 0 to {LARGEST_SEED}")
        seed = start.seed or (scenario.seed if scenario else 1)
        speed = check_speed(start.speed or (scenario.speed if scenario else 1.0))
        settings = {**(scenario.settings if scenario else {}), **start.settings}
        run = Run(pattern, seed, settings, start.engine, LiveClock(speed))
        return HostedRun(next(self._numbers), str(self._index), run, start.scenario, visitor, self.send)

    def _check_room(self, visitor: str, instead_of: HostedRun | None) -> None:
        going = [hosted for hosted in self.runs.values() if not hosted.is_over and hosted is not instead_of]
        if len(going) >= self.limits.runs:
            raise Refused(f"all {self.limits.runs} places for runs are taken; the recorded run is here, try again soon")
        if sum(hosted.visitor == visitor for hosted in going) >= self.limits.runs_per_visitor:
            raise Refused(f"you have {self.limits.runs_per_visitor} runs going; stop one or close its page first")

    # --- the ticker --------------------------------------------------------------------------------------------

    async def turn(self) -> None:
        """Drain every run twenty times a second and tend them once a second, until cancelled."""
        while True:
            began = real_seconds()
            await self._drain_all()
            if began - self._tended >= TENDING_SECONDS:
                self._tended = began
                self._tend(began)
            await wait_real(max(0.0, began + 1 / FRAMES_PER_SECOND - real_seconds()))

    async def _drain_all(self) -> None:
        if self._unsent_bytes() > self.limits.unsent_bytes:
            return
        for place, hosted in enumerate(list(self.runs.values())):
            if hosted.viewers:
                self._drain(hosted)
            if place % RUNS_AT_A_STRETCH == RUNS_AT_A_STRETCH - 1:
                await wait_real(0)

    def _drain(self, hosted: HostedRun) -> None:
        try:
            hosted.drain()
        except Exception as problem:  # one run's log must not silence its neighbours
            logging.getLogger(__name__).exception("run %s could not be shown", hosted.id)
            self._run_errand(self.discard(hosted, f"the run could not be shown: {problem}"))

    def _tend(self, now: float) -> None:
        used = used_memory_bytes()
        self.send(Kind.BEAT, self._index, orjson.dumps({"runs": len(self.runs), "memory_bytes": used}))
        for hosted in list(self.runs.values()):
            if not hosted.viewers and now - hosted.unwatched_since > self.limits.unwatched_seconds:
                self._run_errand(self.discard(hosted, f"nobody watched for {self.limits.unwatched_seconds:g} s"))
            elif not hosted.is_over and now - hosted.began > self.limits.wall_seconds:
                hosted.run.end(f"the run was open for {self.limits.wall_seconds / 60:g} minutes")
        if used > self.limits.soft_memory_bytes and self.runs:
            largest = max(self.runs.values(), key=lambda hosted: len(hosted.run.log))
            self._run_errand(
                self.discard(largest, "the lab's process ran short of memory, and this run was the largest")
            )

    # --- the end -----------------------------------------------------------------------------------------------

    async def close(self) -> None:
        """End all runs: what they started outside this process must not outlive it."""
        await asyncio.gather(*(self.discard(hosted, "the site has gone") for hosted in list(self.runs.values())))

    def _run_errand(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
