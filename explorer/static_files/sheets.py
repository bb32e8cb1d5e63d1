"""Our style sheets as they are served: what a sheet imports stands in it.

A page's sheet names its components with `@import "../components/card.css";`, which a browser follows by itself when
DEBUG is on. Served, each import would be a request of its own that waits for the sheet, and each compressed alone.
"""

from __future__ import annotations

import posixpath
import re

_IMPORT = re.compile(r'^@import "(\.{0,2}[^":]+)";\n?', re.MULTILINE)
_ADDRESS = re.compile(r'url\("(?![a-z]+:|/|#)([^"]+)"\)')


def join_sheet(name: str, sources: dict[str, str], seen: set[str] | None = None) -> str:
    """The text of a sheet with all that it imports, each once; raises ValueError for a sheet that is not there."""
    seen = set() if seen is None else seen
    seen.add(name)

    def take(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), found[1]))
        if target not in sources:
            raise ValueError(f"{name} imports {found[1]}, which does not exist.")
        return "" if target in seen else _move(join_sheet(target, sources, seen), target, name)

    return _IMPORT.sub(take, sources[name])


def _move(text: str, old: str, new: str) -> str:
    """Addresses in a sheet are relative to it."""
    if posixpath.dirname(old) == posixpath.dirname(new):
        return text
    folder = posixpath.dirname(new)

    def relate(found: re.Match[str]) -> str:
        return f'url("{posixpath.relpath(posixpath.join(posixpath.dirname(old), found[1]), folder)}")'

    return _ADDRESS.sub(relate, text)
