"""Fixture files, read with the place of every value, so that a complaint can name file and line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

# libyaml, where it is there, reads the shelf ten times as fast.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

type Route = tuple[str | int, ...]  # how to get to a value inside an entry: ("options", 2, "fails")


@dataclass(frozen=True, slots=True, order=True)
class Complaint:
    """What is wrong in a fixture, and where."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


class BadContentError(Exception):
    """Content that is not loaded; `complaints` has at least one."""

    def __init__(self, complaints: list[Complaint]) -> None:
        super().__init__("\n".join(map(str, complaints)))
        self.complaints = complaints


@dataclass(slots=True)
class Entry:
    """One row of a fixture file, as written."""

    file: str
    line: int
    model: str
    key: str | None
    fields: dict[str, Any]
    lines: dict[Route, int] = field(default_factory=dict, repr=False)

    def complain(self, route: Route, reason: str) -> Complaint:
        """Complain about the value at `route`, at the nearest line that is known."""
        while route and route not in self.lines:
            route = route[:-1]
        name = self.key or self.model
        return Complaint(self.file, self.lines.get(route, self.line), f"{name}: {reason}")


def read_fixtures(folder: Path) -> tuple[list[Entry], list[Complaint]]:
    """Entries of every `*.yaml` in the folder, and what could not be read."""
    entries: list[Entry] = []
    complaints: list[Complaint] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            node = yaml.compose(path.read_text("utf-8"), Loader=LOADER)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            complaints.append(_unreadable(path.name, error))
            continue
        for item in _rows(path.name, node, complaints):
            entry = _read_entry(path.name, item, complaints)
            if entry:
                entries.append(entry)
    return entries, complaints


def read_sheet(path: Path) -> tuple[Entry, Any, list[Complaint]]:
    """A file of the guide, which has no rows: where its values stand, the values, and what could not be read."""
    name = f"{path.parent.name}/{path.name}"
    entry, complaints = Entry(name, 1, path.stem, None, {}), list[Complaint]()
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=LOADER)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return entry, None, [_unreadable(name, error)]
    value = _read(node, (), entry, complaints) if node is not None else None
    return entry, value, complaints


def _unreadable(file: str, error: yaml.YAMLError | UnicodeDecodeError) -> Complaint:
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or str(error)
    return Complaint(file, mark.line + 1 if mark else 1, f"not YAML: {reason}")


def _rows(file: str, node: yaml.Node | None, complaints: list[Complaint]) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif node is not None:
        complaints.append(Complaint(file, _line(node), "a fixture is a list of entries: - model: …, pk: …, fields: …"))


def _read_entry(file: str, node: yaml.Node, complaints: list[Complaint]) -> Entry | None:
    entry = Entry(file, _line(node), "", None, {})
    value = _read(node, (), entry, complaints)
    if not isinstance(value, dict) or not isinstance(value.get("fields"), dict) or not value.get("model"):
        complaints.append(Complaint(file, entry.line, "an entry needs `model` and `fields`"))
        return None
    extra = value.keys() - {"model", "pk", "fields"}
    if extra:
        complaints.append(Complaint(file, entry.line, f"an entry has no {', '.join(sorted(map(str, extra)))}"))
    entry.model, entry.fields = str(value["model"]), value["fields"]
    entry.key = str(value["pk"]) if "pk" in value else None
    entry.lines = {
        route[1:]: line for route, line in entry.lines.items() if route[:1] == ("fields",) and len(route) > 1
    }
    return entry


def _read(node: yaml.Node, route: Route, entry: Entry, complaints: list[Complaint]) -> Any:
    """Turn a node into a Python value and note the line of every key and item on the way."""
    entry.lines.setdefault(route, _line(node))
    if isinstance(node, yaml.MappingNode):
        return _read_mapping(node, route, entry, complaints)
    if isinstance(node, yaml.SequenceNode):
        return [_read(item, (*route, place), entry, complaints) for place, item in enumerate(node.value)]
    value = yaml.SafeLoader("").construct_object(node)
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _read_mapping(node: yaml.MappingNode, route: Route, entry: Entry, complaints: list[Complaint]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = _line(key_node)
        if key in values:
            complaints.append(Complaint(entry.file, line, f"`{key}` is written twice"))
        entry.lines[(*route, key)] = line
        values[key] = _read(value_node, (*route, key), entry, complaints)
    return values


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
