"""What the browser needs to play several kept runs on one time axis."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from explorer.labs.views import describe_lab

PARTS = ("slug", "title", "nodes", "links", "controls", "remedies", "faults", "invariants")
"""What a stage draws of a lab; its transcript, charts and scenarios would only weigh."""


def lay_stages(arms: Iterable[dict[str, Any]], **about: Any) -> dict[str, Any]:
    """The labs by slug, and the arms: `{label, lab, page, address}`, address being that of the recording. `about` tells
    of the whole: `live` is where runs under way can be followed, `trial` names whose runs they are."""
    listed, labs = list(arms), {}
    for slug in sorted({arm["lab"] for arm in listed}):
        lab = describe_lab(slug)
        labs[slug] = {part: lab[part] for part in PARTS}
    return {"labs": labs, "arms": listed, **about}
