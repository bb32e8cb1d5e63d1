"""How those who try again make the failure of one the failure of all."""

from __future__ import annotations

from math import sqrt

from patterns.core.checks import Between, Constants, Exactly, Near
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.log import RunLog, Sent
from patterns.core.run import Run
from patterns.request_response import evidence as e
from patterns.request_response.experiments import crowd
from patterns.request_response.experiments.crowd import GUESTS, ROOM

TRIES = 4
LAYERS = 3
FAILING = 0.5

FAILING_ABOVE = 1 - (1 - FAILING) / (1 - FAILING**TRIES)
"""How often a layer above must fail by itself for half of the calls to it to fail in all: the others fail since all
four tries below it have failed."""

SPREAD_HALF, SPREAD_EACH = 1.42, 5.42
"""Standard deviations of the calls to Stock of one visit, of 200,000 visits drawn at random."""

VISITS = 4.0
"""Visits a second where calls fail by chance, so that there are enough of them."""

IN_STEP, JITTERED = GUESTS * (GUESTS / ROOM + 1) / 2, 930.0


def tries(failing: float) -> float:
    """Mean number of up to four tries, each of which fails with this probability: (1 − p⁴) / (1 − p)."""
    return sum(failing**earlier for earlier in range(TRIES))


def load_of_last(failing: float) -> float:
    """Calls to the last of three layers per visit, if only that one fails by itself: a layer above sees a failure where
    all four tries below it failed."""
    load = 1.0
    for _ in range(LAYERS):
        load, failing = load * tries(failing), failing**TRIES
    return load


def _by_chance(arm: str, measure: str, mean: float, spread: float, text: str, calls: float = 1.0) -> Near:
    """The mean of all visits (each has so many `calls` of that kind) within 3.3 standard errors."""

    def margin(c: Constants) -> float:
        return 3.3 * spread / sqrt(calls * VISITS * c["seconds"] * c["repeats"])

    source = "truncated geometric distribution of tries"
    return Near(arm, measure, mean, text, source, tolerance=0.0, margin=margin, pooled=True)


def _to_stock(event: Sent, log: RunLog) -> bool:
    return e.is_request(event, log, "stock")


def _tries_of_a_layer(run: Run) -> float:
    calls = e.exchanges(run, "recommendations", "stock")
    return len(calls) / len({call.request.id for call in calls})


OUTAGE = (("crash:stock", None),)
SPREAD_OF_TRIES = 1.06

RETRY_STORM = Experiment(
    "RR-12",
    says="Lets browser, page server and Recommendations each try four times while Stock, or each of them, fails; and "
    "200 callers at once.",
    workload={
        "request-rate": 1.0, "widgets": 1.0, "widgets-from": "recommendations", "network-latency": 0.01,
        "retries": TRIES - 1.0, "checkout-share": 0.0,
    },
    seconds=100.0,
    reduced_seconds=25.0,
    repeats=3,
    arms=(
        Arm("well", "Stock is well", null=True),
        Arm("outage", "Stock is down", {"request-rate": 0.4}, OUTAGE),
        Arm("each", "half the calls fail in each layer", {"request-rate": VISITS}, (
            ("fail-late:page", FAILING_ABOVE), ("fail-late:recommendations", FAILING_ABOVE),
            ("fail-late:stock", FAILING),
        )),
        Arm("half", "only Stock fails, half the time", {"request-rate": VISITS}, (("error-500:stock", FAILING),)),
        Arm("budget", "Stock is down, with a budget of a tenth", {"retry-budget": True}, OUTAGE),
        Arm("step", "200 callers in step, room for 10", procedure=crowd.crowd_in_step),
        Arm("jitter", "the same with full jitter", procedure=crowd.crowd_with_jitter),
    ),
    measures=(
        Measure("load", "Calls to Stock per visit", "calls", lambda run: e.per_visit(run, _to_stock)),
        Measure("tries", "Tries per call in the last layer", "tries", _tries_of_a_layer),
        Measure("calls", "Calls of the crowd", "calls", crowd.calls),
        Measure("served", "Callers served", "callers", crowd.served),
    ),
    checks=(
        Exactly("outage", "load", TRIES**LAYERS, "4^3"),
        _by_chance("each", "load", tries(FAILING) ** LAYERS, SPREAD_EACH, "((1 − p⁴) / (1 − p))³, p = 0.5"),
        _by_chance("half", "load", load_of_last(FAILING), SPREAD_HALF, "each layer above fails p⁴ as often"),
        _by_chance("each", "tries", tries(FAILING), SPREAD_OF_TRIES, "(1 − p⁴) / (1 − p)", tries(FAILING) ** 2),
        _by_chance("half", "tries", tries(FAILING), SPREAD_OF_TRIES, "(1 − p⁴) / (1 − p)"),
        Exactly("well", "load", 1.0, "one call"),
        Between("budget", "load", 1.0, 1.1, "at most 1.1"),
        Exactly("step", "calls", IN_STEP, "N (N/K + 1) / 2"),
        Near("jitter", "calls", JITTERED, "about 930", "a simulation of full jitter, base 0.2 s", tolerance=0.1),
        *(Exactly(arm, "served", GUESTS, "everybody, once") for arm in ("step", "jitter")),
    ),
    expected="proved",
    caveat="6.6 needs each layer to fail half its calls. Where only Stock does, a layer above sees p⁴, and it is "
    "2.0. The storm can outlast what began it.",
    bet=Bet(
        "number", "Three layers try four times each. How many calls does one visit send to a service that is down?",
        "load", "outage", "calls", 1, 100,
    ),
    try_next="Play the tour 'A storm that outlasts its cause', and take the retries out of it.",
)  # fmt: skip
