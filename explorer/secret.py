"""The development secret: made once, kept beside the data, readable by its owner only, never committed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def read_or_create_secret(path: Path) -> str:
    """Return the text in `path`, writing 50 random bytes' worth there first if the file does not exist.

    Raises:
        OSError: the folder cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unique = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        with os.fdopen(os.open(unique, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(unique, path)  # the first of several processes wins, and no one reads half a file
        except FileExistsError:
            pass
        finally:
            unique.unlink()
    return path.read_text().strip()
