"""Servers under test, ours and its rivals: `python -m tests.bench.servers DESIGN`."""

from __future__ import annotations

import asyncio
import gc
import json
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from tests.bench.child import obey, say

FRAME_BYTES = 2048
PERIOD = 1 / 20


def make_frame() -> bytes:
    """A frame that says when it was made."""
    return f"@{time.monotonic():020.9f} ".encode().ljust(FRAME_BYTES, b".")


async def broadcast(frames: int, send: Callable[[bytes], Any]) -> dict[str, Any]:
    """So many frames, twenty a second."""
    began = time.monotonic()
    for number in range(frames):
        await asyncio.sleep(max(0.0, began + number * PERIOD - time.monotonic()))
        if (sending := send(make_frame())) is not None:
            await sending
    return {"cpu": time.process_time()}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def run_daphne(server: Any, act: Callable[[dict[str, Any]], Any], port: int) -> None:
    from twisted.internet import reactor

    gc.freeze()
    reactor.callWhenRunning(lambda: (obey(asyncio.get_event_loop(), act), say(port=port)))
    server.run()


def make_ours(application: Any, port: int) -> Any:
    from explorer.labs.server import make_server

    return make_server(application, "127.0.0.1", port, signal_handlers=False, ping_interval=3600)


def make_stock(application: Any, port: int) -> Any:
    """Daphne as it comes."""
    from daphne.server import Server

    return Server(
        application, endpoints=[f"tcp:port={port}:interface=127.0.0.1"], signal_handlers=False, ping_interval=3600
    )


async def cpu(command: dict[str, Any]) -> dict[str, Any]:
    return {"cpu": time.process_time()}


def serve_hub() -> None:
    from explorer.labs.hub import Hub, Watcher

    hub = Hub()

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept"})
        watcher = Watcher(scope["socket"].outlet, lambda seq: None)
        hub.add(watcher, 0)
        while (await receive())["type"] != "websocket.disconnect":
            pass
        watcher.leave()

    async def act(command: dict[str, Any]) -> dict[str, Any]:
        if command["do"] == "cpu":
            return await cpu(command)
        return await broadcast(command["frames"], lambda frame: hub.broadcast(0, frame))

    port = free_port()
    run_daphne(make_ours(application, port), act, port)


def serve_group() -> None:
    """A member of a channel-layer group for each viewer."""
    from channels.generic.websocket import AsyncWebsocketConsumer
    from channels.layers import get_channel_layer

    class Member(AsyncWebsocketConsumer):
        async def connect(self) -> None:
            await self.channel_layer.group_add("all", self.channel_name)
            await self.accept()

        async def frame(self, event: dict[str, Any]) -> None:
            await self.send(text_data=event["text"])

    async def act(command: dict[str, Any]) -> dict[str, Any]:
        if command["do"] == "cpu":
            return await cpu(command)
        layer = get_channel_layer()
        return await broadcast(
            command["frames"], lambda frame: layer.group_send("all", {"type": "frame", "text": frame.decode()})
        )

    port = free_port()
    run_daphne(make_stock(Member.as_asgi(), port), act, port)


def serve_bare() -> None:
    """Daphne with a consumer that accepts and does nothing."""
    from channels.generic.websocket import AsyncWebsocketConsumer

    port = free_port()
    run_daphne(make_stock(AsyncWebsocketConsumer.as_asgi(), port), cpu, port)


def serve_site(make: Callable[[Any, int], Any], module: str = "patterns.host") -> None:
    """The whole site, hosts and all."""
    from explorer.asgi import application
    from explorer.labs import supervisor
    from patterns.host.pipe import Kind

    if module != "patterns.host":
        supervisor.make_supervisor = lambda: supervisor.Supervisor(1, module=module)

    async def act(command: dict[str, Any]) -> dict[str, Any]:
        if command["do"] == "go":
            supervisor.the_supervisor().hosts[0].pipe.send(Kind.COMMAND, 0, json.dumps(command).encode())
        return await cpu(command)

    port = free_port()
    run_daphne(make(application, port), act, port)


async def serve_websockets() -> None:
    from websockets.asyncio.server import broadcast as send_to_all
    from websockets.asyncio.server import serve

    async def wait(connection: Any) -> None:
        await connection.wait_closed()

    async def act(command: dict[str, Any]) -> dict[str, Any]:
        if command["do"] == "cpu":
            return await cpu(command)
        return await broadcast(command["frames"], lambda frame: send_to_all(server.connections, frame.decode()))

    async with serve(wait, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=2048) as server:
        obey(asyncio.get_running_loop(), act)
        gc.freeze()
        say(port=server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()


async def serve_tasks() -> None:
    """A run for each learner, a task for each learner, and json.dumps of each event as a dict."""
    from websockets.asyncio.server import serve

    from patterns.core.log import as_dict
    from tests.bench.workload import MOST_FRAMES, Workload

    async def show(connection: Any, workload: Workload, frames: int) -> None:
        began = time.monotonic()
        for number in range(frames):
            await asyncio.sleep(max(0.0, began + number * PERIOD - time.monotonic()))
            before = len(workload.run.log)
            workload.work()
            events = [as_dict(event) for event in workload.run.log.events[before:]]
            await connection.send(json.dumps({"t": "events", "seq": before + 1, "events": events}))

    learners: dict[Any, Workload] = {}

    async def wait(connection: Any) -> None:
        learners[connection] = Workload(MOST_FRAMES)
        await connection.wait_closed()

    async def act(command: dict[str, Any]) -> dict[str, Any]:
        if command["do"] == "go":
            await asyncio.gather(*(show(*learner, command["frames"]) for learner in learners.items()))
        return await cpu(command)

    async with serve(wait, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=2048) as server:
        obey(asyncio.get_running_loop(), act)
        say(port=server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()


def main(design: str) -> None:
    import daphne.server  # noqa: F401 - installs the reactor, before anything imports another
    import django

    django.setup()
    sys.setswitchinterval(1e-4)  # as the site's own process has it, whichever design it would use
    designs: dict[str, Callable[[], Any]] = {
        "hub": serve_hub,
        "group": serve_group,
        "bare": serve_bare,
        "site": lambda: serve_site(make_ours),
        "stock site": lambda: serve_site(make_stock),
        "burning site": lambda: serve_site(make_ours, "tests.bench.burning_host"),
        "learners": lambda: serve_site(make_ours, "tests.bench.learners_host"),
        "websockets": lambda: asyncio.run(serve_websockets()),
        "tasks": lambda: asyncio.run(serve_tasks()),
    }
    designs[design]()


if __name__ == "__main__":
    main(sys.argv[1])
