"""What has to be done once before the site can serve, and again only when its sources change.

Each step keeps a fingerprint of what it was made from beside what it made, so that a warm start skips it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import connection

UP_TO_DATE = "up to date"
STATIC_STAMP = "made-from.sha256"
DATABASE_SOURCES = ("fixtures", "explorer/migrations", "explorer/models.py", "explorer/catalogue")
STATIC_SOURCES = ("explorer/static_files", "requirements.txt")


def prepare_database() -> str:
    """Migrate and load the content; say what was loaded, or that the database is already made from the same sources."""
    wanted = fingerprint([settings.ROOT / source for source in DATABASE_SOURCES])
    # SQLite keeps a number for its application inside the file: a deleted or swapped database cannot lie about itself.
    number = int(wanted[:8], 16) & 0x7FFFFFFF
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite" and cursor.execute("PRAGMA user_version").fetchone()[0] == number:
            return UP_TO_DATE
    call_command("migrate", verbosity=0, interactive=False)
    loaded = io.StringIO()
    call_command("content", stdout=loaded)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA user_version = {number}")
    return loaded.getvalue().partition("\n")[0]  # the counts; what else is said is for whoever works on the content


def collect_static_files() -> str:
    """Put hashed, compressed copies of the static files where they are served from; say whether that was needed."""
    wanted = fingerprint([*map(Path, settings.STATICFILES_DIRS), *map(settings.ROOT.joinpath, STATIC_SOURCES)])
    stamp = Path(settings.STATIC_ROOT) / STATIC_STAMP
    if settings.DEBUG or (stamp.exists() and stamp.read_text(encoding="ascii") == wanted):
        return UP_TO_DATE
    call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(wanted, encoding="ascii")
    return "collected"


def fingerprint(sources: Iterable[Path]) -> str:
    """Return a digest of the names and contents of all files under `sources`."""
    digest = hashlib.sha256()
    for source in sources:
        for path in sorted([source] if source.is_file() else source.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                digest.update(f"{path.relative_to(settings.ROOT)}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()
