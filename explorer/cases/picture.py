"""Where the boxes and arrows of a case's architecture picture go, in the units of the picture's view box."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

WIDTH, HEIGHT = 720.0, 400.0
MARGIN_X, MARGIN_Y = 66.0, 34.0
LETTER = 7.4  # the mean width of a letter at the label's size, on the generous side
LINE = 16.0
LETTERS_A_LINE = 15
PADDING = 20.0
TIP = 3.0  # an arrow ends this far from the box, so that its head is seen whole
APART = 12.0  # between the arrows of a pair that goes there and back
NEAR_START = 0.3  # where such a pair has its labels, so that they do not lie on each other


@dataclass(frozen=True, slots=True)
class Words:
    """One line of a label and the height of its base line."""

    text: str
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A part of the system, by its middle."""

    role: str
    x: float
    y: float
    width: float
    height: float
    lines: tuple[Words, ...]

    @property
    def left(self) -> float:
        return round(self.x - self.width / 2, 1)

    @property
    def top(self) -> float:
        return round(self.y - self.height / 2, 1)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way from one part to another, from edge to edge; its label stands a share of the way along."""

    x1: float
    y1: float
    x2: float
    y2: float
    label: str
    label_at: float = 0.5

    @property
    def x(self) -> float:
        return round(self.x1 + (self.x2 - self.x1) * self.label_at, 1)

    @property
    def y(self) -> float:
        return round(self.y1 + (self.y2 - self.y1) * self.label_at - 5, 1)


@dataclass(frozen=True, slots=True)
class Picture:
    """An architecture; `described` says in words all that it shows."""

    title: str
    described: str
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def draw_architecture(picture: Mapping[str, Any]) -> Picture:
    """Lay out a picture of the fixtures: {title, description, nodes: [{id, label, role, x, y}], links}."""
    across, down = (_spread([node[axis] for node in picture["nodes"]]) for axis in "xy")
    boxes = {node["id"]: _place(node, across(node["x"]), down(node["y"])) for node in picture["nodes"]}
    ends = [(link["source"], link["target"]) for link in picture["links"]]
    arrows = tuple(
        _connect(boxes[a], boxes[b], str(link.get("label") or ""), paired=(b, a) in ends)
        for (a, b), link in zip(ends, picture["links"], strict=True)
    )
    return Picture(picture["title"], picture["description"], tuple(boxes.values()), arrows)


def _spread(percents: list[float]) -> Callable[[float], float]:
    """Stretch positions over the whole frame, so that no room is lost at its edges; 0..1."""
    low, high = min(percents), max(percents)
    return lambda percent: (percent - low) / (high - low) if high > low else 0.5


def _place(node: Mapping[str, Any], across: float, down: float) -> Box:
    lines = wrap(node["label"], LETTERS_A_LINE, break_long_words=False)
    width = max(len(line) for line in lines) * LETTER + PADDING
    height = len(lines) * LINE + PADDING
    half = width / 2 + 2  # a long word near the edge moves its box inwards, for a picture is never cut
    x = min(max(MARGIN_X + across * (WIDTH - 2 * MARGIN_X), half), WIDTH - half)
    y = MARGIN_Y + down * (HEIGHT - 2 * MARGIN_Y)
    first = y - (len(lines) - 1) * LINE / 2 + LINE * 0.3
    words = tuple(Words(line, round(first + place * LINE, 1)) for place, line in enumerate(lines))
    return Box(node["role"], round(x, 1), round(y, 1), round(width, 1), height, words)


def _connect(source: Box, target: Box, label: str, *, paired: bool) -> Arrow:
    dx, dy = target.x - source.x, target.y - source.y
    far = math.hypot(dx, dy) or 1.0
    aside = APART / 2 if paired else 0.0
    ox, oy = -dy / far * aside, dx / far * aside
    start, end = _reach(source, dx, dy), _reach(target, -dx, -dy)
    trim = TIP / far
    return Arrow(
        round(source.x + dx * start + ox, 1),
        round(source.y + dy * start + oy, 1),
        round(target.x - dx * (end + trim) + ox, 1),
        round(target.y - dy * (end + trim) + oy, 1),
        label,
        NEAR_START if paired else 0.5,
    )


def _reach(box: Box, dx: float, dy: float) -> float:
    """Share of the way (dx, dy) that lies inside the box."""
    across = box.width / 2 / abs(dx) if dx else math.inf
    down = box.height / 2 / abs(dy) if dy else math.inf
    return min(across, down, 0.5)
