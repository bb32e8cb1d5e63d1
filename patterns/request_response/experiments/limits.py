"""Work that is too long for one call."""

from __future__ import annotations

from statistics import fmean

from patterns.core.checks import Between, Exactly, Near
from patterns.core.experiment import Arm, Bet, Experiment, Measure
from patterns.core.log import Settled
from patterns.core.pattern import Settings
from patterns.core.run import Run
from patterns.request_response import evidence as e

PROXY = 29.0
"""Seconds after which the page server, as a proxy would, waits no longer."""

SHORT, LONG = 27.0, 40.0
"""Seconds of work on a report."""

STEADY = 45.0
"""Seconds after which as many calls end as begin."""


def _held(run: Run) -> float:
    return e.connections(run, STEADY)


def _receipt_after(run: Run) -> float:
    told = [event for event in run.log if isinstance(event, Settled) and event.outcome == "accepted"]
    return fmean(event.at - run.log.messages[event.message].time for event in told) if told else 0.0


def _in_flight(arm: str, seconds: float, text: str) -> Near:
    return Near(
        arm, "held", lambda c: c["request-rate"] * (seconds + 2 * c["network-latency"]), text, "Little 1961, L = λW",
        tolerance=0.08,
    )  # fmt: skip


RECEIPT: Settings = {"accept-202": True}

LONG_WORK = Experiment(
    "RR-13",
    says="Asks for reports that take 27 or 40 s through a server that waits 29 s, then takes a receipt and asks again.",
    workload={
        "request-rate": 1.0, "checkout-share": 0.0, "report-seconds": LONG, "timeout": PROXY, "patience": 60.0,
        "pool-size": 200.0, "workers": 64.0, "network-latency": 0.05,
    },
    seconds=120.0,
    reduced={"request-rate": 0.4},
    repeats=3,
    arms=(
        Arm("short", "27 s of work", {"report-seconds": SHORT}, null=True),
        Arm("long", "40 s of work", {"report-seconds": LONG}),
        Arm("impatient", "27 s of work, a visitor who waits 10 s", {"report-seconds": SHORT, "patience": 10.0}),
        Arm("receipt", "40 s of work behind a receipt", {"report-seconds": LONG, **RECEIPT}),
    ),
    measures=(
        e.ANSWERED,
        Measure("held", "Connections held by visitors", "connections", _held),
        Measure("receipt", "Time until a receipt", "s", _receipt_after),
    ),
    checks=(
        Exactly("long", "answered", 0.0, "work longer than the shortest timeout on the way"),
        Exactly("impatient", "answered", 0.0, "whose timeout it is does not matter"),
        Exactly("short", "answered", 1.0, "shorter than every timeout"),
        _in_flight("short", SHORT + 0.1, "λ × (work + way)"),
        _in_flight("long", PROXY, "λ × the timeout"),
        Exactly("receipt", "answered", 1.0, "every report arrives in the end"),
        Near(
            "receipt", "receipt", lambda c: 2 * c["network-latency"], "2 × latency", "nothing is worked on before",
            tolerance=0.05,
        ),
        Between("receipt", "held", high=0.5, text="next to none: λ × 2 × latency"),
    ),
    expected="proved",
    caveat="Streamed answers and longer timeouts move the limit. And who crashes while he waits has lost the answer.",
    bet=Bet("number", "Reports take 40 s, one is asked for each second, and the server gives up after 29 s. How many "
    "connections are open?",
            "held", "long", "connections", 0.0, 60.0),
    try_next="Let the page server crash in the run with receipts: who still gets a report?",
)  # fmt: skip
