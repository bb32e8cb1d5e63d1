"""From a bare clone and any python3 to the right Python with the right packages.

Standard library only, in words an old Python understands, since that may be what runs it. Finds a Python that is new
enough, makes `.venv` with it, installs the hashed lock and continues there. All it says goes to stderr, so that
`manage.py lab --json` stays clean. A stamp is written last: whatever was interrupted is done again.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from explorer import packages
from explorer.interpreters import NoInterpreterError, find_python, probe

ROOT = Path(__file__).resolve().parent.parent
SITE_LOCK = "requirements.txt"
TEST_LOCK = "tests/requirements.txt"
COMMANDS_WITH_TEST_PACKAGES = ("test", "bench")


def hand_over(arguments: Sequence[str]) -> None:
    """Return if this is already the environment's own Python; else prepare the environment and continue there."""
    environment = Environment(ROOT)
    if Path(sys.prefix).resolve() == environment.folder.resolve():
        return
    try:
        environment.prepare(locks_for(arguments))
    except (NoInterpreterError, packages.InstallationError) as problem:
        sys.exit(f"\n{problem}")
    except KeyboardInterrupt:
        sys.exit("\nInterrupted; the next start goes on from here.")
    _continue_in(environment.python, arguments)


def locks_for(arguments: Sequence[str]) -> list[str]:
    """Return the locks that a command line needs; what only tests need is not forced on a visitor of `demo`."""
    command = arguments[1] if len(arguments) > 1 else ""
    return [SITE_LOCK, TEST_LOCK] if command in COMMANDS_WITH_TEST_PACKAGES else [SITE_LOCK]


def _continue_in(python: Path, arguments: Sequence[str]) -> None:
    command = [str(python), *arguments]
    if os.name == "nt":  # there, exec returns to the shell at once and leaves the child without a console
        sys.exit(subprocess.call(command))
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


class Environment:
    """The virtual environment of one clone: its folder, its Python, and a stamp for each lock that is installed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def prepare(self, locks: Sequence[str]) -> None:
        """Make the environment if it is not there, and install the locks that are not.

        Raises:
            NoInterpreterError: no Python is new enough.
            InstallationError: a package could not be installed, or a lock is missing.
        """
        if self._is_ready(locks):
            return
        with alone(self.root / "var"):
            if not (self.python.exists() and probe(str(self.python))):
                self._create()
            for lock in locks:
                if not self._is_installed(lock):
                    self._install(lock)

    def _is_ready(self, locks: Sequence[str]) -> bool:
        return self.python.exists() and all(self._is_installed(lock) for lock in locks)

    def _is_installed(self, lock: str) -> bool:
        stamp = self._stamp(lock)
        return stamp.exists() and stamp.read_text(encoding="ascii") == self._digest(lock)

    def _stamp(self, lock: str) -> Path:
        return self.folder / ("installed-" + lock.replace("/", "-") + ".sha256")

    def _digest(self, lock: str) -> str:
        try:
            return hashlib.sha256((self.root / lock).read_bytes()).hexdigest()
        except OSError as error:
            raise packages.InstallationError(f"{lock} cannot be read ({error}). Is the clone whole?") from error

    def _create(self) -> None:
        with step("Python") as say:
            base = find_python(os.environ)
            say(base)
        with step("Virtual environment") as say:
            command = [base, "-m", "venv", "--clear", str(self.folder)]
            answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            if answer.returncode:
                raise packages.InstallationError(packages.explain(answer.stdout, Path(".venv")))
            say(self.folder.name)

    def _install(self, lock: str) -> None:
        with step("Packages") as say:
            say(lock)
            packages.install(self.python, self.root / lock, self.root / "var" / "cache" / "uv", say)
            self._stamp(lock).write_text(self._digest(lock), encoding="ascii")


@contextmanager
def alone(var: Path) -> Iterator[None]:
    """Hold a lock in `var`, so that a second first start waits instead of working in the same folder.

    Raises:
        InstallationError: the folder cannot be written.
    """
    try:
        var.mkdir(exist_ok=True)
        lock = open(var / "preparing.lock", "w")  # noqa: SIM115 -- closed below
    except OSError as error:
        raise packages.InstallationError(
            f"{var} cannot be written ({error.strerror}). Clone into a folder that you own."
        ) from error
    with lock:
        try:
            import fcntl
        except ImportError:  # Windows: two first starts at once are on their own
            pass
        else:
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def step(name: str) -> Iterator:
    """Show one line for a step: its name, what it says while it goes on, and the seconds it took."""
    began = time.monotonic()

    def say(text: str) -> None:
        print(" " + text, end="", file=sys.stderr, flush=True)

    print(f"{name:<20}", end="", file=sys.stderr, flush=True)
    yield say
    print(f"  {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
