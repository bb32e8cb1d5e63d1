"""Faults: asked, seen only when the log shows them, healed."""

from __future__ import annotations

import pytest

from patterns.core.clock import ManualClock, seeded
from patterns.core.faults import Asked, Fault, FaultError, Faults
from patterns.core.log import Faulted, RunLog

CUT = Fault("cut", "Cut", ("north", "south"), "Nothing gets through.", "ratio", 0.5)
SLOW = Fault("slow", "Slow", ("north",), "It takes longer.", "s", 1.0, 0.5, 3.0, lasts=2.0)


def _faults(seed: int = 1) -> tuple[Faults, RunLog, ManualClock]:
    clock = ManualClock()
    log = RunLog(clock.now)
    return Faults((CUT, SLOW), clock, log, seeded(seed)), log, clock


def _phases(log: RunLog) -> list[str]:
    return [f"{e.fault}:{e.target} {e.phase}" for e in log if isinstance(e, Faulted)]


def test_a_fault_is_seen_once_and_only_by_an_event_that_names_it() -> None:
    faults, log, _ = _faults()
    faults.ask("cut", "south")
    log.changed("south", "depth", 1, why="cut:north")
    log.changed("south", "depth", 2)
    assert _phases(log) == ["cut:south asked"]
    proof = log.changed("south", "depth", 3, why="cut:south")
    log.changed("south", "depth", 4, why="cut:south")
    assert _phases(log) == ["cut:south asked", "cut:south seen"]
    assert [e.evidence for e in log if isinstance(e, Faulted) and e.phase == "seen"] == [proof.seq]


async def test_a_fault_that_lasts_heals_by_itself_and_tells_its_handlers() -> None:
    faults, log, clock = _faults()
    calls: list[str] = []
    faults.when("slow", lambda asked: calls.append(f"begins {asked.amount:g}"), lambda asked: calls.append("heals"))
    faults.ask("slow", amount=3.0)
    await clock.run_for(1.9)
    assert faults.on("slow", "north") is not None
    await clock.run_for(0.2)
    assert faults.on("slow", "north") is None
    assert calls == ["begins 3", "heals"]
    assert _phases(log) == ["slow:north asked", "slow:north healed"]


async def test_asked_again_it_has_the_new_amount_and_the_new_time() -> None:
    faults, _, clock = _faults()
    faults.ask("slow")
    await clock.run_for(1.5)
    faults.ask("slow", amount=2.0)
    await clock.run_for(1.5)
    asked = faults.on("slow", "north")
    assert isinstance(asked, Asked)
    assert asked.amount == 2.0


def test_a_ratio_strikes_its_share_and_a_switch_always() -> None:
    faults, _, _ = _faults()
    assert faults.strikes("cut", "north") == ""
    faults.ask("cut", "north", 0.25)
    hits = sum(bool(faults.strikes("cut", "north")) for _ in range(1000))
    assert 200 < hits < 300
    faults.ask("slow")
    assert all(faults.strikes("slow", "north") == "slow:north" for _ in range(20))


@pytest.mark.parametrize(
    ("name", "target", "amount", "sentence"),
    [
        ("burn", "", None, "no fault 'burn'; there are: cut, slow"),
        ("cut", "east", None, "'cut' has no target 'east'; it can hit: north, south"),
        ("cut", "north", 2.0, "'cut' cannot be 2 ratio; it goes from 0 to 1"),
        ("slow", "north", 0.1, "'slow' cannot be 0.1 s; it goes from 0.5 to 3"),
    ],
)
def test_what_cannot_be_is_refused_with_what_would_be_right(
    name: str, target: str, amount: float | None, sentence: str
) -> None:
    faults, log, _ = _faults()
    with pytest.raises(FaultError) as refusal:
        faults.ask(name, target, amount)
    assert str(refusal.value) == sentence
    assert len(log) == 0


def test_healing_what_is_not_on_changes_nothing() -> None:
    faults, log, _ = _faults()
    faults.heal("cut:north")
    assert len(log) == 0
