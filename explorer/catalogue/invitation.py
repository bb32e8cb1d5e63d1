"""The bet that a pattern's lab invites to: on one of its sentences that the visitor has not yet put to the test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.experiments.evidence import NOT_RUN, Chip
from patterns.core.experiment import experiments


@dataclass(frozen=True, slots=True)
class Invitation:
    """A claim's id and what its bet asks; `left` is how many more claims of the card wait for a bet."""

    claim: str
    question: str
    left: int


def invite(chips: Mapping[str, Chip]) -> Invitation | None:
    """The first claim with a bet that this visitor has not run; None once there is none."""
    known = experiments()
    open_bets = [
        (claim, bet.question)
        for claim, chip in chips.items()
        if chip.status == NOT_RUN and (bet := known[claim][1].bet) is not None
    ]
    return Invitation(*open_bets[0], len(open_bets) - 1) if open_bets else None
