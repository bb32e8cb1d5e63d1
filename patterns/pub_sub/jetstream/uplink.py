"""The line to the server: it carries requests, one after the other, and is made anew when the server has died."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig, PubAck, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from patterns.core.run import Run
from patterns.engines.nats import NatsServer

Gone = (NatsError, OSError, TimeoutError)
"""What a call raises when the server is not there."""

Job = Callable[[], Coroutine[Any, Any, None]]


class Uplink:
    """One run's stream at one server. `down` says why the server cannot be reached, or is ""."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._server = NatsServer()
        self._jobs: asyncio.Queue[Job] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._death: asyncio.Future[None]
        self._is_on_disk = False
        self.name = f"lab{secrets.token_hex(4)}"
        self.js: JetStreamContext | None = None
        self.down = ""

    # --- life and death ----------------------------------------------------------------------------------------

    async def connect(self, keep: bool) -> None:
        """Start the server, or start it again, and have a stream there: the one it kept, or an empty one.

        Raises:
            EngineMissing: the server cannot be had.
        """
        client = await self._server.start()
        self.js = client.jetstream(timeout=5)
        self._death = asyncio.get_running_loop().create_future()
        if not keep:
            with suppress(NotFoundError):
                await self.js.delete_stream(self.name)
            self._is_on_disk = self._run.on("durable-broker")
        storage = StorageType.FILE if self._is_on_disk else StorageType.MEMORY
        await self.js.add_stream(StreamConfig(name=self.name, subjects=[f"{self.name}.>"], storage=storage))

    def keeps(self) -> bool:
        """Whether what the stream holds is to outlive a kill: it is on disk, and nobody has asked for less since."""
        return self._is_on_disk and self._run.on("durable-broker")

    def kill(self) -> None:
        """SIGKILL. Whoever waits for an answer is told."""
        self._server.kill()
        if not self._death.done():
            self._death.set_result(None)

    async def close(self) -> None:
        """End the server, or leave one that someone else runs as it was."""
        if self.js is not None and not self._server.is_ours:
            with suppress(*Gone):
                await self.js.delete_stream(self.name)
        await self._server.stop()

    # --- requests ----------------------------------------------------------------------------------------------

    def order(self, job: Job) -> None:
        """Have something done once all that was ordered before is done."""
        self._jobs.put_nowait(job)

    async def work(self) -> None:
        """One request after the other, so that what is published after a subscription is opened reaches it.

        One that a kill cut short is made again when the server is back.
        """
        while True:
            job = await self._jobs.get()
            while not await self._carry_out(job):
                await self.wait_for_news()

    async def _carry_out(self, job: Job) -> bool:
        try:
            await job()
        except Gone:
            return not self.down
        return True

    async def ask[T](self, call: Coroutine[Any, Any, T]) -> T:
        """What the server answers. Nobody waits longer for it than it lives."""
        answer = asyncio.ensure_future(call)
        first: list[asyncio.Future[Any]] = [answer, self._death]
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise ConnectionResetError("the server was killed before it answered")
            return answer.result()
        finally:
            answer.cancel()

    def send(self, call: Coroutine[Any, Any, Any]) -> None:
        """Send something to the server that nobody waits for."""

        async def sending() -> None:
            with suppress(*Gone):
                await call

        story = self._run.spawn(sending(), "to the server")
        story.add_done_callback(lambda _: call.close())  # a run that ends at once never gets to it

    # --- the stream --------------------------------------------------------------------------------------------

    @property
    def stream(self) -> JetStreamContext:
        """The server, once it has been reached."""
        assert self.js is not None
        return self.js

    async def publish(self, subject: str, order: str, receipt: str, data: bytes = b"") -> PubAck:
        """Have the server store a message; one that it has under this receipt it stores no second time."""
        headers = {"Nats-Msg-Id": receipt, "order": order}
        return await self.ask(self.stream.publish(f"{self.name}.{subject}", data, headers=headers))

    async def have_consumer(self, config: ConsumerConfig) -> None:
        """Have this consumer at the server. One that is set so that it cannot be changed is made again."""
        try:
            await self.ask(self.stream.add_consumer(self.name, config))
        except APIError:
            await self.drop_consumer(str(config.durable_name))
            await self.ask(self.stream.add_consumer(self.name, config))

    async def drop_consumer(self, durable: str) -> None:
        """Have no such consumer at the server."""
        with suppress(NotFoundError):
            await self.ask(self.stream.delete_consumer(self.name, durable))

    # --- news --------------------------------------------------------------------------------------------------

    def stir(self) -> None:
        """Something has changed: whoever waits shall look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def wait_for_news(self) -> None:
        """Until something has changed."""
        await self._changed.wait()
