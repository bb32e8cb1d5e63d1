"""Stock: the one service that changes something, and so the one that must recognise a repeat."""

from __future__ import annotations

from patterns.carriers.call import Response
from patterns.request_response.job import Job
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.service import Service


class Stock(Service):
    """Reserves what is ordered. Responses to requests with a key are stored, and replayed to a repeat."""

    def __init__(self, network: Network, name: str, narrator: Narrator) -> None:
        super().__init__(network, name, narrator)
        self._stored: dict[str, Response] = {}
        self._reserved: set[str] = set()
        self._count = 0

    async def result(self, job: Job) -> Response:
        """Reserve if asked to; else say how many are left."""
        if job.call.message.type != "ReserveStock":
            return Response(200, {"left": 20 - job.product % 7, "slow": job.slow})
        if job.key and job.key in self._stored:
            return self._replay(job)
        response = self._reserve(job)
        if job.key:
            # A database would write both in one transaction; here nothing can happen between the two.
            self._stored[job.key] = response
        return response

    def _reserve(self, job: Job) -> Response:
        order = job.call.message
        if order.subject in self._reserved:
            self.narrator.say(self.name, "It cannot tell a repeat, so the order is applied again", order.id)
        self._reserved.add(order.subject)
        self._count += 1
        self.log.settled(order, self.name, "applied")
        self.log.changed(self.name, "applied", self._count, "orders")
        return Response(201, {"order": order.subject, "reservation": self._count})

    def _replay(self, job: Job) -> Response:
        self.log.settled(job.call.message, self.name, "skipped", "key seen before")
        self.narrator.say(self.name, "The key is known, so the stored answer is replayed", job.call.message.id)
        return self._stored[job.key]
