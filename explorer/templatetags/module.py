"""A page's script, announced together with the files that it imports."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from pathlib import Path

from django import template
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage, staticfiles_storage
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
_IMPORT = re.compile(r'(?<![\w$.])import\{[\w$,]*\}from"([^"]+)"')


@register.simple_tag
def module(name: str) -> SafeString:
    """The tag of a module, and links by which a browser asks for its imports without waiting for it."""
    address, links = static(name), SafeString("")
    if isinstance(staticfiles_storage._wrapped, ManifestStaticFilesStorage):  # else files come as they are, unhashed
        file = staticfiles_storage.stored_name(name)
        base = address.removesuffix(file)
        rows = [(base + other,) for other in _list_imports(str(staticfiles_storage.path("")), file)]
        links = format_html_join("\n", '<link rel="modulepreload" href="{}">', rows)
    return format_html('<script type="module" src="{}"></script>\n{}', address, links)


@lru_cache(maxsize=64)
def _list_imports(root: str, file: str) -> tuple[str, ...]:
    """Served files that `file` imports, and that those import; its name has a hash, so the answer stays true."""
    found: list[str] = []
    for address in _IMPORT.findall((Path(root) / file).read_text(encoding="utf-8")):
        other = posixpath.normpath(posixpath.join(posixpath.dirname(file), address))
        found += [each for each in (other, *_list_imports(root, other)) if each not in found]
    return tuple(found)
