"""`manage.py content`: load the fixtures, prune what they no longer hold."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from explorer.catalogue.fixtures import BadContentError
from explorer.catalogue.loading import load_content
from explorer.catalogue.rules import KINDS
from explorer.models import Case, Naming


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
        for line in _tell_more():
            self.stdout.write(line)


def _tell_more() -> Iterator[str]:
    """What a count alone does not show: how well the cases are sourced, and how the words of the products fit."""
    sources = [len(case.sources) for case in Case.objects.all()]
    if sources:
        yield f"each case has at least {_count(min(sources), 'source', 'sources')}"
    fits = Counter(Naming.objects.values_list("fit", flat=True))
    if fits:
        yield f"of the names {', '.join(f'{fits[fit]} {fit}' for fit in Naming.Fit.values)}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
