"""How this lab does the work that other patterns do too."""

from __future__ import annotations

from patterns.core.log import Sent
from patterns.core.run import Run
from patterns.core.scenario import Step
from patterns.core.workload import Column, metric, quantile, share_done
from patterns.pub_sub import evidence as e

LAST_SECONDS = 8.0
"""Orders placed later than this before the end of a run may still be under way, and are not counted as lost."""


def _since_birth(run: Run, ends: e.Times) -> list[float]:
    return [at - run.log.messages[order].time for order, at in ends.items()]


def _told_yes(run: Run) -> float | None:
    return share_done(e.accepted(run, "orders"), e.accepted(run), run.log.events[-1].at - LAST_SECONDS)


def _done(run: Run) -> float | None:
    return share_done(e.accepted(run, "orders"), e.applied(run, "inventory"), run.log.events[-1].at - LAST_SECONDS)


def _messages(run: Run) -> float | None:
    placed = len(e.accepted(run, "orders"))
    return sum(isinstance(event, Sent) for event in run.log) / placed if placed else None


ORDER = Column(
    "order", "publish", "publish an event",
    "The customer's answer is that the broker has the event; stock reads it from there, and so do three others.",
    {
        "publish-rate": 3.0, "service-time": 0.06, "service-spread": 0.0, "hop-time": 0.05, "ack-timeout": 1.0,
        "consumers-per-group": 16.0, "prefetch": 1.0,
    },
    {
        "down": (Step(6.0, fault="stop:inventory", lasts=5.0),),
        "lost": (Step(4.0, fault="drop-ack:inventory", amount=0.3),),
        "slow": (Step(6.0, fault="slow:inventory", amount=1.0, lasts=6.0),),
    },
    {
        "reply": lambda run: quantile(_since_birth(run, e.accepted(run)), 0.5),
        "reply-p95": lambda run: quantile(_since_birth(run, e.accepted(run)), 0.95),
        "done": lambda run: quantile(_since_birth(run, e.applied(run, "inventory")), 0.5),
        "done-p95": lambda run: quantile(_since_birth(run, e.applied(run, "inventory")), 0.95),
        "success": _told_yes,
        "applied": _done,
        "twice": lambda run: float(e.duplicates(run, "inventory")),
        "messages": _messages,
    },
    note="The reply says that the order is accepted, not that it is done. Three more readers get a copy of each order.",
)  # fmt: skip


def _questions(run: Run) -> e.Times:
    """When each look at the copy began."""
    asked = (event for event in run.log if isinstance(event, Sent) and event.target == "inventory")
    return {event.message: event.at for event in asked if event.source == "orders"}


def _answers(run: Run) -> e.Times:
    """When each look had its answer, by the question."""
    return {run.log.messages[event.message].causation_id: event.at for event in e.settled(run, "reply", "orders")}


def _looks(run: Run) -> list[float]:
    asked = _questions(run)
    return [at - asked[question] for question, at in _answers(run).items()]


def _answered(run: Run) -> float | None:
    return share_done(_questions(run), _answers(run), run.log.events[-1].at - LAST_SECONDS)


def _calls(run: Run) -> float | None:
    return len(_questions(run)) / len(_answers(run)) if _answers(run) else None


PAGE = Column(
    "page", "projection", "from a projection",
    "Events keep a ready copy up to date beside the reader; showing it is one look.",
    {"publish-rate": 2.0, "service-time": 0.05, "hop-time": 0.05, "reads": True, "read-after": 0.2,
     "read-hop": 0.05},
    {
        "slow": (Step(8.0, fault="slow:inventory", amount=2.0, lasts=10.0),),
        "down": (Step(8.0, fault="stop:inventory", lasts=8.0),),
    },
    {
        "wait": lambda run: quantile(_looks(run), 0.5),
        "wait-p95": lambda run: quantile(_looks(run), 0.95),
        "success": _answered,
        "calls": _calls,
        "stale": metric("stale-ratio", 100),
    },
    note="Each look comes 0.2 s after a change. The copy is as far as a service of the other ways: 50 ms a hop.",
)  # fmt: skip

COLUMNS = (ORDER, PAGE)
