"""How static files are named, thinned and served when DEBUG is off."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath
from typing import IO, Any

from django.core.files.base import ContentFile
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

_THINNERS: dict[str, Callable[[str], str]] = {".js": jsmin, ".css": cssmin}


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Puts a hash into every name, also inside the `import` lines of JavaScript modules, and compresses each file.

    Our own scripts and styles lose their comments and white space on the way: they are written to be read,
    and a phone pays for each
    byte. What others wrote stays as it came.
    """

    support_js_module_import_aggregation = True

    def _save(self, name: str, content: IO[Any]) -> str:
        path = PurePath(name)
        thin = _THINNERS.get(path.suffix)
        if thin is not None and "vendor" not in path.parts:
            content.seek(0)  # Django has read it to its end for the hash
            content = ContentFile(thin(content.read().decode()).encode())
        saved: str = super()._save(name, content)
        return saved
