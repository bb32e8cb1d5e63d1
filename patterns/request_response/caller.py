"""What a caller does about failure: it waits so long and no longer, and tries again within reason."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from patterns.core.clock import Timer
from patterns.core.message import Message
from patterns.request_response.answer import Answer
from patterns.request_response.narrator import Narrator
from patterns.request_response.network import Call, Network
from patterns.request_response.retrying import RetryBudget, full_jitter

PLUMBING = True
"""The log shows the line that called this module."""


@dataclass(slots=True, eq=False)
class Question:
    """What is asked of a target, however many tries it takes. `until` is a deadline in run time, if there is one."""

    message: Message
    target: str
    timeout: Callable[[], float]
    number: int = 0
    tries: int = 0
    key: str = ""
    until: float | None = None
    expiry: str = "timeout"


class Caller:
    """A node that calls others."""

    def __init__(self, network: Network, node: str, narrator: Narrator) -> None:
        self.network, self.node, self.narrator = network, node, narrator
        self.run, self.clock = network.run, network.run.clock
        self._budget = RetryBudget()
        self._jitter = self.run.random(f"{node}: jitter")
        self._turns: Counter[str] = Counter()

    async def ask(self, question: Question, retries: bool = True) -> Answer:
        """Ask, and ask again after a failure as far as the settings allow."""
        question.number = self._turns[question.target]
        self._turns[question.target] += 1
        self._budget.earn()
        answer = await self.once(question)
        attempt = 1
        while retries and not answer.ok and self._may_retry(answer, attempt):
            self.narrator.say(
                self.node, f"{_because(answer)}, so {question.target} is asked again", question.message.id
            )
            if self.run.on("retry-backoff"):
                await self.clock.sleep(full_jitter(attempt, self._jitter))
            answer = await self.once(question)
            attempt += 1
        return answer

    async def once(self, question: Question) -> Answer:
        """One try, within the time there is."""
        seconds = self.time_for(question)
        if seconds <= 0:
            return Answer(504, why="no time left", late=True, final=True)
        return await self.fly(question, seconds)

    async def fly(self, question: Question, seconds: float, hedge_after: float | None = None, why: str = "") -> Answer:
        """Send a request and wait for `seconds`; send another to the next replica after `hedge_after`. `why` is the
        fault that sends it."""
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        calls = [self._send(question, seconds, future, why)]
        timers = [self.clock.call_later(seconds, lambda: _expire(future, question.expiry))]
        if hedge_after is not None:
            timers.append(self._hedge(question, seconds, hedge_after, calls))
        try:
            return self._hear(question, await future, seconds)
        finally:
            for timer in timers:
                timer.cancel()
            self._part(calls)

    def _hear(self, question: Question, answer: Answer, seconds: float) -> Answer:
        if answer.late:
            text = f"No answer from {question.target} in {seconds:.3g} s, so it waits no longer"
            self.narrator.say(self.node, text, question.message.id)
        return answer

    def settle(self, message: Message, answer: Answer) -> None:
        """Record how a question of this node ended."""
        self.run.log.settled(message, self.node, answer.outcome, answer.why)

    def time_for(self, question: Question) -> float:
        """Seconds that one try may take from now on."""
        seconds = question.timeout()
        if question.until is None:
            return seconds
        return max(0.0, min(seconds, question.until - self.clock.now()))

    def _send(self, question: Question, seconds: float, future: asyncio.Future[Answer], why: str = "") -> Call:
        question.tries += 1
        replica = (question.number + question.tries - 1) % self.network.replicas(question.target)
        call = Call(
            question.message, self.node, question.target, f"{question.target}-{replica + 1}", question.tries, seconds,
            future, {"idempotency-key": question.key} if question.key else {}, why,
        )  # fmt: skip
        self.network.send(call)
        return call

    def _hedge(self, question: Question, seconds: float, after: float, calls: list[Call]) -> Timer:
        def send_another() -> None:
            if not calls[0].future.done():
                text = f"No answer for {after:g} s, so another replica is asked too"
                self.narrator.say(self.node, text, question.message.id)
                calls.append(self._send(question, seconds - after, calls[0].future, "hedge"))

        return self.clock.call_later(after, send_another)

    def _part(self, calls: list[Call]) -> None:
        won = any(call.answered for call in calls)
        for call in calls:
            call.leave()
            if call.gone and won and not self.run.log.closed:
                self.network.cancel(call)

    def _may_retry(self, answer: Answer, attempt: int) -> bool:
        if attempt > self.run.number("retries") or answer.status < 500 or answer.final:
            return False
        return not self.run.on("retry-budget") or self._budget.pay()


def _expire(future: asyncio.Future[Answer], why: str) -> None:
    if not future.done():
        future.set_result(Answer(504, why=why, late=True))


def _because(answer: Answer) -> str:
    return "No answer" if answer.late else "Refused" if answer.why == "refused" else f"Error {answer.status}"
