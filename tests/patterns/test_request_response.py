"""The request-response lab: each failure mode is really there, and each remedy really cures it. Counts only."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.core.clock import LiveClock, ManualClock, seeded, settle
from patterns.core.log import CAP_EVENTS, Changed, Event, Faulted, Received, RunLog, Sent, Settled, as_dict
from patterns.core.pattern import Value
from patterns.core.run import Run
from patterns.core.scenario import Scenario
from patterns.request_response import PATTERN
from patterns.request_response.breaker import COOLING_SECONDS, FAILURES, Breaker
from patterns.request_response.measures import NOBODY_WAITS
from patterns.request_response.pool import Pool
from patterns.request_response.retrying import BACKOFF_BASE, BACKOFF_CAP, RetryBudget, full_jitter

Settings = dict[str, Value]
ONE_PRICE: Settings = {"widgets": 1, "widgets-from": "price", "checkout-share": 0}


async def run(settings: Settings, seconds: float = 20, faults: tuple[str, ...] = (), seed: int = 7) -> Run:
    """A run by hand. A fault is written `name:target` or `name:target=amount`, and stays."""
    run = Run(PATTERN, seed=seed, settings=settings, clock=ManualClock())
    await run.start()
    for fault in faults:
        key, _, amount = fault.partition("=")
        name, _, target = key.partition(":")
        run.faults.ask(name, target, float(amount) if amount else None, lasts=0)
    assert isinstance(run.clock, ManualClock)
    await run.clock.run_for(seconds)
    await run.stop()
    return run


async def play(scenario: Scenario, seconds: float = 0) -> Run:
    run = Run(PATTERN, seed=scenario.seed, settings=scenario.settings, clock=ManualClock())
    run.play(scenario)
    await run.start()
    assert isinstance(run.clock, ManualClock)
    await run.clock.run_for(seconds or scenario.seconds)
    await run.stop()
    return run


def metric(run: Run, name: str) -> float:
    value = run.metrics()[name]["value"]
    assert isinstance(value, float | int), f"{name} has nothing to say"
    return value


def sent(run: Run, target: str, role: str = "request") -> list[Sent]:
    log = run.log
    return [e for e in log if isinstance(e, Sent) and e.target == target and log.messages[e.message].role == role]


def values(run: Run, node: str, quantity: str) -> list[float | str]:
    return [e.value for e in run.log if isinstance(e, Changed) and (e.node, e.quantity) == (node, quantity)]


# --- the exchange itself ------------------------------------------------------------------------------------------


async def test_one_call_is_one_request_and_one_response_that_belong_together() -> None:
    r = await run(ONE_PRICE | {"request-rate": 1}, seconds=1.5)
    flights = [(e.message, e.source, e.target) for e in r.log if isinstance(e, Sent)]
    assert flights == [
        ("r1", "browser", "page"),
        ("r1/price", "page", "price"),
        ("r1/price/reply", "price", "page"),
        ("r1/reply", "page", "browser"),
    ]
    assert r.log.messages["r1/reply"].causation_id == "r1"
    assert {message.correlation_id for message in r.log.messages.values()} == {"r1"}


async def test_every_flight_lands_or_is_dropped_exactly_once() -> None:
    faults = ("lose-request:price=0.3", "lose-response:page=0.3", "slow:reviews=2", "error-500:stock=0.5")
    r = await run({"retries": 2, "timeout": 0.5, "patience": 2, "hedging": True}, faults=faults)
    ends = Counter(e.hop for e in r.log if e.kind in ("received", "dropped"))
    still_flying = {e.hop for e in r.log if isinstance(e, Sent) and e.due >= r.clock.now() - 0.001}
    assert set(ends.values()) == {1}
    assert {e.hop for e in r.log if isinstance(e, Sent)} - set(ends) <= still_flying


async def test_a_log_without_faults_has_no_error_and_no_loss() -> None:
    r = await run({})
    assert {e.outcome for e in r.log if isinstance(e, Settled)} == {"reply", "applied"}
    assert set(r.invariants().values()) == {"holds"}


# --- one message out of several -----------------------------------------------------------------------------------


async def test_a_page_names_the_answers_that_it_is_joined_from() -> None:
    r = await run({"request-rate": 1, "checkout-share": 0}, seconds=3)
    page = r.log.messages["r1/reply"]
    assert set(page.parents) == {f"r1/{service}/reply" for service in ("price", "reviews", "stock", "recommendations")}
    assert set(page.parents) <= r.log.messages.keys()


async def test_a_page_is_not_made_from_what_it_goes_without() -> None:
    settings: Settings = {"request-rate": 1, "checkout-share": 0, "fallback": True}
    r = await run(settings, seconds=3, faults=("error-500:reviews=1",))
    assert len(r.log.messages["r1/reply"].parents) == 3
    assert "r1/reviews/reply" not in r.log.messages["r1/reply"].parents


async def test_a_batch_names_what_its_keys_were_read_from_and_is_a_parent_of_the_page_once() -> None:
    r = await run(LISTS | {"style": "graphql-dataloader"}, seconds=6)
    assert r.log.messages["r1/prices"].parents == ("r1/list/reply",)
    assert sorted(r.log.messages["r1/reply"].parents) == ["r1/list/reply", "r1/prices/reply", "r1/reviews/reply"]


# --- a pool that fills --------------------------------------------------------------------------------------------

POOL: Settings = {
    "request-rate": 50, "widgets": 2, "service-time": 0.02, "network-latency": 0.01, "pool-size": 20,
    "timeout": 3.0, "checkout-share": 0, "workers": 64, "replicas": 4,
}  # fmt: skip


async def test_fifty_a_second_times_two_seconds_do_not_fit_into_twenty_threads() -> None:
    r = await run(POOL, seconds=10, faults=("slow:reviews=2",))
    assert "20/20" in values(r, "page", "pool")
    assert max(float(queue) for queue in values(r, "page", "queue")) > 100
    assert metric(r, "price-success") < 0.5, "Price has nothing wrong with it and must fail all the same"


async def test_the_pool_is_full_after_about_its_size_over_the_rate() -> None:
    r = await run(POOL, seconds=3, faults=("slow:reviews=2",))
    full = next(e.at for e in r.log if isinstance(e, Changed) and e.value == "20/20")
    assert 0.35 <= full <= 0.6


async def test_a_bulkhead_of_five_keeps_price_well() -> None:
    r = await run(POOL | {"bulkhead": True}, seconds=10, faults=("slow:reviews=2",))
    assert metric(r, "price-success") == 1.0
    assert max(int(str(pool).split("/")[0]) for pool in values(r, "page", "pool")) <= 5 + 5


async def test_a_timeout_of_a_tenth_of_a_second_needs_five_threads() -> None:
    r = await run(POOL | {"timeout": 0.1, "fallback": True}, seconds=10, faults=("slow:reviews=2",))
    busy = [int(str(pool).split("/")[0]) for pool in values(r, "page", "pool")]
    assert max(busy) <= 5 + 4
    assert metric(r, "success-ratio") == 1.0


async def test_slow_clients_take_the_threads_of_everybody() -> None:
    r = await run({"request-rate": 10, "checkout-share": 0}, faults=("slow-client:browser=4",))
    assert "20/20" in values(r, "page", "pool")
    assert metric(r, "p95") > 4


# --- retries ------------------------------------------------------------------------------------------------------

STORM: Settings = {
    "request-rate": 1, "widgets": 1, "widgets-from": "recommendations", "network-latency": 0.01, "retries": 3,
    "checkout-share": 0,
}  # fmt: skip


async def test_three_layers_of_four_tries_multiply_an_outage_by_sixty_four() -> None:
    r = await run(STORM, seconds=24, faults=("crash:stock",))
    calls = Counter(e.message.split("/")[0].split(".")[0] for e in sent(r, "stock"))
    over = [e.message for e in r.log if isinstance(e, Settled) and e.node == "browser"]
    assert len(over) > 15
    assert {calls[visit] for visit in over} == {64}


async def test_a_retry_budget_keeps_the_load_at_one_point_one() -> None:
    r = await run(STORM | {"retry-budget": True}, seconds=100, faults=("crash:stock",))
    assert 1.0 < metric(r, "stock-calls-per-view") <= 1.1


@pytest.mark.parametrize(("ratio", "predicted"), [(0.5, (1 - 0.5**4) / (1 - 0.5)), (0.25, (1 - 0.25**4) / (1 - 0.25))])
async def test_one_layer_makes_the_mean_number_of_tries_of_the_formula(ratio: float, predicted: float) -> None:
    settings = ONE_PRICE | {"retries": 3, "request-rate": 20}
    r = await run(settings, seconds=25, faults=(f"error-500:price={ratio}",))
    first = [e for e in sent(r, "price") if e.attempt == 1 and "." not in e.message.split("/")[0]]
    tries = [e for e in sent(r, "price") if "." not in e.message.split("/")[0]]
    assert len(tries) / len(first) == pytest.approx(predicted, rel=0.08)  # four standard errors of 500 calls


@given(st.lists(st.booleans(), min_size=1, max_size=400))
def test_a_budget_never_pays_for_more_than_a_tenth_of_the_calls(failures: list[bool]) -> None:
    budget, retries = RetryBudget(), 0
    for calls, failed in enumerate(failures, 1):
        budget.earn()
        while failed and budget.pay():
            retries += 1
        assert retries <= calls * 0.1 + 1e-6


@given(st.integers(1, 12), st.integers())
def test_full_jitter_stays_between_zero_and_the_cap(attempt: int, seed: int) -> None:
    assert 0 <= full_jitter(attempt, seeded(seed)) <= min(BACKOFF_CAP, BACKOFF_BASE * 2 ** (attempt - 1))


def answered_between(run: Run, begin: float, end: float) -> list[bool]:
    """Which of the visits that ended in this stretch were answered."""
    over = (e for e in run.log if isinstance(e, Settled) and e.node == "browser" and begin <= e.at < end)
    return [e.outcome == "reply" for e in over if "/" not in e.message]


async def test_a_storm_stays_when_what_began_it_is_over_and_goes_with_budget_and_deadlines() -> None:
    r = await play(PATTERN.scenario("storm-stays"))
    healed = next(e.at for e in r.log if isinstance(e, Faulted) and e.phase == "healed")
    assert all(answered_between(r, 0, 4))
    during = answered_between(r, healed + 5, 20)
    assert len(during) > 20
    assert not any(during), "Price has been well for five seconds and more"
    assert all(answered_between(r, 26, 34))


async def test_without_retries_the_same_trouble_is_over_when_its_cause_is_and_a_queue_is_worked_off() -> None:
    scenario = PATTERN.scenario("storm-stays")
    r = await play(replace(scenario, settings=scenario.settings | {"retries": 0}, script=scenario.script[:1]))
    assert all(answered_between(r, 20, 34))


@pytest.mark.parametrize("failing", [0.0, 1.0])
async def test_a_failure_after_the_work_is_told_as_an_error_although_the_work_is_done(failing: float) -> None:
    r = await run(ORDERS | {"retries": 0}, seconds=10, faults=(f"fail-late:stock={failing}",))
    assert metric(r, "orders-applied") > 15
    assert metric(r, "success-ratio") == 1.0 - failing


async def test_backoff_outlasts_an_outage_that_immediate_retries_do_not() -> None:
    async def success(backoff: bool) -> float:
        scenario = PATTERN.scenario("retry-storm")
        settings: Settings = ONE_PRICE | {"retries": 3, "request-rate": 10, "retry-backoff": backoff}
        r = Run(PATTERN, seed=scenario.seed, settings=settings, clock=ManualClock())
        await r.start()
        r.faults.ask("crash", "price", lasts=4)
        assert isinstance(r.clock, ManualClock)
        await r.clock.run_for(8)
        await r.stop()
        return metric(r, "success-ratio")

    assert await success(True) > await success(False)


# --- orders -------------------------------------------------------------------------------------------------------

ORDERS: Settings = {"request-rate": 2, "checkout-share": 1, "retries": 3, "patience": 1.0}


async def test_a_lost_response_doubles_an_order() -> None:
    r = await run(ORDERS, faults=("lose-response:page=0.5",))
    assert r.invariants()["duplicated"] == "violated"
    assert metric(r, "orders-applied") > metric(r, "orders-acknowledged")
    assert r.invariants()["lost"] == "holds"


async def test_an_idempotency_key_applies_each_order_once_and_replays_the_same_answer() -> None:
    r = await run(ORDERS | {"idempotency-key": True}, faults=("lose-response:page=0.5",))
    assert r.invariants()["duplicated"] == "holds"
    skipped = [e.message for e in r.log if isinstance(e, Settled) and e.outcome == "skipped"]
    assert len(skipped) > 5
    answers = {m.subject: m.data for m in r.log.messages.values() if m.id.endswith("/stock/reply") and "." not in m.id}
    for message in skipped:
        replayed = r.log.messages[f"{message}/reply"]
        assert replayed.data == answers[replayed.subject]


async def test_after_a_lost_request_nothing_was_done_and_after_a_lost_response_everything() -> None:
    for fault, applied in (("lose-request:page=1", False), ("lose-response:page=1", True)):
        r = await run(ORDERS | {"retries": 0}, faults=(fault,), seconds=10.2)
        told = [e.outcome for e in r.log if isinstance(e, Settled) and e.node == "browser"]
        assert set(told) == {"expired"}, "the visitor is told the same in both cases"
        assert bool(metric(r, "orders-applied")) is applied
        assert r.invariants()["unbalanced"] == ("violated" if applied else "holds")


async def test_work_accepted_with_202_is_lost_when_the_memory_it_was_in_is() -> None:
    r = Run(PATTERN, seed=7, settings=ORDERS | {"accept-202": True, "retries": 0}, clock=ManualClock())
    await r.start()
    assert isinstance(r.clock, ManualClock)
    r.faults.ask("slow", "stock", 2.0)
    await r.clock.run_for(3.2)
    assert r.invariants()["lost"] != "violated"
    r.faults.ask("crash", "page", lasts=1)
    await r.clock.run_for(6)
    await r.stop()
    assert r.invariants()["lost"] == "violated"


async def test_a_double_click_is_two_orders_without_a_key_and_one_with_it() -> None:
    for key, effects in ((False, 2), (True, 1)):
        settings = ORDERS | {"idempotency-key": key, "retries": 0}
        r = await run(settings, seconds=10, faults=("double-click:browser=1",))
        applied = Counter(
            r.log.messages[e.message].subject for e in r.log if e.kind == "settled" and e.outcome == "applied"
        )  # type: ignore[attr-defined]
        over = {r.log.messages[e.message].subject for e in r.log if isinstance(e, Settled) and e.node == "browser"}
        assert {applied[order] for order in list(over)[:-1]} == {effects}


async def test_an_order_is_answered_with_the_number_that_stock_gave_it() -> None:
    r = await run(ORDERS | {"retries": 0}, seconds=6)
    for number in range(1, 6):
        assert r.log.messages[f"r{number}/reply"].data == r.log.messages[f"r{number}/stock/reply"].data
    numbers = [r.log.messages[f"r{number}/reply"].data["reservation"] for number in range(1, 6)]
    assert numbers == sorted(set(numbers))


async def test_a_report_that_outlives_the_timeout_fails_always_and_with_202_never() -> None:
    settings: Settings = {"report-seconds": 4, "timeout": 2, "checkout-share": 0, "request-rate": 1}
    assert metric(await run(settings), "success-ratio") == 0.0
    accepted = await run(settings | {"accept-202": True}, seconds=30)
    assert metric(accepted, "success-ratio") == 1.0
    assert metric(accepted, "accept-p95") < 0.5


# --- work for nobody, deadlines, hedging ------------------------------------------------------------------------------


async def test_a_server_works_on_for_a_caller_that_has_gone() -> None:
    r = await run({"timeout": 0.5, "checkout-share": 0}, faults=("slow:reviews=2",))
    assert sum(e.kind == "dropped" and e.why == NOBODY_WAITS for e in r.log) > 20  # type: ignore[attr-defined]


async def test_deadline_propagation_leaves_no_work_for_nobody() -> None:
    r = await run({"timeout": 0.5, "checkout-share": 0, "deadline-propagation": True}, faults=("slow:reviews=2",))
    assert metric(r, "wasted-work") == 0.0
    stopped = [e for e in r.log if isinstance(e, Settled) and e.node == "reviews"]
    assert stopped
    assert {e.outcome for e in stopped} == {"expired"}


async def test_a_hedged_call_takes_the_first_answer_and_cancels_the_other() -> None:
    settings = ONE_PRICE | {"request-rate": 2, "timeout": 5}
    alone = await run(settings, faults=("hot-replica:price",))
    hedged = await run(settings | {"hedging": True}, faults=("hot-replica:price",))
    assert metric(hedged, "p95") < metric(alone, "p95") / 2
    cancels = sent(hedged, "price", "command")
    assert len(cancels) > 10
    cancelled = [e for e in hedged.log if isinstance(e, Settled) and (e.node, e.outcome) == ("price", "expired")]
    assert len(cancels) - len(cancelled) <= 1, "the last one may still be on its way"
    assert metric(hedged, "attempts-per-call") < 1.5


async def test_a_deadline_shorter_than_the_work_fails_every_call() -> None:
    r = await run({"fallback": True, "checkout-share": 0}, faults=("short-deadline:page=0.05",))
    assert metric(r, "degraded-ratio") == 1.0
    assert metric(r, "success-ratio") == 1.0


# --- many widgets, lists, cache ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("widgets", [10, 100])
async def test_the_share_of_slow_pages_follows_the_formula(widgets: int) -> None:
    settings: Settings = {
        "widgets": widgets, "widgets-from": "price", "slow-share": 0.01, "pool-size": 400, "workers": 64,
        "replicas": 4, "timeout": 3, "checkout-share": 0, "request-rate": 2000 / widgets / 20,
    }  # fmt: skip
    shares = [metric(await run(settings, seconds=20, seed=seed), "slow-page-ratio") for seed in range(3)]
    assert sum(shares) / 3 == pytest.approx(1 - 0.99**widgets, abs=0.15)


LISTS: Settings = {"items": 10, "widgets": 1, "widgets-from": "reviews", "checkout-share": 0, "request-rate": 0.5}


@pytest.mark.parametrize(
    ("style", "trips", "calls"),
    [("rest-serial", 11, 11), ("rest-parallel", 11, 11), ("graphql", 1, 11), ("graphql-dataloader", 1, 2)],
)
async def test_a_list_of_ten_costs_so_many_trips_and_calls(style: str, trips: int, calls: int) -> None:
    r = Run(PATTERN, seed=7, settings=LISTS | {"style": style, "request-rate": 0.2}, clock=ManualClock())
    await r.start()
    assert isinstance(r.clock, ManualClock)
    await r.clock.run_for(20.1)
    r.wind_down()
    await r.clock.run_for(20)
    await r.stop()
    assert metric(r, "round-trips") == trips
    assert metric(r, "list-calls") == calls
    assert metric(r, "success-ratio") == 1.0


async def test_a_cache_takes_its_share_of_the_load_and_a_flush_gives_it_back() -> None:
    settings = ONE_PRICE | {"cache-on": True, "request-rate": 20, "products": 20, "cache-ttl": 60, "widgets": 1}
    r = Run(PATTERN, seed=7, settings=settings, clock=ManualClock())
    await r.start()
    assert isinstance(r.clock, ManualClock)
    await r.clock.run_for(15)
    r.faults.ask("flush-cache")
    await r.clock.run_for(5)
    await r.stop()

    def calls(begin: float, end: float) -> int:
        return sum(begin <= e.at < end for e in sent(r, "price"))

    assert calls(15.0, 15.5) >= 5
    assert calls(14.0, 15.0) <= 1
    assert 0.6 < metric(r, "hit-ratio") < 1.0


async def test_a_part_that_fails_is_shown_from_the_cache_however_old_and_left_out_without_one() -> None:
    settings = ONE_PRICE | {"fallback": True, "products": 1, "cache-ttl": 0.1, "request-rate": 2}

    async def after_failing(cache: bool) -> dict[str, float]:
        r = Run(PATTERN, seed=7, settings=settings | {"cache-on": cache}, clock=ManualClock())
        await r.start()
        assert isinstance(r.clock, ManualClock)
        await r.clock.run_for(3)
        r.faults.ask("error-500", "price", 1.0)
        await r.clock.run_for(5)
        await r.stop()
        pages = [m for m in r.log.messages.values() if m.source == "page" and m.role == "reply"]
        return dict(pages[-1].data)

    assert await after_failing(cache=True) == {"status": 200, "widgets": 1, "slow": 0, "old": 1, "degraded": 0}
    assert await after_failing(cache=False) == {"status": 200, "widgets": 1, "slow": 0, "degraded": 1}


# --- breaker ------------------------------------------------------------------------------------------------------


async def test_the_breaker_goes_from_closed_to_open_to_half_open_and_back() -> None:
    clock, states = ManualClock(), []
    breaker = Breaker(clock, states.append)
    for _ in range(FAILURES):
        assert breaker.lets_through()
        breaker.learn(False)
    assert not breaker.lets_through()
    await clock.run_for(COOLING_SECONDS)
    assert breaker.lets_through()
    assert not breaker.lets_through(), "half-open lets one trial through"
    breaker.learn(False)
    await clock.run_for(COOLING_SECONDS)
    assert breaker.lets_through()
    breaker.learn(True)
    assert breaker.lets_through()
    assert states == ["open", "half-open", "open", "half-open", "closed"]


async def test_an_open_breaker_spares_the_service_and_the_visitors() -> None:
    settings: Settings = {"request-rate": 5, "widgets": 2, "checkout-share": 0, "fallback": True, "timeout": 2}
    without = await run(settings, faults=("slow:reviews=5",))
    with_it = await run(settings | {"circuit-breaker": True}, faults=("slow:reviews=5",))
    assert len(sent(with_it, "reviews")) < len(sent(without, "reviews")) / 2
    assert metric(with_it, "p50") < 1.0 < metric(without, "p50")
    after_open = [now for before, now in pairwise(values(with_it, "reviews", "breaker")) if before == "open"]
    assert after_open
    assert set(after_open) == {"half-open"}


async def test_down_costs_a_visitor_nothing_where_slow_costs_the_whole_timeout() -> None:
    settings: Settings = {"widgets": 2, "checkout-share": 0, "fallback": True, "timeout": 2}
    down = await run(settings, faults=("crash:reviews",))
    slow = await run(settings, faults=("slow:reviews=5",))
    assert metric(down, "degraded-ratio") == metric(slow, "degraded-ratio") == 0.5
    assert metric(down, "p50") < 0.5
    assert metric(slow, "p50") > 2


# --- the pool by itself -------------------------------------------------------------------------------------------


def pool_of(clock: ManualClock, size: int, share: int | None = None) -> Pool:
    return Pool(clock, lambda: size, lambda: share or size, lambda: None)


async def test_threads_are_given_first_come_first_served() -> None:
    pool, got = pool_of(ManualClock(), 1), []
    await pool.take("a")

    async def wait(name: str) -> None:
        await pool.take(name)
        got.append(name)

    tasks = [asyncio.create_task(wait(name)) for name in "bcd"]
    await settle()
    for holder in "abc":
        pool.give_back(holder)
        await settle()
    assert got == list("bcd")
    await asyncio.gather(*tasks)


async def test_a_full_compartment_does_not_stop_those_behind_it() -> None:
    pool = pool_of(ManualClock(), 4, share=1)
    assert await pool.take("reviews")
    waiting = asyncio.create_task(pool.take("reviews"))
    await settle()
    assert await pool.take("price")
    assert (pool.busy, pool.queue) == (2, 1)
    pool.give_back("reviews")
    assert await waiting


async def test_who_waits_too_long_leaves_the_queue_without_a_thread() -> None:
    clock = ManualClock()
    pool = pool_of(clock, 1)
    await pool.take("a")
    waiting = asyncio.create_task(pool.take("b", until=1.0))
    await clock.run_for(1.0)
    assert await waiting is False
    assert (pool.busy, pool.queue) == (1, 0)


async def test_who_leaves_in_the_very_turn_in_which_he_is_served_takes_no_thread_along() -> None:
    pool = pool_of(ManualClock(), 1)
    await pool.take("a")
    waiting = asyncio.create_task(pool.take("b"))
    await settle()
    pool.give_back("a")
    waiting.cancel()
    await settle()
    assert (pool.busy, pool.queue) == (0, 0)


async def test_a_busy_quantity_is_recorded_ten_times_a_second_at_most() -> None:
    r = await run({"request-rate": 15, "arrivals": "poisson"}, seconds=5)
    for node, quantity in (("page", "pool"), ("price", "busy"), ("browser", "waiting")):
        times = [e.at for e in r.log if isinstance(e, Changed) and (e.node, e.quantity) == (node, quantity)]
        assert len(times) > 10
        assert min(later - earlier for earlier, later in pairwise(times)) > 0.099


@given(st.lists(st.sampled_from(["take", "give", "cancel"]), max_size=60), st.integers(1, 4))
def test_no_thread_is_lost_or_given_twice(steps: list[str], size: int) -> None:
    async def story() -> None:
        pool, held, waiting = pool_of(ManualClock(), size), 0, list[asyncio.Task[bool]]()
        for step in steps:
            if step == "take":
                waiting.append(asyncio.create_task(pool.take("x")))
            elif step == "give" and held:
                pool.give_back("x")
                held -= 1
            elif step == "cancel" and waiting:
                waiting.pop().cancel()
            await settle()
            held += sum(task.done() for task in waiting)
            waiting = [task for task in waiting if not task.done()]
            assert (pool.busy, pool.queue) == (held, len(waiting))
            assert pool.busy <= size
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        assert pool.queue == 0

    asyncio.run(story())


# --- tours, bounds, order, sockets --------------------------------------------------------------------------------

SHOWN: dict[str, Callable[[Run], bool]] = {
    "product-page": lambda r: 0 < metric(r, "degraded-ratio") < 1 and metric(r, "p95") > 2,
    "pool-fills": lambda r: "20/20" in values(r, "page", "pool") and metric(r, "recent-success") == 1.0,
    "retry-storm": lambda r: metric(r, "stock-calls-per-view") > 20 and metric(r, "recent-stock-calls") < 2,
    "storm-stays": lambda r: metric(r, "success-ratio") < 0.7 and metric(r, "recent-success") == 1.0,
    "lost-response-doubles-an-order": lambda r: metric(r, "duplicates-applied") >= 3,
    "tail-of-many": lambda r: metric(r, "slow-page-ratio") > 0.3 and metric(r, "degraded-ratio") > 0,
    "n-plus-one": lambda r: (
        metric(r, "success-ratio") == 1.0 and "GetPrices" in {m.type for m in r.log.messages.values()}
    ),
    "cache-flush": lambda r: metric(r, "success-ratio") < 0.7 and metric(r, "recent-success") > 0.95,
    "slow-is-worse-than-down": lambda r: "open" in values(r, "reviews", "breaker"),
    "report-times-out": lambda r: 0 < metric(r, "success-ratio") < 1 and metric(r, "recent-success") == 1.0,
    "hedged-call": lambda r: any(e.why == "hedge" for e in r.log if isinstance(e, Sent)),
}


@pytest.mark.parametrize("slug", [scenario.slug for scenario in PATTERN.scenarios])
async def test_a_tour_shows_what_it_promises_and_fits_the_log(slug: str) -> None:
    scenario = PATTERN.scenario(slug)
    r = await play(scenario)
    assert r.log.events[-1].why == "the scenario is over"  # type: ignore[attr-defined]
    assert len(r.log) < CAP_EVENTS / 2
    assert SHOWN[slug](r)
    assert {e.phase for e in r.log if e.kind == "faulted"} in (set(), {"asked", "seen"}, {"asked", "seen", "healed"})  # type: ignore[attr-defined]
    assert all(0 < stop.at < scenario.seconds and len(stop.caption.split()) <= 30 for stop in scenario.stops)


async def test_an_emptied_cache_leaves_the_service_down_until_it_is_cured() -> None:
    r = await play(PATTERN.scenario("cache-flush"), seconds=21.9)
    assert metric(r, "recent-success") < 0.2


async def test_a_page_of_150_widgets_fits_the_log() -> None:
    r = await run({"widgets": 150, "request-rate": 1, "pool-size": 400}, seconds=30)
    assert len(r.log) < CAP_EVENTS
    assert metric(r, "success-ratio") == 1.0


BUSY: Settings = {
    "retries": 2, "hedging": True, "circuit-breaker": True, "retry-backoff": True, "checkout-share": 0.3, "items": 3,
    "timeout": 0.6, "patience": 2, "service-spread": "exponential", "arrivals": "poisson", "cache-on": True,
    "deadline-propagation": True, "slow-share": 0.1, "style": "graphql-dataloader",
}  # fmt: skip


async def test_the_same_seed_gives_the_same_log() -> None:
    faults = ("lose-response:stock=0.3", "crash:recommendations", "slow:reviews=0.5")
    first, second, other = [await run(BUSY, 10, faults, seed) for seed in (7, 7, 8)]
    assert [as_dict(e) for e in first.log] == [as_dict(e) for e in second.log]
    assert [as_dict(e) for e in first.log] != [as_dict(e) for e in other.log]


@pytest.mark.parametrize("speed", [50, 500, 5000])
async def test_the_order_of_events_does_not_depend_on_the_speed(speed: float) -> None:
    scenario = Scenario("busy", "Busy", "", 8, BUSY, PATTERN.scenario("pool-fills").script[:1])
    by_hand = await play(scenario)
    live = Run(PATTERN, seed=scenario.seed, settings=scenario.settings, clock=LiveClock(speed))
    live.play(scenario)
    await live.start()
    await asyncio.wait_for(asyncio.shield(live.ended), 30)

    def order(events: RunLog) -> list[tuple[object, ...]]:
        return [_identity(event) for event in events]

    assert order(live.log) == order(by_hand.log)


def _identity(event: Event) -> tuple[object, ...]:
    row = as_dict(event)
    return tuple(value for name, value in row.items() if name not in ("at", "due"))


async def test_by_default_the_calls_go_over_real_sockets_and_leave_none_behind() -> None:
    before = asyncio.all_tasks()
    r = Run(PATTERN, seed=7, settings={"request-rate": 5}, clock=LiveClock(10))
    await r.start()
    listening = _listening()
    assert len(listening) >= 18
    await r.clock.sleep(8)
    r.faults.ask("crash", "price", lasts=3)
    await _until_listening(len(listening) - 4)  # a crash closes the sockets of all replicas
    await _until_listening(len(listening))
    await r.clock.sleep(3)
    after_the_restart = _listening()
    await r.stop()
    await settle()
    assert not _listening() & (listening | after_the_restart)
    assert asyncio.all_tasks() == before
    assert metric(r, "success-ratio") > 0.4
    assert any(isinstance(e, Received) and e.node == "browser" for e in r.log)
    assert [e.phase for e in r.log if e.kind == "faulted"] == ["asked", "seen", "healed"]  # type: ignore[attr-defined]


async def _until_listening(ports: int) -> None:
    async with asyncio.timeout(20):
        while len(_listening()) != ports:  # noqa: ASYNC110 - the kernel's table tells nobody when it changes
            await asyncio.sleep(0.01)


def _listening() -> set[str]:
    """Ports that this process listens on, from the kernel's table of TCP sockets."""
    mine = {
        os.readlink(f"/proc/self/fd/{fd}")
        for fd in os.listdir("/proc/self/fd")
        if os.path.islink(f"/proc/self/fd/{fd}")
    }
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    return {row[1] for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in mine}


