"""Riddles: a recorded run without its labels. Which pattern is it, and what in it gave that away?

Every recording of a lab may be drawn, its tours too. The parts are called A, B, C in the order in which they first do
something; every line is an event of the recording. Nothing that a visitor gets before he has answered names the
pattern: not the address, not the recording.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import orjson
from django.contrib.staticfiles import finders

from explorer.models import Card
from explorer.quizzes.asked import RIDDLE
from explorer.quizzes.clues import choose_others, discriminate, name_signs, read_signs
from explorer.quizzes.unlabelled import Names, strip_recording
from patterns.core.log import FIELDS
from patterns.core.pattern import discover
from patterns.host.protocol import ROW
from patterns.host.recording import Reader, upgrade

LINES = 24
OTHERS = 3
"""Patterns that are offered beside the right one."""
Events = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, at a time in seconds, in words without names."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One recording of a riddle's pattern, read: its events, and the signs it shows, each with the first event."""

    pattern: str
    name: str
    events: Events
    signs: Mapping[str, Mapping[str, Any]]

    @property
    def fingerprint(self) -> str:
        """The same as long as it is the same run."""
        return hashlib.sha256(f"{self.name}:{len(self.events)}:{self.events[-1]['at']}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Choices:
    """What is offered with a scene: cards, the clues that tell the right one from the others, and what others have."""

    cards: list[Card]
    right: list[str]
    own: set[str]
    others: list[set[str]]


def find_riddles() -> dict[str, str]:
    """By the riddle's id, which tells nothing, the slug of the pattern: one for each lab with a recorded run."""
    return {riddle: slug for slug in discover() if (riddle := find_riddle(slug))}


def find_riddle(slug: str) -> str:
    """The id of a pattern's riddle; "" if nothing of it is recorded."""
    return f"{RIDDLE}{hashlib.sha256(slug.encode()).hexdigest()[:6]}" if list_recordings(slug) else ""


def list_recordings(slug: str) -> list[str]:
    """The static files of a lab's recorded runs: the one that plays on load, and its tours."""
    lab = discover().get(slug)
    names = [f"golden/{slug}/{scenario.slug}.json" for scenario in lab.scenarios] if lab else []
    return [name for name in (f"golden/{slug}.json", *names) if lab and finders.find(name)]


def read_recording(name: str) -> dict[str, Any]:
    """A recorded run, by its static file."""
    path = finders.find(name)
    assert isinstance(path, str)
    with open(path, "rb") as file:
        return upgrade(orjson.loads(file.read()))


@lru_cache(maxsize=8)
def read_scene(slug: str, name: str) -> Scene:
    """One recording of a lab."""
    reader = Reader()
    events = [event for event in reader.read(read_recording(name)) if event["kind"] in FIELDS]
    parts = {node.name: node.role for node in discover()[slug].nodes}
    messages = {message["id"]: message["role"] for message in reader.messages}
    return Scene(slug, name, events, read_signs(events, parts, messages))


@lru_cache(maxsize=16)
def read_unlabelled(name: str) -> bytes:
    """A recorded run without a name in it, as a browser replays it."""
    return orjson.dumps(strip_recording(read_recording(name)))


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


def choose(scene: Scene) -> Choices:
    """The pattern, and up to three others that it can be told from; those it is easily confused with come first."""
    cards = {card.slug: card for card in Card.objects.all()}
    near = [row["slug"] for row in cards[scene.pattern].related if row["slug"] in cards]
    candidates = {slug: list_signs(cards[slug]) for slug in dict.fromkeys([*near, *cards]) if slug != scene.pattern}
    others = choose_others(scene.signs, candidates, OTHERS)
    signs = [candidates[slug] for slug in others]
    offered = sorted((cards[slug] for slug in (scene.pattern, *others)), key=lambda card: card.position)
    return Choices(offered, discriminate(scene.signs, signs), list_signs(cards[scene.pattern]), signs)


def list_signs(card: Card) -> set[str]:
    """The signs of a pattern: of its lab's parts and recorded messages; without a lab, of its card's drawing."""
    if lab := discover().get(card.slug):
        return name_signs([node.role for node in lab.nodes], _list_roles(card.slug))
    nodes, marks = card.picture.get("nodes", ()), card.picture.get("marks", ())
    return name_signs([node.get("role", "") for node in nodes], [mark.get("kind", "") for mark in marks])


@cache
def _list_roles(slug: str) -> frozenset[str]:
    """Roles of the messages in a lab's recordings; only their rows are read, since a lab may have a million events."""
    found: set[str] = set()
    for recording in map(read_recording, list_recordings(slug)):
        names: list[Any] = [""]
        for frame in recording["frames"]:
            names.extend(frame.get("names", ()))
            found.update(names[row[1]][1] for row in frame["rows"] if row[0] == ROW["message"])
    return frozenset(found)


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
