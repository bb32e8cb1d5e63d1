"""A run: settings checked, stories that end with it, bounds, scenarios, failures told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from patterns.core.clock import LiveClock, ManualClock
from patterns.core.faults import Fault
from patterns.core.link import Link
from patterns.core.log import Changed, Faulted, Tuned
from patterns.core.message import Message
from patterns.core.metrics import Metric, Total
from patterns.core.pattern import Control, Node, Pattern, Remedy, SettingError
from patterns.core.run import EngineMissing, Run
from patterns.core.scenario import Scenario, Step


class Ticker:
    """A backend that counts; settings make it fail in the ways a backend can."""

    stopped: int

    def __init__(self, run: Run) -> None:
        self.run = run
        self.stopped = 0

    async def start(self) -> None:
        if self.run.choice("how") == "missing":
            raise EngineMissing("Ticker engine not installed: the spring is missing")
        self.run.spawn(self.tick(), "tick")

    async def stop(self) -> None:
        self.stopped += 1

    async def tick(self) -> None:
        count = 0
        while True:
            await self.run.clock.sleep(1 / self.run.number("pace"))
            count += 1
            self.run.log.changed(
                "clock", "ticks", count, why="storm:clock" if self.run.faults.on("storm", "clock") else ""
            )
            if self.run.choice("how") == "breaks":
                raise RuntimeError("the spring broke")


PATTERN = Pattern(
    slug="ticker", title="Ticker", backend=f"{__name__}:Ticker",
    nodes=(Node("clock", "Clock", "service", 10, 10), Node("wall", "Wall", "sink", 90, 10)),
    links=(Link("clock", "wall"), Link("wall", "clock", both_ways=False)),
    controls=(
        Control("pace", "Pace", "/s", 1.0, 0.5, 100.0, 0.5),
        Control("how", "How", "", "well", choices=("well", "breaks", "missing")),
    ),
    remedies=(Remedy("oil", "Oil", "storm:clock", "ticks"),),
    faults=(Fault("storm", "Storm", ("clock",), "It rains."),),
    invariants=(), metrics=(Metric("ticks", "Ticks", "ticks", lambda: Total(lambda event, log: 1.0)),),
    figures=(), fidelity=(),
    scenarios=(
        Scenario(
            "rain", "Rain", "See it rain.", 6.0,
            script=(Step(1.5, {"pace": 2.0}), Step(2.6, fault="storm:clock"), Step(4.6, heal="storm:clock")),
        ),
    ),
)  # fmt: skip


def _run(**more: Any) -> Run:
    return Run(PATTERN, **{"clock": ManualClock(), **more})


async def _pass(run: Run, seconds: float) -> None:
    assert isinstance(run.clock, ManualClock)
    await run.clock.run_for(seconds)


async def test_a_run_ends_once_and_leaves_no_task() -> None:
    before = asyncio.all_tasks()
    run = _run()
    await run.start()
    await _pass(run, 3.5)
    await asyncio.gather(run.stop("enough"), run.stop("again"))
    assert run.log.events[-1].why == await run.ended == "enough"
    assert [event.kind for event in run.log].count("ended") == 1
    assert asyncio.all_tasks() == before
    assert run._backend.stopped == 1
    await _pass(run, 10)  # nothing rings on


async def test_a_story_that_fails_ends_the_run_and_is_told() -> None:
    run = _run(settings={"how": "breaks"})
    await run.start()
    await _pass(run, 2)
    assert await run.ended == "tick failed: the spring broke"


async def test_an_engine_that_cannot_be_had_ends_the_run_with_its_sentence() -> None:
    run = _run(settings={"how": "missing"}, clock=LiveClock())
    with pytest.raises(EngineMissing):
        await run.start()
    assert await run.ended == "Ticker engine not installed: the spring is missing"
    assert run.log.events[-1].kind == "ended"


async def test_a_run_ends_at_its_bounds_and_says_which() -> None:
    short = _run(cap_seconds=5.0)
    await short.start()
    await _pass(short, 10)
    assert await short.ended == "the run reached 5 s"
    small = _run(cap_events=4)
    await small.start()
    await _pass(small, 10)
    assert await small.ended == "the log reached 4 events"
    assert len(small.log) == 5  # and its end


async def test_a_knob_turned_while_it_runs_counts_at_once_and_is_in_the_log() -> None:
    run = _run()
    await run.start()
    await _pass(run, 1.0)
    run.set("pace", "10")
    await _pass(run, 3.0)
    await run.stop()
    assert [(e.control, e.value, e.by) for e in run.log if isinstance(e, Tuned)] == [("pace", 10.0, "viewer")]
    assert sum(isinstance(e, Changed) for e in run.log) > 15
    assert run.metrics()["ticks"]["unit"] == "ticks"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("speed", 1, "ticker has no setting 'speed'; there are: pace, how, oil"),
        ("pace", 0.1, "'pace' cannot be '0.1'; it is a number from 0.5 to 100 /s"),
        ("pace", "quick", "'pace' cannot be 'quick'; it is a number from 0.5 to 100 /s"),
        ("pace", "nan", "'pace' cannot be 'nan'; it is a number from 0.5 to 100 /s"),
        ("how", "badly", "'how' cannot be 'badly'; it is one of: well, breaks, missing"),
        ("oil", "some", "'oil' cannot be 'some'; it is on or off"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_with_what_would_be_right(
    name: str, value: object, sentence: str
) -> None:
    with pytest.raises(SettingError) as refusal:
        _run(settings={name: value})
    assert str(refusal.value) == sentence
    run = _run()
    with pytest.raises(SettingError):
        run.set(name, value)
    assert len(run.log) == 0


async def test_an_engine_that_is_not_declared_is_refused() -> None:
    with pytest.raises(SettingError, match="ticker has no engine 'steam'; there are: builtin"):
        _run(engine="steam")


async def test_a_scenario_happens_at_its_times_and_ends_the_run() -> None:
    run = _run()
    await run.start()
    run.play(PATTERN.scenarios[0])
    await _pass(run, 7)
    assert await run.ended == "the scenario is over"
    assert [(e.at, e.phase) for e in run.log if isinstance(e, Faulted)] == [
        (2.6, "asked"),
        (3.0, "seen"),
        (4.6, "healed"),
    ]
    assert [e.by for e in run.log if isinstance(e, Tuned | Faulted) and e.by] == ["scenario"] * 3


async def test_a_wire_goes_where_a_link_is_declared_and_back_only_if_it_goes_both_ways() -> None:
    run = _run()
    assert run.wire("clock", "wall") is run.wire("clock", "wall")
    assert run.wire("wall", "clock").link is PATTERN.links[1]
    one_way = replace(PATTERN, links=(PATTERN.links[1],))
    with pytest.raises(KeyError, match="ticker declares no link from clock to wall"):
        Run(one_way, clock=ManualClock()).wire("clock", "wall")


async def test_chance_is_seeded_by_run_and_by_purpose() -> None:
    one, same, other = _run(seed=1), _run(seed=1), _run(seed=2)
    assert one.random("x").random() == same.random("x").random() != other.random("x").random()
    assert one.random("x").random() != one.random("y").random()


async def test_a_run_that_winds_down_is_no_longer_open() -> None:
    run = _run()
    assert run.open
    run.wind_down()
    assert not run.open


async def test_a_hop_of_a_run_that_has_ended_comes_to_nothing() -> None:
    run = _run()
    await run.start()
    run.wire("clock", "wall").send(Message("1", "Tick", "clock", 0.0), lambda message: None)
    await run.stop()
    await _pass(run, 1)
    assert run.log.events[-1].kind == "ended"
