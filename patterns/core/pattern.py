"""What a lab declares. The site reads declarations too, so a declaration imports no backend: it names one."""

from __future__ import annotations

import importlib
import os
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any, Literal

import patterns
from patterns.core.faults import Fault
from patterns.core.invariants import Invariant
from patterns.core.link import Link
from patterns.core.metrics import Figure, Metric
from patterns.core.programs import find_program
from patterns.core.scenario import Scenario

NodeRole = Literal[
    "client", "producer", "broker", "consumer", "service", "gateway", "cache", "store", "worker", "orchestrator", "sink"
]
Value = float | str | bool
_CONTINUOUS = ("", "s", "/s", "ratio", "×")
"""Units in which a part of one is something: half a second, but not half a partition."""
Settings = dict[str, Value]


@dataclass(frozen=True, slots=True)
class Node:
    """A part of the system. x and y (0..100) place it on the stage; `shows` names the quantities (of `changed` events)
    written below its label; `shown_with` names a switch without which the node is not there."""

    name: str
    label: str
    role: NodeRole
    x: float
    y: float
    shows: tuple[str, ...] = ()
    shown_with: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """A knob. A number has a unit and bounds; a choice has `choices`. `shown_by` names a metric that tells low from
    high,
    `given` the settings and `given_fault` the damage under which it does (the contract test turns it both ways)."""

    name: str
    label: str
    unit: str
    default: Value
    low: float = 0.0
    high: float = 1.0
    step: float = 1.0
    choices: tuple[str, ...] = ()
    main: bool = False
    help: str = ""
    shown_by: str = ""
    given: tuple[tuple[str, Value], ...] = ()
    given_fault: str = ""

    @property
    def counts(self) -> bool:
        """Whether it counts whole things, so that there is nothing between two steps."""
        is_measured = self.unit in _CONTINUOUS or "/" in self.unit
        return not is_measured and self.step == int(self.step) and self.low == int(self.low)


@dataclass(frozen=True, slots=True)
class Remedy:
    """A switch that turns a cure on. `cures` is the fault (`name:target`) whose outcome it changes, as `shown_by` (a
    metric or
    invariant) tells; `momentary` remedies are a button pressed once (replay the dead letters); `at` names the
    node whose view offers it too."""

    name: str
    label: str
    cures: str
    shown_by: str
    help: str = ""
    default: bool = False
    momentary: bool = False
    at: str = ""
    given: tuple[tuple[str, Value], ...] = ()


@dataclass(frozen=True, slots=True)
class Engine:
    """What carries the messages. `needs` is the Python module, and `program` the program, without which it cannot run;
    `replaced_by` is the environment variable that names a server somebody else runs, which needs no program here."""

    name: str
    label: str
    needs: str = ""
    about: str = ""
    program: str = ""
    replaced_by: str = ""

    @property
    def missing(self) -> str:
        """Why it cannot run here, in a sentence, or ""."""
        if self.needs and find_spec(self.needs) is None:
            return f"{self.label} engine not installed: the Python package that brings {self.needs} is missing"
        if self.program and not os.environ.get(self.replaced_by) and find_program(self.program) is None:
            return (
                f"{self.label} engine not installed: the program {self.program} is neither in this Python nor on PATH"
            )
        return ""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """One line of the fidelity panel: what is real, what is scaled, what cannot be shown here."""

    what: str
    how: Literal["real", "scaled", "not shown"]
    why: str


class SettingError(ValueError):
    """A setting that cannot be: the sentence says what would be right."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """One lab. `backend` is "module:Class"; the class takes the Run and has `async start()` and `async stop()`."""

    slug: str
    title: str
    backend: str
    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    controls: tuple[Control, ...]
    remedies: tuple[Remedy, ...]
    faults: tuple[Fault, ...]
    invariants: tuple[Invariant, ...]
    metrics: tuple[Metric, ...]
    figures: tuple[Figure, ...]
    scenarios: tuple[Scenario, ...]
    fidelity: tuple[Fidelity, ...]
    engines: tuple[Engine, ...] = (Engine("builtin", "Built-in"),)
    transport: Literal["in process", "sockets"] = "in process"
    golden: str = ""

    def defaults(self) -> Settings:
        """Every setting (controls and remedies share one namespace) at its default."""
        controls: Settings = {control.name: control.default for control in self.controls}
        return controls | {remedy.name: remedy.default for remedy in self.remedies}

    def check(self, name: str, value: object) -> Value:
        """Turn what a person wrote into a setting's value.

        Raises:
            SettingError: no such setting, or a value out of its bounds.
        """
        for control in self.controls:
            if control.name == name:
                return _check_control(control, value)
        if any(remedy.name == name for remedy in self.remedies):
            return _as_switch(name, value)
        raise SettingError(f"{self.slug} has no setting '{name}'; there are: {', '.join(self.defaults())}")

    def engine(self, name: str) -> Engine:
        """The engine of that name.

        Raises:
            SettingError: no such engine.
        """
        for engine in self.engines:
            if engine.name == name:
                return engine
        raise SettingError(f"{self.slug} has no engine '{name}'; there are: {', '.join(e.name for e in self.engines)}")

    def scenario(self, slug: str) -> Scenario:
        """The scenario of that slug.

        Raises:
            SettingError: no such scenario.
        """
        for scenario in self.scenarios:
            if scenario.slug == slug:
                return scenario
        names = ", ".join(s.slug for s in self.scenarios)
        raise SettingError(f"{self.slug} has no scenario '{slug}'; there are: {names}")

    def load_backend(self) -> Callable[[Any], Any]:
        """Import the backend's class. Only a host does this."""
        module, _, name = self.backend.partition(":")
        backend: Callable[[Any], Any] = getattr(importlib.import_module(module), name)
        return backend


_ROOMS = {"core", "carriers", "engines", "host"}


@cache
def discover() -> dict[str, Pattern]:
    """Every pattern below `patterns/`, by slug: each package there that declares PATTERN."""
    found: dict[str, Pattern] = {}
    for module in pkgutil.iter_modules(patterns.__path__):
        if module.ispkg and module.name not in _ROOMS:
            declared = getattr(importlib.import_module(f"patterns.{module.name}"), "PATTERN", None)
            if isinstance(declared, Pattern):
                found[declared.slug] = declared
    return found


def _check_control(control: Control, value: object) -> Value:
    if control.choices:
        if str(value) not in control.choices:
            raise SettingError(f"'{control.name}' cannot be '{value}'; it is one of: {', '.join(control.choices)}")
        return str(value)
    if isinstance(control.default, bool):
        return _as_switch(control.name, value)
    try:
        number = float(str(value))
    except ValueError:
        number = float("nan")
    off_step = control.counts and (number - control.low) % control.step
    if not control.low <= number <= control.high or off_step:
        kind = "whole number" if control.counts else "number"
        steps = f", in steps of {control.step:g}" if control.counts and control.step != 1 else ""
        bounds = f"{control.low:g} to {control.high:g} {control.unit}".rstrip()
        raise SettingError(f"'{control.name}' cannot be '{value}'; it is a {kind} from {bounds}{steps}")
    return number


def _as_switch(name: str, value: object) -> bool:
    word = str(value).lower()
    if word not in ("true", "on", "1", "false", "off", "0"):
        raise SettingError(f"'{name}' cannot be '{value}'; it is on or off")
    return word in ("true", "on", "1")
