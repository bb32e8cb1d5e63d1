"""The runs of a trial while it goes on: a file that its process writes and every viewer is sent, as it is and as it
grows. The site never looks into it.
"""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.http import StreamingHttpResponse

from explorer.models import Trial

LIVE_NAME = "live.gz"
LEFT_BEHIND_SECONDS = 3600.0
"""No trial takes so long: its worker has died."""
CHUNK_BYTES = 64 * 1024
LOOK_SECONDS = 0.1
ASK_SECONDS = 2.0
"""How often a viewer to whom nothing is sent asks whether there is still something to wait for."""


def folder_of(pk: UUID) -> Path:
    """Where the process of a trial writes."""
    return Path(settings.VAR) / "trials" / str(pk)


@contextmanager
def open_folder(trial: Trial) -> Iterator[Path]:
    """A folder for a trial under way, gone when it is over; those that a dead worker left behind go too."""
    folder = folder_of(trial.pk)
    for left in folder.parent.glob("*-*"):
        if left.stat().st_mtime < time.time() - LEFT_BEHIND_SECONDS:
            shutil.rmtree(left, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def follow(pk: UUID) -> AsyncIterator[bytes]:
    """What was written from the beginning on, then what comes, until the trial is over."""
    path, place, asked = folder_of(pk) / LIVE_NAME, 0, time.monotonic()
    while True:
        found = _read(path, place)
        if found:
            place += len(found)
            yield found
            continue
        if place and found is None:
            return  # read to its end, and gone
        if time.monotonic() - asked > ASK_SECONDS:
            asked = time.monotonic()
            if not await Trial.objects.filter(pk=pk, state__in=(Trial.State.QUEUED, Trial.State.RUNNING)).aexists():
                return
        await asyncio.sleep(LOOK_SECONDS)


def stream(pk: UUID) -> StreamingHttpResponse:
    """The answer that goes on as long as the runs do: gzipped lines of JSON, from the first one, whenever one comes."""
    headers = {"Content-Encoding": "gzip", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingHttpResponse(follow(pk), content_type="application/x-ndjson", headers=headers)


def _read(path: Path, place: int) -> bytes | None:
    """The next bytes, none yet, or None if there is no such file."""
    try:
        with path.open("rb") as file:
            file.seek(place)
            return file.read(CHUNK_BYTES)
    except OSError:
        return None
