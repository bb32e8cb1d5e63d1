"""What a page is made of, once every part has come or failed."""

from __future__ import annotations

from dataclasses import dataclass, field

from patterns.request_response.answer import Answer


@dataclass(slots=True)
class Parts:
    """The widgets of a page, and the list with its prices if the page has one."""

    widgets: list[Answer]
    listed: Answer | None = None
    prices: list[Answer] = field(default_factory=list)

    def failed(self) -> list[Answer]:
        """The parts without an answer."""
        listed = [] if self.listed is None else [self.listed]
        return [answer for answer in (*self.widgets, *listed, *self.prices) if not answer.ok]

    def summary(self) -> dict[str, object]:
        """What the browser gets to know: how many parts, how many met a slow call, which items are listed."""
        slow = sum(bool(answer.body.get("slow")) or answer.late for answer in self.widgets)
        items = self.listed.body.get("items", []) if self.listed is not None and not self.prices else []
        return {"widgets": len(self.widgets), "slow": slow} | ({"items": items} if items else {})
