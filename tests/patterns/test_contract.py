"""Every pattern keeps the contract; so does one that was not there when this was written."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from contract import CHECKS, CHECKS_ON_ENGINES, Check

import patterns
from patterns.core.pattern import Pattern, discover

HOME = Path(__file__).parents[2]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__.removeprefix("check_that_"))
@pytest.mark.parametrize("slug", sorted(discover()))
async def test_every_pattern_keeps_the_contract(slug: str, check: Check) -> None:
    await check(discover()[slug], HOME)


REAL = [(slug, engine.name) for slug, pattern in discover().items() for engine in pattern.engines[1:]]


@pytest.mark.parametrize("check", CHECKS_ON_ENGINES, ids=lambda check: check.__name__.removeprefix("check_that_"))
@pytest.mark.parametrize(("slug", "engine"), REAL)
async def test_a_real_engine_keeps_the_contract_too(
    slug: str, engine: str, check: Callable[..., Awaitable[None]]
) -> None:
    if missing := discover()[slug].engine(engine).missing:
        pytest.skip(missing)
    await check(discover()[slug], HOME, engine)


TENTH = '''
"""One caller, one echo: the smallest pattern there can be."""

from patterns.core.faults import Fault
from patterns.core.invariants import Arrives, Invariant
from patterns.core.link import Link
from patterns.core.log import Received, Sent
from patterns.core.metrics import Metric, Total
from patterns.core.pattern import Control, Node, Pattern, Remedy
from patterns.core.scenario import Scenario, Step, Stop


def _call(event, log):
    return event.message.split("/")[0] if isinstance(event, Sent) and event.attempt == 1 else None


def _heard(event, log):
    return event.message if isinstance(event, Received) else None


def _count():
    return Total(lambda event, log: 1.0 if isinstance(event, Received) else None)


def _arrives():
    def called(event, log):
        return [key] if (key := _call(event, log)) else []

    return Arrives(called, _heard, lambda event, log: None, at_end=True)


PATTERN = Pattern(
    slug="echo-call",
    title="Echo",
    backend="patterns.echo_call.voices:Voices",
    nodes=(Node("caller", "Caller", "client", 20, 50), Node("wall", "Wall", "service", 80, 50)),
    links=(Link("caller", "wall"),),
    controls=(Control("pace", "Pace", "/s", 2.0, 0.5, 20.0, 0.5, shown_by="heard"),),
    remedies=(Remedy("again", "Call twice", "deafness:wall", "lost"),),
    faults=(Fault("deafness", "Deaf", ("wall",), "Some calls are not heard.", "ratio", 0.5),),
    invariants=(Invariant("lost", "Every call is heard", _arrives),),
    metrics=(Metric("heard", "Heard", "calls", _count),),
    figures=(),
    scenarios=(
        Scenario("call", "Call", "Call.", 5.0, script=(Step(1.0, fault="deafness:wall"),), stops=(Stop(1.0, "Now."),)),
    ),
    fidelity=(),
    golden="call",
)
'''

TENTH_BACKEND = '''
"""Who calls, and who hears."""

from patterns.core.message import Message


class Voices:
    def __init__(self, run):
        self._run = run

    async def start(self):
        self._run.spawn(self._call(), "caller")

    async def stop(self):
        pass

    async def _call(self):
        random, number = self._run.random("calls"), 0
        while True:
            await self._run.clock.sleep(1 / self._run.number("pace"))
            number += 1
            message = Message(str(number), "Call", "caller", self._run.clock.now(), data={"pitch": random.random()})
            for attempt in range(1, 6 if self._run.on("again") else 2):
                deaf = self._run.faults.strikes("deafness", "wall")
                self._run.wire("caller", "wall").send(message, lambda m: None, attempt, lost_to=deaf)
'''


@pytest.fixture
def tenth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Pattern]:
    """A pattern in a folder of its own, with its card and its test beside it; nothing else is touched."""
    package = tmp_path / "patterns" / "echo_call"
    for folder in (package, tmp_path / "fixtures", tmp_path / "tests" / "patterns"):
        folder.mkdir(parents=True)
    (package / "__init__.py").write_text(TENTH)
    (package / "voices.py").write_text(TENTH_BACKEND)
    (tmp_path / "fixtures" / "echo-call.yaml").write_text("- model: explorer.card\n  pk: echo-call\n")
    (tmp_path / "tests" / "patterns" / "test_echo_call.py").write_text("def test_it_echoes(): ...\n")
    monkeypatch.setattr(patterns, "__path__", [*patterns.__path__, str(package.parent)])
    discover.cache_clear()
    yield discover()["echo-call"]
    monkeypatch.undo()
    discover.cache_clear()
    for name in [name for name in sys.modules if name.startswith("patterns.echo_call")]:
        del sys.modules[name]


async def test_a_tenth_pattern_passes_with_no_edit_elsewhere(tenth: Pattern, tmp_path: Path) -> None:
    for check in CHECKS:
        await check(tenth, tmp_path)


async def test_the_contract_notices_a_fault_that_does_nothing(tenth: Pattern, tmp_path: Path) -> None:
    backend = tmp_path / "patterns" / "echo_call" / "voices.py"
    backend.write_text(backend.read_text().replace("lost_to=deaf", 'lost_to=""'))
    broken = {check.__name__ for check in CHECKS if not await _passes(check, tenth, tmp_path)}
    assert broken == {
        "check_that_every_fault_is_seen",
        "check_that_every_remedy_changes_the_outcome",
        "check_that_every_scenario_plays",
    }


async def _passes(check: Check, pattern: Pattern, home: Path) -> bool:
    try:
        await check(pattern, home)
    except AssertionError:
        return False
    return True
