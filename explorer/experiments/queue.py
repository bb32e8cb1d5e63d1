"""The queue of trials: who asks for the same shares one, each has a place, and a worker carries them out in turn."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from explorer.experiments.settlement import settle_bets
from explorer.models import SavedRun, Trial, Visitor
from patterns.core.experiment import experiments

logger = logging.getLogger(__name__)

SILENT = timedelta(seconds=20)
"""A worker says every second that its trial goes on; after so long without a word it is taken for dead."""
MOST_WAITING = 200
"""Trials in the queue; past it the next is told to come back."""
KEPT_PER_CLAIM = 4
"""Trials of one claim and engine whose recordings are kept; older ones keep their numbers only."""

State = Trial.State
ACTIVE = (State.QUEUED, State.RUNNING)


class QueueFull(Exception):
    """So many trials wait that another makes no sense; the sentence says so."""


def ask(visitor: Visitor | None, claim: str, pattern: str, engine: str, seed: int, size: str = "full") -> Trial:
    """Join the waiting trial of that kind, or queue one, and see to it that a worker is there.

    Raises:
        QueueFull: too many trials wait already.
    """
    kind = {"claim": claim, "engine": engine, "size": size, "seed": seed}
    with transaction.atomic():
        if Trial.objects.filter(state=State.QUEUED).count() >= MOST_WAITING:
            raise QueueFull(f"{MOST_WAITING} trials are waiting already; try again in a few minutes.")
        trial, _ = Trial.objects.get_or_create(state=State.QUEUED, **kind, defaults={"pattern": pattern})
        if visitor is not None:
            trial.visitors.add(visitor)
    transaction.on_commit(ensure_worker)
    return trial


def place_of(trial: Trial) -> int:
    """How many trials go before this one; 0 if it is next or running."""
    if trial.state != State.QUEUED:
        return 0
    before = Trial.objects.filter(state=State.QUEUED, created__lt=trial.created).count()
    return before + Trial.objects.filter(state=State.RUNNING).count()


def leave(trial: Trial, visitor: Visitor) -> bool:
    """Take a visitor and his bet out of a trial; stop it, and return True, if nobody else waits for it."""
    with transaction.atomic():
        trial.bets.filter(visitor=visitor).delete()
        trial.visitors.remove(visitor)
        if trial.visitors.exists():
            return False
        why = "it was stopped before it was over, so it says nothing"
        return bool(
            Trial.objects.filter(pk=trial.pk, state__in=ACTIVE).update(
                state=State.VOID, why=why, finished=timezone.now()
            )
        )


# --- what the worker uses ------------------------------------------------------------------------------------------


def take_next() -> Trial | None:
    """Give the oldest waiting trial to the worker that asks, unless as many run as may."""
    with transaction.atomic():
        bury_the_silent()
        if Trial.objects.filter(state=State.RUNNING).count() >= settings.EXPLORER_TRIALS:
            return None
        trial = Trial.objects.filter(state=State.QUEUED).order_by("created").first()
        if trial is None:
            return None
        now = timezone.now()
        mine = Trial.objects.filter(pk=trial.pk, state=State.QUEUED)
        if not mine.update(state=State.RUNNING, started=now, heard=now, progress=0.0):
            return None
        trial.refresh_from_db()
        return trial


def has_died(trial: Trial) -> bool:
    """Whether the worker that carries it out has said nothing for too long."""
    return trial.state == State.RUNNING and (trial.heard is None or trial.heard < timezone.now() - SILENT)


def bury_the_silent() -> None:
    """Trials whose worker has died are void."""
    why = "the process that carried it out has died; nothing was measured"
    silent = Trial.objects.filter(state=State.RUNNING, heard__lt=timezone.now() - SILENT)
    silent.update(state=State.VOID, why=why, finished=timezone.now())


def hear(trial: Trial, progress: float, arm: str) -> bool:
    """Note that a trial goes on; False if somebody has stopped it."""
    running = Trial.objects.filter(pk=trial.pk, state=State.RUNNING)
    return bool(running.update(progress=progress, heard=timezone.now(), why=arm))


def lock(trial: Trial, predictions: list[dict[str, Any]], at: str) -> None:
    """Keep what a trial predicts, before its first arm runs: whoever waits may read it."""
    trial.report = {"predictions": predictions, "locked": at}
    Trial.objects.filter(pk=trial.pk, state=State.RUNNING).update(report=trial.report)


def finish(trial: Trial, report: dict[str, Any], verdict: str, kept: list[dict[str, Any]]) -> None:
    """Keep what a trial found, with the recordings of its arms, and settle the bets on it."""
    with transaction.atomic():
        running = Trial.objects.select_for_update().filter(pk=trial.pk, state=State.RUNNING)
        if not running.update(state=State.DONE, verdict=verdict, report=report, progress=1.0, why="",
                              finished=timezone.now()):  # fmt: skip
            return  # stopped at the last moment: void, never wrong
        trial.refresh_from_db()
        runs = {recording.get("arm", ""): _keep_run(trial, recording) for recording in kept}
        trial.runs.set(runs.values())
        if _name_recordings(trial, runs):
            trial.save(update_fields=["report"])
        _forget_old_recordings(trial)
        settle_bets(trial)


def give_up(trial: Trial, why: str) -> None:
    """Call a trial void: it could not be carried to its end."""
    running = Trial.objects.filter(pk=trial.pk, state=State.RUNNING)
    running.update(state=State.VOID, why=why, finished=timezone.now())


def _keep_run(trial: Trial, recording: dict[str, Any]) -> SavedRun:
    names = ("engine", "seed", "settings", "events", "seconds", "recording")
    title = f"{recording['title']}: {recording['label']}"[:120]
    # an arm may be a run of another lab than the claim's own
    pattern = recording.get("pattern", trial.pattern)
    return SavedRun.objects.create(pattern=pattern, title=title, **{name: recording[name] for name in names})


def _name_recordings(trial: Trial, runs: Mapping[str, SavedRun]) -> bool:
    """Write into the report which of its runs is kept: the one with the recording's seed. A recording of a run that
    does not count, since times were compared, is none of them."""
    found = experiments().get(trial.claim)
    if found is None or found[1].timed or not runs:  # a sweep keeps no runs
        return False
    for arm in trial.report.get("arms", ()):
        kept = runs.get(arm["name"])
        for run in arm.get("runs", ()):
            if kept is not None and run["seed"] == kept.seed:
                run["run"] = str(kept.pk)
    return True


def _forget_old_recordings(trial: Trial) -> None:
    alike = Trial.objects.filter(claim=trial.claim, engine=trial.engine, size=trial.size, state=State.DONE)
    old = list(alike.order_by("-finished").values_list("pk", flat=True)[KEPT_PER_CLAIM:])
    SavedRun.objects.filter(trials__in=old, visitor=None).delete()


# --- the worker's process ------------------------------------------------------------------------------------------

_workers: list[subprocess.Popen[bytes]] = []


def ensure_worker() -> None:
    """Start a worker if this process has none that lives. It ends with this process, or when nothing is left to do."""
    _workers[:] = [worker for worker in _workers if worker.poll() is None]
    if len(_workers) >= settings.EXPLORER_TRIALS:
        return
    # The pipe is never written to: its end tells the worker that the site is gone.
    call = [sys.executable, "-m", "explorer.experiments.worker"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "explorer.settings"}
    try:
        _workers.append(subprocess.Popen(call, stdin=subprocess.PIPE, cwd=settings.ROOT, env=environment))  # noqa: S603
    except OSError:
        logger.exception("the worker that carries out trials cannot be started")
