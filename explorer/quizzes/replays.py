"""What the browser needs to replay a recorded run beside a question."""

from __future__ import annotations

from typing import Any

from explorer.labs.views import describe_lab

PARTS = ("nodes", "links", "faults")
"""What a stage draws of a lab."""


def lay_replay(
    lab: dict[str, Any], title: str, address: str, moment: float | None = None, focus: str = "", said: str = ""
) -> dict[str, Any]:
    """A replay of the recording at `address`, up to a moment that `said` explains, with one message in focus."""
    parts = {part: lab[part] for part in PARTS}
    return {"title": title, "lab": parts, "address": address, "moment": moment, "focus": focus, "said": said}


def replay_run(pattern: str, title: str, address: str, **shown: Any) -> dict[str, Any]:
    """The same for a run of a lab that is built, with its names."""
    return lay_replay(describe_lab(pattern), title, address, **shown)
