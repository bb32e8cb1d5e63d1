"""The tools that read the source, each as a test: what they find is a failure like any other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "templates").rglob("*.html"))


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("ruff", "check", "."), id="ruff-check"),
        pytest.param(("ruff", "format", "--check", "."), id="ruff-format"),
        pytest.param(("mypy",), id="mypy"),
        pytest.param(("djade", "--check", "--target-version", "6.1", *TEMPLATES), id="djade"),
    ],
)
def test_the_source_passes(command):
    tool, *arguments = command
    program = Path(sys.executable).parent / tool
    answer = subprocess.run([program, *arguments], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout + answer.stderr
