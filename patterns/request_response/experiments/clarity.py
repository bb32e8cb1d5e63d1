"""How simple it is, and how clear about what went wrong."""

from __future__ import annotations

from collections import defaultdict
from math import sqrt

from patterns.core.checks import Exactly, Near, Order
from patterns.core.experiment import Arm, Bet, Experiment, Measure, Measurements, Show, Size
from patterns.core.log import Changed, Event, Faulted, Received, RunLog, Sent, Settled
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.core.scenario import Step
from patterns.request_response import evidence as e
from patterns.request_response.experiments.rival import READER, RIVAL, run_rival, same_job


def _told(run: Run) -> list[Event]:
    """What happened in the job itself: all of it here, and in the other lab what has to do with one of its readers."""
    if run.pattern.slug != RIVAL:
        return list(run.log)
    return [event for event in run.log if set(_places(event)) <= {"orders", "broker", READER}]


def _places(event: Event) -> tuple[str, ...]:
    """The nodes that it happens at."""
    if isinstance(event, Sent):
        return event.source, event.target
    return (event.node,) if isinstance(event, Received | Settled | Changed) else ()


def _parts(run: Run) -> float:
    """Nodes that a message touched."""
    return len({node for event in _told(run) if isinstance(event, Sent) for node in _places(event)})


def _kinds_of_events(run: Run) -> float:
    """Different things that happened: who sent what to whom, how a stay ended and why, which quantity changed."""
    return len({kind for event in _told(run) if (kind := _kind(event, run.log))})


def _kind(event: Event, log: RunLog) -> tuple[str, ...]:
    if isinstance(event, Sent):
        return ("sent", event.source, event.target, log.messages[event.message].type)
    if isinstance(event, Settled):
        return ("settled", event.node, event.outcome, event.why)
    return ("changed", event.node, event.quantity) if isinstance(event, Changed) else ()


def _functions(run: Run) -> float:
    """Functions of the backend that had something to tell of it."""
    points = (run.log.code[event.code] for event in _told(run) if _places(event))
    return len({(point.file, point.function) for point in points})


def _flights_of_first(run: Run) -> float:
    """Flights that the first question, or order, caused."""
    messages = [run.log.messages[event.message] for event in _told(run) if isinstance(event, Sent)]
    whole = messages[0].correlation_id or messages[0].id
    return sum(message.correlation_id == whole or message.id == messages[0].id for message in messages)


SIMPLE = (
    Measure("flights", "Messages of the first question", "messages", _flights_of_first),
    Measure("parts", "Parts that take part", "parts", _parts),
    Measure("kinds", "Different things that happen", "kinds", _kinds_of_events),
    Measure("functions", "Functions of the backend that tell of it", "functions", _functions),
)


async def publish_instead(seed: int, size: Size, show: Show) -> Measurements:
    """The same readings of the other lab, with as many orders for one reader, run for as long."""
    job = same_job({"service-time": 0.05, "network-latency": 0.05, **EASIEST.workload})
    run = await run_rival(seed, EASIEST.length(size), show, job)
    return {measure.name: measure.read(run) for measure in SIMPLE}


ARMED: Settings = {
    "retries": 2.0, "retry-budget": True, "retry-backoff": True, "circuit-breaker": True, "hedging": True,
    "idempotency-key": True, "deadline-propagation": True, "accept-202": True, "checkout-share": 0.5,
}  # fmt: skip
TROUBLE = (("error-500:price", 0.3), ("lose-response:page", 0.3), ("lose-request:stock", 0.3))

EASIEST = Experiment(
    "RR-8",
    says="Asks for one price, then asks with every cure switched on while three things go wrong, then publishes "
    "instead.",
    workload={
        "request-rate": 2.0, "widgets": 1.0, "widgets-from": "price", "checkout-share": 0.0, "patience": 2.0,
        "timeout": 0.5,
    },
    seconds=30.0,
    reduced_seconds=15.0,
    repeats=3,
    arms=(
        Arm("plain", "get the price", null=True),
        Arm("armed", "the same with all cures, in trouble", ARMED, faults=TROUBLE),
        Arm("event", "an event for one reader (pub-sub lab)", procedure=publish_instead, lab=RIVAL),
    ),
    measures=SIMPLE,
    checks=(
        Order(("plain", "event", "armed"), "kinds", "a call < an event for one reader < a call made safe"),
        *(Exactly(arm, "parts", 3, "three parts, with a single reader too") for arm in ("plain", "event")),
        Exactly("event", "flights", 3, "to the broker, to the reader, and an ack"),
        Order(("plain", "event"), "functions", "told of in fewer places"),
        Order(("plain", "armed"), "functions", "told of in more places once it is made safe"),
        Exactly("plain", "flights", 4, "two calls, one inside the other: 2 × 2"),
    ),
    expected="bounded",
    caveat="Parts, kinds of events and functions are counted. Easy to understand is an opinion: no run tests it. And "
    "each cure adds its states.",
    bet=Bet(
        "order", "Which has the fewest kinds of things that can be seen to happen, which the most?", "kinds",
        choices=("plain", "armed", "event"),
    ),
    try_next="Switch one cure on at a time in the lab, and count the new kinds of events in the transcript.",
)  # fmt: skip

