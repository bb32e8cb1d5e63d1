"""What experiments read from a finished run of this lab: exchanges, visits, their times and their ends.

Longer than most files: one small function for each thing that is read, in the order in which a call lives.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from math import ceil
from statistics import fmean

from patterns.core.experiment import Measure
from patterns.core.log import Changed, Received, RunLog, Sent, Settled
from patterns.core.message import Message
from patterns.core.run import Run
from patterns.request_response.promises import applied_order
from patterns.request_response.visits import finished, visit_begins

REPLY = "/reply"
"""The reply to a try is named after it."""

SLOW_PAGE_SECONDS = 2.0
"""More than a page takes that meets a slow call and asks for its parts side by side."""


# --- exchanges: one try of one call, and what came back --------------------------------------------------------------


@dataclass(slots=True)
class Exchange:
    """One try of one call. Times in seconds of run time, None for what has not happened; `replies` counts all that were
    sent, `stray` those that name another request as their cause."""

    request: Message
    asked: float
    arrived: float | None = None
    answered: float | None = None
    heard: float | None = None
    replies: int = 0
    stray: int = 0

    @property
    def span(self) -> float:
        """How long the caller waited. Only of an exchange that has been heard."""
        assert self.heard is not None
        return self.heard - self.asked

    @property
    def stay(self) -> float:
        """How long the server had it: in its queue and under work. Only of one that has been answered."""
        assert self.arrived is not None
        assert self.answered is not None
        return self.answered - self.arrived


def exchanges(run: Run, source: str, target: str) -> list[Exchange]:
    """Every try of every call that source made to target, in order."""
    found: dict[str, Exchange] = {}
    hops: dict[int, str] = {}
    for event in run.log:
        if isinstance(event, Sent):
            tag = _follow(event, found, run.log, (source, target))
            hops |= {event.hop: tag} if tag else {}
        elif isinstance(event, Received) and event.hop in hops:
            exchange = found[hops[event.hop]]
            if event.node == target:
                exchange.arrived = event.at
            else:
                exchange.heard = event.at
    return list(found.values())


def _follow(event: Sent, found: dict[str, Exchange], log: RunLog, way: tuple[str, str]) -> str:
    """The try that a flight belongs to, or "" if it is none between these two nodes."""
    message = log.messages[event.message]
    if (event.source, event.target) == way and message.role == "request":
        tag = message.id if event.attempt == 1 else f"{message.id}.{event.attempt}"
        found[tag] = Exchange(message, event.at)
        return tag
    tag = event.message.removesuffix(REPLY)
    if (event.target, event.source) != way or tag not in found:
        return ""
    exchange = found[tag]
    exchange.answered = event.at
    exchange.replies += 1
    exchange.stray += message.causation_id != exchange.request.id
    return tag


def heard(run: Run, source: str, target: str) -> list[Exchange]:
    """Those exchanges whose answer the caller has."""
    return [exchange for exchange in exchanges(run, source, target) if exchange.heard is not None]


def stays(run: Run, source: str, target: str) -> list[float]:
    """How long the server had each call that it has answered."""
    found = exchanges(run, source, target)
    return [exchange.stay for exchange in found if exchange.arrived is not None and exchange.answered is not None]


# --- visits ----------------------------------------------------------------------------------------------------------


def begun(run: Run) -> dict[str, Message]:
    """Every visit, by id, in order."""
    visits = (visit_begins(event, run.log) for event in run.log)
    return {visit.id: visit for visit in visits if visit}


def ended(run: Run) -> dict[str, Settled]:
    """How each visit ended, by id; those under way at the end of the run are not in it."""
    return {event.message: event for event in run.log if isinstance(event, Settled) and finished(event, run.log)}


def share_answered(run: Run) -> float:
    """Share of the ended visits that have an answer."""
    return fmean(event.outcome == "reply" for event in ended(run).values())


def waits(run: Run) -> list[float]:
    """What each ended visit took, in seconds."""
    return [event.at - run.log.messages[visit].time for visit, event in ended(run).items()]


def per_visit(run: Run, counts: Callable[[Sent, RunLog], bool]) -> float:
    """Flights of a kind for each ended visit."""
    over, flights = ended(run), Counter[str]()
    for event in run.log:
        if isinstance(event, Sent) and counts(event, run.log):
            flights[run.log.messages[event.message].correlation_id] += 1
    return sum(flights[visit] for visit in over) / len(over)


def is_request(event: Sent, log: RunLog, *targets: str) -> bool:
    """Whether a flight takes a request to one of these."""
    return event.target in targets and log.messages[event.message].role == "request"


def pages(run: Run) -> list[dict[str, float]]:
    """What was said of each page that reached its visitor: how many widgets, slow and left out.

    Pages asked for in the last seconds are not counted: of them only the quick ones are there already.
    """
    last = run.log.events[-1].at - SLOW_PAGE_SECONDS
    landed = (event for event in run.log if isinstance(event, Received) and event.node == "browser")
    told = (run.log.messages[event.message] for event in landed)
    asked = begun(run)
    return [dict(m.data) for m in told if "widgets" in m.data and asked[m.correlation_id].time <= last]


def left_out(run: Run) -> float:
    """Share of the widgets that pages went without."""
    told = pages(run)
    return sum(page["degraded"] for page in told) / sum(page["widgets"] for page in told)


def quantile(values: Iterable[float], q: float) -> float:
    """The q-quantile (nearest rank) of at least one value."""
    ordered = sorted(values)
    return ordered[max(0, ceil(q * len(ordered)) - 1)]


# --- orders ----------------------------------------------------------------------------------------------------------


def applications(run: Run) -> Counter[str]:
    """How often each order was applied, by its name."""
    orders = (applied_order(event, run.log) for event in run.log)
    return Counter(order for order in orders if order)


def ended_orders(run: Run) -> dict[str, Settled]:
    """How each order ended for its visitor, by its name."""
    return {run.log.messages[visit].subject: event for visit, event in ended(run).items()}


def duplicates(run: Run) -> int:
    """Effects beyond the first of each order that is over."""
    over, applied = ended_orders(run), applications(run)
    return sum(max(0, applied[order] - 1) for order in over)


def reservations(run: Run) -> defaultdict[str, list[tuple[float, int]]]:
    """When Stock said that it has reserved, and under which number, by order."""
    said: defaultdict[str, list[tuple[float, int]]] = defaultdict(list)
    for event in run.log:
        if isinstance(event, Sent) and event.source == "stock":
            message = run.log.messages[event.message]
            if "reservation" in message.data:
                said[message.subject].append((event.at, message.data["reservation"]))
    return said


def differing_answers(run: Run) -> float:
    """Share of the orders to whose visitor two different answers were sent, whether they got there or not."""
    said: defaultdict[str, list[object]] = defaultdict(list)
    for event in run.log:
        if isinstance(event, Sent) and (event.source, event.target) == ("page", "browser"):
            message = run.log.messages[event.message]
            said[message.subject].append(message.data)
    over = ended_orders(run)
    return sum(any(answer != said[order][0] for answer in said[order]) for order in over) / len(over)


def failed_and_done(run: Run) -> float:
    """Share of the orders without an answer that were applied all the same; 0 if every order has an answer."""
    failed = [order for order, event in ended_orders(run).items() if event.outcome != "reply"]
    return fmean(order in applications(run) for order in failed) if failed else 0.0


# --- what is held --------------------------------------------------------------------------------------------------


def readings(run: Run, node: str, quantity: str) -> Iterator[tuple[float, str]]:
    """(time, value) of each change of a quantity that a node told of."""
    for event in run.log:
        if isinstance(event, Changed) and (event.node, event.quantity) == (node, quantity):
            yield event.at, str(event.value)


def threads(run: Run) -> list[tuple[float, int, int]]:
    """(time, threads of the page server in use, threads it has)."""
    told = ((at, value.partition("/")) for at, value in readings(run, "page", "pool"))
    return [(at, int(busy), int(size)) for at, (busy, _, size) in told]


def most_threads(run: Run) -> int:
    """The most threads that were in use."""
    return max((busy for _, busy, _ in threads(run)), default=0)


def connections(run: Run, since: float) -> float:
    """Mean number of connections that visits held from `since` to the end: open from the first request until an answer,
    a receipt or the visitor's going."""
    end, closed = run.log.events[-1].at, dict[str, float]()
    for event in run.log:
        if isinstance(event, Settled) and event.node == "browser":
            closed.setdefault(event.message, event.at)
    held = (closed.get(visit, end) - max(since, message.time) for visit, message in begun(run).items())
    return sum(max(0.0, seconds) for seconds in held) / (end - since)


def price_answered(run: Run) -> float:
    """Share of the page's questions to Price that have an answer, of those that are over."""
    over = [
        event.outcome == "reply"
        for event in run.log
        if isinstance(event, Settled) and event.node == "page" and run.log.messages[event.message].subject == "price"
    ]
    return fmean(over) if over else 0.0


# --- measures that several experiments share --------------------------------------------------------------------------

ANSWERED = Measure("answered", "Visits answered", "ratio", share_answered)
WAIT = Measure("wait", "Mean wait of a visitor", "s", lambda run: fmean(waits(run)))
LEFT_OUT = Measure("left-out", "Widgets left out", "ratio", left_out)
