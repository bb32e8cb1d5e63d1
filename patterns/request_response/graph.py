"""The page by GraphQL: one query from the browser, executed by graphql-core, with or without a data loader."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from graphql import GraphQLResolveInfo, build_schema, execute, parse

from patterns.core.run import Run
from patterns.request_response.answer import Answer
from patterns.request_response.job import Job
from patterns.request_response.parts import Parts
from patterns.request_response.widgets import Widgets

SCHEMA = build_schema("""
    type Query { widgets: [Widget!]!  items: [Item!]! }
    type Widget { name: String!  ok: Boolean! }
    type Item { id: Int!  price: Float }
""")
PAGE = "{ widgets { name ok } }"
PAGE_WITH_LIST = "{ widgets { name ok } items { id price } }"
DOCUMENTS = {query: parse(query) for query in (PAGE, PAGE_WITH_LIST)}

Info = GraphQLResolveInfo[Any]
Fetch = Callable[[list[int], tuple[str, ...]], Awaitable[Answer]]
"""Keys, and the messages they were read from, in; one answer for all of them out."""


class DataLoader:
    """Gathers the keys asked for in one turn of the loop and fetches them in one call (Facebook's DataLoader).

    Each key comes with the message that it was read from.
    """

    def __init__(self, run: Run, fetch: Fetch) -> None:
        self._run, self._fetch = run, fetch
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._parents: dict[str, None] = {}

    async def load(self, key: int, parent: str) -> Answer:
        """The answer to a batch that contains the key."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._dispatch)
        if key not in self._waiting:
            self._waiting[key] = asyncio.get_running_loop().create_future()
        self._parents[parent] = None
        return await self._waiting[key]

    def _dispatch(self) -> None:
        batch, self._waiting = self._waiting, {}
        parents, self._parents = tuple(self._parents), {}
        self._run.spawn(self._load(batch, parents), "data loader")

    async def _load(self, batch: dict[int, asyncio.Future[Answer]], parents: tuple[str, ...]) -> None:
        answer = await self._fetch(list(batch), parents)
        for waiting in batch.values():
            if not waiting.done():
                waiting.set_result(answer)


class Resolvers:
    """The root of one query. graphql-core calls its methods, and those of what they return, side by side."""

    def __init__(self, source: Widgets, job: Job, batched: bool) -> None:
        self._source, self._job = source, job
        self._loader = DataLoader(source.run, partial(source.item_prices, job)) if batched else None
        self.parts = Parts([])

    async def widgets(self, info: Info) -> list[dict[str, Any]]:
        """All widgets of the page."""
        answers = await self._source.fetch_all(self._job)
        self.parts.widgets = list(answers.values())
        return [{"name": name, "ok": answer.ok} for name, answer in answers.items()]

    async def items(self, info: Info) -> list[dict[str, Any]]:
        """The list; each item brings the resolver of its price."""
        self.parts.listed = listed = await self._source.list_items(self._job)
        return [{"id": item, "price": self._price_of(item, listed.reply)} for item in listed.body.get("items", [])]

    def _price_of(self, item: int, parent: str) -> Callable[[Info], Awaitable[float | None]]:
        async def price(info: Info) -> float | None:
            if self._loader is None:
                answer = await self._source.item_price(self._job, item)
                self.parts.prices.append(answer)
                return _number(answer.body.get("price"))
            answer = await self._loader.load(item, parent)
            self.parts.prices.append(answer)
            return _number(answer.body.get("prices", {}).get(str(item)))

        return price


class Graph:
    """Executes the queries of browsers."""

    def __init__(self, source: Widgets) -> None:
        self._source = source

    async def execute(self, job: Job) -> Parts:
        """Answer the query in a job.

        Raises:
            GraphQLError: a resolver failed by a mistake of ours; a service that does not answer is a part that failed.
        """
        resolvers = Resolvers(self._source, job, job.data.get("batched") == 1)
        result = execute(SCHEMA, DOCUMENTS[job.data["query"]], resolvers)
        executed = await result if isinstance(result, Awaitable) else result
        if executed.errors:
            raise executed.errors[0]
        return resolvers.parts


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
