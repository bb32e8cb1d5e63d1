"""Break the shop so that a sentence becomes false: its verdict must turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from patterns.carriers.call import Request, Response
from patterns.carriers.processes import Processes
from patterns.core import rounds as rounds_module
from patterns.core.attempt import perform
from patterns.core.faults import Asked, Faults
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.core.trial import carry_out
from patterns.request_response import caller as caller_module
from patterns.request_response import clients as clients_module
from patterns.request_response import service as service_module
from patterns.request_response import service_time as service_time_module
from patterns.request_response.backends import Backends
from patterns.request_response.cache import Cache
from patterns.request_response.clients import Tally
from patterns.request_response.graph import Resolvers
from patterns.request_response.job import Job
from patterns.request_response.network import Call, Network
from patterns.request_response.page import Page
from patterns.request_response.parts import Parts
from patterns.request_response.pool import Pool
from patterns.request_response.retrying import BACKOFF_BASE, RetryBudget
from patterns.request_response.server import Server
from patterns.request_response.service import Service
from patterns.request_response.stock import Stock
from patterns.request_response.widgets import Widgets

Patch = pytest.MonkeyPatch


def replies_that_do_not_say_to_what(patch: Patch) -> None:
    write = Network._reply_message

    def write_without_cause(self: Network, call: Call, response: Response, parents: tuple[str, ...]) -> Message:
        message = write(self, call, response, parents)
        return Message(
            message.id, message.type, message.source, message.time, message.subject, message.data, message.role,
            message.correlation_id, "somebody",
        )  # fmt: skip

    patch.setattr(Network, "_reply_message", write_without_cause)


def as_many_workers_as_calls(patch: Patch) -> None:
    def open_pool(self: Service) -> Pool:
        return Pool(self.clock, lambda: 10_000, lambda: 10_000, self._show)

    patch.setattr(Service, "_pool", open_pool)


def work_that_is_always_the_same(patch: Patch) -> None:
    patch.setattr(service_time_module, "_spread", lambda shape, mean, source: mean)


def a_queue_that_serves_the_last_first(patch: Patch) -> None:
    begin = Pool._admit

    def admit_from_behind(self: Pool) -> None:
        self._queue.reverse()
        begin(self)
        self._queue.reverse()

    patch.setattr(Pool, "_admit", admit_from_behind)


def every_plain_order_fails(patch: Patch) -> None:
    order = Page._order

    async def order_or_fail(self: Page, job: Job) -> Response:
        answer = await order(self, job)
        return answer if job.in_background or answer.status == 202 else Response(500, {"error": "no"})

    patch.setattr(Page, "_order", order_or_fail)


def an_answer_with_a_number_of_its_own(patch: Patch) -> None:
    order = Page._order

    async def order_otherwise(self: Page, job: Job) -> Response:
        answer = await order(self, job)
        return Response(answer.status, {**answer.body, "reservation": -1}) if answer.status == 201 else answer

    patch.setattr(Page, "_order", order_otherwise)


def no_receipts(patch: Patch) -> None:
    async def order(self: Page, job: Job) -> Response:
        name = job.call.message.subject
        answer = await self._ask(job, "ReserveStock", "stock", {"order": name, "product": job.product})
        return Response(201, {"order": name}) if answer.ok else self._failed(answer)

    patch.setattr(Page, "_order", order)


def resolvers_that_always_batch(patch: Patch) -> None:
    begin = Resolvers.__init__

    def begin_batched(self: Resolvers, source: Widgets, job: Job, batched: bool) -> None:
        begin(self, source, job, batched=True)

    patch.setattr(Resolvers, "__init__", begin_batched)


def a_cache_that_remembers_nothing(patch: Patch) -> None:
    patch.setattr(Cache, "_fresh", lambda self, key: None)


def a_flush_that_keeps_everything(patch: Patch) -> None:
    patch.setattr(Cache, "flush", lambda self, asked: self.log.changed("cache", "entries", 0, "entries", why=asked.key))


def no_look_at_the_key(patch: Patch) -> None:
    patch.setattr(Stock, "_replay", lambda self, job: self._reserve(job))


def a_second_answer_made_up_by_the_page(patch: Patch) -> None:
    order = Page._order

    async def order_with_a_note(self: Page, job: Job) -> Response:
        answer = await order(self, job)
        return Response(answer.status, {**answer.body, "try": job.call.attempt}, answer.headers)

    patch.setattr(Page, "_order", order_with_a_note)


def a_key_with_another_answer(patch: Patch) -> None:
    replay = Stock._replay

    def replay_otherwise(self: Stock, job: Job) -> Response:
        replay(self, job)
        return Response(200, {"reserved": "before"})

    patch.setattr(Stock, "_replay", replay_otherwise)


def a_price_that_takes_four_calls(patch: Patch) -> None:
    patch.setattr(Widgets, "plan", lambda self: [("price", f"price{number}") for number in range(4)])


def a_yes_before_the_work(patch: Patch) -> None:
    async def order(self: Page, job: Job) -> Response:
        return Response(201, {"order": job.call.message.subject})

    patch.setattr(Page, "_order", order)


def pages_that_hide_what_failed(patch: Patch) -> None:
    patch.setattr(Parts, "failed", lambda self: [])


def faults_that_never_strike(patch: Patch) -> None:
    patch.setattr(Faults, "strikes", lambda self, name, target: "")


def nothing_old_in_the_cache(patch: Patch) -> None:
    patch.setattr(Cache, "_said", lambda self, value, **more: Response(200, dict(more)))


def failures_above_that_do_no_work(patch: Patch) -> None:
    answer = Server._answer_or_fail

    async def fail_first(self: Server, job: Job) -> Response:
        failing = self.run.faults.strikes("fail-late", self.name)
        return Response(500, {"error": failing}) if failing else await answer(self, job)

    patch.setattr(Server, "_answer_or_fail", fail_first)


def jitter_that_does_not_grow(patch: Patch) -> None:
    patch.setattr(caller_module, "full_jitter", lambda attempt, source: source.uniform(0.0, BACKOFF_BASE))


def jitter_without_chance(patch: Patch) -> None:
    patch.setattr(caller_module, "full_jitter", lambda attempt, source: BACKOFF_BASE * 2 ** (attempt - 1))


def a_flush_of_half_the_cache(patch: Patch) -> None:
    def flush(self: Cache, asked: Asked) -> None:
        for key in list(self._entries)[::2]:
            del self._entries[key]
        self.log.changed("cache", "entries", len(self._entries), "entries", why=asked.key)

    patch.setattr(Cache, "flush", flush)


def a_bulkhead_without_walls(patch: Patch) -> None:
    patch.setattr(Backends, "_share", lambda self: self._size())


def threads_without_end(patch: Patch) -> None:
    patch.setattr(Backends, "_size", lambda self: 10_000)


def a_budget_that_never_ends(patch: Patch) -> None:
    patch.setattr(RetryBudget, "pay", lambda self: True)


def a_timeout_that_never_comes(patch: Patch) -> None:
    patch.setattr(Backends, "_seconds", lambda self, job: 1000.0)


def a_timeout_three_times_as_long(patch: Patch) -> None:
    patch.setattr(Backends, "_seconds", lambda self, job: 3 * self.run.number("timeout"))


def calls_that_are_slow_together(patch: Patch) -> None:
    draw = service_module.draw

    def draw_for_the_visit(run: Run, tag: str) -> Any:
        return draw(run, tag.partition("/")[0])

    patch.setattr(service_module, "draw", draw_for_the_visit)


def here_and_not_apart(patch: Patch) -> None:
    """Timed arms run in processes of their own, which know nothing of what is broken here."""
    patch.setattr(rounds_module, "_perform_apart", lambda plan, arm, seed: perform(plan.attempt(arm, 0, watched=False)))


def threads_that_share_their_waiting(patch: Patch) -> None:
    here_and_not_apart(patch)
    with_threads = clients_module.call_with_threads

    async def with_a_thread_a_call(carrier: Processes, tally: Tally, calls: int, threads: int) -> None:
        await with_threads(carrier, tally, calls, calls)

    patch.setattr(clients_module, "call_with_threads", with_a_thread_a_call)


def a_loop_that_stands_still(patch: Patch) -> None:
    here_and_not_apart(patch)
    begin = Processes.__init__

    def begin_narrow(self: Processes) -> None:
        begin(self)
        call, room = self.call, asyncio.Semaphore(5)

        async def call_in_turn(address: str, request: Request) -> Response:
            async with room:
                return await call(address, request)

        self.call = call_in_turn  # type: ignore[method-assign]

    patch.setattr(Processes, "__init__", begin_narrow)


BREAKS: tuple[tuple[str, Callable[[Patch], None]], ...] = (
    ("RR-1", replies_that_do_not_say_to_what),
    ("RR-2", as_many_workers_as_calls),
    ("RR-2", work_that_is_always_the_same),
    ("RR-2", a_queue_that_serves_the_last_first),
    ("RR-3", threads_that_share_their_waiting),
    ("RR-3", a_loop_that_stands_still),
    ("RR-4", no_receipts),
    ("RR-4", every_plain_order_fails),
    ("RR-4", an_answer_with_a_number_of_its_own),
    ("RR-5", resolvers_that_always_batch),
    ("RR-6", a_cache_that_remembers_nothing),
    ("RR-6", a_flush_that_keeps_everything),
    ("RR-6", a_flush_of_half_the_cache),
    ("RR-7", no_look_at_the_key),
    ("RR-7", a_key_with_another_answer),
    ("RR-7", a_second_answer_made_up_by_the_page),
    ("RR-8", a_price_that_takes_four_calls),
    ("RR-9", a_yes_before_the_work),
    ("RR-10", pages_that_hide_what_failed),
    ("RR-10", faults_that_never_strike),
    ("RR-10", nothing_old_in_the_cache),
    ("RR-11", a_bulkhead_without_walls),
    ("RR-11", threads_without_end),
    ("RR-11", a_timeout_three_times_as_long),
    ("RR-12", a_budget_that_never_ends),
    ("RR-12", failures_above_that_do_no_work),
    ("RR-12", jitter_that_does_not_grow),
    ("RR-12", jitter_without_chance),
    ("RR-13", a_timeout_that_never_comes),
    ("RR-14", calls_that_are_slow_together),
    ("RR-14", faults_that_never_strike),
)


@pytest.mark.parametrize(("claim", "damage"), [pytest.param(c, d, id=f"{c}-{d.__name__}") for c, d in BREAKS])
async def test_a_broken_backend_turns_the_verdict(
    claim: str, damage: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    damage(monkeypatch)
    report = await carry_out(claim, size="reduced")
    failed = {finding.where for finding in report.findings if not finding.passed}
    assert failed, report.why
    # where a sentence that is too strong should have failed and did not, that is nothing against it
    assert report.verdict == ("refuted" if "holds" in failed else "unknown")
