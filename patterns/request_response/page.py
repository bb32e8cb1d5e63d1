"""The page server: builds one answer out of many, and waits for each of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from patterns.carriers.call import Response
from patterns.core.faults import Asked
from patterns.request_response.accepted import AcceptedWork
from patterns.request_response.answer import FINAL, Answer
from patterns.request_response.backends import Backends
from patterns.request_response.graph import Graph
from patterns.request_response.job import Job
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network
from patterns.request_response.parts import Parts
from patterns.request_response.server import Server
from patterns.request_response.widgets import Widgets


class Page(Server):
    """Answers browsers."""

    def __init__(self, network: Network, narrator: Narrator) -> None:
        super().__init__(network, "page", narrator)
        self.backends = Backends(network, narrator)
        self.widgets = Widgets(self.backends)
        self.graph = Graph(self.widgets)
        self.accepted = AcceptedWork(self.run)
        self._routes: dict[str, Callable[[Job], Awaitable[Response]]] = {
            "ViewProduct": self._view,
            "QueryGraph": self._query,
            "GetItem": self._item,
            "PlaceOrder": self._order,
            "RequestReport": self._report,
            "GetStatus": self._status,
        }

    async def answer(self, job: Job) -> Response:
        await self._read_slowly(job)
        if extra := self.extra_seconds():
            await self.clock.sleep(extra)
        return await self._routes[job.call.message.type](job)

    async def crash(self, asked: Asked) -> None:
        self.accepted.forget(asked.key)
        await super().crash(asked)

    async def _view(self, job: Job) -> Response:
        if self.run.choice("style") == "rest-serial":
            answers = await self.widgets.fetch_one_by_one(job)
        else:
            answers = list((await self.widgets.fetch_all(job)).values())
        listed = await self.widgets.list_items(job) if self.run.number("items") else None
        return self._compose(job, Parts(answers, listed))

    async def _query(self, job: Job) -> Response:
        return self._compose(job, await self.graph.execute(job))

    async def _item(self, job: Job) -> Response:
        answer = await self.widgets.item_price(job, int(job.data["item"]))
        return Response(200, answer.body) if answer.ok else self._failed(answer)

    async def _order(self, job: Job) -> Response:
        if self.run.on("accept-202") and not job.in_background:
            return self.accepted.accept(job, self._order)
        order = job.call.message.subject
        answer = await self._ask(job, "ReserveStock", "stock", {"order": order, "product": job.product})
        return Response(201, answer.body) if answer.ok else self._failed(answer)

    async def _report(self, job: Job) -> Response:
        if self.run.on("accept-202") and not job.in_background:
            return self.accepted.accept(job, self._report)
        answer = await self._ask(job, "BuildReport", "reviews", {"product": job.product})
        return Response(200, answer.body) if answer.ok else self._failed(answer)

    async def _status(self, job: Job) -> Response:
        return self.accepted.status(job)

    async def _ask(self, job: Job, kind: str, target: str, data: dict[str, str | int]) -> Answer:
        question = self.backends.question(job, kind, target, data)
        answer = await self.backends.ask(question)
        self.backends.settle(question.message, answer)
        return answer

    async def _read_slowly(self, job: Job) -> None:
        slow = self.run.faults.on("slow-client", "browser")
        if slow is None:
            return
        job.why = slow.key
        self.narrator.say("page", "The request trickles in, and a thread has to read along")
        await self.backends.pool.take("browser")
        try:
            await self.clock.sleep(slow.amount)
        finally:
            self.backends.pool.give_back("browser")

    def _compose(self, job: Job, parts: Parts) -> Response:
        failed = parts.failed()
        body = parts.summary()
        job.parents = parts.replies()
        if not failed:
            return Response(200, body | {"degraded": 0})
        if self.run.on("fallback"):
            text = f"{len(failed)} of {len(parts.widgets)} widgets failed, so the page goes without"
            self.narrator.say("page", text, job.call.message.id)
            return Response(200, body | {"degraded": len(failed)})
        return self._failed(failed[0], body | {"degraded": 0})

    def _failed(self, answer: Answer, body: dict[str, object] | None = None) -> Response:
        # What this layer has retried within its budget must not be retried by the next.
        headers = {FINAL: "1"} if self.run.on("retry-budget") else {}
        return Response(504 if answer.late else 502, {"error": answer.why} | (body or {}), headers)
