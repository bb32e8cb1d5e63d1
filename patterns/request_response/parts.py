"""What a page is made of, once every part has come or failed."""

from __future__ import annotations

from dataclasses import dataclass, field

from patterns.request_response.answer import Answer


@dataclass(slots=True)
class Parts:
    """The widgets of a page, and the list with its prices if the page has one. Each good answer came in a reply."""

    widgets: list[Answer]
    listed: Answer | None = None
    prices: list[Answer] = field(default_factory=list)

    def failed(self) -> list[Answer]:
        """The parts without an answer."""
        return [answer for answer in self._all() if not answer.ok]

    def replies(self) -> tuple[str, ...]:
        """The messages that the page is joined from, each once: a batch brings several parts."""
        return tuple(dict.fromkeys(answer.reply for answer in self._all() if answer.ok))

    def summary(self) -> dict[str, object]:
        """What the browser gets to know: how many parts, how many met a slow call or are old copies, which items are
        listed."""
        old = sum(bool(answer.body.get("old")) for answer in self.widgets)
        slow = sum(bool(answer.body.get("slow")) or answer.late for answer in self.widgets)
        items = self.listed.body.get("items", []) if self.listed is not None and not self.prices else []
        told = {"widgets": len(self.widgets), "slow": slow} | ({"old": old} if old else {})
        return told | ({"items": items} if items else {})

    def _all(self) -> list[Answer]:
        listed = [] if self.listed is None else [self.listed]
        return [*self.widgets, *listed, *self.prices]
