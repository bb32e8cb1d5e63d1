"""Two kinds of client outside the lab: threads that stand still while they wait, and one loop that does not.

They call over real HTTP, in real time, a server that has a process of its own.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import HTTPConnection
from threading import Lock

from patterns.carriers.call import Request, Response
from patterns.carriers.http import HOST
from patterns.carriers.processes import Processes
from patterns.core.clock import real_seconds, wait_real

ADDRESS = "slow"


async def answer_late(request: Request, seconds: float) -> Response:
    """The server, in a process of its own: answers after so many seconds."""
    await wait_real(seconds)
    return Response(200, {"path": request.path})


class Tally:
    """How many calls are under way, how many were at most, and how many have their answer."""

    def __init__(self) -> None:
        self.most = self.answered = self._now = 0
        self._lock = Lock()

    def begin(self) -> None:
        """A call leaves."""
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)

    def end(self, status: int) -> None:
        """Its answer is there."""
        with self._lock:
            self._now -= 1
            self.answered += status == 200


def call_and_stand_still(port: int, tally: Tally) -> None:
    """One call from a thread that does nothing else until it has the answer."""
    tally.begin()
    connection = HTTPConnection(HOST, port)
    connection.request("GET", "/")
    answer = connection.getresponse()
    answer.read()
    connection.close()
    tally.end(answer.status)


async def call_with_threads(carrier: Processes, tally: Tally, calls: int, threads: int) -> None:
    """All calls from a pool of so many threads."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(threads) as pool:
        call = partial(call_and_stand_still, carrier.port(ADDRESS), tally)
        await asyncio.gather(*(loop.run_in_executor(pool, call) for _ in range(calls)))


async def call_from_one_loop(carrier: Processes, tally: Tally, calls: int) -> None:
    """All calls from one thread, which goes on while it waits."""

    async def call() -> None:
        tally.begin()
        tally.end((await carrier.call(ADDRESS, Request("GET", "/"))).status)

    await asyncio.gather(*(call() for _ in range(calls)))


async def time_calls(calls: int, call_seconds: float, threads: int) -> dict[str, float]:
    """Make all calls to a server of its own, from so many threads, or from one loop if 0.

    Gives the time of all in times of one (`rounds`), the most under way at once, and how many were answered.
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
    return {"rounds": seconds / call_seconds, "at-once": tally.most, "answered": tally.answered}
