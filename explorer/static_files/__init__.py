"""How static files are named, joined, thinned and served when DEBUG is off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path, PurePath
from typing import IO, Any

from django.core.files.base import ContentFile
from rcssmin import cssmin
from rjsmin import jsmin
from whitenoise.storage import CompressedManifestStaticFilesStorage

from explorer.static_files.scripts import join_scripts
from explorer.static_files.sheets import join_sheet

_THINNERS: dict[str, Callable[[str], str]] = {".js": jsmin, ".css": cssmin}


class ModuleManifestStorage(CompressedManifestStaticFilesStorage):
    """Puts a hash into every name, also inside the `import` lines of JavaScript modules, and compresses each file.

    Our own scripts and styles are joined to the files that a page loads, and lose their comments and white space on
    the way: they are written to be read, and a phone pays for each byte. What others wrote stays as it came.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths: dict[str, Any], dry_run: bool = False, **options: Any) -> Iterator[Any]:
        """Join our scripts and sheets, then name and compress what is left."""
        joined = paths if dry_run else self._join(paths)
        yield from super().post_process(joined, dry_run=dry_run, **options)

    def _join(self, paths: dict[str, Any]) -> dict[str, Any]:
        scripts = {name: _read(*paths[name]) for name in paths if name.startswith("js/") and name.endswith(".js")}
        sheets = {name: _read(*paths[name]) for name in paths if name.startswith("css/") and name.endswith(".css")}
        written = {**join_scripts(scripts), **{name: join_sheet(name, sheets) for name in sheets}}
        for name, text in written.items():
            Path(self.path(name)).write_text(text, encoding="utf-8")
        rest = {name: place for name, place in paths.items() if name not in scripts}
        return rest | {name: (self, name) for name in written}

    def _save(self, name: str, content: IO[Any]) -> str:
        path = PurePath(name)
        thin = _THINNERS.get(path.suffix)
        if thin is not None and "vendor" not in path.parts:
            content.seek(0)  # Django has read it to its end for the hash
            content = ContentFile(thin(content.read().decode()).encode())
        saved: str = super()._save(name, content)
        return saved


def _read(storage: Any, path: str) -> str:
    with storage.open(path) as file:
        text: str = file.read().decode()
    return text
