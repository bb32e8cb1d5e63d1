"""Finding a Python that is new enough and whole.

Standard library only, in words an old Python understands: `bootstrap` imports it before there is anything else.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

MINIMUM = (3, 12)
NEEDED = "3.12"
PREFERRED = ("3.13", "3.14", "3.12")
# A version alone is not enough: Debian splits off ensurepip, a hand-built Python may lack ssl or sqlite3, and a pyenv
# shim of an inactive version exists and does not run. The answer names the real program behind a shim.
PROBE = "import sys, venv, ensurepip, sqlite3, ssl; print('%d.%d' % sys.version_info[:2], sys.executable)"
PROBE_SECONDS = 20.0


class NoInterpreterError(Exception):
    """No usable Python was found; the message says what to do."""


def find_python(environment: Mapping[str, str]) -> str:
    """Return the path of the first Python that fits, looking in the order of `candidates`.

    Raises:
        NoInterpreterError: none fits, or the one named by EXPLORER_PYTHON does not.
    """
    named = environment.get("EXPLORER_PYTHON", "").strip()
    if named:
        found = probe(shutil.which(named) or named)
        if found:
            return found
        raise NoInterpreterError(
            f"EXPLORER_PYTHON is {named}, which is no working Python {NEEDED} or newer with venv, ensurepip, sqlite3 "
            "and ssl. Name another, or leave it unset to have one looked for."
        )
    for candidate in candidates(environment):
        found = probe(candidate)
        if found:
            return found
    raise NoInterpreterError(_nothing_found())


def probe(python: str) -> str:
    """Return the program behind `python` if it runs, is new enough and can make a virtual environment, else ""."""
    try:
        answer = subprocess.run([python, "-c", PROBE], capture_output=True, text=True, timeout=PROBE_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return ""
    version, _, program = answer.stdout.strip().partition(" ")
    numbers = tuple(int(part) for part in version.split(".") if part.isdigit())
    return program if answer.returncode == 0 and numbers >= MINIMUM else ""


def candidates(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield programs to try: the running one, PATH, pyenv's versions, uv, Homebrew, the Windows launcher."""
    if sys.version_info[:2] >= MINIMUM:
        yield sys.executable
    folders = [Path(folder) for folder in environment.get("PATH", os.defpath).split(os.pathsep) if folder]
    yield from _versioned(folders)
    yield from _of_pyenv(environment, folders)
    yield from _of_uv(environment)
    yield from _of_homebrew()
    yield from _of_launcher()


def _versioned(folders: list[Path]) -> Iterator[str]:
    for version in PREFERRED:
        for folder in folders:
            program = folder / ("python" + version)
            if program.exists():
                yield str(program)


def _of_pyenv(environment: Mapping[str, str], folders: list[Path]) -> Iterator[str]:
    roots = [Path(environment["PYENV_ROOT"])] if environment.get("PYENV_ROOT") else []
    roots += [folder.parent for folder in folders if folder.name == "shims"]
    roots += [Path(os.path.expanduser("~")) / ".pyenv"]
    for root in dict.fromkeys(roots):
        for version in PREFERRED:
            pattern = re.compile(re.escape(version) + r"\.\d+$")  # releases only; 3.13t is another animal
            releases = [path for path in root.glob("versions/*") if pattern.match(path.name)]
            for path in sorted(releases, key=lambda path: int(path.name.split(".")[-1]), reverse=True):
                yield str(path / "bin" / "python")


def _of_uv(environment: Mapping[str, str]) -> Iterator[str]:
    uv = shutil.which("uv", path=environment.get("PATH"))
    if uv:
        yield from _printed_by([uv, "python", "find", "--no-python-downloads", f">={NEEDED}"])


def _of_homebrew() -> Iterator[str]:
    for prefix in ("/opt/homebrew", "/usr/local", "/home/linuxbrew/.linuxbrew"):
        for version in PREFERRED:
            for folder in ("bin", f"opt/python@{version}/bin"):
                program = Path(prefix) / folder / ("python" + version)
                if program.exists():
                    yield str(program)


def _of_launcher() -> Iterator[str]:
    launcher = shutil.which("py")
    if launcher:
        yield from _printed_by([launcher, "-3", "-c", "import sys; print(sys.executable)"])


def _printed_by(command: list[str]) -> Iterator[str]:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS)
    except (OSError, subprocess.SubprocessError):
        return
    if answer.returncode == 0 and answer.stdout.strip():
        yield answer.stdout.strip()


def _nothing_found() -> str:
    return (
        f"No usable Python {NEEDED} or newer was found; this one is {sys.version.split()[0]}. Install one:\n"
        "  Debian, Ubuntu   apt install python3 python3-venv   (python3-venv also when only ensurepip is missing)\n"
        "  macOS            brew install python@3.13\n"
        "  anywhere         uv python install 3.13\n"
        "or name one that is elsewhere: EXPLORER_PYTHON=/path/to/python3.13"
    )
