"""How the log tells of visits, and three meters that need a memory."""

from patterns.core.log import Changed, Event, RunLog, Sent, Settled
from patterns.core.message import Message
from patterns.core.metrics import Amount, Meter, Rate

VISITS = ("ViewProduct", "QueryGraph", "PlaceOrder", "RequestReport")
"""The types of message by which a visit begins."""


def visit_begins(event: Event, log: RunLog) -> Message | None:
    """The visit whose first request leaves the browser with this event."""
    if isinstance(event, Sent) and event.source == "browser" and event.attempt == 1:
        message = log.messages[event.message]
        return message if message.type in VISITS else None
    return None


def finished(event: Event, log: RunLog) -> Message | None:
    """The visit that is over with this event: answered, refused or given up. A receipt (202) does not end it."""
    if isinstance(event, Settled) and event.node == "browser" and event.outcome in ("reply", "error", "expired"):
        message = log.messages[event.message]
        return message if message.type in VISITS else None
    return None


class InFlight(Meter):
    """Visits that hold a connection: begun, and neither over nor content with a receipt."""

    def __init__(self) -> None:
        self._open: set[str] = set()
        self.value: float | None = 0.0

    def observe(self, event: Event, log: RunLog) -> None:
        if visit := visit_begins(event, log):
            self._open.add(visit.id)
        elif isinstance(event, Settled) and event.node == "browser":
            self._open.discard(event.message)
        self.value = float(len(self._open))


class OpenBreakers(Meter):
    """How many circuit breakers are open now."""

    def __init__(self) -> None:
        self._open: set[str] = set()
        self.value: float | None = 0.0

    def observe(self, event: Event, log: RunLog) -> None:
        if isinstance(event, Changed) and event.quantity == "breaker":
            (self._open.add if event.value == "open" else self._open.discard)(event.node)
            self.value = float(len(self._open))


class RecentShare(Meter):
    """One amount over another, both over the last `window` seconds of run time."""

    def __init__(self, part: Amount, whole: Amount, window: float = 2.0) -> None:
        self._part, self._whole = Rate(part, window), Rate(whole, window)

    def observe(self, event: Event, log: RunLog) -> None:
        self._part.observe(event, log)
        self._whole.observe(event, log)
        self.value = (self._part.value or 0.0) / self._whole.value if self._whole.value else self.value
