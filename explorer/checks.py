"""What an operator should hear before the first visitor does: settings that contradict each other or the machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

ROOM_NEEDED_BYTES = 200 * 1024 * 1024
FILES_BESIDE_SOCKETS = 256
VIEWERS_EXPECTED = 1000


@register(Tags.security)
def check_hosts(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a wildcard host; warn of a public site without https."""
    if "*" in settings.ALLOWED_HOSTS:
        return [
            Error(
                "ALLOWED_HOSTS contains *, so a page of any site could drive labs through a visitor's browser.",
                hint="Name the hosts, for example ALLOWED_HOSTS=patterns.example.org",
                id="explorer.E001",
            )
        ]
    public = not settings.LOOPBACK.issuperset(settings.ALLOWED_HOSTS)
    if public and not settings.DEBUG and not settings.EXPLORER_HTTPS:
        return [
            Warning(
                "ALLOWED_HOSTS names more than this machine, but EXPLORER_HTTPS is off: cookies travel in the clear.",
                hint="Put a proxy with TLS in front and set EXPLORER_HTTPS=1 and EXPLORER_PROXIES=1.",
                id="explorer.W001",
            )
        ]
    return []


@register(Tags.security)
def check_redirect(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse https without a trusted proxy: every page would redirect to itself for ever."""
    if settings.EXPLORER_HTTPS and not settings.EXPLORER_PROXIES:
        return [
            Error(
                "EXPLORER_HTTPS is on, but EXPLORER_PROXIES is 0, so the site never believes that a request came by "
                "https and redirects it to itself for ever.",
                hint="Set EXPLORER_PROXIES to the number of proxies in front, usually 1.",
                id="explorer.E002",
            )
        ]
    return []


@register(Tags.compatibility)
def check_limits(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn of limits that can never be reached, and of too few open files for the expected room."""
    found: list[CheckMessage] = []
    if settings.EXPLORER_RUNS_PER_VISITOR > settings.EXPLORER_RUNS_PER_HOST * settings.EXPLORER_HOSTS:
        found.append(
            Warning(
                "EXPLORER_RUNS_PER_VISITOR is more than all host processes take: one visitor can fill the site.",
                hint="Lower it, or raise EXPLORER_RUNS_PER_HOST or EXPLORER_HOSTS.",
                id="explorer.W002",
            )
        )
    if (os.cpu_count() or 1) < settings.EXPLORER_HOSTS:
        found.append(
            Warning(
                f"EXPLORER_HOSTS is {settings.EXPLORER_HOSTS}, and this machine has {os.cpu_count()} processors.",
                hint="More host processes than processors slow each other down.",
                id="explorer.W003",
            )
        )
    return found + _check_open_files()


def _check_open_files() -> list[CheckMessage]:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return []
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = VIEWERS_EXPECTED + FILES_BESIDE_SOCKETS
    if hard != resource.RLIM_INFINITY and hard < needed:
        return [
            Warning(
                f"This process may open {hard} files; {VIEWERS_EXPECTED} viewers need about {needed}.",
                hint="Raise it: LimitNOFILE= in the systemd unit, or ulimit -Hn.",
                id="explorer.W004",
            )
        ]
    return []


@register(Tags.files)
def check_data_folder(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse a data folder that cannot be written; warn when its disk is nearly full."""
    folder: Path = settings.VAR
    if not os.access(folder, os.W_OK):
        return [
            Error(
                f"{folder.name}/ cannot be written by this user.",
                hint="It holds the database, the secret and the static files: chown it to the user of the site.",
                id="explorer.E003",
            )
        ]
    free = shutil.disk_usage(folder).free
    if free < ROOM_NEEDED_BYTES:
        return [
            Warning(
                f"{free // 2**20} MB are free on the disk of {folder.name}/.",
                hint=f"Free at least {ROOM_NEEDED_BYTES // 2**20} MB, or saved runs will be refused.",
                id="explorer.W005",
            )
        ]
    return []


@register(Tags.database)
def check_database(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Refuse SQLite in memory, in which every thread of the server would see an empty database of its own."""
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3") and ":memory:" in str(database["NAME"]):
        return [
            Error(
                "DATABASE_URL is SQLite in memory, where each thread sees an empty database of its own.",
                hint="Leave DATABASE_URL away, or use sqlite:///absolute/path or postgresql://...",
                id="explorer.E004",
            )
        ]
    return []


@register(Tags.staticfiles)
def check_static_files(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Warn when the hashed static files are missing, since every page needs them when DEBUG is off."""
    if settings.DEBUG or (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        return []
    return [
        Warning(
            "The static files have not been collected, so every page would answer 500.",
            hint="Run: python3 manage.py collectstatic --noinput (demo does it by itself).",
            id="explorer.W006",
        )
    ]
