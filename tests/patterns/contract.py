"""The contract of every pattern, as checks of one pattern. `home` is the folder in which its card and its test are.

Each check raises AssertionError with all that is wrong at once.
"""

from __future__ import annotations

import asyncio
import gc
import os
import tempfile
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from patterns.core.clock import Clock, LiveClock, ManualClock, settle
from patterns.core.log import Event, Faulted, RunLog, Sent, as_dict
from patterns.core.pace import ENGINE_SPEED
from patterns.core.pattern import Control, Pattern, Remedy, Settings, Value
from patterns.core.rounds import ENGINES_AT_ONCE
from patterns.core.run import Run

SECONDS = 14.0
DAMAGE_AT = 1.0
SEED = 7

Check = Callable[[Pattern, Path], Awaitable[None]]


async def rehearse(
    pattern: Pattern,
    settings: Settings | None = None,
    fault: str = "",
    seconds: float = SECONDS,
    seed: int = SEED,
    clock: Clock | None = None,
    then: tuple[tuple[float, Callable[[Run], object]], ...] = (),
    engine: str = "builtin",
) -> Run:
    """One run from start to end, with a fault asked for early and more to happen at set times."""
    run = Run(
        pattern, seed, settings, engine, clock or (ManualClock() if engine == "builtin" else LiveClock(ENGINE_SPEED))
    )
    await run.start()
    if fault:
        name, _, target = fault.partition(":")
        run.clock.call_at(DAMAGE_AT, lambda: run.faults.ask(name, target, lasts=None))
    for at, act in then:
        run.clock.call_at(at, lambda act=act: act(run))
    run.clock.call_at(seconds, lambda: run.end("the rehearsal is over"))
    if isinstance(run.clock, ManualClock):
        while not run.ended.done():
            await run.clock.run_for(1.0)
    await asyncio.wait_for(asyncio.shield(run.ended), 60)
    return run


def rows(log: RunLog) -> list[dict[str, Any]]:
    return [as_dict(event) for event in log]


def order_of(log: RunLog) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key not in ("at", "due")} for row in rows(log)]


def reading(run: Run, name: str) -> object:
    """What a metric or an invariant says, whichever bears the name."""
    if name in run.readings.meters:
        return run.readings.meters[name].value
    return (checker := run.readings.checkers[name]).status, checker.count


def at_home(pattern: Pattern, nodes: tuple[str, ...]) -> Settings:
    """The switches without which these nodes are not there."""
    hidden = [node.shown_with for node in pattern.nodes if node.name in nodes and node.shown_with]
    return {name: True if isinstance(pattern.defaults()[name], bool) else 1.0 for name in hidden}


# --- checks of the declaration -------------------------------------------------------------------------------------


async def check_that_names_refer_to_something(pattern: Pattern, home: Path) -> None:
    nodes = {node.name for node in pattern.nodes}
    shown = {metric.name for metric in pattern.metrics} | {invariant.name for invariant in pattern.invariants}
    wrong = [f"link {link.name}" for link in pattern.links if not {link.source, link.target} <= nodes]
    wrong += [f"target {t} of {fault.name}" for fault in pattern.faults for t in fault.targets if t not in nodes]
    wrong += [
        f"shown_by of {knob.name}" for knob in (*pattern.controls, *pattern.remedies) if knob.shown_by not in shown
    ]
    wrong += [f"figure {f.name}" for f in pattern.figures if not set(f.metrics) <= shown]
    wrong += [
        f"shown_with of {n.name}" for n in pattern.nodes if n.shown_with and n.shown_with not in pattern.defaults()
    ]
    names = [knob.name for knob in (*pattern.controls, *pattern.remedies)]
    wrong += [f"{name} is declared twice" for name in names if names.count(name) > 1]
    assert not wrong


async def check_that_controls_have_unit_and_bounds(pattern: Pattern, home: Path) -> None:
    wrong = []
    for control in pattern.controls:
        if control.choices or isinstance(control.default, bool):
            if control.choices and control.default not in control.choices:
                wrong.append(f"{control.name}: its default is none of its choices")
        elif not control.unit or not control.low <= float(control.default) <= control.high or control.step <= 0:
            wrong.append(f"{control.name}: unit {control.unit!r}, {control.low}..{control.high} by {control.step}")
        elif control.low == control.high:
            wrong.append(f"{control.name}: nothing to turn")
    assert not wrong


