"""Structured data for search engines, as a data block that a content security policy lets pass: it never runs."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.utils.safestring import SafeString

register = template.Library()
# What could end the element early, or begin a comment in it, stands as an escape that JSON reads back.
_ESCAPES = {ord(">"): "\\u003E", ord("<"): "\\u003C", ord("&"): "\\u0026"}


@register.filter
def json_ld(data: dict[str, Any]) -> SafeString:
    """A `<script type="application/ld+json">` with the data."""
    words = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return SafeString(f'<script type="application/ld+json">{words}</script>')
