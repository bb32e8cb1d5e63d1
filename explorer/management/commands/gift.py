"""`manage.py gift export [SLUG]` and `manage.py gift import FILE --claim ID`: questions for and from other programs."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from explorer.quizzes.exchange import from_gift, to_gift
from explorer.quizzes.gift import write_gift
from explorer.quizzes.gift_reading import read_gift


class Command(BaseCommand):
    help = "Write questions as GIFT, or read GIFT and print entries for fixtures/<slug>.yaml."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=("export", "import"))
        parser.add_argument("which", nargs="?", default="", help="a pattern's slug to export; a file to import")
        parser.add_argument("--claim", default="", help="the claim that foreign questions are about, such as PS-3")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "export":
            self.stdout.write(self._export(options["which"]), ending="")
        else:
            self.stdout.write(self._import(options["which"], options["claim"]), ending="")

    def _export(self, slug: str) -> str:
        files = {path.stem: path for path in sorted((Path(settings.ROOT) / "fixtures").glob("*.yaml"))}
        if slug and slug not in files:
            raise CommandError(f"there is no pattern '{slug}'; there are: {', '.join(files)}.", returncode=2)
        rows = [row for name in ([slug] if slug else files) for row in yaml.safe_load(files[name].read_text("utf-8"))]
        return write_gift(to_gift(row["pk"], row["fields"]) for row in rows if row["model"] == "explorer.question")

    def _import(self, file: str, claim: str) -> str:
        try:
            reading = read_gift(Path(file).read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as problem:
            raise CommandError(
                f"'{file}' cannot be read: {problem}. Name a text file in UTF-8.", returncode=2
            ) from problem
        for complaint in reading.complaints:
            self.stderr.write(f"{file}: {complaint}")
        questions = reading.questions
        if not questions:
            raise CommandError(f"{file}: no question of it could be taken.", returncode=2)
        if not claim and any("claim" not in question.extra for question in questions):
            raise CommandError(
                "the file has foreign questions: say which claim they are about, --claim PS-3.", returncode=2
            )
        entries = [
            {
                "model": "explorer.question",
                "pk": question.name or f"NEW-Q{number}",
                "fields": from_gift(question, claim),
            }
            for number, question in enumerate(questions, 1)
        ]
        return str(yaml.safe_dump(entries, allow_unicode=True, sort_keys=False, width=120))
