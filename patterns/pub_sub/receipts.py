"""How long a publish takes its publisher: until the broker's receipt is back. Read in runs with publisher confirms."""

from __future__ import annotations

from math import ceil, inf

from patterns.core.experiment import Measure
from patterns.core.log import Received
from patterns.core.run import Run
from patterns.pub_sub.evidence import Times, accepted, first


def confirmed(run: Run) -> Times:
    """When the broker's receipt for each order was back at Orders."""
    receipts = (event for event in run.log if isinstance(event, Received) and event.node == "orders")
    return first(
        (event.message.partition("/")[0], event.at) for event in receipts if event.message.endswith("/receipt")
    )


def publishes(run: Run, since: float = 0.0, until: float = inf) -> list[float]:
    """What each publish of an order stored in that time took, until its receipt was back; so far, if it never was."""
    back, end = confirmed(run), run.log.events[-1].at
    stored = ((order, at) for order, at in accepted(run, "orders").items() if since <= at <= until)
    return sorted(back.get(order, end) - at for order, at in stored)


def late_publish(run: Run, since: float = 0.0, until: float = inf) -> float:
    """The 95th percentile of what a publish took, until its receipt was back."""
    return (found := publishes(run, since, until))[ceil(0.95 * len(found)) - 1]


PUBLISH = Measure("publish", "Publish until its receipt, 95th percentile", "s", late_publish)
