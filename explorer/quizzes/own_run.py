"""Questions about one run, with answers that are read from its log: why it was sent again, who overtook whom, and where
the time went. No Django, and no text of an answer that the log does not bear out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from explorer.quizzes.overtakings import ask_overtakings
from explorer.quizzes.retries import ask_retries
from explorer.quizzes.run_question import RunQuestion, choose
from explorer.quizzes.stays import ask_where
from explorer.quizzes.story import Event, Story

OFFERED = 4
TOPICS = ("copies", "copy", "load", "call", "fan", "subscri", "amplif")


def make_questions(
    events: Sequence[Event], labels: Mapping[str, str], messages: Mapping[str, Mapping[str, Any]]
) -> list[RunQuestion]:
    """All questions that this log can answer; none where nothing was sent. `labels` names nodes and faults, `messages`
    says of each what it is for and what caused it."""
    story = Story(events, messages, labels)
    return [*ask_retries(story), *ask_overtakings(story), *ask_where(story), *_ask_busiest(story)]


def _ask_busiest(story: Story) -> Iterator[RunQuestion]:
    arrivals = [event for event in story.events if event["kind"] == "received"]
    ranked = Counter(str(event["node"]) for event in arrivals).most_common(OFFERED)
    if len(ranked) < 2 or ranked[0][1] == ranked[1][1]:
        return
    counts, last = dict(ranked), arrivals[-1]
    because = ", ".join(f"{story.name(node)} {count}" for node, count in ranked) + "."
    rows = [
        (node, story.name(node), "It is on the way of many messages.", f"It received {count}; another received more.")
        for node, count in sorted(counts.items())
    ]
    hints = (
        "Count what lands at each part, not what sets out from it.",
        "An answer lands too: at the part that asked. So does every repetition.",
        f"The busiest received {ranked[0][1]} messages; the next one {ranked[1][1]}.",
    )
    yield RunQuestion(
        "busiest", "Which part received the most messages, answers and repetitions included?",
        choose(rows, ranked[0][0], because), because, last["at"], last["message"], hints, TOPICS,
    )  # fmt: skip
