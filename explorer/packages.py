"""Installing a hashed lock into the virtual environment: with uv, which takes seconds, or with pip if uv cannot.

Standard library only, in words an old Python understands: `bootstrap` imports it before there is anything else.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

PIP_OPTIONS_WITH_ONE_VALUE = {
    "index-url": "UV_DEFAULT_INDEX",
    "cert": "SSL_CERT_FILE",
    "timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}
PIP_OPTIONS_WITH_MANY_VALUES = {
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "trusted-host": ("UV_INSECURE_HOST", " "),
}
# pip lets a later source override an earlier one, in this order.
PIP_CONFIGURATION_ORDER = ("global.", "install.", ":env:.")

WIDTH = 160
CAUSES = (
    ("No space left on device|os error 28|not enough space", "The disk is full. Free about 1 GB and start again."),
    (
        "hash(es)? (mismatch|do not match)|DO NOT MATCH THE HASHES",
        "A downloaded package is not the one the lock names, so it was not installed. Start again; if it stays so, the "
        "package index serves something else than the public one.",
    ),
    (
        "name resolution|dns error|Could not resolve|Network is unreachable|Connection (refused|reset)|timed? ?out|"
        "error sending request|Failed to establish|Tunnel connection failed|CERTIFICATE|ProxyError",
        "The package index cannot be reached. Connect to the network, or set the index or proxy that it needs "
        "(pip config set global.index-url ..., HTTPS_PROXY), and start again.",
    ),
    (
        "No matching distribution|No solution found|no wheels? (with|for)|has no .*usable",
        "The package index has no build of a package for this Python. Name another: EXPLORER_PYTHON=/path/to/python",
    ),
    ("Permission denied|Read-only file system", "The folder cannot be written. Clone into one that you own."),
)


class InstallationError(Exception):
    """Something could not be installed; the message says what, why and what to do."""


def install(python: Path, lock: Path, cache: Path, say: Callable[[str], None]) -> None:
    """Install all that `lock` names into the environment of `python`; raises InstallationError."""
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_NO_INPUT="1")
    output = _install_uv(python, lock, environment)
    if not output:
        output = _run(
            [str(python), "-m", "uv", "pip", "install", "--require-hashes", "--python", str(python), "-r", str(lock)],
            dict(uv_settings(pip_settings(python)), **_uv_cache(cache), **environment),
        )
    if output:
        say("uv cannot, pip tries ...")
        pip = [str(python), "-m", "pip", "install", "--require-hashes", "-r", str(lock)]
        output = _run(pip, environment)
    if output:
        raise InstallationError(explain(output, lock))


def _install_uv(python: Path, lock: Path, environment: dict[str, str]) -> str:
    """Install uv, as pinned in `lock`, with pip; return what went wrong, or "" if all went well."""
    if not _run([str(python), "-m", "uv", "--version"], environment):
        return ""
    pinned = re.search(r"^uv==(?:.*\\\n)+.*\n", lock.read_text(encoding="utf-8"), re.MULTILINE)
    if not pinned:
        return f"{lock.name} does not pin uv"
    with tempfile.TemporaryDirectory() as folder:
        only_uv = Path(folder) / "uv.txt"
        only_uv.write_text(pinned.group(), encoding="utf-8")
        return _run([str(python), "-m", "pip", "install", "--require-hashes", "-r", str(only_uv)], environment)


def _run(command: list[str], environment: dict[str, str]) -> str:
    """Run a command; return what it said if it failed, else ""."""
    try:
        answer = subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
    except OSError as error:
        return str(error)
    return "" if answer.returncode == 0 else answer.stdout or f"exit code {answer.returncode}"


def pip_settings(python: Path) -> dict[str, str]:
    """Return pip's own configuration, by option name, as `pip config list` of this machine and user prints it."""
    answer = subprocess.run([str(python), "-m", "pip", "config", "list"], capture_output=True, text=True)
    return parse_pip_settings(answer.stdout)


def parse_pip_settings(listing: str) -> dict[str, str]:
    """Read lines such as `global.index-url='https://...'`; a later source of pip's order wins."""
    found = {}
    for source in PIP_CONFIGURATION_ORDER:
        for line in listing.splitlines():
            name, equals, value = line.partition("=")
            if equals and name.startswith(source):
                found[name[len(source) :]] = str(ast.literal_eval(value))
    return found


def uv_settings(pip: dict[str, str]) -> dict[str, str]:
    """Translate pip's configuration into uv's variables, since uv does not read pip's files."""
    uv = {PIP_OPTIONS_WITH_ONE_VALUE[name]: value for name, value in pip.items() if name in PIP_OPTIONS_WITH_ONE_VALUE}
    for name, (variable, separator) in PIP_OPTIONS_WITH_MANY_VALUES.items():
        if pip.get(name):
            uv[variable] = separator.join(pip[name].split())
    if pip.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        uv["UV_NO_INDEX"] = "1"
    # pip takes the best match of all indexes. A foreign package of the same name, which uv fears, fails its hash.
    uv["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return uv


def _uv_cache(cache: Path) -> dict[str, str]:
    has_home = os.environ.get("HOME") or os.environ.get("XDG_CACHE_HOME") or os.name == "nt"
    return {} if has_home else {"UV_CACHE_DIR": str(cache)}


def explain(output: str, lock: Path) -> str:
    """Say in a sentence why installing `lock` failed and what to do, followed by the tool's last words."""
    last = "\n".join("  | " + line[:WIDTH] for line in output.strip().splitlines()[-6:])
    for pattern, sentence in CAUSES:
        if re.search(pattern, output, re.IGNORECASE):
            return f"{sentence}\n{last}"
    return f"The packages of {lock.name} could not be installed. The last lines say why; then start again.\n{last}"
