"""Recommendations: a service that calls another, and so the third layer in which calls are retried."""

from __future__ import annotations

from patterns.carriers.call import Response
from patterns.core.message import Message
from patterns.request_response.answer import FINAL
from patterns.request_response.caller import Caller, Question
from patterns.request_response.job import Job
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.service import Service


class Recommendations(Service):
    """Suggests only what Stock has, so it must ask first."""

    def __init__(self, network: Network, name: str, narrator: Narrator) -> None:
        super().__init__(network, name, narrator)
        self._caller = Caller(network, name, narrator)

    async def result(self, job: Job) -> Response:
        """A list as it is, or suggestions that are in stock."""
        if job.call.message.type == "GetList":
            return Response(200, {"items": list(range(1, int(job.data["items"]) + 1))})
        message = Message(
            f"{job.tag}/stock", "GetStock", self.name, self.clock.now(), "stock", {"product": job.product}, "request",
            job.call.message.correlation_id, job.call.message.id,
        )  # fmt: skip
        timeout = lambda: self.run.number("timeout")  # noqa: E731
        answer = await self._caller.ask(Question(message, "stock", timeout, until=job.until))
        self._caller.settle(message, answer)
        if answer.ok:
            return Response(200, {"also": [job.product + 1], "slow": job.slow or answer.body.get("slow", False)})
        return Response(502, {"error": "stock does not answer"}, {FINAL: "1"} if self.run.on("retry-budget") else {})
