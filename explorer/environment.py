"""The environment variables the site understands, each with its meaning, its default and how it is read.

Strict on purpose: an EXPLORER_ variable that is not in the table, or a value that does not parse, stops the site with a
sentence. A typing mistake in an operator's unit file must not become a silent default.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import urlsplit

PREFIX = "EXPLORER_"
TRUE = ("1", "true", "yes", "on")
FALSE = ("0", "false", "no", "off")


class BadEnvironmentError(ValueError):
    """A variable is unknown or its value cannot be used; the message says which and what would be right."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: what it is for, and what applies when it is absent."""

    name: str
    meaning: str
    default: str = ""


VARIABLES: tuple[Variable, ...] = (
    Variable("DEBUG", "show tracebacks in the browser and serve static files as they are on disk", "off"),
    Variable("SECRET_KEY", "signs cookies; required as soon as ALLOWED_HOSTS names more than this machine"),
    Variable("ALLOWED_HOSTS", "comma-separated host names the site answers to", "localhost,127.0.0.1,[::1]"),
    Variable("DATABASE_URL", "where data is kept: sqlite:///path or postgresql://user:password@host/name"),
    Variable("REDIS_URL", "redis://host:port/db, which joins several site processes; absent: one process"),
    Variable("EXPLORER_HOSTS", "processes that labs run in", "1"),
    Variable("EXPLORER_SOCKETS_PER_ADDRESS", "sockets one network address may hold open", "50"),
    Variable("EXPLORER_RUNS_PER_VISITOR", "runs one visitor may have going at once", "8"),
    Variable("EXPLORER_RUNS_PER_HOST", "runs one host process takes before it says it is full", "600"),
    Variable("EXPLORER_TRIALS", "experiments carried out at once, each in a process of its own", "1"),
    Variable("EXPLORER_PROXIES", "proxies in front whose X-Forwarded-* headers are trusted", "0"),
    Variable("EXPLORER_HTTPS", "visitors reach the site by https: secure cookies, redirect, HSTS", "off"),
    Variable("EXPLORER_PYTHON", "the Python (3.12 or newer) that the virtual environment is made with"),
    Variable("EXPLORER_CHROME", "the Chromium or Chrome that the browser tests drive"),
)
_BY_NAME = {variable.name: variable for variable in VARIABLES}


@dataclass(frozen=True, slots=True)
class Environment:
    """Reads declared variables from a mapping, `os.environ` unless told otherwise."""

    values: Mapping[str, str]

    @classmethod
    def current(cls) -> Environment:
        """Wrap the process's environment; raises BadEnvironmentError for an EXPLORER_ variable that does not exist."""
        environment = cls(os.environ)
        environment.refuse_unknown()
        return environment

    def refuse_unknown(self) -> None:
        """Raise BadEnvironmentError for the first EXPLORER_ variable that is not in the table."""
        for name in sorted(self.values):
            if name.startswith(PREFIX) and name not in _BY_NAME:
                near = get_close_matches(name, _BY_NAME, n=1, cutoff=0.8)
                known = ", ".join(known for known in _BY_NAME if known.startswith(PREFIX))
                hint = f"did you mean {near[0]}?" if near else f"it knows {known}."
                raise BadEnvironmentError(f"The site knows no environment variable {name}; {hint}")

    def text(self, name: str) -> str:
        """Return the value, or the declared default; surrounding blanks do not count."""
        return self.values.get(name, "").strip() or _BY_NAME[name].default

    def flag(self, name: str) -> bool:
        """Return a yes or no; raises BadEnvironmentError for anything else."""
        value = self.text(name).lower()
        if value in TRUE or value in FALSE:
            return value in TRUE
        raise self._problem(name, f"one of {', '.join(TRUE)} or {', '.join(FALSE)}")

    def count(self, name: str, least: int = 1) -> int:
        """Return a whole number of at least `least`; raises BadEnvironmentError for anything else."""
        value = self.text(name)
        if value.isascii() and value.isdigit() and int(value) >= least:
            return int(value)
        raise self._problem(name, f"a whole number, at least {least}")

    def names(self, name: str) -> list[str]:
        """Return a comma-separated list without its empty entries."""
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def address(self, name: str, schemes: tuple[str, ...]) -> str:
        """Return a URL with one of `schemes`, or "" when absent; raises BadEnvironmentError for another scheme."""
        value = self.text(name)
        if value and urlsplit(value).scheme not in schemes:
            # The value may hold a password, so the sentence names only its scheme.
            scheme = urlsplit(value).scheme or "no scheme"
            raise BadEnvironmentError(f"{name} starts with {scheme}; it must be a URL with {' or '.join(schemes)}.")
        return value

    def _problem(self, name: str, right: str) -> BadEnvironmentError:
        return BadEnvironmentError(f"{name} is {self.text(name)!r}; it must be {right}.")
