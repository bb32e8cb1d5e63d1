"""Questions about one run, with answers that are read from its log: why it was sent again, who overtook whom, and where
the time went. No Django, and no text of an answer that the log does not bear out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]
RETRIES, OVERTAKINGS = 2, 2
RETRIES_LOOKED_AT = 40
"""A retry storm has thousands, and each look goes through the log."""
FAILURES = ("nack", "error", "lost")
LEAST = 0.001
"""A difference in seconds that can be seen."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer; exactly one of a question's is `correct`."""

    text: str
    correct: bool


@dataclass(frozen=True, slots=True)
class RunQuestion:
    """A question about a run. `at`, in seconds of run time, and `focus`, a message, are what shows the answer."""

    key: str
    stem: str
    choices: tuple[Choice, ...]
    because: str
    at: float
    focus: str

    @property
    def expected(self) -> str:
        """The right answer."""
        return next(choice.text for choice in self.choices if choice.correct)


def make_questions(events: Sequence[Event], labels: Mapping[str, str]) -> list[RunQuestion]:
    """All questions that this log can answer; none where nothing was sent. `labels` names nodes and faults."""
    made = [*_ask_retries(events, labels), *_ask_overtakings(events, labels), *_ask_where(events, labels)]
    return made + list(_ask_busiest(events, labels))


# --- why was it sent again? ----------------------------------------------------------------------------------------


def _ask_retries(events: Sequence[Event], labels: Mapping[str, str]) -> Iterator[RunQuestion]:
    causes: set[str] = set()
    looked = 0
    earlier: dict[tuple[str, str, str], Event] = {}
    for place, event in enumerate(events):
        if event["kind"] != "sent":
            continue
        way = (event["message"], event["source"], event["target"])
        before, earlier[way] = earlier.get(way), event
        if before is None or event["attempt"] <= before["attempt"]:
            continue
        looked += 1
        if looked > RETRIES_LOOKED_AT:
            return
        kind, cause = find_cause(events[:place], before, event)
        if kind in causes:
            continue  # another of the same kind teaches nothing new
        causes.add(kind)
        yield _word_retry(event, kind, cause, labels)
        if len(causes) == RETRIES:
            return


def find_cause(events: Sequence[Event], before: Event, again: Event) -> tuple[str, Event]:
    """Why a message was sent again: lost, answer lost, refused, or late; and the event that shows it."""
    name, target = again["message"], again["target"]
    for event in events:
        if event["seq"] <= before["seq"] or event.get("message", "").split("/")[0] != name.split("/")[0]:
            continue
        if event["kind"] == "dropped" and event.get("hop") == before["hop"]:
            return "lost", event
        if event["kind"] == "dropped" and event["message"].startswith(f"{name}/") and target in event["message"]:
            return "answer lost", event
        here = event["kind"] == "settled" and event["message"] == name and event["node"] == target
        if here and event["outcome"] in FAILURES:
            return "refused", event
    return "late", before


def _word_retry(event: Event, kind: str, cause: Event, labels: Mapping[str, str]) -> RunQuestion:
    name, target = event["message"], labels.get(event["target"], event["target"])
    words = {
        "lost": f"#{name} was lost on its way to {target}",
        "answer lost": f"{target} had #{name}, but its answer was lost on the way back",
        "refused": f"{target} could not handle #{name} and said so",
        "late": f"nothing was lost: the answer to #{name} had not come in time",
    }
    time = _ordinal(event["attempt"])
    stem = f"At {event['at']:.2f} s #{name} is sent to {target} for the {time} time. What caused this retry?"
    shown = {"answer lost": f"the answer to #{name}", "late": f"attempt {cause.get('attempt')} of #{name}"}.get(
        kind, f"#{name}"
    )
    because = f"The log has it at {cause['at']:.2f} s: {_say(cause, shown, labels)}."
    return RunQuestion(
        f"retry-{event['seq']}", stem, tuple(Choice(text, key == kind) for key, text in words.items()), because,
        cause["at"], cause["message"],
    )  # fmt: skip


def _say(cause: Event, shown: str, labels: Mapping[str, str]) -> str:
    where = labels.get(cause.get("node", ""), cause.get("node", ""))
    if cause["kind"] == "dropped":
        return f"{shown} is dropped on its way to {where} ({_name_fault(cause['why'], labels)})"
    if cause["kind"] == "settled":
        return f"{shown} ends at {where} as {cause['outcome']}"
    return f"{shown} sets out, and no failure of it is recorded before the next attempt"


def _name_fault(key: str, labels: Mapping[str, str]) -> str:
    """`drop-ack:inventory` as a reader knows it; what is no fault's key stays as it is."""
    fault, _, target = key.partition(":")
    where = f" at {labels.get(target, target)}" if target else ""
    return labels[fault] + where if fault in labels else key


# --- who overtook whom? --------------------------------------------------------------------------------------------


