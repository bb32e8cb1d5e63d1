"""What a visitor asks of a claim: a bet and a run, taken together or refused together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from explorer.experiments import queue
from explorer.experiments.bets import BadBet, read_bet, read_confidence, read_drawing
from explorer.experiments.settlement import BUILTIN, SWEEP
from explorer.models import Bet, Trial, Visitor
from patterns.core.experiment import Experiment

FULL = "full"


class TooLate(Exception):
    """The page was made before something happened that matters; the sentence says what, and nothing was changed."""


def find_trial(visitor_id: str, claim: str, size: str = FULL) -> Trial | None:
    """The newest trial of a claim that a visitor asked for."""
    mine = Trial.objects.filter(visitors__pk=visitor_id, claim=claim) if visitor_id else Trial.objects.none()
    return (mine.filter(size=SWEEP) if size == SWEEP else mine.exclude(size=SWEEP)).order_by("-created").first()


def begin(visitor: Visitor, slug: str, experiment: Experiment, size: str, given: Mapping[str, str]) -> Trial:
    """Take a bet, or none if it is skipped, and queue the run it is about. A run on a real engine is smaller than what
    the bet asks about, so it takes none.

    Raises:
        BadBet: what was typed cannot be a bet.
        TooLate: the visitor's run of this claim waits, runs or has ended since the page was made.
        queue.QueueFull: too many trials wait.
    """
    engine = _read_engine(experiment, given)
    answer, confidence = _read_answer(experiment, size, given) if engine == BUILTIN else (None, None)
    with transaction.atomic():
        _check_page_is_fresh(visitor, experiment, size, given)
        seed = experiment.seed + experiment.repeats * _count_done(visitor, experiment, engine, size)
        before = find_trial(str(visitor.pk), experiment.claim, size)
        trial = queue.ask(visitor, experiment.claim, slug, engine, seed, size)
        _leave_waiting(visitor, before, trial)
        if answer is not None or confidence is not None:
            values = {"claim": experiment.claim, "answer": answer, "confidence": confidence}
            Bet.objects.update_or_create(visitor=visitor, trial=trial, defaults=values)
    return trial


def _read_engine(experiment: Experiment, given: Mapping[str, str]) -> str:
    engine = given.get("engine") or experiment.engines[0]
    if engine not in experiment.engines:
        there = ", ".join(experiment.engines)
        raise BadBet("engine", f"This claim does not run on “{engine[:20]}”; it runs on: {there}.")
    return engine


def _read_answer(experiment: Experiment, size: str, given: Mapping[str, str]) -> tuple[Any, int | None]:
    if given.get("skip"):
        return None, None
    if size == SWEEP and experiment.sweep is not None:
        return read_drawing(experiment.sweep, given), read_confidence(given)
    if experiment.bet is None or experiment.bet.kind == "curve":
        return None, None
    return read_bet(experiment.bet, given), read_confidence(given)


def _check_page_is_fresh(visitor: Visitor, experiment: Experiment, size: str, given: Mapping[str, str]) -> None:
    latest = find_trial(str(visitor.pk), experiment.claim, size)
    if latest is None or latest.state == Trial.State.VOID:
        return
    if latest.state == Trial.State.RUNNING:
        raise TooLate("The run has begun, so a bet comes too late and was not taken. It can stand for the next run.")
    if given.get("seen") == str(latest.pk):
        return
    if latest.state == Trial.State.QUEUED:
        raise TooLate(
            "Another window of yours has asked for this run already, and that bet counts. Send this one again to "
            "put it in its place."
        )
    raise TooLate(
        "A run that another window of yours asked for is over already, so this bet came after it and was not taken. "
        "Send it again to bet on a new run."
    )


def _leave_waiting(visitor: Visitor, before: Trial | None, trial: Trial) -> None:
    """Whoever changes his bet, or the engine, while he waits, waits once."""
    if before is None or before.state != Trial.State.QUEUED:
        return
    before.bets.filter(visitor=visitor).delete()
    if before != trial:
        before.visitors.remove(visitor)
        if not before.visitors.exists():
            before.delete()


def _count_done(visitor: Visitor, experiment: Experiment, engine: str, size: str) -> int:
    """Each further run of his takes fresh seeds; everyone's first run is the same, so that it can be shared."""
    mine = Trial.objects.filter(
        visitors=visitor, claim=experiment.claim, engine=engine, size=size, state=Trial.State.DONE
    )
    return mine.count()
