"""What a lab declares, as plain data for its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse

from explorer.labs.transcript import read_transcript
from patterns.core.pattern import Control, Pattern
from patterns.core.scenario import Scenario

LINK_FIELDS = ("name", "source", "target", "shown_with")
"""What the stage draws of a way; how long a flight takes is in the log."""
FOR_THE_CONTRACT = ("shown_by", "given", "given_fault")
"""What only a test asks of a control; each visitor would load it."""


def describe(pattern: Pattern) -> dict[str, Any]:
    """All the page needs of a lab; the fields of each part are those of `patterns.core`."""
    golden = f"golden/{pattern.slug}.json"
    return {
        "slug": pattern.slug,
        "title": pattern.title,
        "transport": pattern.transport,
        "nodes": [asdict(node) for node in pattern.nodes],
        "links": [{name: getattr(link, name) for name in LINK_FIELDS} for link in pattern.links],
        "controls": [_describe_control(control) for control in pattern.controls],
        "remedies": [asdict(remedy) for remedy in pattern.remedies],
        "faults": [asdict(fault) for fault in pattern.faults],
        "invariants": [{"name": i.name, "label": i.label, "help": i.help} for i in pattern.invariants],
        "metrics": [{"name": m.name, "label": m.label, "unit": m.unit, "help": m.help} for m in pattern.metrics],
        "figures": [_describe_figure(pattern, figure) for figure in pattern.figures],
        "scenarios": [_describe_scenario(pattern, scenario) for scenario in pattern.scenarios],
        "fidelity": [asdict(line) for line in pattern.fidelity],
        "engines": [{**asdict(engine), "missing": engine.missing} for engine in pattern.engines],
        "golden": find_static(golden),
        "payloads": find_static(f"golden/{pattern.slug}.payloads.json"),
        "golden_scenario": pattern.golden,
        "code": reverse("code", args=[pattern.slug]),
        "transcript": read_transcript(pattern),
    }


def find_static(name: str) -> str:
    """The address of a static file, or "" if there is none."""
    return static(name) if finders.find(name) else ""


def find_recording(pattern: Pattern, scenario: str) -> str:
    """The address of the recording of a tour, or "" if there is none; that of the first tour stands by itself."""
    first = scenario == pattern.golden
    return find_static(f"golden/{pattern.slug}.json" if first else f"golden/{pattern.slug}/{scenario}.json")


def _describe_control(control: Control) -> dict[str, Any]:
    told = {name: value for name, value in asdict(control).items() if name not in FOR_THE_CONTRACT}
    return {**told, "counts": control.counts}


def _describe_figure(pattern: Pattern, figure: Any) -> dict[str, Any]:
    return {**asdict(figure), "url": reverse("figure", args=[pattern.slug, figure.name])}


def _describe_scenario(pattern: Pattern, scenario: Scenario) -> dict[str, Any]:
    """What the page says of a tour; what happens in it is the host's to do."""
    return {
        "slug": scenario.slug,
        "title": scenario.title,
        "goal": scenario.goal,
        "seed": scenario.seed,
        "speed": scenario.speed,
        "stops": [asdict(stop) for stop in scenario.stops],
        "recording": "" if scenario.slug == pattern.golden else find_recording(pattern, scenario.slug),
    }


def list_code(pattern: Pattern) -> Iterator[str]:
    """Files of the lab that a learner may read, below `patterns/`."""
    root = _patterns_folder()
    own = pattern.backend.split(".")[1]  # a wiring that a comparison brings is built from a pattern's parts
    for room in (own, "carriers", "engines"):
        yield from (path.relative_to(root).as_posix() for path in sorted((root / room).rglob("*.py")))


def read_code(pattern: Pattern, file: str) -> str | None:
    """The text of one of those files, or None if it is none of them."""
    if file not in list_code(pattern):
        return None
    return (_patterns_folder() / file).read_text(encoding="utf-8")


def _patterns_folder() -> Path:
    import patterns

    return Path(patterns.__path__[0])