def _ask_overtakings(events: Sequence[Event], labels: Mapping[str, str]) -> Iterator[RunQuestion]:
    born: dict[str, float] = {}
    last: dict[tuple[str, str], Event] = {}
    sent: dict[Any, Event] = {}
    arrived: set[tuple[str, str]] = set()
    asked: set[str] = set()
    for event in events:
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
            yield _word_overtaking(previous, event, why, labels)


def explain_overtaking(
    first_sent: Event, first: Event, late_sent: Event, late: Event, born: Mapping[str, float]
) -> tuple[str, str]:
    """Why the older message came after the younger: sent again, longer in flight, or kept waiting; with the numbers."""
    if late_sent["attempt"] > 1:
        return "again", f"what arrived was attempt {late_sent['attempt']}"
    flights = [late["at"] - late_sent["at"], first["at"] - first_sent["at"]]
    waits = [late_sent["at"] - born[late["message"]], first_sent["at"] - born[first["message"]]]
    if flights[0] - flights[1] > waits[0] - waits[1]:
        return "flight", f"it was in flight for {flights[0]:.2f} s, the other for {flights[1]:.2f} s"
    return "wait", f"it set out {waits[0]:.2f} s after it was first seen, the other after {waits[1]:.2f} s"


def _word_overtaking(first: Event, late: Event, why: tuple[str, str], labels: Mapping[str, str]) -> RunQuestion:
    older, younger = f"#{late['message']}", f"#{first['message']}"
    words = {
        "again": f"{older} had to be sent again, and {younger} came in between",
        "flight": f"both set out in order, but {older} was longer in flight",
        "wait": f"{older} had to wait longer before it set out",
        "born": f"{younger} is the older of the two",
    }
    node = labels.get(late["node"], late["node"])
    return RunQuestion(
        f"overtaken-{late['seq']}", f"Why did {younger} arrive at {node} before {older}?",
        tuple(Choice(text, key == why[0]) for key, text in words.items()),
        f"{older} is the older one; {why[1]}.", first["at"], late["message"],
    )  # fmt: skip


# --- where did the time go, and who had most to do? ----------------------------------------------------------------


def _ask_where(events: Sequence[Event], labels: Mapping[str, str]) -> Iterator[RunQuestion]:
    spent, ended = count_stays(events)
    if not spent:
        return
    name = max(spent, key=lambda message: (sum(spent[message].values()), message))
    places = spent[name].most_common()
    if len(places) > 1 and places[0][1] - places[1][1] < LEAST:
        return
    others = [place for place in ["", *labels] if place != places[0][0]]
    offered = dict.fromkeys([place for place, _ in places[:3]] + others)
    choices = tuple(
        Choice(f"at {labels.get(place, place)}" if place else "in flight", place == places[0][0])
        for place in sorted(list(offered)[:4])
    )
    said = ", ".join(f"{labels.get(place, place) or 'in flight'} {seconds:.2f} s" for place, seconds in places[:3])
    yield RunQuestion(
        "where", f"#{name}, with its copies and repetitions, took longest. Where did most of that time go?", choices,
        f"From the log: {said}.", ended[name], name,
    )  # fmt: skip


def count_stays(events: Iterable[Event]) -> tuple[dict[str, Counter[str]], dict[str, float]]:
    """For each message the seconds it spent at each node ("" is in flight), and when that was last added to."""
    spent: dict[str, Counter[str]] = defaultdict(Counter)
    ended: dict[str, float] = {}
    sent: dict[Any, float] = {}
    came: dict[tuple[str, str], float] = {}
    for event in events:
        kind, name = event["kind"], event.get("message", "")
        if kind == "sent":
            sent[event["hop"]] = event["at"]
        if kind in ("received", "dropped") and event["hop"] in sent:
            spent[name][""] += event["at"] - sent.pop(event["hop"])
            ended[name] = event["at"]
        if kind == "received":
            came[name, event["node"]] = event["at"]
        place = event.get("source") if kind == "sent" else event.get("node") if kind == "settled" else None
        name = name.removesuffix("/reply") if kind == "sent" else name  # who replies is done with the request
        if place and (name, place) in came:
            spent[name][place] += event["at"] - came.pop((name, place))
            ended[name] = event["at"]
    return spent, ended


def _ask_busiest(events: Sequence[Event], labels: Mapping[str, str]) -> Iterator[RunQuestion]:
    counts = Counter(event["node"] for event in events if event["kind"] == "received")
    ranked = counts.most_common(4)
    if len(ranked) < 2 or ranked[0][1] == ranked[1][1]:
        return
    last = next(event for event in reversed(events) if event["kind"] == "received")
    yield RunQuestion(
        "busiest", "Which part received the most messages, answers and repetitions included?",
        tuple(Choice(labels.get(node, node), node == ranked[0][0]) for node, _ in sorted(ranked)),
        ", ".join(f"{labels.get(node, node)} {count}" for node, count in ranked) + ".", last["at"], last["message"],
    )  # fmt: skip


def _ordinal(number: int) -> str:
    return {2: "second", 3: "third", 4: "fourth", 5: "fifth"}.get(number, f"{number}th")
