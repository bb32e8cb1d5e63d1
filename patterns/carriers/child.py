"""The process behind one address of `Processes`: serves one handler until its standard input ends."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from functools import partial

from patterns.carriers.http import HttpServer


async def serve(where: str, given: str) -> None:
    """Import the handler, listen, say the port, and wait for the parent to go."""
    module, _, name = where.partition(":")
    server = HttpServer(partial(getattr(importlib.import_module(module), name), **json.loads(given)))
    await server.start()
    print(server.port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], sys.argv[2]))
