"""Riddles: a recorded run without its labels. Which pattern is it, and what in it gave that away?

The parts are called A, B, C in the order in which they first do something; every line is an event of the recording.
Nothing that a visitor gets before he has answered names the pattern: not the address, not the recording.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from django.contrib.staticfiles import finders

from explorer.labs.export import write_log
from explorer.models import Card
from explorer.quizzes.asked import RIDDLE
from explorer.quizzes.unlabelled import Names, strip_recording
from patterns.core.pattern import discover
from patterns.host.recording import upgrade

LINES = 24
Events = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, at a time in seconds, in words without names."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that can be seen in a recording, or cannot: the log says when first."""

    name: str
    text: str
    find: Callable[[Events], Mapping[str, Any] | None]


def find_riddles() -> dict[str, str]:
    """By the riddle's id, which tells nothing, the slug of the pattern: one for each lab with a recorded run."""
    labs = [slug for slug in discover() if finders.find(f"golden/{slug}.json")]
    return {f"{RIDDLE}{hashlib.sha256(slug.encode()).hexdigest()[:6]}": slug for slug in labs}


def read_golden(slug: str) -> dict[str, Any]:
    """A lab's recorded run."""
    path = finders.find(f"golden/{slug}.json")
    assert isinstance(path, str)
    with open(path, "rb") as file:
        return upgrade(orjson.loads(file.read()))


@lru_cache(maxsize=16)
def read_events(slug: str) -> tuple[Mapping[str, Any], ...]:
    """The events of a lab's recorded run."""
    return tuple(orjson.loads(line) for line in write_log(read_golden(slug)))


@lru_cache(maxsize=16)
def read_unlabelled(slug: str) -> bytes:
    """A lab's recorded run without a name in it, as a browser replays it."""
    return orjson.dumps(strip_recording(read_golden(slug)))


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


def find_clues(events: Events) -> dict[str, Mapping[str, Any]]:
    """The clues that this recording shows, each with the first event that does."""
    return {clue.name: event for clue in CLUES if (event := clue.find(events))}


def list_choices(slug: str) -> list[Card]:
    """The pattern, those it is easily confused with, and what else is needed for four."""
    card = Card.objects.get(slug=slug)
    near = [row["slug"] for row in card.related][:3]
    rest = [other for other in Card.objects.values_list("slug", flat=True) if other not in near and other != slug]
    chosen = [slug, *near, *rest][:4]
    return sorted(Card.objects.filter(slug__in=chosen), key=lambda row: row.position)


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


def _find_fan_out(events: Events) -> Mapping[str, Any] | None:
    """One message lands at several parts, each reached from the same one."""
    targets: dict[tuple[str, str], set[str]] = defaultdict(set)
    for event in _of(events, "sent"):
        reached = targets[event["message"], event["source"]]
        reached.add(event["target"])
        if len(reached) > 1:
            return event
    return None


def _find_reply(events: Events) -> Mapping[str, Any] | None:
    """Whatever is asked is answered: replies settle, and most flights have one the other way."""
    ways = {(event["source"], event["target"]) for event in _of(events, "sent")}
    back = sum((target, source) in ways for source, target in ways)
    replies = (event for event in _of(events, "settled") if event["outcome"] == "reply")
    return next(replies, None) if back > len(ways) / 2 else None


def _find_vouching(events: Events) -> Mapping[str, Any] | None:
    """A part between sender and receiver accepts a message as its own, and passes it on."""
    accepted: set[tuple[str, str]] = set()
    for event in events:
        if event["kind"] == "settled" and event["outcome"] == "accepted":
            accepted.add((event["message"], event["node"]))
        if event["kind"] == "sent" and (event["message"], event["source"]) in accepted:
            return event
    return None


def _of(events: Events, kind: str) -> Iterable[Mapping[str, Any]]:
    return (event for event in events if event["kind"] == kind)


CLUES = (
    Clue("fan-out", "the same message goes from one part to several others", _find_fan_out),
    Clue("reply", "each message is answered, on the way it came, to the one who sent it", _find_reply),
    Clue("vouched", "a part in the middle takes a message over before it passes it on", _find_vouching),
)
