"""The smallest lab: a client asks, a server answers. For tests of what carries a run, not of a pattern."""

from __future__ import annotations

from patterns.core.faults import Fault
from patterns.core.invariants import AtMostOnce, Invariant
from patterns.core.link import Link
from patterns.core.log import Settled
from patterns.core.message import Message
from patterns.core.metrics import Figure, Metric, Total
from patterns.core.pattern import Control, Engine, Fidelity, Node, Pattern, Remedy
from patterns.core.run import EngineMissing, Run
from patterns.core.scenario import Scenario, Step, Stop

ECHO = Pattern(
    slug="echo",
    title="Echo",
    backend="echo:Echo",
    nodes=(Node("client", "Client", "client", 10, 50), Node("server", "Server", "service", 90, 50, shows=("served",))),
    links=(Link("client", "server"),),
    controls=(
        Control("rate", "Rate", "/s", 20.0, 1.0, 200.0),
        Control("size", "Size", "bytes", 0.0, 0.0, 1e6),
        Control("burn", "Computing for ever", "", False),
    ),
    remedies=(Remedy("quiet", "Quiet", "lose:server", "served"),),
    faults=(Fault("lose", "Requests lost", ("server",), "they never land", unit="ratio", amount=0.5),),
    invariants=(
        Invariant(
            "duplicated",
            "No request served twice",
            lambda: AtMostOnce(lambda e, log: e.message if isinstance(e, Settled) else None),
        ),
    ),
    metrics=(
        Metric("served", "Served", "requests", lambda: Total(lambda e, log: 1.0 if isinstance(e, Settled) else None)),
    ),
    figures=(Figure("served", "Served", ("served",), "requests"),),
    scenarios=(
        Scenario(
            "lost", "Lost", "Lose some.", 3.0, {"rate": 50.0}, (Step(1.0, fault="lose:server"),), (Stop(1.0, "now"),)
        ),
    ),
    fidelity=(Fidelity("everything", "scaled", "it is a test"),),
    engines=(Engine("builtin", "Built-in"), Engine("missing", "Missing", "no_such_module")),
    golden="lost",
)


class Echo:
    """Asks at a rate, and answers."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.served = 0

    async def start(self) -> None:
        """Begin to ask."""
        if self.run.engine == "missing":
            raise EngineMissing("Missing engine not installed: no_such_module is missing")
        self.run.spawn(self._ask(), "client")

    async def stop(self) -> None:
        """Nothing to give back."""

    async def _ask(self) -> None:
        number = 0
        while True:
            await self.run.clock.sleep(1 / self.run.number("rate"))
            while self.run.on("burn"):
                pass
            number += 1
            data = {"text": "x" * int(self.run.number("size"))}
            message = Message(str(number), "Asked", "client", self.run.clock.now(), data=data, role="request")
            lost_to = self.run.faults.strikes("lose", "server")
            self.run.wire("client", "server").send(message, self._serve, lost_to=lost_to)

    def _serve(self, message: Message) -> None:
        self.served += 1
        self.run.log.settled(message, "server", "applied")
        self.run.log.changed("server", "served", float(self.served), "requests")
        reply = Message(
            f"{message.id}/reply", "Answered", "server", self.run.clock.now(), role="reply", causation_id=message.id
        )
        self.run.wire("server", "client").send(reply, lambda _: None)
