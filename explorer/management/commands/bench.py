"""`manage.py bench`: each of the site's promises about speed and size, beside its rival, in one run."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    help = "Measure the site against its rivals: median of interleaved repetitions, with each budget."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="which; all unless named")
        parser.add_argument("--json", action="store_true", help="an array, for scripts")

    def handle(self, *args: Any, names: list[str], **options: Any) -> None:
        from tests.bench.benchmarks import BENCHMARKS  # only here: what it needs is not installed for `demo`

        if unknown := [name for name in names if name not in BENCHMARKS]:
            raise CommandError(f"no benchmark '{unknown[0]}'; there are: {', '.join(BENCHMARKS)}", returncode=2)
        rows = []
        for name in names or BENCHMARKS:
            if not options["json"]:
                self.stdout.write(f"{name} ...")
            for comparison in BENCHMARKS[name]():
                rows.append(comparison.as_dict())
                if not options["json"]:
                    self._print(comparison)
        if options["json"]:
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))

    def _print(self, comparison: Any) -> None:
        row = comparison.as_dict()
        verdict = {True: "met", False: "NOT MET", None: ""}[row["met"]]
        ratio = f"{row['ratio']:.2f} ×" if row["ratio"] is not None else ""
        numbers = f"{show(row['ours']):>10} against {show(row['rival']):>10} {row['unit']} ({row['rival_name']})"
        judged = f"{ratio}  [{comparison.spread}]  {row['budget']}  {verdict}  {comparison.note}"
        self.stdout.write(f"  {row['name']:<20} {numbers}  {judged}".rstrip())


def show(value: float | None) -> str:
    """A number with three digits that matter."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"
