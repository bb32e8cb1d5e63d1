"""Show a product page: f parts from four services, which change on one seeded timetable, and what is read of it.

Every column tells its log the same words: a `ViewProduct` leaves the node `browser` and is settled there; what the node
`page` asks is a request.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import accumulate

from patterns.core.clock import seeded
from patterns.core.log import Sent, Settled
from patterns.core.run import Run
from patterns.core.workload import (
    PLAIN,
    Blow,
    Expectation,
    Mishap,
    Script,
    Size,
    Workload,
    Yardstick,
    per_cent,
    quantile,
)

SOURCES = ("price", "reviews", "stock", "recommendations")
"""The services that know the parts, in the order in which parts are dealt to them."""

PRODUCTS = 5
CHANGED_EVERY = 30.0
"""Seconds after which a part of a product is another, on average."""

VISITORS_PER_SECOND = 2.0
WORK_SECONDS = 0.05
HOP_SECONDS = 0.05

VISITS = {5: 100, 12: 100, 50: 40, 150: 16}
"""How many visitors come, by parts of a page: a page of many parts is many calls."""


def name_parts(count: int) -> list[tuple[str, str]]:
    """Source and name of each part: price, reviews, ..., price2, ..."""
    dealt = [divmod(number, len(SOURCES)) for number in range(count)]
    return [(SOURCES[turn], SOURCES[turn] + (f"{lap + 1}" if lap else "")) for lap, turn in dealt]


def choose_product(source: random.Random) -> int:
    """Which product a visitor looks at: the k-th has weight 1/k (Zipf)."""
    products = range(1, PRODUCTS + 1)
    return source.choices(products, cum_weights=list(accumulate(1 / k for k in products)))[0]


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a product is another from `at` on, in seconds of run time."""

    at: float
    source: str
    part: str
    product: int

    @property
    def key(self) -> str:
        return f"{self.part} of {self.product}"


def list_changes(seed: int, parts: int) -> list[Change]:
    """What changes while visitors come, in order of time; the same for every column."""
    source, comes, found = seeded(seed, "changes"), PAGE.comes(parts), []
    for service, part in name_parts(parts):
        for product in range(1, PRODUCTS + 1):
            at = source.expovariate(1 / CHANGED_EVERY)
            while at < comes:
                found.append(Change(at, service, part, product))
                at += source.expovariate(1 / CHANGED_EVERY)
    return sorted(found, key=lambda change: change.at)


@dataclass(frozen=True, slots=True)
class Look:
    """A page that a visitor got: when he asked, and up to which moment each part knew what had changed, by key."""

    asked: float
    known: Mapping[str, float]


def share_stale(looks: Iterable[Look], changes: Iterable[Change]) -> float | None:
    """Per cent of the parts shown that had already changed when the visitor asked, and did not show it."""
    times: dict[str, list[float]] = defaultdict(list)
    for change in changes:
        times[change.key].append(change.at)
    parts = [
        bisect_right(times[key], look.asked) > bisect_right(times[key], known)
        for look in looks
        for key, known in look.known.items()
    ]
    return per_cent(sum(parts), len(parts))


def answered(run: Run) -> Iterator[Settled]:
    """Each page that came back whole, or as whole as its way wants it."""
    for event in run.log:
        if isinstance(event, Settled) and (event.node, event.outcome) == ("browser", "reply"):
            yield event


def visits(run: Run) -> dict[str, float]:
    """When each visitor asked, by the id of his message."""
    sent = (event for event in run.log if isinstance(event, Sent) and (event.source, event.attempt) == ("browser", 1))
    return {event.message: event.at for event in sent}


def _wait(run: Run, q: float) -> float | None:
    asked = visits(run)
    return quantile((event.at - asked[event.message] for event in answered(run)), q, len(asked))


def _success(run: Run) -> float | None:
    return per_cent(sum(1 for _ in answered(run)), len(visits(run)))


def _calls(run: Run) -> float | None:
    asked = len(visits(run))
    sent = (event for event in run.log if isinstance(event, Sent) and event.source == "page")
    calls = sum(run.log.messages[event.message].role == "request" for event in sent)
    return calls / asked if asked else None


PAGE_READS = {
    "wait": lambda run: _wait(run, 0.5),
    "wait-p95": lambda run: _wait(run, 0.95),
    "wait-p99": lambda run: _wait(run, 0.99),
    "success": _success,
    "calls": _calls,
}
"""How the yardsticks are read, the same in every column; what is stale each column knows from its own log."""


def _during(kind: str, begins: float, share: float, amount: float | None = None) -> Script:
    """One blow to Reviews over a share of the time in which visitors come."""
    return lambda seed, comes: (Blow(begins * comes, kind, "reviews", share * comes, amount),)


def _fail_now_and_then(seed: int, comes: float) -> tuple[Blow, ...]:
    return tuple(Blow(0.0, "error", source, 10 * comes, 0.01) for source in SOURCES)


PAGE = Workload(
    "page",
    "Show a product page",
    "Two visitors a second want a page made of f parts that four services know. A service works 50 ms on a part, a hop "
    "takes 50 ms, and one call in a hundred takes a second longer. Each part of each product changes about every "
    "half minute.",
    Size("Parts of a page, f", "parts", (5, 12, 50, 150), 12),
    lambda size: VISITS[size] / VISITORS_PER_SECOND,
    lambda size: 10.0 + 0.4 * size,
    (
        Yardstick("wait", "Visitor waits, median", "s", "low"),
        Yardstick("wait-p95", "Visitor waits, 95 of 100", "s", "low"),
        Yardstick("wait-p99", "Visitor waits, 99 of 100", "s", "low", "Of fewer than a hundred: the slowest."),
        Yardstick("success", "Pages answered", "%", "high"),
        Yardstick("calls", "Calls behind a page", "calls", "low"),
        Yardstick("stale", "Parts that had changed already", "%", "low", "When the visitor asked."),
    ),
    (
        PLAIN,
        Mishap("slow", "Reviews takes 2 s longer for a third of the time", _during("slow", 0.25, 0.33, 2.0)),
        Mishap("down", "Reviews is down for a quarter of the time", _during("down", 0.25, 0.25)),
        Mishap("error", "One call in a hundred fails, at every service", _fail_now_and_then),
    ),
    (
        Expectation("wait-p99", (("projection",), ("parallel",), ("serial",)),
                    "A kept copy costs one look, side by side the slowest part, one after another the sum of all.",
                    ("plain",)),
        Expectation("wait-p99", (("fallback",), ("parallel",)),
                    "Leaving out what is slow cuts the tail.", ("plain", "slow")),
        Expectation("wait-p99", (("cached",), ("parallel",)),
                    "What the cache knows needs no call; what it does not know takes one look more.", ("plain",)),
        Expectation("success", (("serial", "parallel"), ("fallback", "projection")),
                    "A page that needs all its parts is as available as all of them together, a^f.", ("down", "error")),
        Expectation("calls", (("projection",), ("serial", "parallel", "fallback")),
                    "One look at the copy, or one call for each part."),
        Expectation("stale", (("serial", "parallel", "fallback"), ("cached",)),
                    "Only a copy can be old: that is its price.", ("plain",)),
        Expectation("stale", (("projection",), ("cached",)),
                    "Events bring changes at once; a cache learns of them when its time is over.", ("plain",)),
    ),
    (
        ("The gateway as a column", "its lab is not built yet; the page server here asks side by side as a gateway "
         "does."),
        ("A hundred pages of 150 parts", "would be a minute of computing; there are sixteen, so their 99 of 100 is the "
         "slowest."),
    ),
)  # fmt: skip
