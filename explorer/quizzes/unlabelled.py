"""A recorded run with its names taken off: parts are A, B, C, messages are numbers, nothing says what the run is of.

What is left is what happened: who sent what to whom, when, how long it took, and what got lost. No Django.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from patterns.core.pattern import Node, Pattern
from patterns.host.protocol import OUTCOMES, ROW, TICKS_PER_SECOND
from patterns.host.recording import Reader, upgrade

NO_CODE = 0
SHOWN = ("sent", "received", "dropped", "settled")
"""Kinds of events that need no name."""


class Names:
    """Gives A, B, C or 1, 2, 3 in the order of first use."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def number(self, name: str) -> int:
        """From 1."""
        return self._known.setdefault(name, len(self._known) + 1)

    def letter(self, name: str) -> str:
        """From A."""
        number = self.number(name) - 1
        return chr(65 + number) if number < 26 else f"Z{number}"


@dataclass(slots=True)
class Writer:
    """Writes rows without names, in the format of the wire. `parts` and `messages` are what stands for each."""

    parts: Names
    messages: Names
    names: list[Any] = field(default_factory=lambda: [""])
    rows: list[list[Any]] = field(default_factory=list)
    _met: dict[str, int] = field(default_factory=dict)

    def write(self, event: Mapping[str, Any], roles: Mapping[str, str]) -> None:
        """Add an event that needs no name; any other is left out."""
        kind, at = event["kind"], round(event["at"] * TICKS_PER_SECOND)
        if kind == "sent":
            link = [self.parts.letter(event["source"]), self.parts.letter(event["target"])]
            flight, attempt = round(event["flight"] * TICKS_PER_SECOND), event["attempt"]
            number = self._meet(event["message"], roles, link[0])
            self.rows.append([ROW[kind], at, number, self._name(link), flight, NO_CODE, attempt])
        elif kind in ("received", "dropped"):
            self.rows.append([ROW[kind], at, event["hop"] - 1, NO_CODE, *([0] if kind == "dropped" else [])])
        elif kind == "settled":
            node = self._name(self.parts.letter(event["node"]))
            number = self._meet(event["message"], roles, "")
            self.rows.append([ROW[kind], at, number, node, OUTCOMES.index(event["outcome"]), NO_CODE])

    def _meet(self, message: str, roles: Mapping[str, str], source: str) -> int:
        if message not in self._met:
            self._met[message] = len(self._met)
            sort = self._name(["", roles.get(message, "event"), source])
            self.rows.append([ROW["message"], sort, 0, str(self.messages.number(message))])
        return self._met[message]

    def _name(self, name: Any) -> int:
        if name not in self.names:
            self.names.append(name)
        return self.names.index(name)


def strip_recording(recording: dict[str, Any]) -> dict[str, Any]:
    """The recording without a name in it, as a browser replays it."""
    reader, writer = Reader(), Writer(Names(), Names())
    events = [event for event in reader.read(recording) if event["kind"] in SHOWN]
    roles = {message["id"]: message["role"] for message in reader.messages}
    for event in events:
        writer.write(event, roles)
    frame = {"t": "events", "seq": 1, "base": 0, "now": round(recording["seconds"] * TICKS_PER_SECOND),
             "names": writer.names[1:], "rows": writer.rows}  # fmt: skip
    # format 1 is the one whose rows count from the beginning
    return upgrade(
        {"format": 1, "pattern": "", "engine": "", "seed": 0, "settings": {}, "events": len(events),
         "seconds": recording["seconds"], "frames": [frame], "payloads": {}, "parents": {}}
    )  # fmt: skip


def strip_lab(pattern: Pattern, events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The parts and the ways that these events use: boxes of one kind with a letter each, and what joins them."""
    parts, used = Names(), set[frozenset[str]]()
    for event in events:
        for place in ("source", "target", "node"):
            if event["kind"] in SHOWN and event.get(place):
                parts.number(event[place])
        if event["kind"] == "sent":
            used.add(frozenset((event["source"], event["target"])))
    nodes = [_strip_node(node, parts.letter(node.name)) for node in pattern.nodes if node.name in parts]
    links = [
        {"source": parts.letter(link.source), "target": parts.letter(link.target)}
        for link in pattern.links
        if frozenset((link.source, link.target)) in used
    ]
    return {"nodes": sorted(nodes, key=lambda node: str(node["name"])), "links": links, "faults": []}


def _strip_node(node: Node, letter: str) -> dict[str, Any]:
    return {"name": letter, "label": letter, "role": "service", "x": node.x, "y": node.y, "shows": []}
