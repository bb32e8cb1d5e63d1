"""Where the boxes and lines of a small picture go. A drawing shows the parts of a system; it is never a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from patterns.core.pattern import Pattern

WIDTH, HEIGHT = 240.0, 160.0
MARGIN = 22.0
SIZES = {
    "broker": (34.0, 68.0),
    "gateway": (34.0, 68.0),
    "store": (30.0, 46.0),
    "orchestrator": (54.0, 26.0),
    "cell": (20.0, 20.0),
    "full cell": (20.0, 20.0),
}
SIZE = (32.0, 22.0)
TALL = {"broker": (34.0, 54.0), "gateway": (34.0, 54.0)}  # in a tile; the stage has more room


@dataclass(frozen=True, slots=True)
class Box:
    """A node, by its middle and its corners."""

    name: str
    label: str
    role: str
    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> float:
        return round(self.x - self.width / 2, 1)

    @property
    def top(self) -> float:
        return round(self.y - self.height / 2, 1)

    @property
    def foot(self) -> float:
        """The base line of the label below the box."""
        return round(self.y + self.height / 2 + 8.5, 1)


@dataclass(frozen=True, slots=True)
class Line:
    """A link, from middle to middle; the boxes are painted over it."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A message in a drawing: what a run would show there."""

    kind: str
    x: float
    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of parts; `described` says in words what it shows."""

    title: str
    described: str
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()


def draw_pattern(pattern: Pattern) -> Drawing:
    """Draw what a lab declares, without the parts that a switch adds."""
    nodes = [node for node in pattern.nodes if not node.shown_with]
    across, down = _spread([node.x for node in nodes]), _spread([node.y for node in nodes])
    boxes = {
        node.name: _box(node.name, node.label, node.role, across(node.x), down(node.y), TALL.get(node.role, SIZE))
        for node in nodes
    }
    ends = [(link.source, link.target) for link in pattern.links if not link.shown_with]
    described = ", ".join(node.label for node in nodes)
    return Drawing(f"Parts of the {pattern.title} lab", described, tuple(boxes.values()), _join(boxes, ends))


def draw_picture(picture: Mapping[str, Any]) -> Drawing | None:
    """Draw a picture from a fixture; nothing if it has none."""
    if not picture:
        return None
    boxes = {node["id"]: _picture_box(node) for node in picture["nodes"]}
    ends = [(link["source"], link["target"]) for link in picture["links"]]
    marks = tuple(
        Mark(mark["kind"], _across(mark["x"]), _down(mark["y"]), str(mark.get("label", "")))
        for mark in picture.get("marks", [])
    )
    return Drawing(picture["title"], picture["description"], tuple(boxes.values()), _join(boxes, ends), marks)


def _spread(percents: list[float]) -> Callable[[float], float]:
    """Stretch positions over the whole picture: a stage leaves room for captions, a small picture has none to spare."""
    low, high = min(percents), max(percents)
    return lambda percent: (percent - low) / (high - low) * 100 if high > low else 50.0


def _picture_box(node: Mapping[str, Any]) -> Box:
    width, height = SIZES.get(node["role"], SIZE)
    size = (node["w"] * WIDTH / 100 if "w" in node else width, node["h"] * HEIGHT / 100 if "h" in node else height)
    return _box(node["id"], node["label"], node["role"], node["x"], node["y"], size)


def _box(name: str, label: str, role: str, x: float, y: float, size: tuple[float, float]) -> Box:
    return Box(name, label, role, _across(x), _down(y), *size)


def _join(boxes: Mapping[str, Box], ends: list[tuple[str, str]]) -> tuple[Line, ...]:
    pairs = [(boxes[a], boxes[b]) for a, b in ends if a in boxes and b in boxes]
    return tuple(Line(a.x, a.y, b.x, b.y) for a, b in pairs)


def _across(percent: float) -> float:
    return round(MARGIN + percent / 100 * (WIDTH - 2 * MARGIN), 1)


def _down(percent: float) -> float:
    return round(MARGIN + percent / 100 * (HEIGHT - 2 * MARGIN), 1)
