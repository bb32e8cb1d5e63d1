"""Guided tours as data: settings, a script of faults and changes, and stop points with a caption each."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Step:
    """At `at` seconds of run time: set controls or remedies, ask for a fault, or heal one. A fault is written
    `name:target`."""

    at: float
    settings: dict[str, float | str | bool] = field(default_factory=dict)
    fault: str = ""
    amount: float | None = None
    lasts: float | None = None
    heal: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the view pauses and says something, at most 30 words."""

    at: float
    caption: str
    node: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One failure mode worth seeing, or the golden run. Plays for `seconds` of run time with its own seed."""

    slug: str
    title: str
    goal: str
    seconds: float
    settings: dict[str, float | str | bool] = field(default_factory=dict)
    script: tuple[Step, ...] = ()
    stops: tuple[Stop, ...] = ()
    seed: int = 7
    speed: float = 1.0
