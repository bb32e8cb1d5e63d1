"""Two checkers of this lab's own: an order that was promised is applied, and both sides know the same of it.

The checkers of `patterns.core` expect the promise before the effect. A request-response order is the other way round:
it is applied first and acknowledged after.
"""

from patterns.core.invariants import Checker
from patterns.core.log import Ended, Event, RunLog, Settled


def applied_order(event: Event, log: RunLog) -> str | None:
    """The order (`order 12`) that an event applies, or None."""
    if isinstance(event, Settled) and event.node == "stock" and event.outcome == "applied":
        return log.messages[event.message].subject
    return None


def _order_told(event: Event, log: RunLog) -> tuple[str, str] | None:
    """What a browser learns of its order: (order, outcome)."""
    if isinstance(event, Settled) and event.node == "browser":
        message = log.messages[event.message]
        if message.type == "PlaceOrder":
            return message.subject, event.outcome
    return None


class PromiseKept(Checker):
    """Lost: an order that a visitor was promised is never applied.

    Unknown while a promised order is still being worked on.
    """

    def __init__(self) -> None:
        super().__init__()
        self._applied: set[str] = set()
        self._promised: set[str] = set()
        self._forgotten: set[str] = set()

    def observe(self, event: Event, log: RunLog) -> None:
        if order := applied_order(event, log):
            self._applied.add(order)
            self._promised.discard(order)
        if (told := _order_told(event, log)) and told[1] in ("reply", "accepted") and told[0] not in self._applied:
            self._promised.add(told[0])
        if isinstance(event, Settled) and event.outcome == "lost":
            self._forgotten.add(log.messages[event.message].subject)
        for order in self._promised & self._forgotten:
            self._promised.discard(order)
            self._break(event)
        self.pending = bool(self._promised) and not isinstance(event, Ended)


class BothSidesAgree(Checker):
    """Unbalanced: a visitor was told that the order failed, or was told nothing, and it is applied all the same."""

    def __init__(self) -> None:
        super().__init__()
        self._applied: set[str] = set()
        self._given_up: set[str] = set()

    def observe(self, event: Event, log: RunLog) -> None:
        if order := applied_order(event, log):
            self._applied.add(order)
        elif (told := _order_told(event, log)) and told[1] in ("error", "expired"):
            self._given_up.add(told[0])
        else:
            return
        for order in self._applied & self._given_up:
            self._given_up.discard(order)
            self._break(event)
