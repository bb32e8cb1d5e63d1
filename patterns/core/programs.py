"""Programs that an engine needs beside Python packages."""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path


def find_program(name: str) -> str | None:
    """The path of a program: where this Python installs its own, else on PATH; None if it is in neither place."""
    ours = Path(sysconfig.get_path("scripts")) / name
    return str(ours) if ours.exists() else shutil.which(name)
