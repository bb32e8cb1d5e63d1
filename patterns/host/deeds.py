"""What a viewer did, as a permalink and the command `start` write it."""

from __future__ import annotations

from patterns.core.faults import find_fault
from patterns.core.pattern import Pattern
from patterns.core.run import CAP_SECONDS
from patterns.core.scenario import Step
from patterns.host.protocol import CommandError


def read_fault(text: str) -> tuple[str, str, float | None]:
    """Name, target and amount of a fault written `name`, `name:target` or `name:target=amount`.

    Raises:
        CommandError: the amount is no number.
    """
    key, has_amount, amount = text.partition("=")
    name, _, target = key.partition(":")
    try:
        return name, target, float(amount) if has_amount else None
    except ValueError as problem:
        raise CommandError(f"'{text:.80}' is no fault; write name:target or name:target=amount") from problem


def read_deed(text: str, pattern: Pattern) -> Step:
    """One thing done at a time in seconds of run time: `2.31 drop-ack:inventory=0.4`, `5 -drop-ack:inventory`,
    `7 loyalty=true`.

    Raises:
        CommandError: no time, or one outside a run.
        FaultError, SettingError: a fault or setting that this lab has not, or a value that it cannot take.
    """
    when, _, what = text.partition(" ")
    try:
        at = float(when)
    except ValueError:
        at = -1.0
    if not 0 <= at <= CAP_SECONDS or not what:
        raise CommandError(f"'{text:.80}' is no deed; write seconds (0 to {CAP_SECONDS:g}), a blank, and what is done")
    if what.startswith("-"):
        return Step(at, heal=_check_healed(what[1:], pattern))
    name, _, value = what.partition("=")
    if name in pattern.defaults():
        return Step(at, {name: pattern.check(name, value)})
    fault, target, amount = read_fault(what)
    declared = find_fault(pattern.faults, fault)
    return Step(at, fault=f"{fault}:{declared.check_target(target)}", amount=declared.check_amount(amount))


def _check_healed(text: str, pattern: Pattern) -> str:
    """The key of the damage that is to be healed; that it is on by then is for the run to see."""
    name, _, target = text.partition(":")
    return f"{name}:{find_fault(pattern.faults, name).check_target(target)}"