# --- what a caller can tell, and how long queues are ------------------------------------------------------------------

TROUBLES = {
    "error-400:price=1": "status 400",
    "error-404:price=1": "status 404",
    "error-429:price=1": "status 429",
    "error-500:price=1": "status 500",
    "crash:price": "refused",
    "slow:price=9": "timeout",
    "lose-response:price=1": "timeout",
}


@pytest.mark.parametrize(("fault", "told"), TROUBLES.items())
async def test_a_caller_can_tell_every_trouble_but_a_lost_answer_from_a_late_one(fault: str, told: str) -> None:
    r = await run(ONE_PRICE, seconds=5, faults=(fault,))
    settled = [e for e in r.log if isinstance(e, Settled) and e.node == "page"]
    assert settled
    assert {e.why for e in settled} == {told}


async def test_what_is_the_callers_own_fault_is_not_tried_again() -> None:
    r = await run(ONE_PRICE | {"retries": 3}, seconds=5, faults=("error-404:price=1",))
    assert {e.attempt for e in sent(r, "price") if "." not in e.message} == {1}


@pytest.mark.parametrize(("rate", "predicted"), [(50, 0.020), (80, 0.050)])
async def test_a_server_with_one_worker_keeps_a_queue_of_the_length_that_theory_gives(
    rate: float, predicted: float
) -> None:
    """M/M/1: mean time in the system 1/(mu - lambda), with mu = 100/s."""
    settings = ONE_PRICE | {
        "request-rate": rate, "arrivals": "poisson", "service-spread": "exponential", "service-time": 0.01,
        "workers": 1, "replicas": 1, "pool-size": 400, "network-latency": 0.001, "timeout": 30,
    }  # fmt: skip
    r = await run(settings, seconds=30, seed=3)
    begun = {e.message: e.at for e in r.log if isinstance(e, Received) and e.node == "price"}
    times = [
        e.at - begun[e.message.removesuffix("/reply")] for e in r.log if isinstance(e, Sent) and e.source == "price"
    ]
    assert len(times) > rate * 27
    assert sum(times) / len(times) == pytest.approx(predicted, rel=0.25)


async def test_a_pool_of_ten_takes_ten_rounds_for_a_hundred_calls() -> None:
    settings = ONE_PRICE | {
        "widgets": 100, "service-time": 0.1, "request-rate": 0.2, "network-latency": 0.001, "workers": 64,
        "replicas": 4, "timeout": 10,
    }  # fmt: skip
    waits = [metric(await run(settings | {"pool-size": size}, seconds=12), "p50") for size in (10, 400)]
    assert waits[0] == pytest.approx(10 * (0.1 + 0.002) + 0.002, rel=0.02)
    assert waits[1] == pytest.approx(0.1 + 0.004, rel=0.02)


async def test_an_event_shows_the_line_that_tells_the_story_not_the_one_that_carries_it_out() -> None:
    r = await run({"retries": 1, "cache-on": True}, faults=("slow:reviews=2",))
    told = {r.log.code[e.code].file.removeprefix("request_response/") for e in r.log if isinstance(e, Sent)}
    assert told == {"browser.py", "backends.py", "widgets.py", "recommendations.py", "server.py"}