async def check_that_card_scenarios_and_test_exist(pattern: Pattern, home: Path) -> None:
    package = pattern.slug.replace("-", "_")
    assert pattern.golden == pattern.scenarios[0].slug
    assert f"pk: {pattern.slug}\n" in (home / "fixtures" / f"{pattern.slug}.yaml").read_text()
    assert "def test_" in (home / "tests" / "patterns" / f"test_{package}.py").read_text()


# --- checks of runs ------------------------------------------------------------------------------------------------


async def check_that_a_run_leaves_nothing_behind(pattern: Pattern, home: Path, engine: str = "builtin") -> None:
    await rehearse(pattern, seconds=1.0, engine=engine)  # what an import keeps for good is no leak
    with _folder_for_files() as folder:
        before = _belongings()
        run = Run(pattern, SEED, engine=engine, clock=LiveClock(10.0))
        await run.start()
        await asyncio.sleep(0.2)
        await run.stop()
        await settle()
        gc.collect()
        assert _belongings() == before
        assert os.listdir(folder) == []


@contextmanager
def _folder_for_files() -> Iterator[str]:
    """Temporary files go here meanwhile: the machine's own folder has those of other processes too."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        try:
            yield folder
        finally:
            tempfile.tempdir = before


def _belongings() -> dict[str, object]:
    descriptors = Path("/proc/self/fd")
    return {
        "tasks": sorted(task.get_name() for task in asyncio.all_tasks()),
        "threads": sorted(thread.name for thread in threading.enumerate() if not thread.name.startswith("asyncio_")),
        "descriptors": len(os.listdir(descriptors)) if descriptors.exists() else 0,
    }


async def check_that_the_same_seed_gives_the_same_log(pattern: Pattern, home: Path) -> None:
    first, again = await rehearse(pattern), await rehearse(pattern)
    other = await rehearse(pattern, seed=SEED + 1)
    assert rows(first.log) == rows(again.log)
    assert _payloads(first) == _payloads(again) != _payloads(other)


def _payloads(run: Run) -> list[object]:
    return [(message.id, dict(message.data)) for message in run.log.messages.values()] + rows(run.log)


async def check_that_the_order_is_the_same_at_any_speed(pattern: Pattern, home: Path) -> None:
    if pattern.transport != "in process":
        return
    expected = order_of((await rehearse(pattern)).log)
    for speed in (50.0, 500.0, 5000.0):
        live = await rehearse(pattern, clock=LiveClock(speed))
        assert order_of(live.log) == expected, f"another order at {speed:g} times the speed"


async def check_that_hops_use_declared_links(pattern: Pattern, home: Path, engine: str = "builtin") -> None:
    there = {(link.source, link.target) for link in pattern.links}
    there |= {(link.target, link.source) for link in pattern.links if link.both_ways}
    log = (await rehearse(pattern, at_home(pattern, tuple(node.name for node in pattern.nodes)), engine=engine)).log
    used = {(event.source, event.target) for event in log if isinstance(event, Sent)}
    assert used
    assert used <= there


async def check_that_every_control_shows(pattern: Pattern, home: Path) -> None:
    silent = [control.name for control in pattern.controls if not await _shows(pattern, control)]
    assert not silent, f"turning these changes nothing that {pattern.slug} measures: {silent}"


async def _shows(pattern: Pattern, control: Control) -> bool:
    given = dict(control.given)
    usual = reading(await rehearse(pattern, given, control.given_fault), control.shown_by)
    for value in _other_values(control, given.get(control.name, control.default)):
        run = await rehearse(pattern, given | {control.name: value}, control.given_fault)
        if reading(run, control.shown_by) != usual:
            return True
    return False


def _other_values(control: Control, usual: Value) -> list[Value]:
    if control.choices:
        return [choice for choice in control.choices if choice != usual]
    if isinstance(control.default, bool):
        return [not usual]
    middle = control.low + round((control.high - control.low) / 4 / control.step) * control.step
    return [value for value in (control.low, middle, control.high, control.low + control.step) if value != usual]


async def check_that_every_fault_is_seen(pattern: Pattern, home: Path, engine: str = "builtin") -> None:
    asked = [(fault.name, target) for fault in pattern.faults for target in fault.targets]
    seen = await _side_by_side([_is_seen(pattern, *one, engine) for one in asked], engine)
    unseen = [f"{name}:{target}" for (name, target), shows in zip(asked, seen, strict=True) if not shows]
    assert not unseen, f"asked for, and nothing in the log shows them: {unseen}"


async def _side_by_side(questions: list[Awaitable[bool]], engine: str) -> list[bool]:
    """One after the other; on a real engine some at once, each with a server of its own, since they mostly wait."""
    room = asyncio.Semaphore(1 if engine == "builtin" else ENGINES_AT_ONCE)

    async def answer(question: Awaitable[bool]) -> bool:
        async with room:
            return await question

    return await asyncio.gather(*map(answer, questions))


async def _is_seen(pattern: Pattern, name: str, target: str, engine: str) -> bool:
    key = f"{name}:{target}"
    heal = ((8.0, lambda run: run.faults.heal(key)),)
    run = await rehearse(pattern, at_home(pattern, (target,)), key, seconds=9.0, then=heal, engine=engine)
    told = [event for event in run.log if isinstance(event, Faulted) and event.target == target]
    if [event.phase for event in told] != ["asked", "seen", "healed"]:
        return False
    evidence: Event = run.log.events[told[1].evidence - 1]
    return getattr(evidence, "why", "") == key


async def check_that_every_remedy_changes_the_outcome(pattern: Pattern, home: Path, engine: str = "builtin") -> None:
    cures = await _side_by_side([_cures(pattern, remedy, engine) for remedy in pattern.remedies], engine)
    useless = [remedy.name for remedy, does in zip(pattern.remedies, cures, strict=True) if not does]
    assert not useless, f"on or off, the outcome is the same: {useless}"


async def _cures(pattern: Pattern, remedy: Remedy, engine: str) -> bool:
    given = dict(remedy.given)
    if remedy.momentary:
        heal = (7.0, lambda run: run.faults.heal(_key(pattern, remedy.cures)))
        without = await rehearse(pattern, given, remedy.cures, then=(heal,), engine=engine)
        press = (9.0, lambda run: run.set(remedy.name, True))
        with_it = await rehearse(pattern, given, remedy.cures, then=(heal, press), engine=engine)
    else:
        without = await rehearse(pattern, given | {remedy.name: False}, remedy.cures, engine=engine)
        with_it = await rehearse(pattern, given | {remedy.name: True}, remedy.cures, engine=engine)
    return reading(with_it, remedy.shown_by) != reading(without, remedy.shown_by)


def _key(pattern: Pattern, cures: str) -> str:
    name, _, target = cures.partition(":")
    return f"{name}:{target or next(f.targets[0] for f in pattern.faults if f.name == name)}"


async def check_that_every_scenario_plays(pattern: Pattern, home: Path) -> None:
    nodes = {node.name for node in pattern.nodes}
    for scenario in pattern.scenarios:
        for stop in scenario.stops:
            assert 0 < stop.at < scenario.seconds, f"{scenario.slug}: a stop at {stop.at:g} s"
            assert len(stop.caption.split()) <= 30, f"{scenario.slug}: {stop.caption}"
            assert not stop.node or stop.node in nodes, f"{scenario.slug}: {stop.node}"
        run = Run(pattern, scenario.seed, dict(scenario.settings), clock=ManualClock())
        await run.start()
        run.play(scenario)
        while not run.ended.done():
            await run.clock.run_for(1.0)  # type: ignore[attr-defined]
        assert await run.ended == "the scenario is over", scenario.slug
        asked = {event.fault for event in run.log if isinstance(event, Faulted) and event.phase == "asked"}
        seen = {event.fault for event in run.log if isinstance(event, Faulted) and event.phase == "seen"}
        assert asked == seen, f"{scenario.slug}: asked for and never seen: {asked - seen}"


CHECKS_ON_ENGINES: tuple[Callable[[Pattern, Path, str], Awaitable[None]], ...] = (
    check_that_a_run_leaves_nothing_behind,
    check_that_hops_use_declared_links,
    check_that_every_fault_is_seen,
    check_that_every_remedy_changes_the_outcome,
)
"""What a lab promises on each of its engines. The other checks are of the declaration, or of time that jumps."""

CHECKS: tuple[Check, ...] = (
    check_that_names_refer_to_something,
    check_that_controls_have_unit_and_bounds,
    check_that_card_scenarios_and_test_exist,
    check_that_a_run_leaves_nothing_behind,
    check_that_the_same_seed_gives_the_same_log,
    check_that_the_order_is_the_same_at_any_speed,
    check_that_hops_use_declared_links,
    check_that_every_control_shows,
    check_that_every_fault_is_seen,
    check_that_every_remedy_changes_the_outcome,
    check_that_every_scenario_plays,
)
