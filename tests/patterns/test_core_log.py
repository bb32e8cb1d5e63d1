"""The run log: complete, in order, closed at the end, and aware of the line that spoke."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patterns.core.log import CAPTION_WORDS, FIELDS, KINDS, Changed, Event, LogClosed, RunLog, as_dict
from patterns.core.message import Message

ORDER = Message("1", "OrderPlaced", "orders", 0.0, data={"total": 12})

WORDS = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6)
RECORDS = st.one_of(
    st.tuples(st.just("sent"), WORDS, WORDS, st.floats(0, 100)),
    st.tuples(st.just("received"), WORDS, st.integers(1, 9)),
    st.tuples(st.just("dropped"), WORDS, st.integers(1, 9), WORDS, WORDS),
    st.tuples(st.just("settled"), WORDS, st.sampled_from(["ack", "applied", "lost"])),
    st.tuples(st.just("changed"), WORDS, WORDS, st.one_of(st.floats(-9, 9), WORDS)),
    st.tuples(st.just("noted"), WORDS, WORDS),
    st.tuples(st.just("faulted"), WORDS, WORDS, st.sampled_from(["asked", "seen", "healed"])),
    st.tuples(st.just("tuned"), WORDS, st.booleans(), WORDS),
)


def _record(log: RunLog, record: tuple) -> None:
    kind, *fields = record
    needs_message = {"sent": ORDER, "settled": ORDER, "received": "1", "dropped": "1"}
    getattr(log, kind)(*([needs_message[kind]] if kind in needs_message else []), *fields)


@given(st.lists(RECORDS, max_size=30))
def test_events_are_numbered_from_1_without_a_gap_and_keep_their_order(records: list[tuple]) -> None:
    clock = iter(range(1000))
    log = RunLog(lambda: float(next(clock)))
    for record in records:
        _record(log, record)
    assert [event.seq for event in log] == list(range(1, len(records) + 1))
    assert [event.kind for event in log] == [record[0] for record in records]
    assert [event.at for event in log] == sorted(event.at for event in log)


@given(st.lists(RECORDS, min_size=1, max_size=30))
def test_every_event_survives_json_with_all_fields_of_its_kind(records: list[tuple]) -> None:
    log = RunLog(lambda: 1.25)
    for record in records:
        _record(log, record)
    for event in log:
        row = json.loads(json.dumps(as_dict(event)))
        assert row == as_dict(event)
        assert set(row) == {"kind"} | set(FIELDS[event.kind]) - {"code"}


@given(st.lists(RECORDS, max_size=20), st.integers(0, 20))
def test_observers_hear_each_event_once_in_order_though_one_answers(records: list[tuple], nth: int) -> None:
    log = RunLog(lambda: 0.0)
    heard: list[Event] = []
    later: list[Event] = []

    def answer(event: Event) -> None:
        heard.append(event)
        if event.seq == nth:
            log.changed("node", "answers", 1)

    log.observe(answer)
    log.observe(later.append)
    for record in records:
        _record(log, record)
    assert heard == later == list(log)


def test_each_hop_has_its_own_number_and_a_message_is_kept_once() -> None:
    log = RunLog(lambda: 0.0)
    hops = [log.sent(ORDER, "a", "b", 1.0, attempt=attempt).hop for attempt in (1, 2, 3)]
    assert hops == [1, 2, 3]
    assert log.messages == {"1": ORDER}


def test_the_log_is_closed_by_its_end() -> None:
    log = RunLog(lambda: 0.0)
    log.ended("enough")
    with pytest.raises(LogClosed):
        log.changed("node", "depth", 1)
    assert [event.kind for event in log] == ["ended"]


def test_a_full_log_says_so_once_and_cuts_nothing() -> None:
    full: list[int] = []
    log = RunLog(lambda: 0.0, cap=3, on_full=lambda: full.append(len(log)))
    for depth in range(5):
        log.changed("node", "depth", depth)
    assert full == [3]
    assert [event.value for event in log if isinstance(event, Changed)] == [0, 1, 2, 3, 4]


def test_a_caption_has_at_most_twelve_words() -> None:
    log = RunLog(lambda: 0.0)
    log.noted("node", "word " * CAPTION_WORDS)
    with pytest.raises(ValueError, match="more than 12 words at node"):
        log.noted("node", "word " * (CAPTION_WORDS + 1))


def test_an_event_knows_the_line_that_recorded_it() -> None:
    log = RunLog(lambda: 0.0)
    first, second = log.changed("node", "depth", 1), log.changed("node", "depth", 2)
    third = log.changed("node", "depth", 3)
    assert first.code == second.code != third.code
    assert log.code[third.code].line == log.code[first.code].line + 1
    assert log.code[first.code].function == test_an_event_knows_the_line_that_recorded_it.__name__


def test_every_kind_has_its_fields_listed() -> None:
    assert {kind.kind for kind in KINDS} == set(FIELDS)
    assert all({"seq", "at"} <= set(fields) for fields in FIELDS.values())
