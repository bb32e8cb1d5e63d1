"""A kept run in the formats of other tools: JSON Lines, and a trace for any OpenTelemetry backend."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson

from patterns.core.log import FIELDS
from patterns.core.pattern import discover
from patterns.host.recording import Reader


def write_log(recording: dict[str, Any]) -> Iterator[bytes]:
    """One event a line, as `manage.py lab --json` prints them.

    The last line carries the run's invariants and metrics. In a run that was kept before it ended that line is of the
    kind `kept`.
    """
    results = Results(recording["pattern"], recording.get("metrics", {}))
    last: dict[str, Any] = {}
    for event in Reader().read(recording):
        if event["kind"] not in FIELDS:
            results.take(event)
            continue
        last = spell(event)
        if last["kind"] != "ended":
            yield orjson.dumps(last, option=orjson.OPT_APPEND_NEWLINE)
    if last.get("kind") != "ended":
        last = {"seq": recording["events"] + 1, "at": last.get("at", 0.0), "kind": "kept"}
    yield orjson.dumps({**last, **results.read()}, option=orjson.OPT_APPEND_NEWLINE)


def spell(event: dict[str, Any]) -> dict[str, Any]:
    """An event of a recording with the fields, in the order, of a live run's."""
    row: dict[str, Any] = {"seq": event["seq"], "at": event["at"], "kind": event["kind"]}
    if event["kind"] == "sent":
        event["due"] = round(event["at"] + event["flight"], 6)
    row.update((name, event[name]) for name in FIELDS[event["kind"]] if name not in ("seq", "at", "code"))
    return row


class Results:
    """What invariants and metrics said last. `final` is how the metrics stood, of a run that was kept with them."""

    def __init__(self, slug: str, final: dict[str, dict[str, Any]]) -> None:
        pattern = discover().get(slug)
        self._final = final
        self._lights = {invariant.name: "holds" for invariant in pattern.invariants} if pattern else {}
        self._metrics = {m.name: {"value": None, "unit": m.unit} for m in pattern.metrics} if pattern else {}

    def take(self, event: dict[str, Any]) -> None:
        """Remember a reading."""
        if event["kind"] == "light":
            self._lights[event["invariant"]] = event["status"]
        else:
            self._metrics.setdefault(event["metric"], {"unit": ""})["value"] = event["value"]

    def read(self) -> dict[str, Any]:
        """The last line's two fields."""
        return {"invariants": self._lights, "metrics": self._metrics | self._final}
