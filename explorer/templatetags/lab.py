"""What a lab's page brings along for its scripts."""

from __future__ import annotations

from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.utils.html import json_script
from django.utils.safestring import SafeString

register = template.Library()
IN_THE_PAGE = ("transcript", "payloads")
"""Written into the page's own HTML."""


class Compact(DjangoJSONEncoder):
    """JSON without spaces and escapes: every visitor's phone loads it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "separators": (",", ":"), "ensure_ascii": False})


@register.simple_tag
def declare(lab: dict[str, Any]) -> SafeString:
    """What the lab declares, as the JSON that its scripts read."""
    told = {name: value for name, value in lab.items() if name not in IN_THE_PAGE}
    return json_script(told, "lab-declared", encoder=Compact)
