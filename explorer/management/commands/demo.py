"""`manage.py demo`: from a fresh environment to a served site with its content."""

from __future__ import annotations

import errno
import socket
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from explorer.bootstrap import alone, step
from explorer.packages import InstallationError
from explorer.preparation import collect_static_files, prepare_database

ADDRESS = "127.0.0.1"
SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_TO_ANSWER = 60.0


class Command(BaseCommand):
    help = "Prepare the database, the content and the static files, serve the site on this machine, and say where."
    requires_system_checks = []  # they run after the preparation, which mends what some of them complain about

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="where to listen; 0 takes a free one (default 8000)")

    def handle(self, *args: Any, port: int, **options: Any) -> None:
        port = free_port(port)
        try:
            prepare()
            self.check()
            self._serve(port)
        except KeyboardInterrupt:
            pass
        self.stderr.write("\nStopped.")

    def _serve(self, port: int) -> None:
        from explorer.labs.server import serve  # only now: it loads the whole site, which `prepare` made loadable

        threading.Thread(target=announce, args=(port,), daemon=True).start()
        serve(host=ADDRESS, port=port)


def prepare() -> None:
    """Run the steps that are not up to date, one line each; raises CommandError with what to do if one fails."""
    try:
        with alone(settings.VAR):
            for name, make in (("Database, content", prepare_database), ("Static files", collect_static_files)):
                with step(name) as say:
                    say(make())
    except (OSError, DatabaseError, InstallationError) as error:
        raise CommandError(explain(error)) from error


def free_port(port: int) -> int:
    """Return `port`, or a free one for 0; raises CommandError if something else listens there."""
    if not 0 <= port <= 65535:
        raise CommandError(f"--port is {port}; a port is a number from 0 to 65535.", returncode=2)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError as error:
            if error.errno == errno.EACCES:
                raise CommandError(f"Port {port} needs an administrator. Take one from 1024 on: --port 8000") from error
            raise CommandError(
                f"Port {port} is in use. Stop what listens there, or take another: --port {port + 1}, or --port 0 for "
                "any that is free."
            ) from error
        return int(probe.getsockname()[1])


def announce(port: int) -> None:
    """Say where to look, once the site has really answered there."""
    address, began = f"http://{ADDRESS}:{port}/", time.monotonic()
    while time.monotonic() - began < SECONDS_TO_ANSWER:
        try:
            urllib.request.urlopen(address, timeout=SECONDS_TO_ANSWER).close()
        except urllib.error.HTTPError as error:
            print(f"\n{address} answers {error.code}; the lines above say why. Ctrl-C ends.", flush=True)
            return
        except OSError:
            time.sleep(SECONDS_BETWEEN_LOOKS)
        else:
            print(f"\nOpen {address}   (Ctrl-C ends)", flush=True)
            return


def explain(error: Exception) -> str:
    """Say what to do about a step that could not be done."""
    if getattr(error, "errno", None) == errno.ENOSPC or "disk is full" in str(error):
        return "The disk is full. Free about 200 MB and start again."
    if "locked" in str(error):
        return "The database is locked by another program. Stop the other demo of this clone and start again."
    if isinstance(error, PermissionError) or "readonly" in str(error):
        return f"{error}. var/ must belong to the user who starts the site."
    if not isinstance(error, DatabaseError):
        return str(error)
    return f"{error}. If the database in var/ is damaged, move it away and start again: it is made anew."
