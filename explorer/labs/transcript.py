"""A recorded run in words, for a page that nobody's browser brings to life."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from django.contrib.staticfiles import finders

from explorer.labs.runs import read_recording
from explorer.models import SavedRun
from patterns.core.pattern import Control, Pattern, discover
from patterns.host.recording import Reader

SENTENCES = 80
"""A transcript is no longer than this; the recording itself has every event."""

Lines = list[dict[str, Any]]
"""`[{at, text}]`, at in seconds of run time."""


def read_transcript(pattern: Pattern) -> Lines:
    """The golden run; empty while none is recorded."""
    found = finders.find(f"golden/{pattern.slug}.json")
    return _read_golden(pattern.slug, str(found), Path(found).stat().st_mtime_ns) if found else []


@lru_cache(maxsize=64)
def _read_golden(slug: str, path: str, _changed: int) -> Lines:
    return tell_run(discover()[slug], orjson.loads(Path(path).read_bytes()))


@lru_cache(maxsize=64)
def read_kept(pk: UUID) -> Lines:
    """A kept run, which never changes; empty if this site has its lab no longer."""
    run = SavedRun.objects.get(pk=pk)
    pattern = discover().get(run.pattern)
    return tell_run(pattern, read_recording(run)) if pattern else []


def tell_run(pattern: Pattern, recording: dict[str, Any]) -> Lines:
    """The first sentences of a recording, and what its tour says where it stops."""
    words = Words(pattern)
    told = ({"at": event["at"], "text": text} for event in Reader().read(recording) if (text := words.tell(event)))
    scenario = next((each for each in pattern.scenarios if each.slug == recording["scenario"]), None)
    stops = [{"at": stop.at, "text": stop.caption} for stop in (scenario.stops if scenario else ())]
    return sorted([*islice(told, SENTENCES), *stops], key=lambda line: line["at"])[:SENTENCES]


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
