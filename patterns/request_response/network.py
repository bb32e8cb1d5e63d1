"""One try of one call: a request flies, a carrier takes it to a server, the answer flies back."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from patterns.carriers.call import Carrier, Refused, Request, Response
from patterns.core.link import Flight, Wire
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.request_response.answer import Answer
from patterns.request_response.api import to_request
from patterns.request_response.measures import NOBODY_WAITS
from patterns.request_response.topology import SERVICES

PLUMBING = True
"""The log shows the line that called this module."""

LOST = "x-lost"
"""Marks an answer that the emulated wire has lost: whoever asked must not look at it."""


@dataclass(slots=True, eq=False)
class Call:
    """One try. Several tries may share a `future`: the first answer counts. `timeout` in seconds."""

    message: Message
    source: str
    target: str
    address: str
    attempt: int
    timeout: float
    future: asyncio.Future[Answer]
    headers: dict[str, str] = field(default_factory=dict)
    why: str = ""
    answered: bool = False
    gone: bool = False
    connection: asyncio.Task[None] | None = None

    @property
    def tag(self) -> str:
        """The id of this try; what it causes is named after it."""
        return self.message.id if self.attempt == 1 else f"{self.message.id}.{self.attempt}"

    @property
    def reply(self) -> str:
        """The id of the message that answers this try."""
        return f"{self.tag}/reply"

    def settle(self, answer: Answer) -> None:
        """Hand over the answer to whoever still waits."""
        self.answered = True
        if not self.future.done():
            self.future.set_result(answer)

    def leave(self) -> None:
        """Wait no longer. A request that has arrived sees its connection close."""
        self.gone = not self.answered
        if self.gone and self.connection is not None:
            self.connection.cancel()


@dataclass(slots=True, eq=False)
class Crossing:
    """A call on its way into a server, found again there by the number of its hop."""

    call: Call
    flight: Flight


class Network:
    """All calls of one run."""

    def __init__(self, run: Run, carrier: Carrier) -> None:
        self.run, self.carrier = run, carrier
        self._arriving: dict[str, Crossing] = {}

    def wire(self, source: str, target: str) -> Wire:
        """The link, at the latency of this moment."""
        wire = self.run.wire(source, target)
        wire.latency = self.run.number("network-latency")
        return wire

    def send(self, call: Call) -> None:
        """Begin one try; its answer comes to `call.future`, unless something is lost."""
        lost_to = self.run.faults.strikes("lose-request", call.target)
        flight = self.wire(call.source, call.target).launch(call.message, call.attempt, lost_to, call.why)
        self.run.clock.call_at(flight.due, lambda: self._arrive(call, flight))

    def cancel(self, call: Call) -> None:
        """Tell a server that its answer is not wanted any more."""
        message = Message(
            f"{call.tag}/cancel", "Cancel", call.source, self.run.clock.now(), role="command",
            correlation_id=call.message.correlation_id, causation_id=call.message.id,
        )  # fmt: skip
        request = Request("DELETE", f"/jobs?job={call.tag}")

        def arrive(_: Message) -> None:
            self.run.spawn(self._tell(call.address, request), f"cancel {call.tag}")

        self.wire(call.source, call.target).send(message, arrive)

    def replicas(self, target: str) -> int:
        """How many servers answer to a name now."""
        return int(self.run.number("replicas")) if target in SERVICES else 1

    def land(self, request: Request) -> Call | None:
        """Called by a server for each request: it has arrived. None if its caller has gone in that very moment."""
        crossing = self._arriving.pop(request.headers["x-hop"], None)
        if crossing is None:
            return None
        crossing.flight.land()
        return crossing.call

    async def reply(self, call: Call, response: Response, why: str = "", parents: tuple[str, ...] = ()) -> Response:
        """Fly an answer back to its caller, who may have gone. One made from several messages names them all."""
        lost_to = self.run.faults.strikes("lose-response", call.target)
        message = self._reply_message(call, response, parents)
        flight = self.wire(call.target, call.source).launch(message, call.attempt, lost_to, why)
        try:
            await self.run.clock.sleep_until(flight.due)
        except asyncio.CancelledError:  # the server crashes, and its connections break
            flight.lost_to = f"crash:{call.target}"
            if not self.run.log.closed:
                flight.drop()
            raise
        if call.gone and not flight.lost_to:
            flight.lost_to = NOBODY_WAITS
        if flight.lost_to:
            flight.drop()
            return Response(200, headers={LOST: flight.lost_to})
        flight.land()
        return response

    async def close(self) -> None:
        """Give back every socket and task."""
        await self.carrier.close()

    def _arrive(self, call: Call, flight: Flight) -> None:
        if flight.lost_to:
            flight.drop()
        else:
            call.connection = self.run.spawn(self._carry(call, flight), f"call {call.tag}")

    async def _carry(self, call: Call, flight: Flight) -> None:
        hop = str(flight.hop)
        self._arriving[hop] = Crossing(call, flight)
        headers = call.headers | {"x-hop": hop, "x-timeout": f"{call.timeout:.6f}"}
        try:
            response = await self.carrier.call(call.address, to_request(call.message, headers))
        except Refused:
            self._refused(call, hop)
        except asyncio.CancelledError:
            self._cut_short(hop)
            raise
        else:
            if LOST not in response.headers:
                call.settle(Answer.of(response, call.reply))

    def _refused(self, call: Call, hop: str) -> None:
        crossing = self._arriving.pop(hop, None)
        if crossing is not None:  # it never got in
            crossing.flight.lost_to = f"crash:{call.target}"
            crossing.flight.drop()
        wire = self.wire(call.target, call.source)
        self.run.clock.call_later(wire.latency, lambda: call.settle(Answer(503, why="refused")))

    def _cut_short(self, hop: str) -> None:
        crossing = self._arriving.pop(hop, None)
        if crossing is not None and not self.run.log.closed:
            crossing.flight.lost_to = NOBODY_WAITS
            crossing.flight.drop()

    async def _tell(self, address: str, request: Request) -> None:
        try:
            await self.carrier.call(address, request)
        except Refused:
            return  # it crashed, and the work with it

    def _reply_message(self, call: Call, response: Response, parents: tuple[str, ...]) -> Message:
        return Message(
            call.reply,
            f"{call.message.type}Answered" if response.status < 400 else "Failed",
            call.target,
            self.run.clock.now(),
            subject=call.message.subject,
            data={"status": response.status} | (response.body or {}),
            role="reply" if response.status < 400 else "error",
            correlation_id=call.message.correlation_id,
            causation_id=call.message.id,
            parents=parents,
        )
