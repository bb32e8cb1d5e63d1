"""Two kinds of client outside the lab: threads that stand still while they wait, and one loop that does not.

They call over real HTTP, in real time, a server that has a process of its own.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from threading import Lock
from typing import Any

from patterns.carriers.call import Request, Response
from patterns.carriers.http import HOST
from patterns.carriers.processes import Processes
from patterns.core.clock import real_seconds, wait_real
from patterns.core.experiment import Show
from patterns.request_response.retelling import Stamps, retell

ADDRESS = "slow"


async def answer_late(request: Request, seconds: float) -> Response:
    """The server, in a process of its own: answers after so many seconds, and says when it was asked and when it was
    done."""
    came = real_seconds()
    await wait_real(seconds)
    return Response(200, {"came": came, "left": real_seconds()})


class Tally:
    """How many calls are under way, how many were at most, how many have their answer, and when each did what."""

    def __init__(self) -> None:
        self.most = self.answered = self._now = 0
        self.calls: list[Stamps] = []
        self._lock = Lock()

    def begin(self) -> Stamps:
        """A call leaves."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
            self.calls.append(Stamps(len(self.calls) + 1, real_seconds()))
            return self.calls[-1]

    def end(self, call: Stamps, status: int, told: Mapping[str, Any]) -> None:
        """Its answer is there; it tells when the server had the call and let it go."""
        with self._lock:
            call.heard, call.came, call.left = real_seconds(), told["came"], told["left"]
            self._now -= 1
            self.answered += status == 200


def count_rounds(calls: Sequence[Stamps]) -> int:
    """The most calls that were made one after another, each begun when the one before had its answer.

    With t callers at once, n calls take ⌈n / t⌉ rounds at least, however slow the machine is.
    """
    rounds, over = 0, 0.0
    for call in sorted(calls, key=lambda call: call.heard):
        if call.asked >= over:
            rounds, over = rounds + 1, call.heard
    return rounds


def call_and_stand_still(port: int, tally: Tally) -> None:
    """One call from a thread that does nothing else until it has the answer."""
    stamps = tally.begin()
    connection = HTTPConnection(HOST, port)
    connection.request("GET", "/")
    answer = connection.getresponse()
    told = json.loads(answer.read())
    connection.close()
    tally.end(stamps, answer.status, told)


async def call_with_threads(carrier: Processes, tally: Tally, calls: int, threads: int) -> None:
    """All calls from a pool of so many threads."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(threads) as pool:
        call = partial(call_and_stand_still, carrier.port(ADDRESS), tally)
        await asyncio.gather(*(loop.run_in_executor(pool, call) for _ in range(calls)))


async def call_from_one_loop(carrier: Processes, tally: Tally, calls: int) -> None:
    """All calls from one thread, which goes on while it waits."""

    async def call() -> None:
        stamps = tally.begin()
        answer = await carrier.call(ADDRESS, Request("GET", "/"))
        tally.end(stamps, answer.status, answer.body or {})

    await asyncio.gather(*(call() for _ in range(calls)))


async def time_calls(calls: int, call_seconds: float, threads: int, seed: int, show: Show) -> dict[str, float]:
    """Make all calls to a server of its own, from so many threads, or from one loop if 0.

    Gives the rounds, the time of all in times of one, the most under way at once, and how many were answered.
    """
    carrier, tally = Processes(), Tally()
    try:
        await carrier.serve(ADDRESS, partial(answer_late, seconds=call_seconds))
        await carrier.call(ADDRESS, Request("GET", "/"))
        began = real_seconds()
        await (
            call_with_threads(carrier, tally, calls, threads) if threads else call_from_one_loop(carrier, tally, calls)
        )
        seconds = real_seconds() - began
    finally:
        await carrier.close()
    who = f"{threads} threads" if threads else "one thread with asyncio"
    show(await retell(tally.calls, began, seed, f"{who}, {calls} calls of {call_seconds:g} s"))
    rounds = count_rounds(tally.calls)
    return {"rounds": rounds, "time": seconds / call_seconds, "at-once": tally.most, "answered": tally.answered}
