"""One viewer's commands, and what he sees of them: free of sockets and of Django.

Longer than most files: one method for each command, read in one place.
"""

from __future__ import annotations

import asyncio
import gzip
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import orjson

from patterns.core.clock import FASTEST, SLOWEST
from patterns.core.faults import FaultError
from patterns.core.log import LogClosed
from patterns.core.pattern import Pattern, SettingError
from patterns.core.run import EngineMissing
from patterns.host import protocol
from patterns.host.hosted import HostedRun
from patterns.host.limits import Refused
from patterns.host.pipe import SEQ, Kind
from patterns.host.protocol import MAX_QUEUED_COMMANDS, CommandError, parse_command
from patterns.host.recording import record

if TYPE_CHECKING:
    from patterns.host.host import Host

_EXAMPLE = 'a command is a JSON object such as {"c": "pause", "id": 1}'
DEADLINES_A_STEP = 1000
"""How many a step may pass that leave no trace in the log."""
_TELLABLE = (CommandError, SettingError, FaultError, EngineMissing, Refused)
"""What a person can cause; its sentence is for him."""


class Session:
    """Obeys one viewer's commands in their order, and answers each with ok or with a sentence.

    Args:
        host: where runs live.
        number: the site's number for the viewer.
        pattern: the lab he is in.
        visitor: who he is, across his sockets.
    """

    def __init__(self, host: Host, number: int, pattern: Pattern, visitor: str) -> None:
        self.number = number
        self.watched: HostedRun | None = None
        self._host = host
        self._pattern = pattern
        self._visitor = visitor
        self._waiting: deque[bytes] = deque()
        self._worker: asyncio.Task[None] | None = None
        self._handlers: dict[type, Callable[[int, Any], Awaitable[None]]] = {
            protocol.Start: self._start,
            protocol.Join: self._join,
            protocol.Stop: self._stop,
            protocol.Pause: self._pause,
            protocol.Resume: self._resume,
            protocol.Step: self._step,
            protocol.Speed: self._speed,
            protocol.Set: self._set,
            protocol.Ask: self._ask,
            protocol.Heal: self._heal,
            protocol.Inspect: self._inspect,
            protocol.Save: self._save,
        }

    def greet(self) -> None:
        """Say which lab this is and which engines it has here."""
        engines = [{"name": e.name, "label": e.label, "missing": e.missing} for e in self._pattern.engines]
        self._tell({"t": "hello", "version": protocol.VERSION, "pattern": self._pattern.slug, "engines": engines})

    def take(self, data: bytes) -> None:
        """Queue a command as the viewer sent it; past the bound, refuse it."""
        if len(self._waiting) >= MAX_QUEUED_COMMANDS:
            self._refuse(0, f"{MAX_QUEUED_COMMANDS} commands are waiting already; this one was dropped")
            return
        self._waiting.append(data)
        if self._worker is None:
            self._worker = asyncio.create_task(self._work(), name=f"viewer {self.number}")

    def lag(self, seq: int) -> None:
        """Bring a viewer who was left out of frames after `seq` back in."""
        if self.watched is not None:
            self.watched.catch_up(self.number, seq)

    async def leave(self) -> None:
        """The viewer is gone: nobody waits for what he had asked."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        if self.watched is not None:
            self.watched.detach(self.number)
            self.watched = None

    async def _work(self) -> None:
        try:
            while self._waiting:
                await self._obey(self._waiting.popleft())
        finally:
            self._worker = None

    async def _obey(self, data: bytes) -> None:
        number = 0
        try:
            decoded = orjson.loads(data)
            number = _find_id(decoded)
            _, command = parse_command(decoded)
            await self._handlers[type(command)](number, command)
        except orjson.JSONDecodeError as problem:
            self._refuse(0, f"this is not JSON ({problem}); {_EXAMPLE}")
        except _TELLABLE as problem:
            self._refuse(number, str(problem))
        except LogClosed:
            self._refuse(number, "the run is over; start another")
        except Exception as problem:
            logging.getLogger(__name__).exception("a command failed: %.200r", data)
            self._refuse(number, f"the lab could not do that: {type(problem).__name__}: {problem}")

    # --- a run to watch ----------------------------------------------------------------------------------------

    async def _start(self, number: int, start: protocol.Start) -> None:
        # begun before the other is dropped: a start that is refused must not cost the run that goes on
        hosted = await self._host.begin(self._pattern, start, self._visitor, self._replaceable())
        before = self._drop_watched()
        if before is not None and not before.viewers:
            await self._host.discard(before, "its viewer started another")
        self._watch(hosted, 0)
        self._accept(number)

    def _replaceable(self) -> HostedRun | None:
        """The run that ends when this viewer starts another: one that he watches and nobody else does."""
        return self.watched if self.watched is not None and self.watched.viewers == {self.number} else None

    async def _join(self, number: int, join: protocol.Join) -> None:
        hosted = self._host.find(join.run, self._pattern.slug)
        self._drop_watched()
        self._watch(hosted, join.seq)
        self._accept(number)

    def _watch(self, hosted: HostedRun, seq: int) -> None:
        self.watched = hosted
        hosted.attach(self.number, seq, self._host.limits)

    def _drop_watched(self) -> HostedRun | None:
        before, self.watched = self.watched, None
        if before is not None:
            before.detach(self.number)
        return before

    # --- the workload ------------------------------------------------------------------------------------------

    async def _stop(self, number: int, stop: protocol.Stop) -> None:
        hosted = self._mine()
        await hosted.run.stop("stopped by its viewer")
        hosted.drain()
        self._accept(number)

    async def _pause(self, number: int, pause: protocol.Pause) -> None:
        hosted = self._going()
        hosted.clock.pause()
        self._tell_moved(hosted, number)

    async def _resume(self, number: int, resume: protocol.Resume) -> None:
        hosted = self._going()
        if hosted.clock.paused:
            hosted.clock.resume()
        self._tell_moved(hosted, number)

    async def _step(self, number: int, step: protocol.Step) -> None:
        hosted = self._going()
        if not hosted.clock.paused:
            raise CommandError("only a paused workload can be stepped; pause it first")
        # Not every deadline leaves a trace; who steps wants to see something happen.
        events = len(hosted.run.log)
        for _ in range(DEADLINES_A_STEP):
            if len(hosted.run.log) > events or hosted.clock.next_deadline() is None:
                break
            await hosted.clock.step()
        self._tell_moved(hosted, number)

    async def _speed(self, number: int, speed: protocol.Speed) -> None:
        hosted = self._going()
        hosted.clock.set_speed(check_speed(speed.speed))
        self._tell_moved(hosted, number)

    async def _set(self, number: int, change: protocol.Set) -> None:
        self._going().run.set(change.control, change.value)
        self._accept(number)

    async def _ask(self, number: int, ask: protocol.Ask) -> None:
        hosted = self._going()
        if ask.lasts is not None and ask.lasts < 0:
            raise CommandError(f"a fault cannot last {ask.lasts:g} s; it lasts some seconds, or until healed with 0")
        hosted.run.faults.ask(ask.fault, ask.target, ask.amount, ask.lasts)
        self._accept(number)

    async def _heal(self, number: int, heal: protocol.Heal) -> None:
        faults = self._going().run.faults
        key = f"{heal.fault}:{heal.target}"
        if key not in faults.active:
            raise CommandError(f"no fault '{key}' is on; on are: {', '.join(faults.active) or 'none'}")
        faults.heal(key, by="viewer")
        self._accept(number)

    def _tell_moved(self, hosted: HostedRun, number: int) -> None:
        hosted.drain()
        hosted.tell_clock()
        self._accept(number)

    # --- a closer look -----------------------------------------------------------------------------------------

    async def _inspect(self, number: int, inspect: protocol.Inspect) -> None:
        message = self._any().find_message(inspect.message)
        if message is None:
            raise CommandError(f"the run has no message '{inspect.message:.80}'")
        frame = orjson.dumps({"t": "message", "re": number, "message": message}, default=str)
        if len(frame) > self._host.limits.answer_bytes:
            raise CommandError(f"message '{inspect.message:.80}' is too large to show: {len(frame):,} bytes")
        self._host.send(Kind.TO_VIEWER, self.number, frame)

    async def _save(self, number: int, save: protocol.Save) -> None:
        hosted = self._any()
        run = hosted.run
        hosted.drain()
        title = save.title.strip()[:120] or f"{run.pattern.title}, seed {run.seed}"
        recording = record(run, hosted.encoder, hosted.scenario, title, with_metrics=True)
        head = {
            "re": number,
            "pattern": run.pattern.slug,
            "engine": run.engine,
            "seed": run.seed,
            "title": title,
            "settings": run.settings,
            "events": hosted.encoder.seq,
            "seconds": round(run.log.events[-1].at, 4) if run.log.events else 0.0,
        }
        packed = orjson.dumps(head)
        zipped = await asyncio.to_thread(gzip.compress, recording)
        self._host.send(Kind.RECORDING, self.number, SEQ.pack(len(packed)) + packed + zipped)

    # --- within ------------------------------------------------------------------------------------------------

    def _any(self) -> HostedRun:
        if self.watched is None:
            raise CommandError("you watch no run; start one")
        return self.watched

    def _mine(self) -> HostedRun:
        hosted = self._any()
        if hosted.visitor != self._visitor:
            raise Refused("only who started this run can change it; start one of your own")
        return hosted

    def _going(self) -> HostedRun:
        hosted = self._mine()
        if hosted.is_over:
            raise LogClosed
        return hosted

    def _accept(self, number: int) -> None:
        self._tell({"t": "ok", "re": number})

    def _refuse(self, number: int, why: str) -> None:
        self._tell({"t": "error", "re": number, "why": why})

    def _tell(self, frame: dict[str, Any]) -> None:
        self._host.send(Kind.TO_VIEWER, self.number, orjson.dumps(frame))


def check_speed(speed: float) -> float:
    """Return a speed a viewer may choose, in seconds of run time per real second; raises CommandError for others."""
    if not SLOWEST <= speed <= FASTEST:
        raise CommandError(f"speed cannot be {speed:g}; it goes from {SLOWEST:g} to {FASTEST:g}")
    return speed


def _find_id(decoded: object) -> int:
    number = decoded.get("id") if isinstance(decoded, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) else 0
