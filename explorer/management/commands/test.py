"""`manage.py test`: the whole suite, or what pytest is told, with a real browser."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from explorer.bootstrap import step
from explorer.browser import NoBrowserError, find_browser, install_browser

WHOLE_SUITE = ("-n", "2", "--dist", "loadgroup")


class Command(BaseCommand):
    help = "Run the whole suite, real browser included; everything after `test` goes to pytest as it is."
    requires_system_checks = []  # a test runs them

    def run_from_argv(self, argv: list[str]) -> None:
        """Pass the arguments on unread: they are pytest's, down to --help."""
        sys.exit(self.handle(*argv[2:]))

    def handle(self, *arguments: str, **options: Any) -> int:
        environment = dict(os.environ)
        # The suite starts hundreds of processes, and each would compile all that it imports.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        path = browser()
        if path:
            environment["EXPLORER_CHROME"] = path
        command = [sys.executable, "-m", "pytest", *(arguments or WHOLE_SUITE)]
        return subprocess.run(command, env=environment, cwd=settings.ROOT).returncode


def browser() -> str:
    """Return a Chromium, installed now if need be; without one say so and go on: only the browser tests fail."""
    with step("Browser") as say:
        try:
            path = find_browser() or install_browser(say)
        except NoBrowserError as problem:
            say(f"none\n{problem}")
            return ""
        say(path)
        return path
