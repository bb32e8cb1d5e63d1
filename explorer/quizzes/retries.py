"""Why was a message sent again? Read from the log: what became of the attempt before, and of its answer. No Django.

Where the log does not tell, nothing is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.quizzes.retry_words import word_retry
from explorer.quizzes.run_question import RunQuestion
from explorer.quizzes.story import Event, Story

RETRIES = 2
RETRIES_LOOKED_AT = 40
"""A retry storm has thousands."""
HEDGE = "hedge"
"""The `why` of a copy that is sent before anything went wrong: no retry."""
REFUSED = ("nack", "error")


@dataclass(frozen=True, slots=True)
class Retry:
    """Two attempts to bring one message from a node to another, one after the other."""

    before: Event
    again: Event

    @property
    def message(self) -> str:
        """What is sent."""
        return str(self.again["message"])

    def spans(self, event: Event) -> bool:
        """Whether it happened between the two."""
        return bool(self.before["seq"] < event["seq"] < self.again["seq"])


def ask_retries(story: Story) -> Iterator[RunQuestion]:
    """At most two questions, each about another cause."""
    asked: set[str] = set()
    for number, retry in enumerate(list_retries(story)):
        if number == RETRIES_LOOKED_AT or len(asked) == RETRIES:
            return
        found = find_cause(story, retry)
        if found is None or found[0] in asked:
            continue  # another of the same kind teaches nothing new
        asked.add(found[0])
        yield word_retry(story, retry.before, retry.again, *found)


def list_retries(story: Story) -> Iterator[Retry]:
    """Every second and later attempt, with the one before it; a hedge is none, nor what follows one."""
    earlier: dict[tuple[str, str, str], Event] = {}
    for event in story.events:
        if event["kind"] != "sent":
            continue
        way = (event["message"], event["source"], event["target"])
        before, earlier[way] = earlier.get(way), event
        if before is None or event["attempt"] <= before["attempt"]:
            continue
        if HEDGE not in (event.get("why"), before.get("why")):
            yield Retry(before, event)


def find_cause(story: Story, retry: Retry) -> tuple[str, Event] | None:
    """Why, and the event that shows it: lost, answer lost, refused, died or late. None if the log leaves it open."""
    fate = story.fate(retry.before)
    if fate is not None and fate["kind"] == "dropped" and story.is_damage(fate):
        return ("lost", fate) if retry.spans(fate) else None
    if fate is None or fate["kind"] == "dropped" or not retry.spans(fate):
        return ("late", retry.before) if fate is not None else None  # it was still under way, or nobody waited
    return _read_answer(story, retry, fate) or _read_silence(story, retry, fate)


def _read_answer(story: Story, retry: Retry, landed: Event) -> tuple[str, Event] | None:
    """What the answers to this attempt say, and where its stay ended in a failure."""
    way = (retry.message, retry.again["source"], retry.again["target"])
    for answer in story.answers(*way):
        fate = story.fate(answer)
        if answer["seq"] < landed["seq"] or fate is None or not retry.spans(fate):
            continue
        if fate["kind"] == "dropped" and story.is_damage(fate):
            return "answer lost", fate
        if fate["kind"] == "received" and story.messages[answer["message"]]["role"] == "error":
            return "refused", fate
    for event in story.about(retry.message):
        if event["kind"] == "settled" and retry.spans(event) and event["outcome"] in REFUSED and event["node"] in way:
            return "refused", event
    return None


def _read_silence(story: Story, retry: Retry, landed: Event) -> tuple[str, Event] | None:
    """It landed, and no answer came in time: did whoever had it die, or was he slow?"""
    source, target = retry.again["source"], retry.again["target"]
    for event in story.about(retry.message):
        if event["kind"] == "settled" and event["node"] == target and retry.spans(event):
            if event["outcome"] == "lost":
                return "died", event
            if event["outcome"] == "expired":
                return "late", event
    answers = [event for event in story.answers(retry.message, source, target) if event["seq"] > landed["seq"]]
    landings = [
        event for event in story.about(retry.message) if _lands(event, target) and event["seq"] >= landed["seq"]
    ]
    struck = story.faults(target, landed["seq"], retry.again["seq"])
    unanswered = len(landings) > len(answers) and not any(retry.spans(event) for event in answers)
    if struck and unanswered:
        return "died", struck[-1]
    if story.faults(source, retry.before["seq"], retry.again["seq"]) or not answers or unanswered:
        return None
    return "late", retry.before


def _lands(event: Event, node: str) -> bool:
    return event["kind"] == "received" and event["node"] == node
