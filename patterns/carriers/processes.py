"""Calls over HTTP to services that have an operating-system process each.

For experiments that measure time, and for crashes that are a real SIGKILL. The handler must be one that the child can
import: a function at the top of a module, or a `functools.partial` of one with keyword arguments that JSON can hold.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from functools import partial

from patterns.carriers.call import Handler, Refused, Request, Response
from patterns.carriers.http import HttpClient


class Processes:
    """A carrier with a process, and in it an HTTP server, for each address."""

    def __init__(self) -> None:
        self._children: dict[str, tuple[Process, int]] = {}
        self._client = HttpClient()

    async def serve(self, address: str, handler: Handler) -> None:
        """Start a process for the handler.

        Raises:
            ValueError: the handler cannot be imported by another process.
            RuntimeError: the process ended before it listened.
        """
        where, given = importable(handler)
        # The child ends when its standard input does: it cannot outlive this process, however that ends.
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "patterns.carriers.child", where, json.dumps(given),
            stdin=PIPE, stdout=PIPE, env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )  # fmt: skip
        assert child.stdout is not None
        port = await child.stdout.readline()
        if not port.strip():
            await child.wait()
            raise RuntimeError(f"the process for {address} ended before it listened (exit {child.returncode})")
        self._children[address] = (child, int(port))

    async def call(self, address: str, request: Request) -> Response:
        if address not in self._children:
            raise Refused(f"nobody has ever listened at {address}")
        return await self._client.call(self._children[address][1], request)

    def port(self, address: str) -> int:
        """The loopback port of an address, for a client of another kind. Raises KeyError if nothing is served there."""
        return self._children[address][1]

    async def crash(self, address: str) -> None:
        """SIGKILL."""
        child, _ = self._children[address]
        await _end(child)

    async def close(self) -> None:
        await self._client.close()
        for child, _ in self._children.values():
            await _end(child)
        self._children.clear()


def importable(handler: Handler) -> tuple[str, dict[str, object]]:
    """Where a child finds a handler ("module:name"), and the keyword arguments to give it.

    Raises:
        ValueError: it is a closure, a bound method or a lambda.
    """
    function, given = (handler.func, dict(handler.keywords)) if isinstance(handler, partial) else (handler, {})
    module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", "")
    if not name.isidentifier() or getattr(sys.modules.get(module), name, None) is not function:
        raise ValueError(
            f"{function!r} cannot run in a process of its own: it is not a function at the top of a module"
        )
    return f"{module}:{name}", given


async def _end(child: Process) -> None:
    if child.returncode is None:
        child.kill()
    if child.stdin is not None:
        child.stdin.close()
    await child.wait()
