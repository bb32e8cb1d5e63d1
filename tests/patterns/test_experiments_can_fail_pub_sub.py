"""Break the broker or its shop so that a sentence becomes false: its verdict must turn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from patterns.core import rounds as rounds_module
from patterns.core.attempt import perform
from patterns.core.clock import wait_real
from patterns.core.faults import Asked, Faults
from patterns.core.log import Faulted
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.core.trial import carry_out
from patterns.pub_sub import broker as broker_module
from patterns.pub_sub.broker import Broker, Item, Lanes, Lease
from patterns.pub_sub.publisher import OrderService
from patterns.pub_sub.readers import Group
from patterns.pub_sub.screen import Screen
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


def a_receipt_that_waits_for_all_readers(patch: Patch) -> None:
    publish, ack = Broker.publish, Broker.ack
    missing: Counter[str] = Counter()
    receipts: dict[str, Callable[[], None]] = {}

    def publish_and_wait(
        self: Broker, message: Message, receipt: str, accepted: Callable[[], None], refused: Callable[[], None]
    ) -> None:
        receipts[message.id] = accepted
        missing[message.id] = len(self.subscriptions)
        publish(self, message, receipt, lambda: None, refused)

    def ack_and_tell(self: Broker, delivery: Delivery) -> None:
        ack(self, delivery)
        missing[delivery.message.id] -= 1
        if not missing[delivery.message.id]:
            receipts[delivery.message.id]()

    patch.setattr(Broker, "publish", publish_and_wait)
    patch.setattr(Broker, "ack", ack_and_tell)


def a_publisher_that_calls_the_new_reader_too(patch: Patch) -> None:
    publish = OrderService._publish

    def publish_twice(self: OrderService, order: Message) -> None:
        publish(self, order)
        if "loyalty" in self._broker.subscriptions:
            self._send(order, f"{order.id} for loyalty")

    patch.setattr(OrderService, "_publish", publish_twice)


def a_broker_that_fetches_what_was_under_way(patch: Patch) -> None:
    """Nothing in flight is lost: it lands as if the broker had died a hop later."""
    closed = Broker.closed

    def closed_a_hop_later(self: Broker) -> str:
        died = [e.at for e in self._run.log if isinstance(e, Faulted) and e.phase == "asked"]
        return "" if died and self._run.clock.now() - died[-1] <= self._run.number("hop-time") else closed(self)

    patch.setattr(Broker, "closed", closed_a_hop_later)


def half_as_many_slow_handlings(patch: Patch) -> None:
    number = Run.number
    patch.setattr(Run, "number", lambda self, name: number(self, name) / (2 if name == "slow-share" else 1))


def fewer_lost_acks_than_said(patch: Patch) -> None:
    strikes = Faults.strikes

    def strike_seldom(self: Faults, name: str, target: str) -> str:
        asked = self.on(name, target)
        if asked is not None and name == "drop-ack":
            asked.amount = 0.02
        return strikes(self, name, target)

    patch.setattr(Faults, "strikes", strike_seldom)


def a_client_that_looks_away_for_a_while(patch: Patch) -> None:
    read = Screen.read

    async def read_late(self: Screen, socket: Any) -> None:
        await wait_real(0.5)
        await read(self, socket)

    patch.setattr(Screen, "read", read_late)
    patch.setattr(rounds_module, "_perform_apart", lambda plan, arm, seed: perform(plan.attempt(arm, 0, watched=False)))


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
    ("PS-1", a_receipt_that_waits_for_all_readers),
    ("PS-2", acknowledged_before_it_is_written),
    ("PS-2", a_broker_that_fetches_what_was_under_way),
    ("PS-2", a_log_that_keeps_nothing),
    ("PS-3", filters_that_let_all_by),
    ("PS-4", copies_for_the_first_ten_only),
    ("PS-4", a_receipt_that_waits_for_all_readers),
    ("PS-4", half_as_many_slow_handlings),
    ("PS-5", a_receipt_that_waits_for_all_readers),
    ("PS-6", told_only_in_rounds),
    ("PS-7", a_log_that_keeps_nothing),
    ("PS-8", a_refusal_taken_for_an_ack),
    ("PS-9", a_client_that_looks_away_for_a_while),
    ("PS-10", an_outbox_in_memory),
    ("PS-11", readers_that_tell_the_publisher),
    ("PS-12", a_log_that_keeps_nothing),
    ("PS-12", a_receipt_that_waits_for_all_readers),
    ("PS-12", a_publisher_that_calls_the_new_reader_too),
    ("PS-13", an_answer_that_does_not_wait),
    ("PS-14", lanes_that_ignore_the_key),
    ("PS-15", keys_that_are_forgotten),
    ("PS-15", fewer_lost_acks_than_said),
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
