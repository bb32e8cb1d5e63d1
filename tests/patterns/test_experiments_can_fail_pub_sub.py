"""Break the broker or its shop so that a sentence becomes false: its verdict must turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from patterns.core.faults import Asked
from patterns.core.message import Message
from patterns.core.trial import carry_out
from patterns.pub_sub import broker as broker_module
from patterns.pub_sub.broker import Broker, Item, Lanes, Lease
from patterns.pub_sub.publisher import OrderService
from patterns.pub_sub.readers import Group
from patterns.pub_sub.stock import StockDesk
from patterns.pub_sub.subscriptions import Delivery, Reader, Readers

Patch = pytest.MonkeyPatch


def no_storage_for_the_absent(patch: Patch) -> None:
    owe = Broker._owe

    def owe_those_present(self: Broker, lanes: Lanes, sequence: int, message: Message) -> None:
        if lanes.subscription.readers._members:  # type: ignore[attr-defined]
            owe(self, lanes, sequence, message)

    patch.setattr(Broker, "_owe", owe_those_present)


def acknowledged_before_it_is_written(patch: Patch) -> None:
    kill = Broker.kill

    def kill_and_forget(self: Broker, asked: Asked) -> None:
        kill(self, asked)
        self._forget(asked.key)

    patch.setattr(Broker, "kill", kill_and_forget)


def filters_that_let_all_by(patch: Patch) -> None:
    patch.setattr(broker_module, "matches", lambda *about: True)


def copies_for_the_first_ten_only(patch: Patch) -> None:
    owe = Broker._owe

    def owe_ten(self: Broker, lanes: Lanes, sequence: int, message: Message) -> None:
        if list(self._lanes.values()).index(lanes) < 10:
            owe(self, lanes, sequence, message)

    patch.setattr(Broker, "_owe", owe_ten)


def a_publish_that_waits_for_a_reader(patch: Patch) -> None:
    publish = Broker.publish

    def publish_late(self: Broker, *args: Any) -> None:
        self._run.clock.call_later(self._run.number("service-time"), lambda: publish(self, *args))

    patch.setattr(Broker, "publish", publish_late)


def told_only_in_rounds(patch: Patch) -> None:
    publish = Broker.publish

    def publish_quietly(self: Broker, *args: Any) -> None:
        wake, self.wake = self.wake, lambda: None  # type: ignore[method-assign]
        publish(self, *args)
        self.wake = wake  # type: ignore[method-assign]

    patch.setattr(Broker, "publish", publish_quietly)


def a_log_that_keeps_nothing(patch: Patch) -> None:
    subscribe = Broker.subscribe

    def subscribe_from_here(self: Broker, name: str, readers: Readers, wanted: str, from_the_start: bool) -> None:
        subscribe(self, name, readers, wanted, from_the_start=False)

    patch.setattr(Broker, "subscribe", subscribe_from_here)


def a_refusal_taken_for_an_ack(patch: Patch) -> None:
    patch.setattr(Broker, "nack", Broker.ack)


def an_outbox_in_memory(patch: Patch) -> None:
    def keep(self: OrderService, order: Message) -> None:
        self._kept[order.id] = order

    patch.setattr(OrderService, "_keep", keep)


def readers_that_tell_the_publisher(patch: Patch) -> None:
    handle = Group.handle

    async def complain(self: Group, delivery: Delivery, member: Any) -> None:
        await handle(self, delivery, member)
        if "total" not in delivery.message.data:
            self.run.log.settled(delivery.message, "orders", "error", f"{self.name} cannot read it")

    patch.setattr(Group, "handle", complain)


def an_answer_that_does_not_wait(patch: Patch) -> None:
    patch.setattr(StockDesk, "_look_up", StockDesk._reply)


def lanes_that_ignore_the_key(patch: Patch) -> None:
    patch.setattr(broker_module, "choose_lane", lambda run, message, sequence: sequence % int(run.number("partitions")))


def keys_that_are_forgotten(patch: Patch) -> None:
    class Forgetful(dict[str, int]):
        def __contains__(self, key: object) -> bool:
            return False

    begin = Group.__init__

    def begin_forgetful(self: Group, *args: Any) -> None:
        begin(self, *args)
        self._effects = Forgetful()

    patch.setattr(Group, "__init__", begin_forgetful)


def deliveries_that_nobody_counts(patch: Patch) -> None:
    lease = Broker._lease

    def lease_anew(self: Broker, lanes: Lanes, item: Item, reader: Reader) -> None:
        item.tries = 0
        lease(self, lanes, item, reader)

    patch.setattr(Broker, "_lease", lease_anew)


def a_retry_that_stays_in_its_lane(patch: Patch) -> None:
    def nack(self: Broker, delivery: Delivery) -> None:
        lease: Lease = delivery.handle
        if self._release(lease):
            self._try_again(lease, self._run.number("retry-delay"))

    patch.setattr(Broker, "nack", nack)


BREAKS: tuple[tuple[str, Callable[[Patch], None]], ...] = (
    ("PS-1", no_storage_for_the_absent),
    ("PS-2", acknowledged_before_it_is_written),
    ("PS-3", filters_that_let_all_by),
    ("PS-4", copies_for_the_first_ten_only),
    ("PS-5", a_publish_that_waits_for_a_reader),
    ("PS-6", told_only_in_rounds),
    ("PS-7", a_log_that_keeps_nothing),
    ("PS-8", a_refusal_taken_for_an_ack),
    ("PS-10", an_outbox_in_memory),
    ("PS-11", readers_that_tell_the_publisher),
    ("PS-12", a_log_that_keeps_nothing),
    ("PS-13", an_answer_that_does_not_wait),
    ("PS-14", lanes_that_ignore_the_key),
    ("PS-15", keys_that_are_forgotten),
    ("PS-16", deliveries_that_nobody_counts),
    ("PS-17", a_retry_that_stays_in_its_lane),
)


@pytest.mark.parametrize(("claim", "damage"), [pytest.param(c, d, id=f"{c}-{d.__name__}") for c, d in BREAKS])
async def test_a_broken_backend_turns_the_verdict(
    claim: str, damage: Callable[[Patch], None], monkeypatch: Patch
) -> None:
    damage(monkeypatch)
    report = await carry_out(claim, size="reduced")
    failed = {finding.where for finding in report.findings if not finding.passed}
    assert failed, report.why
    # where a sentence that is too strong should have failed and did not, that is nothing against it
    assert report.verdict == ("refuted" if "holds" in failed else "unknown")
