"""The words of a question about a retry: its answers, why each tempts, and what in the log speaks against it."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.quizzes.run_question import RunQuestion, choose
from explorer.quizzes.story import Event, Story

TOPICS = ("retr", "again", "redeliver", "duplicate", "lost", "ack", "timeout", "idempot")
TEMPTS = {
    "lost": "Who gets no answer cannot tell a message that never arrived from one that did.",
    "answer lost": "For the sender a lost answer and a lost message look alike.",
    "died": "A part that is gone sends no answer either.",
    "refused": "A refusal is the plainest reason to ask again.",
    "late": "Most of the time nothing is lost; it only takes longer than somebody is willing to wait.",
}


def word_retry(story: Story, before: Event, again: Event, kind: str, cause: Event) -> RunQuestion:
    """The question why `again` was sent after `before`, answered by `cause`."""
    name, target = again["message"], story.name(again["target"])
    stem = f"At {again['at']:.2f} s #{name} is sent to {target} for the {_ordinal(again['attempt'])} time. "
    because = f"The log has it at {cause['at']:.2f} s: {_say(story, name, kind, cause)}."
    rows = [
        (each, text, TEMPTS[each], _refute(story, each, kind, before, again))
        for each, text in _list_answers(name, target)
    ]
    hints = (
        f"Go to {before['at']:.2f} s, where the attempt before sets out, and follow #{name} from there.",
        f"Does it come in at {target}? Does anything leave {target} for {story.name(again['source'])} because of it?",
        f"The moment that decides is at {cause['at']:.2f} s.",
    )
    return RunQuestion(
        f"retry-{again['seq']}", f"{stem}What caused this retry?", choose(rows, kind, because), because,
        cause["at"], cause.get("message") or name, hints, TOPICS,
    )  # fmt: skip


def _list_answers(name: str, target: str) -> Iterator[tuple[str, str]]:
    yield "lost", f"#{name} never got into {target}"
    yield "answer lost", f"{target} had #{name}, but its answer was lost on the way back"
    yield "died", f"{target} had #{name}, and died or was stopped before it had answered"
    yield "refused", f"{target} could not handle #{name}, and said so"
    yield "late", f"nothing was lost: the answer to #{name} had not come in time"


def _say(story: Story, name: str, kind: str, cause: Event) -> str:
    shown = f"the answer to #{name}" if cause.get("message", name) != name else f"#{name}"
    where = story.name(cause.get("node", ""))
    match cause["kind"]:
        case "dropped":
            return f"{shown} is dropped on its way to {where} ({story.name_fault(cause['why'])})"
        case "received":
            return f"the answer to #{name} is an error, and arrives at {where}"
        case "settled":
            return f"{shown} ends at {where} as {cause['outcome']}"
        case "faulted":
            return f"{story.name_fault(cause['fault'] + ':' + cause['target'])} strikes, and no answer has set out"
    return f"attempt {cause['attempt']} of {shown} sets out, and nothing of it fails before the next one"


def _refute(story: Story, option: str, kind: str, before: Event, again: Event) -> str:
    """Why an answer is wrong, when `kind` is right."""
    name, source, target = again["message"], story.name(again["source"]), story.name(again["target"])
    never_in = f"{target} never had #{name} from this attempt, as the log shows where it was dropped."
    fate = story.fate(before)
    if option == "lost":
        if fate is None or fate["kind"] != "received":
            return f"No fault takes it: it was sent at {before['at']:.2f} s, and was still under way."
        return f"The log has it in {target} at {fate['at']:.2f} s."
    if kind == "lost" and option != "late":
        return never_in
    if option == "late":
        waited = f"However long {source} had waited, no answer to this attempt would have come."
        return f"{source} did have its answer in time; it was a refusal." if kind == "refused" else waited
    if option == "refused":
        return f"No refusal of #{name} by {target} is in the log before {again['at']:.2f} s."
    if option == "died":
        return f"The log has {target} answer, or at work on it still; no fault ends it in between."
    return f"The log drops no answer of {target} to this attempt before {again['at']:.2f} s."


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")
