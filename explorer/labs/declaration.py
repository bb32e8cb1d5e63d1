"""What a lab declares, as plain data for its page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse

from patterns.core.pattern import Control, Pattern, discover
from patterns.core.scenario import Scenario
from patterns.host.recording import Reader

SENTENCES = 80
"""A transcript is no longer than this; the recording itself has every event."""


def describe(pattern: Pattern) -> dict[str, Any]:
    """All the page needs of a lab; the fields of each part are those of `patterns.core`."""
    golden = f"golden/{pattern.slug}.json"
    return {
        "slug": pattern.slug,
        "title": pattern.title,
        "transport": pattern.transport,
        "nodes": [asdict(node) for node in pattern.nodes],
        "links": [{**asdict(link), "name": link.name} for link in pattern.links],
        "controls": [asdict(control) for control in pattern.controls],
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


def read_transcript(pattern: Pattern) -> list[dict[str, Any]]:
    """The golden run in words: `[{at, text}]`, at in seconds of run time; empty while none is recorded."""
    found = finders.find(f"golden/{pattern.slug}.json")
    return _read_transcript(pattern.slug, str(found), Path(found).stat().st_mtime_ns) if found else []


@lru_cache(maxsize=64)
def _read_transcript(slug: str, path: str, _changed: int) -> list[dict[str, Any]]:
    pattern = discover()[slug]
    recording = orjson.loads(Path(path).read_bytes())
    words = Words(pattern)
    told = [{"at": event["at"], "text": text} for event in Reader().read(recording) if (text := words.tell(event))]
    stops = pattern.scenario(recording["scenario"]).stops if recording["scenario"] else ()
    told += [{"at": stop.at, "text": stop.caption} for stop in stops]
    return sorted(told, key=lambda line: line["at"])[:SENTENCES]


class Words:
    """Says what happened, in the words of the lab's declaration."""

    def __init__(self, pattern: Pattern) -> None:
        self._pattern = pattern
        self._nodes = {node.name: node.label for node in pattern.nodes}
        self._faults = {fault.name: fault.label for fault in pattern.faults}
        self._settings: dict[str, Any] = {remedy.name: remedy for remedy in pattern.remedies}
        self._settings.update((control.name, control) for control in pattern.controls)
        self._lights = {invariant.name: "holds" for invariant in pattern.invariants}

    def tell(self, event: dict[str, Any]) -> str:
        """A sentence for an event that is worth one, or ""."""
        teller = getattr(self, f"_tell_{event['kind']}", None)
        return teller(event) if teller is not None else ""

    def _tell_noted(self, event: dict[str, Any]) -> str:
        return f"{self._nodes.get(event['node'], event['node'])}: {event['text']}"

    def _tell_faulted(self, event: dict[str, Any]) -> str:
        fault, target = event["fault"], event["target"]
        what = f"{self._faults.get(fault, fault)}, at {self._nodes.get(target, target)}"
        return {
            "asked": f"Damage is asked for: {what}.",
            "seen": f"The log shows its effect: {what}.",
            "healed": f"The damage is over: {what}.",
        }[event["phase"]]

    def _tell_tuned(self, event: dict[str, Any]) -> str:
        setting = self._settings.get(event["control"])
        label = setting.label if setting is not None else event["control"]
        if isinstance(event["value"], bool):
            return f"{label} is turned {'on' if event['value'] else 'off'}."
        unit = f" {setting.unit}" if isinstance(setting, Control) and setting.unit else ""
        return f"{label} is set to {event['value']}{unit}."

    def _tell_light(self, event: dict[str, Any]) -> str:
        before = self._lights.get(event["invariant"])
        self._lights[event["invariant"]] = event["status"]
        if event["status"] != "violated" or before == "violated":
            return ""
        label = next(i.label for i in self._pattern.invariants if i.name == event["invariant"])
        return f"Violated from here on: {label}"

    def _tell_ended(self, event: dict[str, Any]) -> str:
        return f"The run ends: {event['why']}."


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
        "recording": find_static(f"golden/{pattern.slug}/{scenario.slug}.json"),
    }


def list_code(pattern: Pattern) -> Iterator[str]:
    """Files of the lab that a learner may read, below `patterns/`."""
    root = _patterns_folder()
    for room in (pattern.slug.replace("-", "_"), "carriers", "engines"):
        yield from (path.relative_to(root).as_posix() for path in sorted((root / room).rglob("*.py")))


def read_code(pattern: Pattern, file: str) -> str | None:
    """The text of one of those files, or None if it is none of them."""
    if file not in list_code(pattern):
        return None
    return (_patterns_folder() / file).read_text(encoding="utf-8")


def _patterns_folder() -> Path:
    import patterns

    return Path(patterns.__path__[0])
