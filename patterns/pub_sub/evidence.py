"""What experiments read from a finished run: counts, ages and orders, each computed from the log."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import fmean, median
from typing import Any

from patterns.core.experiment import Measure
from patterns.core.log import Changed, Faulted, Received, Sent, Settled
from patterns.core.run import Run
from patterns.pub_sub.topology import SUBSCRIBERS

Times = dict[str, float]
"""Order id → seconds of run time."""

SURE = 3.0
"""Standard deviations that the mean of all repeats may be off: chance alone does that once in 370 checks."""

REGULARS = tuple(name for name in SUBSCRIBERS if name != "loyalty")

# --- reading the log -----------------------------------------------------------------------------------------------


def settled(run: Run, outcome: str, node: str = "") -> Iterator[Settled]:
    """Every settlement with this outcome, at one node or at any."""
    for event in run.log:
        if isinstance(event, Settled) and event.outcome == outcome and node in ("", event.node):
            yield event


def accepted(run: Run, node: str = "broker") -> Times:
    """When each order was first accepted: by the broker, or stored by Orders."""
    return first((event.message, event.at) for event in settled(run, "accepted", node))


def applied(run: Run, node: str) -> Times:
    """When each order first had its effect at a reader."""
    return first((event.message, event.at) for event in settled(run, "applied", node))


def deliveries(run: Run, *nodes: str) -> list[Sent]:
    """Every flight of an order from the broker to one of these nodes."""
    return [
        event
        for event in run.log
        if isinstance(event, Sent)
        and event.source == "broker"
        and event.target in nodes
        and run.log.messages[event.message].role == "event"
    ]


def first(pairs: Iterator[tuple[str, float]]) -> Times:
    """The first time of each."""
    times: Times = {}
    for order, at in pairs:
        times.setdefault(order, at)
    return times


def moments(run: Run, fault: str, target: str, phase: str) -> list[float]:
    """When a fault was asked for, seen or healed."""
    return [
        event.at
        for event in run.log
        if isinstance(event, Faulted) and (event.fault, event.target, event.phase) == (fault, target, phase)
    ]


def subscribed(run: Run, node: str) -> float:
    """When a reader opened its subscription."""
    return next(
        event.at for event in run.log if isinstance(event, Changed) and (event.node, event.quantity) == (node, "filter")
    )


# --- what is left undone -------------------------------------------------------------------------------------------


def outstanding(run: Run, node: str) -> list[tuple[float, int]]:
    """(time, orders that the broker has accepted and this reader has not applied), after each step."""
    steps = [(at, 1) for at in accepted(run).values()] + [(at, -1) for at in applied(run, node).values()]
    level, levels = 0, []
    for at, step in sorted(steps):
        level += step
        levels.append((at, level))
    return levels


def waiting_at(run: Run, node: str, when: float) -> int:
    """How many orders were outstanding at that time."""
    return next((level for at, level in reversed(outstanding(run, node)) if at <= when), 0)


def time_to_catch_up(run: Run, node: str, since: float, rival: str = "inventory") -> float:
    """Seconds until a reader has no more outstanding than its undisturbed rival ever had; to the end if never."""
    usual = max(level for _, level in outstanding(run, rival))
    caught_up = (at for at, level in outstanding(run, node) if at > since and level <= usual)
    return next(caught_up, run.log.events[-1].at) - since


def unsent(run: Run) -> int:
    """Orders that were stored and that the broker never got; those of the last second may be under way."""
    end = run.log.events[-1].at
    stored = {order for order, at in accepted(run, "orders").items() if at < end - 1.0}
    return len(stored - accepted(run).keys())


def forsaken(run: Run) -> int:
    """Copies of orders that the broker accepted and that their reader never applied."""
    return sum(len(accepted(run).keys() - applied(run, node).keys()) for node in REGULARS)


# --- ages, in seconds ----------------------------------------------------------------------------------------------


def ages(run: Run, *nodes: str) -> list[float]:
    """From each order's birth to its effect at each of these readers."""
    return [at - run.log.messages[order].time for node in nodes for order, at in applied(run, node).items()]


def notices(run: Run) -> list[float]:
    """From the broker's acceptance of an order until a reader has it in hands, for each order and reader."""
    begun = accepted(run)
    there = first(
        (f"{event.message} {event.node}", event.at)
        for event in run.log
        if isinstance(event, Received) and event.node in REGULARS and event.message in begun
    )
    return [at - begun[key.partition(" ")[0]] for key, at in there.items()]


