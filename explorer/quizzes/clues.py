"""What gives a pattern away in a recording without names: the parts that patterns declare, and what travels there.

A clue is one role of a part or of a message, in words that can be checked by watching. It discriminates if the
recording shows it and no other pattern that is offered has it. No Django, and no pattern by name: a tenth one brings
its own roles.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RIGHT, OFFERED = 2, 5
"""Clues that are right, at most, among those that are offered."""
PART, MESSAGE = "part-", "message-"
TEXTS = {
    "part-client": "one part only asks: everything begins there, and ends there with an answer",
    "part-producer": "one part only tells: it sends, and waits for no result",
    "part-broker": "a part in the middle takes each message over, and hands on copies of it",
    "part-consumer": "parts at the end each get a copy, and only acknowledge it",
    "part-service": "parts do work when they are asked, and send back what came of it",
    "part-gateway": "everything from outside comes in by one part, which picks who serves it",
    "part-cache": "a part answers at once from memory, or says that it has nothing",
    "part-store": "a part only keeps what it is given",
    "part-worker": "parts take work from a pile, and pass on what they made of it",
    "part-orchestrator": "one part tells the others what to do, step by step, and waits for each",
    "part-sink": "everything ends in a part that sends nothing on",
    "message-event": "what travels says what has happened; nobody is asked for anything",
    "message-command": "what travels tells somebody to do something",
    "message-request": "what travels asks for something",
    "message-reply": "each question gets its result back, on the way it came",
    "message-ack": "what comes back says only “I have it”",
    "message-error": "some of what comes back says “no”",
    "message-batch": "several messages travel as one",
}
"""By role, what somebody sees of it who reads no names."""
Event = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clue:
    """Something that can be seen in a recording, or cannot."""

    name: str
    text: str


def name_signs(parts: Iterable[str], messages: Iterable[str]) -> set[str]:
    """The signs of a pattern whose parts and messages have these roles."""
    named = {f"{PART}{role}" for role in parts} | {f"{MESSAGE}{role}" for role in messages}
    return named & TEXTS.keys()


def read_signs(events: Iterable[Event], parts: Mapping[str, str], messages: Mapping[str, str]) -> dict[str, Event]:
    """The signs that a recording shows, each with the first event that does; `parts` and `messages` give roles."""
    seen: dict[str, Event] = {}
    for event in events:
        if event["kind"] != "sent":
            continue
        signs = name_signs((parts.get(event["source"], ""), parts.get(event["target"], "")), ())
        for sign in sorted(signs | name_signs((), [messages.get(event["message"], "")])):
            seen.setdefault(sign, event)
    return seen


def discriminate(seen: Collection[str], others: Iterable[Collection[str]]) -> list[str]:
    """The signs that were seen and that none of the others has."""
    strange = {sign for signs in others for sign in signs}
    return [sign for sign in TEXTS if sign in seen and sign not in strange]


def choose_others(seen: Collection[str], candidates: Mapping[str, Collection[str]], most: int) -> list[str]:
    """Patterns to offer beside the right one, in the order of `candidates`: none that leaves no clue to tell by."""
    chosen: list[str] = []
    for slug in candidates:
        if len(chosen) < most and discriminate(seen, [candidates[each] for each in (*chosen, slug)]):
            chosen.append(slug)
    return chosen


def offer(
    right: Sequence[str], own: Collection[str], others: Iterable[Collection[str]], source: random.Random
) -> list[Clue]:
    """Clues to choose from: some that are right, and some of what the others have and this one has not."""
    strange = {sign for signs in others for sign in signs}
    wrong = [sign for sign in TEXTS if sign in strange and sign not in own]
    wrong += [sign for sign in TEXTS if sign not in own and sign not in wrong][: max(0, OFFERED - 1 - len(wrong))]
    chosen = source.sample(right, min(RIGHT, len(right)))
    chosen += source.sample(wrong, min(OFFERED - len(chosen), len(wrong)))
    source.shuffle(chosen)
    return [Clue(sign, TEXTS[sign]) for sign in chosen]
