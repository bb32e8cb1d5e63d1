"""The browsers: visitors who arrive whether or not the earlier ones were answered, and each of whom waits."""

from __future__ import annotations

import asyncio
import random
from itertools import accumulate, count

from patterns.core.message import Message
from patterns.request_response.answer import Answer
from patterns.request_response.caller import Caller, Question
from patterns.request_response.gauge import Gauge
from patterns.request_response.graph import PAGE, PAGE_WITH_LIST
from patterns.request_response.knobs import POLL_SECONDS
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Network

CLICK_SECONDS = 0.1
"""Between two clicks of an impatient finger."""


class Browser:
    """An open workload: visitors arrive at a rate, not one after another."""

    def __init__(self, network: Network, narrator: Narrator) -> None:
        self._caller = Caller(network, "browser", narrator)
        self._run, self._clock, self._narrator = network.run, network.run.clock, narrator
        self._arrivals = self._run.random("arrivals")
        self._waiting, self._acknowledged = 0, 0
        self._waiting_gauge = Gauge(self._run.log, self._clock, "browser", "waiting", "visitors")

    async def open(self) -> None:
        """Let visitors come, until the run begins no new work."""
        for number in count(1):
            await self._clock.sleep(self._gap())
            if not self._run.open:
                return
            self._run.spawn(self._visit(number), f"visitor {number}")

    def _gap(self) -> float:
        rate = self._run.number("request-rate")
        return self._arrivals.expovariate(rate) if self._run.choice("arrivals") == "poisson" else 1 / rate

    async def _visit(self, number: int) -> None:
        message = self._message(number)
        self._wait(+1)
        if number == 1:
            self._narrator.say("browser", "A visitor asks, and waits for the answer", message.id)
        question = self._question(message)
        if message.type == "PlaceOrder" and (why := self._run.faults.strikes("double-click", "browser")):
            self._run.spawn(self._click_again(question, why), f"second click of {message.id}")
        answer = await self._caller.ask(question)
        if answer.status == 202:
            answer = await self._poll(message, answer)
        elif answer.ok and answer.body.get("items"):
            answer = await self._fetch_items(message, answer)
        self._wait(-1)
        self._caller.settle(message, answer)
        if answer.ok and message.type == "PlaceOrder":
            self._acknowledged += 1
            self._run.log.changed("browser", "orders", self._acknowledged, "orders")

    async def _click_again(self, question: Question, why: str) -> None:
        """The same form once more, while the first is under way. What it is told changes nothing for the visitor."""
        await self._clock.sleep(CLICK_SECONDS)
        self._narrator.say("browser", "An impatient finger sends the form again", question.message.id)
        await self._caller.fly(question, self._run.number("patience"), why=why)

    async def _fetch_items(self, visit: Message, page: Answer) -> Answer:
        if self._run.choice("style") == "rest-serial":
            answers = [await self._fetch_item(visit, item) for item in page.body["items"]]
        else:
            answers = await asyncio.gather(*(self._fetch_item(visit, item) for item in page.body["items"]))
        return next((answer for answer in answers if not answer.ok), page)

    async def _fetch_item(self, visit: Message, item: int) -> Answer:
        message = self._follow_up(visit, f"item{item}", "GetItem", {"item": item})
        answer = await self._caller.ask(self._question(message))
        self._caller.settle(message, answer)
        return answer

    async def _poll(self, visit: Message, receipt: Answer) -> Answer:
        """Ask for the result until it is there. No connection is held between two questions."""
        self._run.log.settled(visit, "browser", "accepted", "202")
        self._narrator.say("browser", "A receipt instead of the answer, so it asks again later", visit.id)
        for number in count(1):
            await self._clock.sleep(POLL_SECONDS)
            message = self._follow_up(visit, f"poll{number}", "GetStatus", {"work": receipt.body["work"]})
            answer = await self._caller.ask(self._question(message), retries=False)
            if (answer.status != 202 and answer.status < 500) or self._is_result(answer):
                return answer
        raise AssertionError("unreachable: polling ends with an answer or with the run")

    def _is_result(self, answer: Answer) -> bool:
        """A failure that the server itself reports, not one of reaching it."""
        return answer.status >= 500 and "error" in answer.body

    def _question(self, message: Message) -> Question:
        key = message.subject if self._run.on("idempotency-key") and message.type == "PlaceOrder" else ""
        return Question(message, "page", lambda: self._run.number("patience"), key=key)

    def _message(self, number: int) -> Message:
        """What visitor number so and so wants."""
        source = self._run.random(f"visitor {number}")
        kind, subject = "ViewProduct", "page"
        data: dict[str, object] = {"product": self._product(source)}
        if source.random() < self._run.number("checkout-share"):
            kind, subject = "PlaceOrder", f"order {number}"
        elif self._run.number("report-seconds"):
            kind, subject = "RequestReport", "report"
        elif self._run.choice("style").startswith("graphql"):
            kind = "QueryGraph"
            query = PAGE_WITH_LIST if self._run.number("items") else PAGE
            data |= {"query": query, "batched": int(self._run.choice("style") == "graphql-dataloader")}
        return Message(f"r{number}", kind, "browser", self._clock.now(), subject, data, "request", f"r{number}")

    def _follow_up(self, visit: Message, name: str, kind: str, data: dict[str, object]) -> Message:
        return Message(
            f"{visit.id}/{name}", kind, "browser", self._clock.now(), visit.subject, data, "request", visit.id, visit.id
        )

    def _product(self, source: random.Random) -> int:
        """Unevenly popular: the k-th product has weight 1/k (Zipf)."""
        products = range(1, int(self._run.number("products")) + 1)
        return source.choices(products, cum_weights=list(accumulate(1 / k for k in products)))[0]

    def _wait(self, change: int) -> None:
        self._waiting += change
        self._waiting_gauge.show(self._waiting)