def all_done(run: Run) -> list[float]:
    """Per order: from the broker's acceptance until the last subscription has applied it."""
    begun, last = accepted(run), dict[str, float]()
    for event in settled(run, "applied"):
        last[event.message] = event.at - begun[event.message]
    return list(last.values())


def done_by_subscription(run: Run) -> dict[str, dict[str, float]]:
    """Per order and subscription: from the broker's acceptance until its reader sent the first ack."""
    begun, done = accepted(run), defaultdict[str, dict[str, float]](dict)
    for event in run.log:
        if isinstance(event, Sent) and "/ack/" in event.message:
            order, _, name, _ = event.message.split("/")
            done[order].setdefault(name, event.at - begun[order])
    return done


def level_over_time(run: Run, node: str, quantity: str) -> float:
    """Mean over run time of a quantity that a node told of: what an observer at random moments would see."""
    total, before, level = 0.0, 0.0, 0.0
    for event in run.log:
        if isinstance(event, Changed) and (event.node, event.quantity) == (node, quantity):
            total += level * (event.at - before)
            before, level = event.at, float(event.value)
    end = run.log.events[-1].at
    return (total + level * (end - before)) / end


def stay(run: Run) -> float:
    """Mean from the broker's acceptance of an order until the ack of a reader's copy is back."""
    begun = accepted(run)
    back = (event for event in run.log if isinstance(event, Received) and "/ack/" in event.message)
    return fmean(event.at - begun[event.message.partition("/")[0]] for event in back)


# --- order ---------------------------------------------------------------------------------------------------------


def inversions(run: Run, node: str, lane_of: Callable[[str, dict[str, Any]], tuple[object, float]]) -> int:
    """First effects that come after the effect of a later one of the same lane; the lane gives (its name, place)."""
    highest: dict[object, float] = {}
    count = 0
    for order in applied(run, node):
        lane, place = lane_of(order, dict(run.log.messages[order].data))
        count += place < highest.get(lane, place)
        highest[lane] = max(place, highest.get(lane, place))
    return count


def by_customer(order: str, data: dict[str, Any]) -> tuple[object, float]:
    """A customer's orders, by version."""
    return data["customer"], float(data["version"])


def partition_inversions(run: Run, node: str) -> int:
    """Inversions within the partitions of a topic without keys, which takes orders in turn."""
    places = {order: place for place, order in enumerate(accepted(run), 1)}
    lanes = int(run.number("partitions"))
    return inversions(run, node, lambda order, data: (places[order] % lanes, places[order]))


# --- who was hit ---------------------------------------------------------------------------------------------------


def unread(run: Run) -> Counter[str]:
    """Orders that a reader acked and could not understand, by reader."""
    return Counter(event.node for event in settled(run, "error") if event.node in SUBSCRIBERS)


def duplicates(run: Run, node: str) -> int:
    """Effects beyond the first of each order."""
    return sum(1 for _ in settled(run, "applied", node)) - len(applied(run, node))


def attempts_per_order(run: Run, node: str) -> float:
    """Deliveries of an order that the reader got at least once."""
    flights = deliveries(run, node)
    return len(flights) / len({flight.message for flight in flights})


def gap_between_attempts(run: Run, node: str) -> float:
    """Mean seconds from a delivery to the next of the same order."""
    starts: defaultdict[str, list[float]] = defaultdict(list)
    for flight in deliveries(run, node):
        starts[flight.message].append(flight.at)
    return fmean(b - a for found in starts.values() for a, b in pairwise(found))


def longest_silence(run: Run, node: str) -> float:
    """The longest time between two effects of a reader."""
    times = sorted(applied(run, node).values())
    return max(b - a for a, b in pairwise(times))


def refused(run: Run, node: str) -> set[str]:
    """Orders that a reader refused at least once."""
    return {event.message for event in settled(run, "nack", node)}


# --- measures that several experiments share -----------------------------------------------------------------------

UNSENT = Measure("unsent", "Orders whose event never got out", "orders", unsent)
FORSAKEN = Measure("forsaken", "Accepted copies that nobody applied", "copies", forsaken)
TYPICAL_DONE = Measure("all-done", "All readers done, median", "s", lambda run: median(all_done(run)))


def applied_by(node: str) -> Measure:
    """How many distinct orders a reader has applied."""
    return Measure(
        f"applied-{node}", f"Orders applied by {node.title()}", "orders", lambda run: len(applied(run, node))
    )
