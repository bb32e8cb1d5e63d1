"""The same work through several patterns: what a workload says of itself is true of each of its columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import cache

import pytest

from patterns.core.contest import WORKLOADS, Contest, Entry, columns, compete, find_workload, wirings
from patterns.core.log import Faulted, Received, Sent
from patterns.core.order_work import OUT_OF_STOCK, STEPS, list_orders, read_book
from patterns.core.product_page import PRODUCTS, SOURCES, list_changes, name_parts, visits
from patterns.core.run import Run
from patterns.core.workload import PLAIN, per_cent, quantile
from patterns.pub_sub import order_wiring as events
from patterns.request_response import order_wiring as calls
from patterns.request_response.topology import SERVICES

HOP_SECONDS = {"order": 0.02, "page": 0.05}
"""What a workload says a hop takes."""
SMALLEST = {workload.name: workload.size.choices[0] for workload in WORKLOADS}
ORDERS = [address for address in columns() if address.startswith("order:")]
PAGES = [address for address in columns() if address.startswith("page:")]


async def play(address: str, mishap: str = "plain", seed: int = 7) -> tuple[Run, dict[str, float | None]]:
    """One run of a column at the smallest size, to its end."""
    workload = find_workload(address.partition(":")[0])
    entry = Entry(Contest(workload, (address,), mishap, SMALLEST[workload.name], seed), address, seed)
    await entry.run.start()
    await entry.advance(1.0)
    return entry.run, await entry.read()


@pytest.mark.parametrize("address", sorted(columns()))
async def test_a_hop_takes_as_long_in_every_column(address: str) -> None:
    run, _ = await play(address)
    flights = [event.due - event.at for event in run.log if isinstance(event, Sent)]
    assert flights
    assert min(flights) == pytest.approx(HOP_SECONDS[address.partition(":")[0]])


@pytest.mark.parametrize("address", sorted(columns()))
async def test_a_column_measures_the_same_twice_from_one_seed(address: str) -> None:
    (_, one), (_, other) = [await play(address) for _ in range(2)]
    assert one == other
    assert all(value is not None for value in one.values())


async def test_every_column_has_the_same_customers_at_the_same_moments() -> None:
    placed = [read_book((await play(address))[0]).placed for address in ORDERS]
    assert placed[0] == {str(order.number): order.at for order in list_orders(7, SMALLEST["order"])}
    assert all(each == placed[0] for each in placed)


async def test_every_column_has_the_same_visitors_who_look_at_the_same_products() -> None:
    def look(run: Run) -> dict[str, tuple[float, int]]:
        return {visit: (at, run.log.messages[visit].data["product"]) for visit, at in visits(run).items()}

    seen = [look((await play(address))[0]) for address in PAGES]
    assert len(seen[0]) > 90
    assert all(each == seen[0] for each in seen)


async def test_a_visitors_page_is_two_hops_and_one_piece_of_work_more_than_the_way_itself() -> None:
    _, copied = await play("page:pub-sub:projection")
    assert copied["wait"] == pytest.approx(0.05 + 4 * 0.05)


def test_a_tenth_of_the_orders_is_sold_out_and_they_come_twenty_a_second() -> None:
    orders = list_orders(7, 10_000)
    assert sum(not order.in_stock for order in orders) / len(orders) == pytest.approx(OUT_OF_STOCK, abs=0.02)
    assert orders[-1].at == pytest.approx(500, rel=0.05)


def test_parts_are_dealt_to_the_services_that_the_lab_has_and_change_in_order_of_time() -> None:
    assert SOURCES == SERVICES
    assert name_parts(5)[-1] == ("price", "price2")
    changes = list_changes(7, 12)
    assert [change.at for change in changes] == sorted(change.at for change in changes)
    assert {change.product for change in changes} == set(range(1, PRODUCTS + 1))


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_every_blow_hits_the_same_part_at_the_same_moment_in_every_column(workload) -> None:
    mine = [(slug, column) for slug, column in columns().values() if column.workload == workload.name]
    assert len({column.name for _, column in mine}) == len(mine)
    for mishap in workload.mishaps:
        blows = mishap.script(7, 10.0)
        assert bool(blows) == (mishap.name != PLAIN.name)
        for slug, column in mine:
            steps = column.script(mishap, 7, 10.0)
            if mishap.name in column.spared:
                assert steps == ()
                continue
            assert [(step.at, step.lasts) for step in steps] == [(blow.at, blow.lasts) for blow in blows]
            faults = {fault.name: fault.targets for fault in (column.lab or wirings()[slug]).faults}
            for step in steps:
                name, _, target = step.fault.partition(":")
                assert target in faults[name]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_expectations_name_columns_yardsticks_and_mishaps_that_exist(workload) -> None:
    names = {column.name for _, column in columns().values() if column.workload == workload.name}
    for expectation in workload.expects:
        assert expectation.yardstick in {yardstick.name for yardstick in workload.yardsticks}
        assert {name for group in expectation.order for name in group} <= names
        assert set(expectation.under) <= {mishap.name for mishap in workload.mishaps}


@pytest.mark.parametrize("address", sorted(columns()))
async def test_a_column_reads_every_yardstick_of_its_workload(address: str) -> None:
    workload = find_workload(address.partition(":")[0])
    assert columns()[address][1].reads.keys() == {yardstick.name for yardstick in workload.yardsticks}


# --- what comes out ------------------------------------------------------------------------------------------------


async def test_an_order_that_nothing_disturbs_is_done_in_all_five_steps_or_paid_back() -> None:
    for address in ORDERS:
        book = read_book((await play(address))[0])
        assert all(book.is_done(order) for order in book.placed)
        assert book.half_done() == set()
        assert book.sold_out == book.undone
        assert all(set(book.steps[order]) == set(STEPS) for order in book.placed.keys() - book.sold_out)


async def test_a_receipt_reaches_the_customer_only_after_the_broker_has_the_event() -> None:
    run, values = await play("order:pub-sub:publish")
    arrivals = [event for event in run.log if isinstance(event, Received) and event.node == "orders"]
    receipts = [event for event in arrivals if run.log.messages[event.message].role == "ack"]
    sure = {run.log.messages[event.message].correlation_id: event.at for event in receipts}
    told = read_book(run).told
    assert told.keys() == sure.keys()
    assert all(told[order] == pytest.approx(at + HOP_SECONDS["order"]) for order, at in sure.items())
    assert values["reply"] == pytest.approx(4 * HOP_SECONDS["order"] + 0.01)


async def test_who_publishes_does_not_notice_that_email_is_down_and_who_waits_does() -> None:
    _, published = await play("order:pub-sub:publish", "email")
    _, waited = await play("order:request-response:wait", "email")
    assert (published["success"], published["applied"], published["half"]) == (100, 100, 0)
    assert waited["success"] < 50
    assert waited["half"] > 50


async def test_a_payment_that_is_down_costs_a_caller_every_order_and_a_queue_none() -> None:
    run, waited = await play("order:request-response:wait", "payment")
    _, published = await play("order:pub-sub:publish", "payment")
    down = [event.at for event in run.log if isinstance(event, Faulted) and event.phase in ("asked", "healed")]
    missed = sum(down[0] <= at < down[1] for at in read_book(run).placed.values())
    assert 100 - waited["success"] == pytest.approx(missed, abs=2)
    assert missed > 30
    assert published["applied"] == 100


async def test_kills_leave_chains_half_done_and_queues_deliver_again() -> None:
    halves = {address: (await play(address, "kills"))[1]["half"] for address in ORDERS}
    assert halves["order:pub-sub:outbox"] == 0
    assert halves["order:request-response:wait"] > 0
    assert halves["order:request-response:receipt"] > 0


async def test_lost_answers_charge_twice_unless_the_order_carries_a_key() -> None:
    twice = {address: (await play(address, "lost"))[1]["twice"] for address in ORDERS}
    assert twice["order:pub-sub:publish"] > 0
    assert twice["order:request-response:wait"] > 0
    assert twice["order:request-response:key"] == twice["order:pub-sub:outbox"] == 0


async def test_without_its_broker_a_publisher_waits_and_an_outbox_does_not() -> None:
    _, published = await play("order:pub-sub:publish", "middle")
    _, stored = await play("order:pub-sub:outbox", "middle")
    assert published["reply-p95"] > 1
    assert stored["reply-p95"] < 0.1
    assert stored["applied"] == 100


async def test_edits_are_counted_in_the_wiring_that_runs_are_made_from() -> None:
    chain = calls.calls(calls.CHAIN)
    assert calls.count_edits(chain, chain) == 0
    assert calls.count_edits(chain, calls.calls(calls.WITH_LOYALTY)) == 1
    assert calls.count_edits(chain, calls.calls(calls.WITH_FRAUD_CHECK)) == 1
    assert events.count_edits(events.WIRING, events.WITH_LOYALTY) == 0
    assert events.count_edits(events.WIRING, events.WITH_FRAUD_CHECK) == 2


async def test_only_a_copy_is_stale_and_a_cache_more_than_one_that_is_told() -> None:
    stale = {address: (await play(address))[1]["stale"] for address in PAGES}
    assert stale["page:request-response:serial"] == stale["page:request-response:parallel"] == 0
    assert stale["page:request-response:cached"] > stale["page:pub-sub:projection"]


async def test_a_source_that_is_down_makes_a_copy_old_and_a_page_without_fallback_fail() -> None:
    _, copied = await play("page:pub-sub:projection", "down")
    _, called = await play("page:request-response:parallel", "down")
    _, spared = await play("page:request-response:fallback", "down")
    assert (copied["success"], spared["success"]) == (100, 100)
    assert copied["stale"] > 0
    assert called["success"] < 90


# --- a whole comparison --------------------------------------------------------------------------------------------


@cache
def smallest_contest(mishap: str = "plain") -> Contest:
    pair = ("order:pub-sub:publish", "order:request-response:wait")
    return Contest(find_workload("order"), pair, mishap, SMALLEST["order"], 7)


async def test_a_comparison_runs_each_column_at_three_seeds_and_shows_the_first() -> None:
    shown: Counter[tuple[str, int]] = Counter()
    shares: list[float] = []
    result = await compete(
        smallest_contest(),
        lambda column, run: shown.update([(column.name, run.seed)]),
        lambda share, words: shares.append(share),
    )
    assert set(shown) == {("publish", 7), ("wait", 7)}
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert result.seeds == [7, 8, 9]
    assert all(len(values) == 3 for standing in result.columns for values in standing.values.values())
    alone = [(await play("order:pub-sub:publish", seed=seed))[1]["messages"] for seed in result.seeds]
    assert result.columns[0].values["messages"] == alone


async def test_a_column_that_ends_early_is_unknown_and_the_others_are_not(monkeypatch) -> None:
    monkeypatch.setattr(Entry, "advance", _stop_short(Entry.advance))
    result = await compete(smallest_contest())
    assert "ended early" in result.columns[1].why
    assert (result.columns[0].why, len(result.columns[0].values["reply"])) == ("", 3)


def _stop_short(advance: Callable[..., object]) -> Callable[..., object]:
    async def go(self: Entry, share: float) -> None:
        if self.column.name == "wait" and not self.run.ended.done():
            await self.run.stop("the log reached 9 events")
        await advance(self, share)  # type: ignore[misc]

    return go


def test_what_most_never_had_has_no_quantile_and_nothing_no_share() -> None:
    assert quantile([3, 1, 2], 0.5, of=3) == 2
    assert quantile([3, 1, 2], 0.5, of=6) == 3
    assert quantile([3, 1, 2], 0.5, of=7) is None
    assert quantile([], 0.5, of=0) is None
    assert per_cent(1, 4) == 25
    assert per_cent(0, 0) is None
