"""`manage.py content`: load the fixtures, prune what they no longer hold."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from explorer.catalogue.fixtures import BadContentError
from explorer.catalogue.loading import load_content
from explorer.catalogue.rules import KINDS


class Command(BaseCommand):
    help = "Replace the site's content by what fixtures/ holds; refuse all of it if any of it is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, default=settings.FIXTURE_DIRS[0], help="another folder")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if not folder.is_dir():
            raise CommandError(
                f"there is no folder {folder}; name one that holds fixtures, such as fixtures/", returncode=2
            )
        try:
            counts = load_content(folder)
        except BadContentError as error:
            for complaint in error.complaints:
                self.stderr.write(str(complaint))
            raise CommandError(
                f"nothing was loaded: {_count(len(error.complaints), 'complaint', 'complaints')}, "
                "each with its file and line above."
            ) from error
        except LookupError as error:
            raise CommandError(str(error)) from error
        names = [(str(kind._meta.verbose_name), str(kind._meta.verbose_name_plural)) for kind in KINDS]
        self.stdout.write(", ".join(_count(counts[one], one, many) for one, many in names))


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
