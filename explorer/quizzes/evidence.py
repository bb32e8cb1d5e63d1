"""What a recorded run shows of each part, in counts: enough to find who is to blame, without saying it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

FAILURES = ("nack", "error", "expired", "lost", "dead-lettered")


@dataclass(frozen=True, slots=True)
class Traffic:
    """One part: messages by what became of them there, and how long they stayed, in seconds of run time."""

    node: str
    received: int
    sent: int
    dropped: int
    failed: int
    typical_stay: float | None
    longest_stay: float | None


def count_traffic(events: Iterable[Mapping[str, Any]], nodes: Sequence[str]) -> list[Traffic]:
    """The traffic at each of `nodes`. A stay is from a message's arrival to its settling at the same part."""
    received, sent, dropped, failed = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    arrived: dict[tuple[str, str], float] = {}
    stays: dict[str, list[float]] = defaultdict(list)
    for event in events:
        match event["kind"]:
            case "sent":
                sent[event["source"]] += 1
            case "received":
                received[event["node"]] += 1
                arrived.setdefault((event["message"], event["node"]), event["at"])
            case "dropped":
                dropped[event["node"]] += 1
            case "settled":
                failed[event["node"]] += event["outcome"] in FAILURES
                came = arrived.pop((event["message"], event["node"]), None)
                if came is not None:
                    stays[event["node"]].append(event["at"] - came)
    return [
        Traffic(
            node, received[node], sent[node], dropped[node], failed[node],
            median(stays[node]) if stays[node] else None, max(stays[node], default=None),
        )
        for node in nodes
    ]  # fmt: skip
