"""The parts of a page, each one call: to the cache first if there is one, else to a service."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from patterns.core.message import Message
from patterns.request_response.answer import Answer
from patterns.request_response.backends import Backends
from patterns.request_response.caller import Caller, Question
from patterns.request_response.job import Job
from patterns.request_response.topology import SERVICES

KINDS = {
    "price": "GetPrice",
    "reviews": "GetReviews",
    "stock": "GetStock",
    "recommendations": "GetRecommendations",
}
UNCACHED = ("stock",)
"""How many are left must be true now."""

CACHE_SECONDS = 1.0
"""How long a page server waits for its cache."""


class Widgets:
    """Fetches the parts of a page."""

    def __init__(self, backends: Backends) -> None:
        self._backends = backends
        self.run, self._clock = backends.run, backends.clock
        self._cache = Caller(backends.network, "page", backends.narrator)

    def plan(self) -> list[tuple[str, str]]:
        """Which service each widget comes from, and the widget's name: price, reviews, ..., price2, ..."""
        source = self.run.choice("widgets-from")
        services = SERVICES if source == "all" else (source,)
        dealt = [divmod(number, len(services)) for number in range(int(self.run.number("widgets")))]
        return [(services[turn], services[turn] + (f"{lap + 1}" if lap else "")) for lap, turn in dealt]

    async def fetch_one_by_one(self, job: Job) -> list[Answer]:
        """All widgets, each after the one before."""
        return [await self.fetch(job, service, name) for service, name in self.plan()]

    async def fetch_all(self, job: Job) -> dict[str, Answer]:
        """All widgets side by side, by name. Which of them gets to the pool first is a matter of chance."""
        plan = self.plan()
        self.run.random(f"order of {job.tag}").shuffle(plan)
        answers = await asyncio.gather(*(self.fetch(job, service, name) for service, name in plan))
        return {name: answer for (_, name), answer in zip(plan, answers, strict=True)}

    async def fetch(self, job: Job, service: str, name: str) -> Answer:
        """One widget."""
        cached = self.run.on("cache-on") and service not in UNCACHED
        key = f"{name} of {job.product}"
        if cached and (kept := await self._look_up(job, f"{name}/cached", {"key": key})).ok:
            return kept
        answer = await self._ask(job, KINDS[service], service, {"product": job.product}, name)
        if cached and answer.ok:
            self.run.spawn(self._keep(job, name, key, answer), f"keep {key}")
        elif cached and self.run.on("fallback"):
            return await self._fall_back(job, service, name, key, answer)
        return answer

    async def list_items(self, job: Job) -> Answer:
        """The list itself: the 1 of N+1."""
        data = {"items": int(self.run.number("items")), "list": 1}
        return await self._ask(job, "GetList", "recommendations", data, "list")

    async def item_price(self, job: Job, item: int) -> Answer:
        """The price of one item: one of the N."""
        return await self._ask(job, "GetPrice", "price", {"product": item, "list": 1}, f"price of {item}")

    async def item_prices(self, job: Job, items: list[int], parents: tuple[str, ...]) -> Answer:
        """The prices of many items in one call, made from the messages that named them."""
        data = {"items": ",".join(map(str, items)), "list": 1}
        return await self._ask(job, "GetPrices", "price", data, "prices", parents)

    async def _ask(
        self, job: Job, kind: str, service: str, data: dict[str, Any], name: str, parents: tuple[str, ...] = ()
    ) -> Answer:
        question = self._backends.question(job, kind, service, data, name, parents)
        answer = await self._backends.ask(question)
        self._backends.settle(question.message, answer)
        return answer

    async def _fall_back(self, job: Job, service: str, name: str, key: str, failure: Answer) -> Answer:
        """An old copy from the cache in place of a failure, or the failure if there is none."""
        copy = await self._look_up(job, f"{name}/old", {"key": key, "old": 1})
        if not copy.ok:
            return failure
        self._backends.narrator.say("page", f"{service.capitalize()} fails, so an old copy from the cache has to do")
        return replace(copy, body=copy.body | {"old": 1})

    async def _look_up(self, job: Job, name: str, data: dict[str, Any]) -> Answer:
        """What the cache has; an answer that is not ok if it has nothing."""
        answer = await self._cache.ask(self._to_cache(job, "GetCached", name, data), retries=False)
        if not answer.ok or "value" not in answer.body:
            return Answer(404, why="not in the cache")
        return replace(answer, body=answer.body["value"])

    async def _keep(self, job: Job, name: str, key: str, answer: Answer) -> None:
        question = self._to_cache(
            job, "PutCached", f"{name}/keep", {"key": key, "value": answer.body | {"slow": False}}
        )
        await self._cache.ask(question, retries=False)

    def _to_cache(self, job: Job, kind: str, name: str, data: dict[str, Any]) -> Question:
        message = Message(
            f"{job.tag}/{name}", kind, "page", self._clock.now(), "cache", data, "request",
            job.call.message.correlation_id, job.call.message.id,
        )  # fmt: skip
        return Question(message, "cache", lambda: CACHE_SECONDS, until=job.until)
