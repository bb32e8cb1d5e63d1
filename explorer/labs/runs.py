"""Runs that somebody keeps."""

from __future__ import annotations

import errno
import gzip
from typing import Any
from uuid import UUID

import orjson
from django.db import DatabaseError
from django.db.models import QuerySet
from django.urls import reverse

from explorer.learning.visitors import get_or_create
from explorer.models import SavedRun
from patterns.host.recording import upgrade

MAX_KEPT_BYTES = 8 * 1024 * 1024
MAX_RUNS_KEPT = 200
"""By one visitor; who has no cookie shares one account with all others like him."""


class NotKept(Exception):
    """The run could not be kept: the sentence says why. The run itself goes on."""


def keep_run(visitor_id: str, head: dict[str, Any], zipped: bytes) -> str:
    """Store a recording and return its page's address; raises NotKept."""
    if len(zipped) > MAX_KEPT_BYTES:
        raise NotKept(f"the recording is {len(zipped):,} bytes; the most that is kept is {MAX_KEPT_BYTES:,}")
    try:
        visitor = get_or_create(visitor_id)
        if SavedRun.objects.filter(visitor=visitor).count() >= MAX_RUNS_KEPT:
            raise NotKept(
                f"{MAX_RUNS_KEPT} of your runs are kept already; delete one, they are listed under “Your progress”, or "
                "take this one's log as a file"
            )
        names = ("pattern", "engine", "seed", "title", "settings", "events", "seconds")
        run = SavedRun.objects.create(visitor=visitor, recording=zipped, **{name: head[name] for name in names})
    except (DatabaseError, OSError) as problem:
        full = getattr(problem, "errno", None) == errno.ENOSPC or "full" in str(problem)
        why = "the disk is full" if full else f"the database says: {problem}"
        raise NotKept(
            f"this run could not be kept, since {why}; it goes on, and its log can be had as a file all the same"
        ) from problem
    return reverse("run", args=[run.pk])


def list_runs(visitor_id: str) -> QuerySet[SavedRun]:
    """The runs that a visitor keeps, the newest first, without their logs."""
    return (
        SavedRun.objects.filter(visitor=UUID(visitor_id)).defer("recording") if visitor_id else SavedRun.objects.none()
    )


def read_recording(run: SavedRun) -> dict[str, Any]:
    """The recording of a kept run, in today's format whenever it was kept."""
    return upgrade(orjson.loads(gzip.decompress(bytes(run.recording))))