TROUBLES = (
    "error-400:page", "error-404:page", "error-429:page", "error-500:page", "crash:page", "slow:page",
    "lose-response:page",
)  # fmt: skip
"""Seven things that can go wrong with a call."""

TURN, TROUBLED = 10.0, 6.0
"""Each trouble begins so many seconds after the one before, and lasts so long."""

AMOUNTS = {"slow:page": TURN, "crash:page": None}


def _one_after_another() -> tuple[Step, ...]:
    return tuple(
        Step(place * TURN, fault=trouble, amount=AMOUNTS.get(trouble, 1.0), lasts=TROUBLED)
        for place, trouble in enumerate(TROUBLES)
    )


def _words(run: Run) -> dict[str, set[str]]:
    """What callers were told under each trouble, by trouble."""
    words: defaultdict[str, set[str]] = defaultdict(set)
    under = [_troubled(run, trouble) for trouble in TROUBLES]
    for visit, event in e.ended(run).items():
        begun = run.log.messages[visit].time
        for trouble, (begin, end) in zip(TROUBLES, under, strict=True):
            if begin <= begun < end - 1.0:
                words[trouble].add(event.why)
    return words


def _troubled(run: Run, trouble: str) -> tuple[float, float]:
    """From when to when a trouble was on; never, if it was not."""
    told = (event for event in run.log if isinstance(event, Faulted))
    phases = {event.phase: event.at for event in told if f"{event.fault}:{event.target}" == trouble}
    return phases.get("asked", 0.0), phases.get("healed", 0.0)


def _different_words(run: Run) -> float:
    return len({frozenset(words) for words in _words(run).values()})


def _only_by_name(run: Run) -> float:
    """Troubles that are told by a status or a refusal, and not by silence."""
    return sum("timeout" not in words for words in _words(run).values())


def _silent(run: Run) -> float:
    over = list(e.ended(run).values())
    return sum(event.outcome == "expired" for event in over) / len(over)


def _agreed(run: Run) -> float:
    """Orders of which the caller in the end knows what became of them, if it is told yes or the order was not done."""
    over, applied = e.ended_orders(run), e.applications(run)
    return sum(event.outcome == "reply" or order not in applied for order, event in over.items()) / len(over)


LOST = 0.5
TRIES = 4

CLEAR_ERRORS = Experiment(
    "RR-9",
    says="Lets seven things go wrong one after another, asks the callers what they were told, and Stock what was done.",
    workload={"request-rate": 2.0, "checkout-share": 1.0, "patience": 2.0, "network-latency": 0.02, "pool-size": 100.0},
    seconds=80.0,
    reduced_seconds=71.0,
    repeats=2,
    arms=(
        Arm("well", "nothing goes wrong", null=True),
        Arm("seven", "seven troubles in turn", script=_one_after_another()),
        Arm("request", "every request gets lost", faults=(("lose-request:page", 1.0),)),
        Arm("response", "every answer gets lost", faults=(("lose-response:page", 1.0),)),
        Arm("key", "half the answers get lost; a key, and up to three more tries",
            {"idempotency-key": True, "retries": TRIES - 1.0}, faults=(("lose-response:page", LOST),)),
    ),
    measures=(
        Measure("words", "Different things that callers were told", "", _different_words),
        Measure("named", "Troubles told by a status or a refusal", "troubles", _only_by_name),
        Measure("silent", "Visits that end in silence", "ratio", _silent),
        Measure("done", "Silent ones whose order was done", "ratio", e.failed_and_done),
        Measure("agreed", "Orders on which both sides agree", "ratio", _agreed),
    ),
    checks=(
        Exactly("seven", "words", len(TROUBLES) - 1, "7 troubles, of which slow and lost answer sound alike"),
        Exactly("seven", "named", len(TROUBLES) - 2, "400, 404, 429, 500 and refused"),
        *(Exactly(arm, "silent", 1.0, "told the same: nothing", where="fails") for arm in ("request", "response")),
        Exactly("response", "done", 1.0, "all were done", where="fails"),
        Exactly("request", "done", 0.0, "none was done", where="fails"),
        Near(
            "key", "agreed", 1 - LOST**TRIES, "1 − q⁴", "only who loses every answer is left in doubt", tolerance=0.0,
            margin=lambda c: 4 * sqrt(LOST**TRIES / (c["request-rate"] * c["seconds"])),
        ),
        Exactly("well", "agreed", 1.0),
    ),
    expected="refined",
    caveat="A status says what is wrong. Silence says nothing: the work may be done or not. Asking again with a key "
    "makes it clear.",
    bet=Bet(
        "number", "Every answer gets lost, and every caller gives up. What share of their orders was done?", "done",
        "response", "ratio", 0.0, 1.0,
    ),
    try_next="Find, in the transcript of a lost answer, the moment up to which both sides know the same.",
)  # fmt: skip
