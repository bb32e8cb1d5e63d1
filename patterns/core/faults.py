"""Damage on request: asked, then seen, then healed.

A fault that silently does nothing is the worst thing a lab can offer. So a fault counts as seen only when the log
itself
shows its effect: an event that carries the fault's key (`drop-ack:inventory`) in its `why`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from patterns.core.clock import Clock, Timer
from patterns.core.log import Event, RunLog


@dataclass(frozen=True, slots=True)
class Fault:
    """A declared damage.

    `targets` are node names. `amount` is how much, in `unit`, within `low`..`high`; a fault whose unit is "" is on or
    off. It heals by itself after `lasts` seconds of run time, or stays until healed if 0.
    """

    name: str
    label: str
    targets: tuple[str, ...]
    effect: str
    unit: str = ""
    amount: float = 1.0
    low: float = 0.0
    high: float = 1.0
    lasts: float = 0.0

    def check_target(self, target: str) -> str:
        """The target itself, or the first one for "". Raises FaultError if it cannot hit that."""
        if not target:
            return self.targets[0]
        if target not in self.targets:
            raise FaultError(f"'{self.name}' has no target '{target}'; it can hit: {', '.join(self.targets)}")
        return target

    def check_amount(self, amount: float | None) -> float:
        """The amount itself, or the declared one for None. Raises FaultError if it is out of bounds, or if there is no
        more or less of it."""
        if amount is None:
            return self.amount
        if not self.unit and amount != self.amount:
            raise FaultError(f"'{self.name}' cannot be {amount:g}; it is on or off and takes no amount")
        if not self.low <= amount <= self.high:
            bounds = f"it goes from {self.low:g} to {self.high:g}"
            raise FaultError(f"'{self.name}' cannot be {amount:g} {self.unit}; {bounds}")
        return amount


@dataclass(slots=True)
class Asked:
    """A fault that is on."""

    fault: Fault
    target: str
    amount: float
    seen: bool = False
    expiry: Timer | None = None

    @property
    def key(self) -> str:
        return f"{self.fault.name}:{self.target}"


Handler = Callable[[Asked], None]


class FaultError(ValueError):
    """A fault that cannot be: the sentence says what would be right."""


@dataclass(slots=True)
class Faults:
    """The faults of one run. A backend asks `strikes` at the moment of damage, or registers what to do with `when`."""

    declared: tuple[Fault, ...]
    clock: Clock
    log: RunLog
    random: random.Random
    active: dict[str, Asked] = field(default_factory=dict)
    _handlers: dict[str, tuple[Handler, Handler]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log.observe(self._look_for_evidence)

    def when(self, fault: str, begins: Handler, heals: Handler) -> None:
        """Have `begins` called when the fault is asked for, and `heals` when it is over."""
        self._handlers[fault] = (begins, heals)

    def ask(
        self, name: str, target: str = "", amount: float | None = None, lasts: float | None = None, by: str = "viewer"
    ) -> Asked:
        """Turn a fault on. Without a target, its first one; asked again, it has the new amount.

        Raises:
            FaultError: unknown fault or target, or an amount out of bounds.
        """
        asked = self.check(name, target, amount)
        fault = asked.fault
        self.heal(asked.key)
        self.active[asked.key] = asked
        self.log.faulted(name, asked.target, "asked", by=by, amount=asked.amount)
        seconds = fault.lasts if lasts is None else lasts
        if seconds:
            asked.expiry = self.clock.call_later(seconds, lambda: self.heal(asked.key))
        if name in self._handlers:
            self._handlers[name][0](asked)
        return asked

    def check(self, name: str, target: str = "", amount: float | None = None) -> Asked:
        """What `ask` would turn on.

        Raises:
            FaultError: unknown fault or target, or an amount out of bounds.
        """
        fault = find_fault(self.declared, name)
        return Asked(fault, fault.check_target(target), fault.check_amount(amount))

    def heal(self, key: str, by: str = "") -> None:
        """Turn a fault off by its key (`drop-ack:inventory`). One that is not on stays so."""
        asked = self.active.pop(key, None)
        if asked is None:
            return
        if asked.expiry is not None:
            asked.expiry.cancel()
        if asked.fault.name in self._handlers:
            self._handlers[asked.fault.name][1](asked)
        if not self.log.closed:
            self.log.faulted(asked.fault.name, asked.target, "healed", by=by)

    def on(self, name: str, target: str) -> Asked | None:
        """The fault at this target, if it is on."""
        return self.active.get(f"{name}:{target}")

    def strikes(self, name: str, target: str) -> str:
        """The fault's key if it is on and its ratio comes up this time, else "". For faults whose unit is a ratio."""
        asked = self.on(name, target)
        if asked is None or (asked.fault.unit == "ratio" and self.random.random() >= asked.amount):
            return ""
        return asked.key

    def _look_for_evidence(self, event: Event) -> None:
        asked = self.active.get(getattr(event, "why", ""))
        if asked is not None and not asked.seen:
            asked.seen = True
            self.log.faulted(asked.fault.name, asked.target, "seen", evidence=event.seq)


def find_fault(declared: tuple[Fault, ...], name: str) -> Fault:
    """The declared fault of that name. Raises FaultError if there is none."""
    for fault in declared:
        if fault.name == name:
            return fault
    raise FaultError(f"no fault '{name}'; there are: {', '.join(fault.name for fault in declared)}")
