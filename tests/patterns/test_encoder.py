"""Frames, snapshots and recordings all say what the log says."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest
from echo import ECHO
from hypothesis import given, settings
from hypothesis import strategies as st

from patterns.core.clock import ManualClock
from patterns.core.log import FIELDS, as_dict
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.host.encoder import Encoder
from patterns.host.protocol import ROW
from patterns.host.recording import Reader, record, upgrade
from patterns.host.rows import unfold
from patterns.host.state import State

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["send", "land", "drop", "settle", "change", "note", "tune", "ask", "heal", "wait", "frame"]),
        st.integers(0, 9),
    ),
    max_size=60,
)


async def play(acts: list[tuple[str, int]]) -> tuple[Encoder, list[bytes]]:
    """A run whose log says what the acts say; its frames end where they ask for one."""
    run = Run(ECHO, clock=ManualClock())
    encoder, snapshots, flying = Encoder(run), [], []
    for number, (act, what) in enumerate(acts):
        message = Message(
            f"m{what}" if what < 7 else f"m1/{what}", "Asked", "client", 0.0, f"s{what}", causation_id="m1"
        )
        if act == "send":
            flying.append(run.log.sent(message, "client", "server", number + what / 3, what + 1, "again" * (what > 5)))
        elif act in ("land", "drop") and flying:
            hop = flying.pop(what % len(flying))
            if act == "land":
                run.log.received(hop.message, hop.target, hop.hop)
            else:
                run.log.dropped(hop.message, hop.target, hop.hop, "client→server", "loss")
        elif act == "settle":
            run.log.settled(message, "server", "applied" if what % 2 else "expired", "late" * (what > 4))
        elif act == "change":
            run.log.changed("server", f"q{what % 3}", what / 7 if what % 2 else f"v{what}")
        elif act == "note" and run.log.messages:
            run.log.noted("client", f"caption {what}", next(iter(run.log.messages)) if what > 5 else "")
        elif act == "tune":
            run.set("rate", float(what + 1), by="viewer")
        elif act == "ask":
            run.faults.ask("lose", amount=what / 10)
        elif act == "heal":
            run.faults.heal("lose:server")
        elif act == "wait":
            await run.clock.advance(run.clock.now() + what / 50)
        elif act == "frame":
            encoder.frame()
            snapshots.append(encoder.snapshot())
    encoder.frame()
    snapshots.append(encoder.snapshot())
    return encoder, snapshots


def content(state: State) -> tuple[Any, ...]:
    return state.messages, state.hops, state.dropped, state.flying, state.latest


@settings(max_examples=200)
@given(ACTS)
def test_a_snapshot_and_the_frames_after_it_give_the_later_snapshot(acts):
    encoder, snapshots = asyncio.run(play(acts))
    last = State.restore(orjson.loads(snapshots[-1]))
    for snapshot in map(orjson.loads, snapshots):
        state = State.restore(snapshot)
        for frame in encoder.since(snapshot["seq"]):
            state.fold(orjson.loads(frame))
        assert content(state) == content(last)


@settings(max_examples=200)
@given(ACTS)
def test_what_is_read_back_from_a_recording_is_the_log(acts):
    encoder, _ = asyncio.run(play(acts))
    recording = orjson.loads(record(encoder.run, encoder))
    read = [event for event in Reader().read(recording) if event["kind"] in FIELDS]
    written = [as_dict(event) for event in encoder.run.log]
    assert len(read) == len(written)
    for got, event in zip(read, written, strict=True):
        flight = event.pop("due", None)
        assert got["at"] == pytest.approx(event.pop("at"), abs=6e-5)
        assert got.get("flight", flight and 0.0) == pytest.approx(flight and flight - got["at"], abs=2e-4)
        for name, value in event.items():
            expected = pytest.approx(value, rel=1e-5) if isinstance(value, float) else value
            assert got[name] == expected, (name, event)


def test_a_recording_kept_in_the_first_format_is_read_as_it_was():
    names = ["a.py", ["Asked", "request", "client"], ["client", "server"], "server", ["server", "depth", ""], "lost"]
    first = {
        "seq": 1,
        "base": 100,
        "names": names,
        "rows": [[0, 2, 0, "m1"], [1, 0, 0, 3, 400, 1], [0, 2, 0, "m2"], [1, 10, 1, 3, 400, 1], [5, 10, 5, 1, 1]],
    }
    second = {"seq": 4, "base": 500, "rows": [[2, 0, 0, 1], [4, 5, 0, 4, 0, 1], [3, 10, 1, 1, 6]]}
    recording = upgrade({"format": 1, "frames": [first, second]})
    told = [(e["at"], e["kind"], e.get("message", "")) for e in Reader().read(recording)]
    assert told == [
        (0.01, "sent", "m1"),
        (0.011, "sent", "m2"),
        (0.011, "changed", ""),
        (0.05, "received", "m1"),
        (0.0505, "settled", "m1"),
        (0.051, "dropped", "m2"),
    ]
    assert upgrade(recording) is recording


@settings(max_examples=100)
@given(ACTS)
def test_a_recording_of_the_first_format_becomes_what_is_recorded_today(acts):
    encoder, _ = asyncio.run(play(acts))
    today = orjson.loads(record(encoder.run, encoder))
    old, messages, hops = orjson.loads(orjson.dumps(today)), 0, 0
    for frame in old["frames"]:
        frame["rows"] = list(unfold(frame, messages, hops))
        kinds = [row[0] for row in frame["rows"]]
        messages, hops = messages + kinds.count(ROW["message"]), hops + kinds.count(ROW["sent"])
        for row in frame["rows"]:
            if row[0] != ROW["message"]:
                row[1] -= frame["base"]
    assert upgrade({**old, "format": 1}) == today


def test_a_recording_of_a_later_format_is_refused_with_a_sentence():
    with pytest.raises(ValueError, match="a recording of format 99, which is newer than this site's"):
        upgrade({"format": 99, "frames": []})


def test_most_rows_of_a_frame_are_about_what_is_new():
    encoder, _ = asyncio.run(play([("send", 1), ("land", 0), ("settle", 1), ("frame", 0), ("send", 2), ("settle", 1)]))
    made = [row for _, frame in encoder.history for row in orjson.loads(frame)["rows"]]
    rows = [row[:3] for row in made if ROW["message"] < row[0] < ROW["light"]]
    assert rows == [[1, 0, 0], [2, 0, 0], [4, 0, 0], [1, 0, 0], [4, 0, 1]]


def test_a_seq_inside_a_frame_gets_no_half_frame():
    encoder, _ = asyncio.run(play([("send", 1), ("send", 2), ("frame", 0), ("send", 3)]))
    assert encoder.since(1) is None
    assert encoder.since(99) is None
    assert len(encoder.since(0)) == 2
    assert len(encoder.since(2)) == 1
    assert encoder.since(3) == []


def test_a_frame_is_made_once_and_only_of_what_is_new():
    encoder, _ = asyncio.run(play([("send", 1), ("frame", 0), ("frame", 0)]))
    assert encoder.frame() is None
    assert [last for last, _ in encoder.history] == [1]


@settings(max_examples=200)
@given(ACTS)
def test_a_snapshot_says_what_is_true_of_the_log(acts):
    encoder, snapshots = asyncio.run(play(acts))
    frame, log = orjson.loads(snapshots[-1]), encoder.run.log
    over = {event.hop for event in log if event.kind in ("received", "dropped")}
    assert {hop + 1 for hop in frame["flying"]} == set(range(1, log.hops + 1)) - over
    assert frame["hops"] == log.hops
    assert frame["dropped"] == sum(event.kind == "dropped" for event in log)
    assert [row[0] for row in frame["rows"]].count(ROW["message"]) == len(log.messages)
    told = {tuple(frame["names"][row[2]]) for row in frame["rows"] if row[0] == ROW["faulted"]}
    assert told == {(asked.fault.name, asked.target) for asked in encoder.run.faults.active.values()}
    gauges = {tuple(frame["names"][row[2]][:2]): row[3] for row in frame["rows"] if row[0] == ROW["changed"]}
    expected = {(e.node, e.quantity): e.value for e in log if e.kind == "changed"}
    assert gauges == {key: pytest.approx(v, rel=1e-5) if isinstance(v, float) else v for key, v in expected.items()}
