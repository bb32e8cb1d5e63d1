"""`manage.py experiment [CLAIM ...]`: run claims, print prediction, measurement and verdict."""

from __future__ import annotations

import asyncio
import json
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from django.core.management.base import BaseCommand

from patterns.core.experiment import Size, experiments
from patterns.core.report import Report, as_row
from patterns.core.trial import carry_out


class Command(BaseCommand):
    help = "Run the experiments behind the cards' sentences; exit 1 if one is refuted that should not be."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("claims", nargs="*", metavar="CLAIM", help="ids such as PS-15; all if none is given")
        parser.add_argument("--engine", default="builtin", help="what carries the messages; builtin unless named")
        parser.add_argument("--seed", type=int, default=None, help="each experiment's own if not given")
        parser.add_argument("--reduced", action="store_true", help="the size of the test suite")
        parser.add_argument("--json", action="store_true", help="an array of reports, for scripts")

    def handle(self, *args: Any, claims: list[str], engine: str, seed: int | None, **options: Any) -> None:
        chosen = self._choose(claims, engine)
        reports = []
        for report in carry_all_out(chosen, engine, seed, "reduced" if options["reduced"] else "full"):
            reports.append(report)
            if not options["json"]:
                self._tell(report)
        if options["json"]:
            self.stdout.write(json.dumps([as_row(report) for report in reports], indent=1))
        if any(report.verdict == "refuted" for report in reports):
            raise SystemExit(1)

    def _choose(self, claims: list[str], engine: str) -> list[str]:
        known = experiments()
        for claim in claims:
            if claim not in known:
                self._refuse(f"no experiment for '{claim}'; there are: {', '.join(known) or 'none yet'}")
            if engine not in known[claim][1].engines:
                self._refuse(f"{claim} does not run on '{engine}'; it runs on: {', '.join(known[claim][1].engines)}")
        engines = {name: None for _, experiment in known.values() for name in experiment.engines}
        if engine not in engines:
            self._refuse(f"no experiment runs on '{engine}'; engines are: {', '.join(engines)}")
        return [claim for claim in claims or known if engine in known[claim][1].engines]

    def _refuse(self, why: str) -> None:
        self.stderr.write(why)
        raise SystemExit(2)

    def _tell(self, report: Report) -> None:
        head = f"{report.claim:7} {report.verdict:8} {report.engine:8} {report.seconds:6.1f} s"
        self.stdout.write(f"{head}  {report.why}")
        for warning in report.warnings:
            self.stdout.write(f"        warning: {warning}")


def carry_all_out(claims: list[str], engine: str, seed: int | None, size: Size) -> Iterator[Report]:
    """Run the claims in the order given, a process a core; then, alone, those whose times are compared."""
    known = experiments()
    timed = [claim for claim in claims if known[claim][1].timed]
    counted = [claim for claim in claims if not known[claim][1].timed]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as cores:
        yield from cores.map(try_claim, counted, *([item] * len(counted) for item in (engine, seed, size)))
    yield from (try_claim(claim, engine, seed, size) for claim in timed)


def try_claim(claim: str, engine: str, seed: int | None, size: Size) -> Report:
    """Carry one experiment out; a process of the pool does nothing else meanwhile."""
    return asyncio.run(carry_out(claim, engine, seed, size))
