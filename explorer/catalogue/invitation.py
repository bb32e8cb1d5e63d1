"""The bet that a pattern's lab invites to: on one of its sentences that the visitor has not yet put to the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.experiments.evidence import NOT_RUN, Chip
from patterns.core.experiment import experiments


@dataclass(frozen=True, slots=True)
class Invitation:
    """A claim's id, and what its bet asks."""

    claim: str
    question: str


def invite(chips: Mapping[str, Chip]) -> Invitation | None:
    """The first claim with a bet that this visitor has not run; None once there is none."""
    known = experiments()
    for claim, chip in chips.items():
        if chip.status == NOT_RUN and (bet := known[claim][1].bet) is not None:
            return Invitation(claim, bet.question)
    return None
