"""What a permalink tells a run to do again."""

import pytest

from patterns.core.clock import ManualClock
from patterns.core.faults import FaultError
from patterns.core.log import as_dict
from patterns.core.pattern import SettingError, discover
from patterns.core.run import Run
from patterns.host.deeds import read_deed
from patterns.host.protocol import CommandError

PUB_SUB = discover()["pub-sub"]
DEEDS = ("1.5 drop-ack:inventory=0.4", "4 -drop-ack:inventory", "4.5 idempotency-key=true")


async def _run(by_hand: bool) -> list[dict]:
    run = Run(PUB_SUB, seed=5, clock=ManualClock())
    await run.start()
    if by_hand:
        await run.clock.run_for(1.5)
        run.faults.ask("drop-ack", "inventory", 0.4)
        await run.clock.run_for(2.5)
        run.faults.heal("drop-ack:inventory", by="viewer")
        await run.clock.run_for(0.5)
        run.set("idempotency-key", True)
        await run.clock.run_for(3.5)
    else:
        run.follow([read_deed(text, PUB_SUB) for text in DEEDS], by="viewer")
        await run.clock.run_for(8)
    await run.stop()
    return [{name: value for name, value in as_dict(event).items() if name != "seq"} for event in run.log]


async def test_what_was_done_by_hand_is_told_again_event_for_event():
    told, done = await _run(by_hand=False), await _run(by_hand=True)
    assert [event for event in told if event["kind"] == "faulted"]
    assert sorted(map(str, told)) == sorted(map(str, done))


@pytest.mark.parametrize(
    "text", ["", "soon loyalty=true", "-1 loyalty=true", "9999 loyalty=true", "3", "2 drop-ack:inventory=much"]
)
def test_a_deed_that_is_none_gets_a_sentence(text):
    with pytest.raises(CommandError, match="write"):
        read_deed(text, PUB_SUB)


def test_a_deed_this_lab_does_not_know_names_what_there_is():
    with pytest.raises(FaultError, match="drop-ack"):
        read_deed("2 drop-akc:inventory", PUB_SUB)
    with pytest.raises(FaultError, match="drop-ack"):
        read_deed("2 -nonsense:foo", PUB_SUB)
    with pytest.raises(FaultError, match="it can hit: inventory"):
        read_deed("2 -stop:orders", PUB_SUB)
    assert read_deed("2 -stop", PUB_SUB).heal == "stop:inventory"
    with pytest.raises(FaultError, match="it is on or off"):
        read_deed("2 stop:email=0.5", PUB_SUB)
    with pytest.raises(SettingError, match="whole number from 1 to 100 messages"):
        read_deed("2 prefetch=1.5", PUB_SUB)
    with pytest.raises(SettingError, match="on or off"):
        read_deed("2 loyalty=perhaps", PUB_SUB)
