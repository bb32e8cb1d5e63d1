"""A host in this process, with a list in place of the pipe."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from echo import ECHO

from patterns.core.clock import wait_real
from patterns.host.host import Host
from patterns.host.limits import Limits
from patterns.host.pipe import HEADER, MAX_ENVELOPE_BYTES, SEQ, Kind, Pipe
from patterns.host.protocol import MAX_QUEUED_COMMANDS
from patterns.host.recording import Reader

PATIENCE = 2000


class Site:
    """The other end: what each viewer was sent, and the frames of each run."""

    def __init__(self, limits: Limits) -> None:
        self.sent: list[tuple[int, int, bytes]] = []
        self.unsent = 0
        self.host = Host(0, limits, lambda *envelope: self.sent.append(envelope), lambda: self.unsent, {"echo": ECHO})
        self.ticker = asyncio.create_task(self.host.turn())
        self.numbers = iter(range(1, 1000))

    def enter(self, visitor: str = "ann") -> Viewer:
        number = next(self.numbers)
        self.host.receive(Kind.OPEN, number, orjson.dumps({"pattern": "echo", "visitor": visitor}))
        return Viewer(self, number)

    async def close(self) -> None:
        self.ticker.cancel()
        await self.host.close()


class Viewer:
    def __init__(self, site: Site, number: int) -> None:
        self.site, self.number, self.asked = site, number, 0

    def say(self, data: bytes) -> None:
        self.site.host.receive(Kind.COMMAND, self.number, data)

    def leave(self) -> None:
        self.site.host.receive(Kind.CLOSE, self.number, b"")

    async def ask(self, c: str, **fields: Any) -> dict[str, Any]:
        """The answer to a command."""
        self.asked += 1
        number = self.asked
        self.say(orjson.dumps({"c": c, "id": number, **fields}))
        return await self.find(lambda frame: frame.get("re") == number)

    async def find(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        for _ in range(PATIENCE):
            if found := [frame for frame in self.frames() if wanted(frame)]:
                return found[0]
            await wait_real(0.01)
        raise AssertionError(f"not among {[frame['t'] for frame in self.frames()]}")

    async def start(self, **fields: Any) -> str:
        assert (await self.ask("start", **fields))["t"] == "ok"
        return self.kinds("run")[-1]["run"]

    def frames(self) -> list[dict[str, Any]]:
        """All he was sent, alone or with the others of his run, in order."""
        found, run = [], 0
        for kind, number, payload in self.site.sent:
            if kind == Kind.ATTACH and number == self.number:
                run = SEQ.unpack_from(payload)[0]
            elif kind == Kind.DETACH and number == self.number:
                run = 0
            elif kind == Kind.TO_VIEWER and number == self.number:
                found.append(orjson.loads(payload))
            elif kind == Kind.TO_RUN and number == run:
                found.append(orjson.loads(payload[SEQ.size :]))
        return found

    def kinds(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames() if frame["t"] == kind]

    def rows(self) -> int:
        return sum(len(frame["rows"]) for frame in self.kinds("events"))


@pytest.fixture
async def open_site() -> AsyncIterator[Callable[..., Site]]:
    sites = []

    def make(**limits: Any) -> Site:
        sites.append(Site(Limits(**limits)))
        return sites[-1]

    yield make
    for site in sites:
        await site.close()


async def until(condition: Callable[[], Any]) -> None:
    for _ in range(PATIENCE):
        if condition():
            return
        await wait_real(0.01)
    raise AssertionError("it never came true")


async def test_a_viewer_is_greeted_with_the_engines_there_are(open_site):
    viewer = open_site().enter()
    (hello,) = viewer.frames()
    assert hello["pattern"] == "echo"
    assert [bool(engine["missing"]) for engine in hello["engines"]] == [False, True]


async def test_a_started_run_is_described_and_then_shown(open_site):
    viewer = open_site().enter()
    await viewer.start(seed=7, settings={"rate": 100}, speed=2)
    await until(lambda: viewer.rows() > 20)
    run = viewer.kinds("run")[0]
    assert (run["seed"], run["settings"]["rate"], run["speed"]) == (7, 100.0, 2.0)
    frames = viewer.kinds("events")
    assert frames[0]["seq"] == 1
    events = read(frames)
    assert [e["seq"] for e in events if e["seq"]] == list(range(1, sum(bool(e["seq"]) for e in events) + 1))


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ({"seed": -1}, "seed cannot be -1"),
        ({"seed": 2**60}, "seed cannot be"),
        ({"speed": 11}, "speed cannot be 11; it goes from 0.05 to 10"),
        ({"engine": "kafka"}, "echo has no engine 'kafka'; there are: builtin, missing"),
        ({"engine": "missing"}, "Missing engine not installed: no_such_module is missing"),
        ({"settings": {"volume": 1}}, "echo has no setting 'volume'; there are: rate"),
        ({"settings": {"rate": 1e9}}, "'rate' cannot be '1000000000.0'; it is a number from 1 to 200 /s"),
        ({"settings": {"rate": [1]}}, "'rate' cannot be '[1]'"),
        ({"scenario": "nope"}, "echo has no scenario 'nope'; there are: lost"),
        ({"faults": ["nope"]}, "no fault 'nope'; there are: lose"),
        ({"faults": ["lose:client"]}, "'lose' has no target 'client'; it can hit: server"),
        ({"faults": ["lose:server=9"]}, "'lose' cannot be 9 ratio; it goes from 0 to 1"),
        ({"faults": ["lose:server=x"]}, "'lose:server=x' is no fault; write name:target or name:target=amount"),
    ],
)
async def test_a_run_that_cannot_be_is_refused_and_leaves_nothing(open_site, wish, said):
    site = open_site()
    answer = await site.enter().ask("start", **wish)
    assert answer["t"] == "error"
    assert answer["why"].startswith(said)
    assert site.host.runs == {}


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ({"c": "set", "control": "volume", "value": 1}, "echo has no setting 'volume'"),
        ({"c": "set", "control": "rate", "value": "nan"}, "'rate' cannot be 'nan'"),
        ({"c": "ask", "fault": "fire"}, "no fault 'fire'"),
        ({"c": "ask", "fault": "lose", "lasts": -1}, "a fault cannot last -1 s"),
        ({"c": "heal", "fault": "lose", "target": "server"}, "no fault 'lose:server' is on; on are: none"),
        ({"c": "step"}, "only a paused workload can be stepped"),
        ({"c": "speed", "speed": 0}, "speed cannot be 0"),
        ({"c": "inspect", "message": "zz"}, "the run has no message 'zz'"),
        ({"c": "join", "run": "0-00"}, "that run is over and no longer kept"),
        ({"c": "dance"}, "no command 'dance'"),
    ],
)
async def test_a_command_that_cannot_be_gets_a_sentence_and_the_run_goes_on(open_site, command, said):
    viewer = open_site().enter()
    await viewer.start()
    answer = await viewer.ask(**command)
    assert answer["t"] == "error"
    assert answer["why"].startswith(said)
    before = viewer.rows()
    await until(lambda: viewer.rows() > before)


@pytest.mark.parametrize("data", [b"", b"{", b"\xff\xfe", b"[" * 5000, b"null", b'"start"', b'{"c": 3}', b'{"id": 99}'])
async def test_what_is_no_command_gets_a_sentence(open_site, data):
    viewer = open_site().enter()
    viewer.say(data)
    error = await viewer.find(lambda frame: frame["t"] == "error")
    assert "command" in error["why"]
    await viewer.start()


async def test_commands_before_a_run_say_that_there_is_none(open_site):
    viewer = open_site().enter()
    for command in ("pause", "resume", "step", "stop", "save", "inspect"):
        assert (await viewer.ask(command))["why"] == "you watch no run; start one"


async def test_two_viewers_of_a_run_get_the_same_bytes(open_site):
    site = open_site()
    ann, bob = site.enter("ann"), site.enter("bob")
    run = await ann.start(speed=10)
    await until(lambda: ann.rows() > 20)
    assert (await bob.ask("join", run=run))["t"] == "ok"
    await until(lambda: bob.rows() > 200)
    assert bob.kinds("events") == ann.kinds("events")


async def test_only_who_started_a_run_can_change_it(open_site):
    site = open_site()
    ann, bob = site.enter("ann"), site.enter("bob")
    await bob.ask("join", run=await ann.start())
    for command in ({"c": "pause"}, {"c": "stop"}, {"c": "set", "control": "rate", "value": 3}):
        assert (await bob.ask(**command))["why"].startswith("only who started this run can change it")


async def test_a_viewer_who_comes_back_gets_exactly_what_he_lacks(open_site):
    site = open_site()
    ann = site.enter()
    run = await ann.start(speed=10)
    await until(lambda: ann.rows() > 50)
    held = ann.kinds("events")
    ann.leave()
    last = max(event["seq"] for event in read(held))
    again = site.enter()
    await again.ask("join", run=run, seq=last)
    await until(lambda: again.rows() > 50)
    assert again.kinds("snapshot") == []
    assert [e["seq"] for e in read(held + again.kinds("events")) if e["seq"]] == list(range(1, final(again) + 1))


async def test_a_viewer_who_claims_to_hold_what_never_was_gets_a_snapshot(open_site):
    site = open_site()
    ann = site.enter()
    run = await ann.start(speed=10)
    await until(lambda: ann.rows() > 50)
    bob = site.enter()
    await bob.ask("join", run=run, seq=10**6)
    assert len(bob.kinds("snapshot")) == 1


async def test_a_long_history_is_given_as_a_snapshot(open_site):
    site = open_site(history_bytes=100)
    ann = site.enter()
    run = await ann.start(speed=10)
    await until(lambda: ann.rows() > 50)
    bob = site.enter()
    await bob.ask("join", run=run)
    assert len(bob.kinds("snapshot")) == 1
    await until(lambda: bob.rows() > 20)
    assert bob.kinds("events")[0]["seq"] == bob.kinds("snapshot")[0]["seq"] + 1


async def test_a_viewer_who_lagged_gets_the_newest_state_and_what_he_missed(open_site):
    site = open_site()
    ann = site.enter()
    await ann.start(speed=10)
    await until(lambda: ann.rows() > 50)
    site.host.receive(Kind.LAGS, ann.number, SEQ.pack(3))
    lagged, snapshot = ann.kinds("lagged")[0], ann.kinds("snapshot")[0]
    assert lagged["skipped"] == snapshot["seq"] - 3
    assert "did not keep up" in lagged["why"]
    before = ann.rows()
    await until(lambda: ann.rows() > before)


async def test_the_workload_can_be_paused_stepped_and_slowed(open_site):
    ann = open_site().enter()
    await ann.start()
    await ann.ask("pause")
    clock = ann.kinds("clock")[-1]
    assert clock["paused"]
    before = len(ann.kinds("events"))
    await ann.ask("step")
    assert len(ann.kinds("events")) == before + 1
    await ann.ask("speed", speed=0.05)
    await ann.ask("resume")
    assert ann.kinds("clock")[-1] | {"now": 0} == {"t": "clock", "now": 0, "speed": 0.05, "paused": False}


async def test_a_step_passes_what_leaves_no_trace_and_stops_at_what_does(open_site):
    site = open_site()
    ann = site.enter()
    await ann.start()
    await ann.ask("pause")
    (hosted,) = site.host.runs.values()
    for _ in range(5):
        hosted.clock.call_later(0.0, lambda: None)
    events = len(hosted.run.log)
    await ann.ask("step")
    assert len(hosted.run.log) > events


async def test_a_fault_asked_for_is_seen_in_the_log_and_healed(open_site):
    ann = open_site().enter()
    await ann.start(speed=10)
    assert (await ann.ask("ask", fault="lose", target="server", amount=1.0))["t"] == "ok"
    await until(lambda: "seen" in phases(ann))
    assert (await ann.ask("heal", fault="lose", target="server"))["t"] == "ok"
    await until(lambda: phases(ann) == ["asked", "seen", "healed"])


async def test_a_scenario_brings_its_settings_its_script_and_its_end(open_site):
    ann = open_site().enter()
    await ann.start(scenario="lost", speed=10)
    await until(lambda: any(event["kind"] == "ended" for event in read(ann.kinds("events"))))
    assert ann.kinds("run")[0]["settings"]["rate"] == 50.0
    assert ann.kinds("run")[0]["seed"] == 7
    assert "asked" in phases(ann)
    assert (await ann.ask("pause"))["why"] == "the run is over; start another"


async def test_a_message_is_shown_whole_unless_it_is_too_large(open_site):
    ann = open_site(answer_bytes=5000).enter()
    await ann.start(speed=10, settings={"size": 20})
    await until(lambda: ann.rows() > 20)
    answer = await ann.ask("inspect", message="1")
    assert answer["message"]["data"] == {"text": "x" * 20}
    await ann.start(speed=10, settings={"size": 10_000})
    await until(lambda: final(ann) > 10)
    assert "is too large to show" in (await ann.ask("inspect", message="1"))["why"]


async def test_a_kept_run_is_its_recording(open_site):
    site = open_site()
    ann = site.enter()
    await ann.start(speed=10)
    await until(lambda: ann.rows() > 50)
    ann.say(orjson.dumps({"c": "save", "id": 9, "title": "  mine "}))
    await until(lambda: any(kind == Kind.RECORDING for kind, _, _ in site.sent))
    payload = next(payload for kind, number, payload in site.sent if (kind, number) == (Kind.RECORDING, ann.number))
    start = SEQ.size + SEQ.unpack_from(payload)[0]
    head, recording = orjson.loads(payload[SEQ.size : start]), orjson.loads(gzip.decompress(payload[start:]))
    assert (head["re"], head["title"], head["pattern"]) == (9, "mine", "echo")
    assert head["events"] == recording["events"] == len([e for e in read(recording["frames"]) if e["seq"]])
    assert recording["metrics"]["served"]["unit"] == "requests"
    assert recording["metrics"]["served"]["value"] > 0


async def test_a_run_left_for_another_ends_unless_somebody_watches_it(open_site):
    site = open_site()
    ann, bob = site.enter("ann"), site.enter("bob")
    first = await ann.start()
    await bob.ask("join", run=first)
    await ann.start()
    assert len(site.host.runs) == 2
    bob.leave()
    await ann.start()
    assert len(site.host.runs) == 2  # bob's, which waits for him, and ann's third


async def test_a_start_that_is_refused_leaves_the_run_before_it_as_it_was(open_site):
    site = open_site()
    ann = site.enter("ann")
    first = await ann.start()
    assert (await ann.ask("start", settings={"rate": 1e9}))["t"] == "error"
    assert (await ann.ask("start", engine="missing"))["t"] == "error"
    assert [hosted.id for hosted in site.host.runs.values()] == [first]
    before = ann.rows()
    await until(lambda: ann.rows() > before)
    assert ann.kinds("gone") == []
    assert (await ann.ask("pause"))["t"] == "ok"


async def test_a_run_nobody_watches_ends(open_site):
    site = open_site(unwatched_seconds=0.5)
    ann = site.enter()
    await ann.start()
    ann.leave()
    await until(lambda: site.host.runs == {})


async def test_a_run_paused_for_ever_ends(open_site):
    site = open_site(wall_seconds=0.5)
    ann = site.enter()
    await ann.start()
    await ann.ask("pause")
    await until(lambda: any(event["kind"] == "ended" for event in read(ann.kinds("events"))))


async def test_a_visitor_has_so_many_runs_and_no_more(open_site):
    site = open_site(runs_per_visitor=2)
    for _ in range(2):
        await site.enter("ann").start()
    assert (await site.enter("ann").ask("start"))["why"].startswith("you have 2 runs going")
    await site.enter("bob").start()


async def test_a_run_that_replaces_another_takes_no_further_place(open_site):
    site = open_site(runs=2, runs_per_visitor=2)
    ann, bob = site.enter("ann"), site.enter("bob")
    first = await ann.start()
    await bob.start()
    second = await ann.start()
    assert first not in [hosted.id for hosted in site.host.runs.values()]
    await bob.ask("join", run=second)  # with two who watch it, it would go on
    assert (await ann.ask("start"))["why"].startswith("all 2 places for runs are taken")


async def test_a_full_host_says_so(open_site):
    site = open_site(runs=1)
    await site.enter("ann").start()
    assert (await site.enter("bob").ask("start"))["why"].startswith("all 1 places for runs are taken")


async def test_too_many_waiting_commands_are_refused(open_site):
    ann = open_site().enter()
    for _ in range(MAX_QUEUED_COMMANDS + 5):
        ann.say(b'{"c": "pause"}')
    await until(lambda: len(ann.kinds("error")) == MAX_QUEUED_COMMANDS + 5)
    assert sum("are waiting already" in error["why"] for error in ann.kinds("error")) == 5


async def test_memory_run_short_ends_the_largest_run_and_says_so(open_site):
    site = open_site(soft_memory_bytes=1)
    ann = site.enter()
    ann.say(b'{"c": "start"}')
    gone = await ann.find(lambda frame: frame["t"] == "gone")
    assert "short of memory" in gone["why"]


async def test_runs_are_not_drained_into_a_site_that_does_not_read(open_site):
    site = open_site()
    ann = site.enter()
    await ann.start(speed=10)
    site.unsent = 10**9
    await wait_real(0.2)
    before = ann.rows()
    await wait_real(0.2)
    assert ann.rows() == before
    site.unsent = 0
    await until(lambda: ann.rows() > before)


async def test_an_idle_run_still_says_what_time_it_is(open_site):
    ann = open_site().enter()
    await ann.start(settings={"rate": 1}, speed=0.05)
    await until(lambda: len(ann.kinds("clock")) >= 4)
    times = [frame["now"] for frame in ann.kinds("clock")]
    assert times == sorted(times)
    assert times[-1] > times[0]


def test_envelopes_come_out_as_they_went_in_however_they_are_cut():
    sent = [(Kind.TO_RUN, 7, b"x" * 70_000), (Kind.BEAT, 0, b""), (Kind.COMMAND, 2**32 - 1, b"abc")]
    stream = b"".join(HEADER.pack(len(payload), kind, number) + payload for kind, number, payload in sent)
    for size in (1, 7, 9, 65_536, len(stream)):
        got = []
        pipe = Pipe(lambda _, *envelope, got=got: got.append(envelope), lambda _: None)
        for start in range(0, len(stream), size):
            pipe.data_received(stream[start : start + size])
        assert got == sent


def test_a_length_beyond_reason_ends_the_pipe():
    class Transport(asyncio.Transport):
        closed = False

        def close(self) -> None:
            self.closed = True

    transport = Transport()
    pipe = Pipe(lambda *_: pytest.fail("nothing to receive"), lambda _: None)
    pipe.connection_made(transport)
    pipe.data_received(HEADER.pack(MAX_ENVELOPE_BYTES + 1, 1, 1))
    assert transport.closed


def read(frames: list[dict[str, Any]]) -> list[dict[str, Any]]:
    reader = Reader()
    return [event for frame in frames for event in reader.read_frame(frame)]


def phases(viewer: Viewer) -> list[str]:
    return [event["phase"] for event in read(viewer.kinds("events")) if event["kind"] == "faulted"]


def final(viewer: Viewer) -> int:
    """The seq of the last event he holds."""
    frame = viewer.kinds("events")[-1]
    return frame["seq"] + sum(1 for row in frame["rows"] if 0 < row[0] < 10) - 1
