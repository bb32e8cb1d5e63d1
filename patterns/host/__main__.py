"""`python -m patterns.host`: started by the site, which says where it listens and what the secret is.

The site's secret comes by the environment, which other users of the machine cannot read. When the site is gone, however
it went, the pipe breaks and the host ends.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from dataclasses import fields

from patterns.core.clock import wait_real
from patterns.core.pattern import discover
from patterns.host.host import Host
from patterns.host.limits import Limits, confine
from patterns.host.pipe import Kind, Pipe

PORT, SECRET = "PATTERNS_HOST_PORT", "PATTERNS_HOST_SECRET"
CLOSING_SECONDS = 3.0


def read_arguments() -> tuple[int, Limits]:
    """The host's index and its limits from the command line."""
    parser = argparse.ArgumentParser(prog="python -m patterns.host", description=__doc__)
    parser.add_argument("--index", type=int, default=0)
    for limit in fields(Limits):
        parser.add_argument(f"--{limit.name.replace('_', '-')}", type=type(limit.default), default=limit.default)
    given = vars(parser.parse_args())
    return given.pop("index"), Limits(**given)


async def serve(index: int, limits: Limits, port: int, secret: str) -> None:
    """Connect to the site and run what it asks for, until it is gone."""
    gone = asyncio.Event()
    try:
        _, pipe = await asyncio.get_running_loop().create_connection(
            lambda: Pipe(lambda _, *envelope: host.receive(*envelope), lambda _: gone.set()), "127.0.0.1", port
        )
    except OSError as problem:
        sys.exit(f"The site that started this host is gone: {problem}.")
    host = Host(index, limits, pipe.send, lambda: pipe.unsent_bytes)
    pipe.send(Kind.HELLO, index, secret.encode())
    ticker = asyncio.create_task(host.turn(), name="ticker")
    await asyncio.wait([ticker, asyncio.create_task(gone.wait())], return_when=asyncio.FIRST_COMPLETED)
    ticker.cancel()
    await asyncio.wait([asyncio.create_task(host.close()), asyncio.create_task(wait_real(CLOSING_SECONDS))],
                       return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
    if ticker.done() and not gone.is_set():
        logging.getLogger(__name__).error("the ticker stopped", exc_info=ticker.exception())
    logging.shutdown()
    os._exit(0)  # a lab's thread that still computes would keep the interpreter, and this process, alive


def main() -> None:
    """Read the arguments, take on the limits, serve."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    index, limits = read_arguments()
    secret = os.environ.pop(SECRET, "")
    if not secret or not os.environ.get(PORT, "").isdigit():
        sys.exit(f"This is started by the site, which sets {PORT} and {SECRET}; see explorer/labs/supervisor.py.")
    sys.setswitchinterval(1e-4)  # what a lab computes in a thread must not hold up its neighbours' frames
    confine(limits)
    discover()
    asyncio.run(serve(index, limits, int(os.environ[PORT]), secret))


if __name__ == "__main__":
    main()
