"""The browser that the tests drive: found on this machine, or installed.

Found: EXPLORER_CHROME, then Chromium or Chrome on PATH or in its usual folder, then the one of the Playwright package.
Installed, if there is none: by Playwright, by apt where we are root, or from npm into `var/`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
USUAL_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
)
# Without a screen, a GPU or a network of its own business; what a container as root needs.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SECONDS_TO_START = 60.0
SECONDS_TO_INSTALL = 600.0
VAR = Path(__file__).resolve().parent.parent / "var"
NPM_FOLDER = "browser"
NPM_PACKAGE = "@sparticuz/chromium@147.0.0"


class NoBrowserError(Exception):
    """There is no Chromium and none could be installed; the message says what to do."""


def find_browser() -> str:
    """Return the path of a Chromium that starts, or "" if this machine has none.

    Raises:
        NoBrowserError: EXPLORER_CHROME names a program that does not start as one.
    """
    named = os.environ.get("EXPLORER_CHROME", "").strip()
    if named:
        if starts(named):
            return named
        raise NoBrowserError(f"EXPLORER_CHROME is {named}, which does not start as Chromium does. Name another.")
    return next((path for path in _candidates() if starts(path)), "")


def install_browser(say: Callable[[str], None]) -> str:
    """Install a Chromium in the first way that works and return its path.

    Raises:
        NoBrowserError: no way worked.
    """
    failures = []
    for name, way in (("Playwright", _by_playwright), ("apt", _by_apt), ("npm", _by_npm)):
        say(f"by {name} ...")
        try:
            path = way(VAR)
        except (OSError, subprocess.SubprocessError, StopIteration) as error:
            failures.append(f"  {name}: {error}")
            continue
        if path and starts(path):
            return path
        failures.append(f"  {name}: not possible here")
    raise NoBrowserError(
        "No Chromium or Chrome was found and none could be installed, so the browser tests will fail:\n"
        + "\n".join(failures)
        + "\nInstall one by hand (Debian: apt install chromium), or name one: EXPLORER_CHROME=/path/to/chrome"
    )


def starts(path: str) -> bool:
    """Say whether `path` is a Chromium that loads here; one that lacks a library cannot even say its version."""
    program = shutil.which(path)
    try:
        answer = subprocess.run([program or path, "--version"], capture_output=True, timeout=SECONDS_TO_START)
    except (OSError, subprocess.SubprocessError):
        return False
    return answer.returncode == 0 and b"Chrom" in answer.stdout


def _candidates() -> Iterator[str]:
    yield from (path for path in map(shutil.which, NAMES) if path)
    yield from (path for path in USUAL_PLACES if os.path.exists(path))
    path = _of_playwright()
    if path:
        yield path
    yield from (str(path) for path in sorted((VAR / NPM_FOLDER).glob("chromium")))


def _of_playwright() -> str:
    """Return where the installed Playwright keeps its Chromium, if it has one."""
    ask = "from playwright.sync_api import sync_playwright as s\nwith s() as p: print(p.chromium.executable_path)"
    answer = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, timeout=SECONDS_TO_START)
    path = answer.stdout.strip()
    return path if os.path.exists(path) else ""


def _by_playwright(var: Path) -> str:
    _call([sys.executable, "-m", "playwright", "install", "chromium"])
    return _of_playwright()


def _by_apt(var: Path) -> str:
    if not (shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0):
        return ""
    quiet = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    _call(["apt-get", "update", "-q"], quiet)
    _call(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"], quiet)
    return shutil.which("chromium") or ""


def _by_npm(var: Path) -> str:
    """Unpack the Chromium made for bare machines, with the libraries it brings beside it."""
    import brotli

    npm = shutil.which("npm")
    if not npm:
        return ""
    folder = var / NPM_FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as download:
        _call([npm, "pack", NPM_PACKAGE, "--silent", "--pack-destination", download])
        with tarfile.open(next(Path(download).glob("*.tgz"))) as package:
            package.extractall(download, filter="data")
        parts = Path(download) / "package" / "bin"
        for name in ("al2023", "swiftshader"):
            archive = Path(download) / f"{name}.tar"
            archive.write_bytes(brotli.decompress((parts / f"{name}.tar.br").read_bytes()))
            with tarfile.open(archive) as libraries:
                libraries.extractall(folder, filter="data")
        for library in (folder / "lib").glob("*.so*"):
            library.replace(folder / library.name)
        program = folder / "chromium"
        program.write_bytes(brotli.decompress((parts / "chromium.br").read_bytes()))
        program.chmod(0o755)
    return str(program)


def _call(command: list[str], environment: dict[str, str] | None = None) -> None:
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=SECONDS_TO_INSTALL)
