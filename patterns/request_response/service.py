"""A service with replicas, each with a few workers and a queue: Price and Reviews, and what Stock and
Recommendations build upon."""

from __future__ import annotations

from patterns.carriers.call import Response
from patterns.request_response.gauge import Gauge
from patterns.request_response.job import Job
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.pool import Pool
from patterns.request_response.server import MOST_REPLICAS, Server
from patterns.request_response.service_time import draw


class Service(Server):
    """Works on each call for its service time, while holding a worker."""

    replicas = MOST_REPLICAS

    def __init__(self, network: Network, name: str, narrator: Narrator) -> None:
        super().__init__(network, name, narrator)
        self._gauge = Gauge(self.log, self.clock, name, "busy", "workers")
        self._workers = {number: self._pool() for number in range(1, self.replicas + 1)}

    async def answer(self, job: Job) -> Response:
        """Queue for a worker, work, answer."""
        workers = self._workers[job.replica]
        await workers.take(self.name)
        try:
            await self.check_deadline(job)
            await self.clock.sleep(self._seconds(job))
            return await self.result(job)
        finally:
            workers.give_back(self.name)

    async def result(self, job: Job) -> Response:
        """What is known, once the work is done."""
        kind = job.call.message.type
        if kind == "GetPrices":
            return Response(200, {"prices": {item: _price(int(item)) for item in job.data["items"].split(",")}})
        if kind == "BuildReport":
            return Response(200, {"report": f"what was said of product {job.product}"})
        known = {"price": _price(job.product)} if self.name == "price" else {"stars": 1 + job.product % 5}
        return Response(200, known | {"slow": job.slow})

    def _seconds(self, job: Job) -> float:
        seconds, job.slow = draw(self.run, job.tag)
        if job.call.message.type == "BuildReport":
            seconds = self.run.number("report-seconds")
        if job.slow or job.why:
            self.narrator.say(
                self.name, f"{self.name.capitalize()} is slow, so whoever asked waits", job.call.message.id
            )
        hot = self.run.faults.on("hot-replica", self.name)
        if hot and job.replica == 1:
            job.why = hot.key
            seconds *= hot.amount
        return seconds + self.extra_seconds()

    def _pool(self) -> Pool:
        size = lambda: int(self.run.number("workers"))  # noqa: E731
        return Pool(self.clock, size, size, self._show)

    def _show(self) -> None:
        busy = sum(pool.busy for pool in self._workers.values())
        queue = sum(pool.queue for pool in self._workers.values())
        size = int(self.run.number("workers")) * self.network.replicas(self.name)
        self._gauge.show(f"{busy}/{size}" + (f" +{queue} waiting" if queue else ""))


def _price(product: int) -> float:
    return 5 + product * 7 % 90 + 0.9
