"""What the structured fields of content look like, and a checker that says where one does not.

A shape is a leaf rule (`text`, `address`, ...), `[shape]` for a list of at least one, `{name: shape}` for a mapping; a
name that ends in `?` may be absent. Leaf rules return what is wrong, or nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from explorer.catalogue.fixtures import Route

type Leaf = Callable[[Any], str]
type Shape = Leaf | list[Any] | dict[str, Any]

CONFIDENCES = ("first-party", "second-hand", "secondary")
DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?|\d{4}[–-]\d{4}|undated|not dated|")


def text(value: Any) -> str:
    """Words: not empty."""
    return "" if isinstance(value, str) and value.strip() else "must be words"


def number(value: Any) -> str:
    """Any finite number."""
    return "" if isinstance(value, int | float) and not isinstance(value, bool) else "must be a number"


def truth(value: Any) -> str:
    """Yes or no, as YAML's true and false."""
    return "" if isinstance(value, bool) else "must be true or false"


def address(value: Any) -> str:
    """An absolute web address."""
    parts = urlsplit(value) if isinstance(value, str) else None
    return "" if parts and parts.scheme in ("http", "https") and parts.netloc else "must be an http(s) address"


def confidence(value: Any) -> str:
    """Who says so."""
    return "" if value in CONFIDENCES else f"unknown confidence {value!r}; one of {', '.join(CONFIDENCES)}"


def date(value: Any) -> str:
    """A year, a month, a day, a span of years; empty or `undated` when the source does not say."""
    right = DATE.fullmatch(str(value))
    return "" if right else f"{value!r} is no date; write 2021, 2021-08, 2021-08-31, 2015-2020 or undated"


def percent(value: Any) -> str:
    """A place in a picture, 0 to 100."""
    return "" if not number(value) and 0 <= value <= 100 else "must be a number from 0 to 100"


def anything(value: Any) -> str:
    """Whatever fits; another rule looks at it."""
    return ""


PICTURE: dict[str, Any] = {
    "title": text,
    "description": text,
    "nodes": [{"id": text, "label": text, "role": text, "x": percent, "y": percent, "w?": percent, "h?": percent}],
    "links": [{"source": text, "target": text, "label?": anything}],
}
SHAPES: dict[tuple[str, str], Shape] = {
    ("card", "related"): [{"slug": text, "why": text}],
    ("card", "products"): [text],
    ("card", "example_sources"): [{"title": text, "url": address, "confidence": confidence, "note?": text}],
    ("card", "picture"): PICTURE | {"marks?": [{"kind": text, "x": percent, "y": percent, "label?": text}]},
    ("case", "sources"): [
        {
            "key": text,
            "title": text,
            "publisher": text,
            "url": address,
            "date": date,
            "confidence": confidence,
            "note?": anything,
        }
    ],
    ("case", "facts"): [{"text": text, "date": date, "source": text}],
    ("case", "picture"): PICTURE,
    ("question", "hints"): [text],
}


def check_shape(value: Any, shape: Shape, route: Route = ()) -> Iterator[tuple[Route, str]]:
    """Yield (route, what is wrong) for each place where the value does not have the shape."""
    if isinstance(shape, dict):
        yield from _check_mapping(value, shape, route)
    elif isinstance(shape, list):
        if not isinstance(value, list) or not value:
            yield route, f"`{_name(route)}` must be a list of at least one"
            return
        for place, item in enumerate(value):
            yield from check_shape(item, shape[0], (*route, place))
    elif wrong := shape(value):
        yield route, f"`{_name(route)}` {wrong}"


def _check_mapping(value: Any, shape: dict[str, Any], route: Route) -> Iterator[tuple[Route, str]]:
    if not isinstance(value, dict):
        yield route, f"`{_name(route)}` must have {', '.join(name.rstrip('?') for name in shape)}"
        return
    known = {name.rstrip("?"): (name.endswith("?"), inner) for name, inner in shape.items()}
    for name in value.keys() - known.keys():
        yield (*route, name), f"unknown `{name}` in `{_name(route)}`; it has {', '.join(known)}"
    for name, (optional, inner) in known.items():
        if name in value:
            yield from check_shape(value[name], inner, (*route, name))
        elif not optional:
            yield route, f"`{_name(route)}` lacks `{name}`"


def _name(route: Route) -> str:
    return ".".join(str(part) for part in route) or "the file"
