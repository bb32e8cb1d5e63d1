"""Riddles: a recorded run without its labels. Which pattern is it, and what in it gave that away?

The parts are called A, B, C in the order in which they first do something; every line is an event of the recording.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django.contrib.staticfiles import finders

from explorer.labs.export import write_log
from explorer.models import Card, Claim
from patterns.core.pattern import discover

LINES = 24
Events = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, at a time in seconds, in words without names."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that can be seen in a recording, or cannot: the log says."""

    name: str
    text: str
    seen: Callable[[Events], bool]


def find_riddles() -> dict[str, str]:
    """By the riddle's id (PS-RUN), the slug of the pattern: one for each lab with a recorded run."""
    found = {}
    for slug in discover():
        first = Claim.objects.filter(card=slug).order_by("position").first()
        if first and finders.find(f"golden/{slug}.json"):
            found[f"{first.slug.rpartition('-')[0]}-RUN"] = slug
    return found


@lru_cache(maxsize=16)
def read_golden(slug: str) -> tuple[Mapping[str, Any], ...]:
    """The events of a lab's recorded run."""
    path = finders.find(f"golden/{slug}.json")
    assert isinstance(path, str)
    with open(path, "rb") as file:
        return tuple(orjson.loads(line) for line in write_log(orjson.loads(file.read())))


def tell_lines(events: Events, most: int = LINES) -> list[Line]:
    """The first flights and settlings, with letters for parts and numbers for messages."""
    letters, numbers = Names(), Names()
    lines: list[Line] = []
    for event in events:
        text = _say(event, letters, numbers)
        if text:
            lines.append(Line(event["at"], text))
        if len(lines) == most:
            break
    return lines


def list_clues(events: Events) -> dict[str, bool]:
    """Which clues this recording shows."""
    return {clue.name: clue.seen(events) for clue in CLUES}


def list_choices(slug: str) -> list[Card]:
    """The pattern, those it is easily confused with, and what else is needed for four."""
    card = Card.objects.get(slug=slug)
    near = [row["slug"] for row in card.related][:3]
    rest = [other for other in Card.objects.values_list("slug", flat=True) if other not in near and other != slug]
    chosen = [slug, *near, *rest][:4]
    return sorted(Card.objects.filter(slug__in=chosen), key=lambda row: row.position)


class Names:
    """Gives A, B, C or 1, 2, 3 in the order of first use."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def number(self, name: str) -> int:
        """From 1."""
        return self._known.setdefault(name, len(self._known) + 1)

    def letter(self, name: str) -> str:
        """From A."""
        number = self.number(name) - 1
        return chr(65 + number) if number < 26 else f"Z{number}"


def _say(event: Mapping[str, Any], letters: Names, numbers: Names) -> str:
    match event["kind"]:
        case "sent":
            way = f"{letters.letter(event['source'])} sends message {numbers.number(event['message'])}"
            again = f", attempt {event['attempt']}" if event.get("attempt", 1) > 1 else ""
            return f"{way} to {letters.letter(event['target'])}{again}"
        case "settled":
            place = letters.letter(event["node"])
            return f"message {numbers.number(event['message'])} ends at {place}: {event['outcome']}"
        case "dropped":
            return f"message {numbers.number(event['message'])} is lost on its way to {letters.letter(event['node'])}"
    return ""


def _fans_out(events: Events) -> bool:
    """One message lands at several parts, each reached from the same one."""
    targets: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in _of(events, "sent"):
        targets[event["message"], event["source"]].add(event["target"])
    return any(len(reached) > 1 for reached in targets.values())


def _replies(events: Events) -> bool:
    """Whatever is asked is answered: replies settle, and most flights have one the other way."""
    ways = [(event["source"], event["target"]) for event in _of(events, "sent")]
    back = sum((target, source) in set(ways) for source, target in set(ways))
    return any(event["outcome"] == "reply" for event in _of(events, "settled")) and back > len(set(ways)) / 2


def _vouches(events: Events) -> bool:
    """A part between sender and receiver accepts a message as its own, and passes it on."""
    accepted = {(e["message"], e["node"]) for e in _of(events, "settled") if e["outcome"] == "accepted"}
    return any((event["message"], event["source"]) in accepted for event in _of(events, "sent"))


def _of(events: Events, kind: str) -> Iterable[Mapping[str, Any]]:
    return (event for event in events if event["kind"] == kind)


CLUES = (
    Clue("fan-out", "the same message goes from one part to several others", _fans_out),
    Clue("reply", "each message is answered, on the way it came, to the one who sent it", _replies),
    Clue("vouched", "a part in the middle takes a message over before it passes it on", _vouches),
)
