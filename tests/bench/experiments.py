"""How long the proof of every sentence takes: all experiments at full size, from the command line, on two cores."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from patterns.core.experiment import experiments
from tests.bench.comparison import Comparison

ROOT = Path(__file__).parents[2]
CORES = 2
BUDGET_SECONDS = 120.0


def measure_experiments() -> list[Comparison]:
    """Seconds until `manage.py experiment --json` has judged every claim; once, since it takes so long."""
    result = Comparison(
        "experiments", "no rival", "s", BUDGET_SECONDS, is_ceiling=True, is_absolute=True
    )  # fmt: skip
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "manage.py", "experiment", "--json"], cwd=ROOT, capture_output=True, text=True, check=False,
        preexec_fn=_stay_on_two_cores,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise RuntimeError(f"the experiments did not run: {done.stderr.strip()[-300:]}")
    result.ours.append(time.perf_counter() - began)
    reports = json.loads(done.stdout)
    assert len(reports) == len(experiments())
    verdicts = Counter(report["verdict"] for report in reports)
    said = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    result.note = f"{len(reports)} claims on {CORES} cores: {said}"
    return [result]


def _stay_on_two_cores() -> None:
    """Where the system can pin a process, it and its children use no more cores than the budget speaks of."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
