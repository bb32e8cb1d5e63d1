"""Which message took longest, and where its time went: one path through the log, so that no second counts twice.

The path is walked back from the message's last event: an arrival came from its flight, an attempt from the one before
(its sender waited for the target meanwhile), an answer from what was asked, a request from what it was waiting for.
No Django.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from explorer.quizzes.run_question import RunQuestion, choose
from explorer.quizzes.story import LEAST, Event, Story

FLIGHT = ""
"""The place of a message that is on its way."""
TOPICS = ("latency", "wait", "slow", "time", "queue", "backlog", "lag")
OFFERED = 4
SAID = 3


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of a path: from when to when, where, and whom the place was waiting for, if it was an answer of somebody."""

    begin: float
    end: float
    place: str
    target: str = ""

    @property
    def seconds(self) -> float:
        """How long."""
        return self.end - self.begin


def ask_where(story: Story) -> Iterator[RunQuestion]:
    """Where most of the longest message's time went; nothing if two places are level."""
    name = find_longest(story)
    path = trace(story, name) if name else []
    spent = sum_places(path)
    places = spent.most_common()
    if not places or (len(places) > 1 and places[0][1] - places[1][1] < LEAST):
        return
    yield _word(story, name, path, places)


def find_longest(story: Story) -> str:
    """The message with the most time between its first event and its last; the earliest of those that are level."""
    spans: dict[str, float] = {}
    for event in story.events:
        message = event.get("message", "")
        if message and message not in spans and not story.is_answer(message) and (own := story.about(message)):
            spans[message] = own[-1]["at"] - own[0]["at"]
    longest = max(spans.values(), default=0.0)
    return next((name for name, seconds in spans.items() if seconds >= longest - LEAST), "") if longest else ""


def sum_places(path: list[Stretch]) -> Counter[str]:
    """Seconds at each place of a path; flights are one place."""
    spent: Counter[str] = Counter()
    for stretch in path:
        spent[stretch.place] += stretch.seconds  # type: ignore[assignment]
    return spent


def trace(story: Story, name: str) -> list[Stretch]:
    """The one path that led to the message's last event, earliest stretch first; its stretches fill its whole time."""
    own = story.about(name)
    begin, event = own[0], own[-1]
    path: list[Stretch] = []
    while event["seq"] > begin["seq"]:
        before, place, target = _step_back(story, event)
        if before is None or before["seq"] <= begin["seq"]:
            before = begin
        path.append(Stretch(before["at"], event["at"], place, target))
        event = before
    return [stretch for stretch in reversed(path) if stretch.seconds > 0]


def _step_back(story: Story, event: Event) -> tuple[Event | None, str, str]:
    """What an event came from, where the time between was spent, and for whom that place was waiting."""
    if event["kind"] in ("received", "dropped"):
        return story.flight(event["hop"]), FLIGHT, ""
    node = event["source"] if event["kind"] == "sent" else event["node"]
    if event["kind"] == "sent":
        way = (event["source"], event["target"])
        again = [
            each for each in _before(story, event["message"], event, "sent") if (each["source"], each["target"]) == way
        ]
        if again:
            return again[-1], node, event["target"]
    landed = _find_arrival(story, event, node)
    if landed is not None:
        return landed, node, ""
    asked = [each for each in _before(story, event["message"], event, "sent") if each["source"] == node]
    return (asked[-1], node, asked[-1]["target"]) if asked else (None, node, "")


def _find_arrival(story: Story, event: Event, node: str) -> Event | None:
    """The arrival at a node that an event there followed from: of the message itself, of what caused it, or of an
    answer to what that node asked on its behalf."""
    message, cause = event["message"], story.cause(event["message"])
    heard = _answers_at(story, message, event, node) if event["kind"] == "settled" else []
    found = heard or _arrivals(story, message, event, node)
    found = found or [*_arrivals(story, cause, event, node), *_answers_at(story, cause, event, node)]
    return max(found, key=lambda each: int(each["seq"]), default=None)


def _answers_at(story: Story, message: str, event: Event, node: str) -> list[Event]:
    """Arrivals of answers to a message, and to what was asked because of it."""
    asked = [message, *(child for child in story.children(message) if not story.is_answer(child))]
    answers = (child for each in asked for child in story.children(each) if story.is_answer(child))
    return [landed for answer in answers for landed in _arrivals(story, answer, event, node)]


def _arrivals(story: Story, message: str, event: Event, node: str) -> list[Event]:
    return [each for each in _before(story, message, event, "received") if each["node"] == node]


def _before(story: Story, message: str, event: Event, kind: str) -> list[Event]:
    return [each for each in story.about(message) if each["kind"] == kind and each["seq"] < event["seq"]]


def _word(story: Story, name: str, path: list[Stretch], places: list[tuple[str, float]]) -> RunQuestion:
    total = sum(stretch.seconds for stretch in path)
    spent, right = dict(places), places[0][0]
    said = ", ".join(f"{_call(story, place)} {seconds:.2f} s" for place, seconds in places[:SAID])
    longest = max(path, key=lambda stretch: stretch.seconds)
    waited = (
        f" The longest stretch is {longest.seconds:.2f} s {_call(story, longest.place)}, from {longest.begin:.2f} s on"
    )
    waited += f", waiting for {story.name(longest.target)}." if longest.target else "."
    because = f"Of its {total:.2f} s, along the way that led to its end: {said}.{waited}"
    rows = [
        (
            place,
            _call(story, place),
            _tempt(story, place),
            f"Only {spent.get(place, 0.0):.2f} s of {total:.2f} s went there.",
        )
        for place in _list_offered(story, places)
    ]
    hints = (
        f"#{name} begins at {path[0].begin:.2f} s and ends at {path[-1].end:.2f} s. Step through what lies between.",
        "Look for the longest stretch in which nothing of it moves, and where it stands meanwhile.",
        f"Look at what happens from {longest.begin:.2f} s on.",
    )
    return RunQuestion(
        "where", f"No message took longer than #{name}: {total:.2f} s. Where did most of that time go?",
        choose(rows, right, because), because, longest.end, name, hints, TOPICS,
    )  # fmt: skip


def _list_offered(story: Story, places: list[tuple[str, float]]) -> list[str]:
    nodes = [label for label in story.nodes if label not in dict(places)]
    offered = dict.fromkeys([*(place for place, _ in places[:SAID]), FLIGHT, *nodes])
    return sorted(list(offered)[:OFFERED])


def _call(story: Story, place: str) -> str:
    return f"at {story.name(place)}" if place else "in flight"


def _tempt(story: Story, place: str) -> str:
    if not place:
        return "A flight is what one sees moving, so it seems to be what takes the time."
    return f"It comes by {story.name(place)}, and a part that works looks like a part that takes time."
