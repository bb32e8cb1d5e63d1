"""Who overtook whom, and why the older message came later. No Django."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from explorer.quizzes.run_question import RunQuestion, choose
from explorer.quizzes.story import LEAST, Event, Story

OVERTAKINGS = 2
TOPICS = ("order", "overtak", "sequence", "parallel", "partition", "key")


def ask_overtakings(story: Story) -> Iterator[RunQuestion]:
    """At most two questions, each about another reason."""
    born: dict[str, float] = {}
    last: dict[tuple[str, str], Event] = {}
    sent: dict[Any, Event] = {}
    arrived: set[tuple[str, str]] = set()
    asked: set[str] = set()
    for event in story.events:
        if event.get("message"):
            born.setdefault(event["message"], event["at"])
        if event["kind"] == "sent":
            sent[event["hop"]] = event
        if event["kind"] != "received" or event["hop"] not in sent:
            continue
        hop = sent[event["hop"]]
        if (event["message"], event["node"]) in arrived:
            continue  # it was here before: what comes now is a repetition
        arrived.add((event["message"], event["node"]))
        way = (hop["source"], hop["target"])
        previous, last[way] = last.get(way), event
        if previous is None or born[event["message"]] >= born[previous["message"]] - LEAST:
            continue
        why = explain_overtaking(sent[previous["hop"]], previous, hop, event, born)
        if why[0] not in asked and len(asked) < OVERTAKINGS:
            asked.add(why[0])
            yield _word(story, previous, event, why, born)


def explain_overtaking(
    first_sent: Event, first: Event, late_sent: Event, late: Event, born: Mapping[str, float]
) -> tuple[str, str]:
    """Why the older message came after the younger: sent again, longer in flight, or kept waiting; with the numbers."""
    flights = [late["at"] - late_sent["at"], first["at"] - first_sent["at"]]
    waits = [late_sent["at"] - born[late["message"]], first_sent["at"] - born[first["message"]]]
    numbers = (
        f"it was in flight for {flights[0]:.2f} s, the other for {flights[1]:.2f} s, "
        f"and set out {waits[0]:.2f} s after it was first seen, the other after {waits[1]:.2f} s"
    )
    if late_sent["attempt"] > 1:
        return "again", f"what arrived was attempt {late_sent['attempt']}"
    return ("flight" if flights[0] - flights[1] > waits[0] - waits[1] else "wait"), numbers


def _word(story: Story, first: Event, late: Event, why: tuple[str, str], born: Mapping[str, float]) -> RunQuestion:
    older, younger, node = f"#{late['message']}", f"#{first['message']}", story.name(late["node"])
    because = f"{older} is the older one; {why[1]}."
    rows = [
        (
            "again", f"{older} had to be sent again, and {younger} came in between",
            "A repetition is what puts an old message behind a young one most often.",
            f"It is the first attempt of {older} that arrives; {why[1]}.",
        ),
        (
            "flight", f"both set out in order, but {older} was longer in flight",
            "What one sees moving is what one blames.", f"{why[1].capitalize()}.",
        ),
        (
            "wait", f"{older} had to wait longer before it set out",
            "Whoever waits is overtaken, so this is worth a look.", f"{why[1].capitalize()}.",
        ),
        (
            "born", f"{younger} is the older of the two", "It came first, so it looks like the first.",
            f"{older} was first seen at {born[late['message']]:.2f} s, {younger} at {born[first['message']]:.2f} s.",
        ),
    ]  # fmt: skip
    hints = (
        f"Find the moment when {older} is first seen, and the one when {younger} is.",
        f"Compare, for the two, how long each waited before it set out for {node}, and how long each flew.",
        f"{younger} lands at {first['at']:.2f} s, {older} at {late['at']:.2f} s: follow {older} back from there.",
    )
    return RunQuestion(
        f"overtaken-{late['seq']}", f"Why did {younger} arrive at {node} before {older}?",
        choose(rows, why[0], because), because, first["at"], late["message"], hints, TOPICS,
    )  # fmt: skip
