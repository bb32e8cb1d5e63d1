"""The order line in calls: a desk that asks five parts, one after the other, and answers when it has all their answers.

Put together from the lab's own parts for the comparison with other patterns: servers, callers, pools, keys, receipts.
"""

from __future__ import annotations

from itertools import count

from patterns.carriers.call import Response
from patterns.carriers.direct import Direct
from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.order_work import PATIENCE_SECONDS, STEPS, Placed, list_orders
from patterns.core.run import Run
from patterns.request_response.accepted import AcceptedWork
from patterns.request_response.answer import Answer
from patterns.request_response.caller import Caller, Question
from patterns.request_response.job import Job
from patterns.request_response.knobs import POLL_SECONDS
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.order_wiring import CHAIN
from patterns.request_response.server import Server
from patterns.request_response.stock import Stock

SOLD_OUT = 409
"""A proper answer, and so nothing that is tried again."""


class OrderLine:
    """The backend of a run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._network = network = Network(run, Direct())
        narrator = Narrator(run.log, run.clock)
        servers: list[Server] = [*(Part(network, name, narrator) for name in STEPS), Desk(network, narrator)]
        self._servers = {server.name: server for server in servers}
        self._customers = Customers(network, narrator)

    async def start(self) -> None:
        """Open every server, then let customers in."""
        for server in self._servers.values():
            await server.open()
        self._run.faults.when("down", self._crash, self._restart)
        self._customers.open()

    async def stop(self) -> None:
        """Give every connection back."""
        await self._network.close()

    def _crash(self, asked: Asked) -> None:
        self._run.spawn(self._servers[asked.target].crash(asked), f"crash of {asked.target}")

    def _restart(self, asked: Asked) -> None:
        if not self._run.log.closed:
            self._run.spawn(self._servers[asked.target].restart(), f"restart of {asked.target}")


class Part(Stock):
    """One step: it works its own time, and what carries a key it does once."""

    replicas = 1

    def _seconds(self, job: Job) -> float:
        return STEPS[self.name] + self.extra_seconds()

    async def result(self, job: Job) -> Response:
        """Do it, say that it is sold out, or replay the answer to a repeat."""
        if job.key and job.key in self._stored:
            return self._replay(job)
        sold_out = self.name == "inventory" and not job.data["in_stock"]
        response = Response(SOLD_OUT, {"error": "sold out"}) if sold_out else self._reserve(job)
        if job.key:
            self._stored[job.key] = response
        return response


class Desk(Server):
    """The order service. It waits for each step before it asks for the next, and undoes nothing that failed."""

    def __init__(self, network: Network, narrator: Narrator) -> None:
        super().__init__(network, "orders", narrator)
        self._caller = Caller(network, "orders", narrator)
        self._accepted = AcceptedWork(self.run, "orders")

    async def answer(self, job: Job) -> Response:
        if job.call.message.type == "GetStatus":
            return self._accepted.status(job)
        if self.run.on("accept-202"):
            return self._accepted.accept(job, self._place)
        return await self._place(job)

    async def crash(self, asked: Asked) -> None:
        self._accepted.forget(asked.key)
        await super().crash(asked)

    async def _place(self, job: Job) -> Response:
        for kind, target in CHAIN:
            answer = await self._ask(job, kind, target)
            if answer.status == SOLD_OUT:
                await self._ask(job, "Refund", "payment")
                return Response(SOLD_OUT, {"error": "sold out"})
            if not answer.ok:
                return Response(504 if answer.late else 502, {"error": answer.why})
        return Response(201, {"order": job.data["order"]})

    async def _ask(self, job: Job, kind: str, target: str) -> Answer:
        order = job.call.message
        message = Message(
            f"{job.tag}/{kind}", kind, "orders", self.clock.now(), f"{kind} for {order.subject}", dict(order.data),
            "request", order.correlation_id, order.id,
        )  # fmt: skip
        key = f"{job.key}/{kind}" if job.key else ""
        question = Question(message, target, lambda: self.run.number("timeout"), key=key)
        answer = await self._caller.ask(question)
        self._caller.settle(message, answer)
        return answer


class Customers:
    """Customers by the timetable, each of whom waits for his answer so long and no longer."""

    def __init__(self, network: Network, narrator: Narrator) -> None:
        self._caller = Caller(network, "customer", narrator)
        self._run, self._clock = network.run, network.run.clock

    def open(self) -> None:
        """Let each come at his time."""
        for placed in list_orders(self._run.seed, int(self._run.number("orders"))):
            self._run.spawn(self._order(placed), f"customer {placed.number}")

    async def _order(self, placed: Placed) -> None:
        await self._clock.sleep_until(placed.at)
        data: dict[str, object] = {"order": placed.number, "in_stock": int(placed.in_stock)}
        message = self._message(placed, f"r{placed.number}", "PlaceOrder", data)
        answer = await self._ask(message)
        if answer.status == 202:
            self._run.log.settled(message, "customer", "accepted", "202")
            answer = await self._poll(placed, message, answer)
        if answer.status == SOLD_OUT:
            self._run.log.settled(message, "customer", "reply", "out of stock")
        else:
            self._caller.settle(message, answer)

    async def _poll(self, placed: Placed, order: Message, receipt: Answer) -> Answer:
        """Ask for the result until it is there."""
        for number in count(1):
            await self._clock.sleep(POLL_SECONDS)
            data = {"work": receipt.body["work"]}
            message = self._message(placed, f"{order.id}/poll{number}", "GetStatus", data, order.id)
            question = Question(message, "orders", lambda: PATIENCE_SECONDS)
            answer = await self._caller.ask(question, retries=False)
            if answer.status != 202 and (answer.status < 500 or "error" in answer.body):
                return answer
        raise AssertionError("unreachable: polling ends with an answer or with the run")

    async def _ask(self, message: Message) -> Answer:
        key = f"order {message.correlation_id}" if self._run.on("idempotency-key") else ""
        return await self._caller.ask(Question(message, "orders", lambda: PATIENCE_SECONDS, key=key))

    def _message(self, placed: Placed, name: str, kind: str, data: dict[str, object], cause: str = "") -> Message:
        number = str(placed.number)
        return Message(name, kind, "customer", self._clock.now(), f"order {number}", data, "request", number, cause)
