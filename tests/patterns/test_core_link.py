"""Links: latency, loss, duplication and overtaking, each from a seeded source and each in the log."""

from __future__ import annotations

from patterns.core.clock import ManualClock, seeded
from patterns.core.link import Link, Wire
from patterns.core.log import Dropped, Received, RunLog, Sent
from patterns.core.message import Message


def _wire(link: Link, seed: int = 1) -> Wire:
    clock = ManualClock()
    return Wire(link.source, link.target, link, clock, RunLog(clock.now), seeded(seed, link.name))


def _message(number: int) -> Message:
    return Message(str(number), "Ping", "a", 0.0)


async def _fly(wire: Wire, count: int, gap: float = 0.01) -> list[str]:
    landed: list[str] = []
    for number in range(count):
        wire.send(_message(number), lambda message: landed.append(message.id))
        await wire.clock.run_for(gap)  # type: ignore[attr-defined]
    await wire.clock.run_for(100)  # type: ignore[attr-defined]
    return landed


async def test_a_hop_lands_when_it_said_it_would() -> None:
    wire = _wire(Link("a", "b", latency=0.25))
    assert await _fly(wire, 3) == ["0", "1", "2"]
    sent = {e.hop: e.due for e in wire.log if isinstance(e, Sent)}
    assert sent == {e.hop: e.at for e in wire.log if isinstance(e, Received)}


async def test_jitter_delays_and_overtakes_nobody() -> None:
    wire = _wire(Link("a", "b", latency=0.05, jitter=0.5))
    assert await _fly(wire, 200) == [str(number) for number in range(200)]
    waits = {e.due - e.at for e in wire.log if isinstance(e, Sent)}
    assert len(waits) > 100


async def test_what_is_lost_is_dropped_in_the_log_and_never_delivered() -> None:
    wire = _wire(Link("a", "b", loss_ratio=0.3))
    landed = await _fly(wire, 400)
    dropped = [e.message for e in wire.log if isinstance(e, Dropped)]
    assert sorted(landed + dropped) == sorted(str(number) for number in range(400))
    assert 80 < len(dropped) < 160
    assert {e.why for e in wire.log if isinstance(e, Dropped)} == {"loss"}


async def test_a_doubled_message_lands_twice_in_two_hops() -> None:
    wire = _wire(Link("a", "b", duplication_ratio=1.0))
    assert await _fly(wire, 2) == ["0", "0", "1", "1"]
    assert [e.hop for e in wire.log if isinstance(e, Received)] == [1, 2, 3, 4]


async def test_a_reordered_or_late_flight_is_overtaken() -> None:
    wire = _wire(Link("a", "b", latency=0.05, reordering_ratio=0.5))
    landed = await _fly(wire, 50)
    assert landed != sorted(landed, key=int)
    wire = _wire(Link("a", "b", latency=0.05))
    assert wire.launch(_message(1), late=2.0).due == 2.05
    assert wire.launch(_message(2)).due == 0.05


async def test_the_same_seed_gives_the_same_fate() -> None:
    link = Link("a", "b", jitter=0.1, loss_ratio=0.2, duplication_ratio=0.2, reordering_ratio=0.2)
    first, again, other = [await _fly(_wire(link, seed), 60) for seed in (1, 1, 2)]
    assert first == again != other


async def test_a_carried_hop_passes_its_latency_and_drops_what_is_lost() -> None:
    wire = _wire(Link("a", "b", latency=0.2))

    async def carry() -> None:
        (await wire.carry(_message(1))).land()
        await wire.carry(_message(2), lost_to="cut:b")

    import asyncio

    story = asyncio.create_task(carry())
    await wire.clock.run_for(1)  # type: ignore[attr-defined]
    await story
    assert [(e.kind, e.at) for e in wire.log] == [("sent", 0.0), ("received", 0.2), ("sent", 0.2), ("dropped", 0.4)]
