"""One run's log, with an index of what a question about it looks up: what became of a flight, who answered what.

No Django, no words.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Event = Mapping[str, Any]
ANSWERS = ("reply", "ack", "error")
"""Roles of messages that answer another one."""
PREPOSITIONS = ("of", "to", "from", "for", "at")
"""Some labels of faults end in one: what follows is the target."""
LEAST = 0.001
"""A difference in seconds that can be seen."""


@dataclass(slots=True)
class Story:
    """`messages`, by id, say what each is for (`role`) and which one caused it (`causation_id`); `labels` name nodes
    and faults as the lab does."""

    events: Sequence[Event]
    messages: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    _sent: dict[Any, Event] = field(default_factory=dict)
    _fates: dict[Any, Event] = field(default_factory=dict)
    _answers: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    _by_message: dict[str, list[Event]] = field(default_factory=lambda: defaultdict(list))
    _faults: list[Event] = field(default_factory=list)
    _children: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        for event in self.events:
            self._take(event)

    def name(self, place: str) -> str:
        """A node or a fault as a reader knows it."""
        return self.labels.get(place, place)

    def flight(self, hop: Any) -> Event | None:
        """How a hop began."""
        return self._sent.get(hop)

    def fate(self, sent: Event) -> Event | None:
        """Where a hop landed or was dropped; None while it is in the air."""
        return self._fates.get(sent["hop"])

    def about(self, message: str) -> Sequence[Event]:
        """All events of one message, captions left out."""
        return self._by_message.get(message, ())

    def cause(self, message: str) -> str:
        """The message that this one was sent because of, or ""."""
        return str(self.messages.get(message, {}).get("causation_id", ""))

    def children(self, message: str) -> Sequence[str]:
        """Messages that were sent because of this one."""
        return self._children.get(message, ()) if message else ()

    @property
    def nodes(self) -> list[str]:
        """Nodes in the order in which they first do something."""
        flights = (event for event in self.events if event["kind"] == "sent")
        return list(dict.fromkeys(place for event in flights for place in (event["source"], event["target"])))

    def is_answer(self, message: str) -> bool:
        """Whether a message answers another."""
        return self.messages.get(message, {}).get("role") in ANSWERS

    def answers(self, message: str, source: str, target: str) -> list[Event]:
        """Flights of answers to a message, on the way from who was asked (`target`) to who asked (`source`)."""
        flights = self._answers.get(message, ())
        return [event for event in flights if (event["source"], event["target"]) == (target, source)]

    def faults(self, node: str, after: int, before: int) -> list[Event]:
        """Faults at a node that begin or strike between two events."""
        return [
            event
            for event in self._faults
            if event["target"] == node and after < event["seq"] < before and event["phase"] != "healed"
        ]

    def is_damage(self, dropped: Event) -> bool:
        """Whether a fault took it. What is dropped for another reason (nobody waits any more) is no loss."""
        return any(dropped["why"] == f"{event['fault']}:{event['target']}" for event in self._faults)

    def name_fault(self, key: str) -> str:
        """`drop-ack:inventory` as a reader knows it; what is no fault's key stays as it is."""
        fault, _, target = key.partition(":")
        if fault not in self.labels:
            return key
        label = self.labels[fault]
        joined = "" if label.rpartition(" ")[2] in PREPOSITIONS else "at "
        return f"{label} {joined}{self.name(target)}" if target else label

    def _take(self, event: Event) -> None:
        kind, message = event["kind"], event.get("message", "")
        if message and kind != "noted":
            if message not in self._by_message:
                self._children[self.cause(message)].append(message)
            self._by_message[message].append(event)
        if kind == "sent":
            self._sent[event["hop"]] = event
            if self.is_answer(message):
                self._answers[self.cause(message)].append(event)
        elif kind in ("received", "dropped"):
            self._fates[event["hop"]] = event
        elif kind == "faulted":
            self._faults.append(event)
