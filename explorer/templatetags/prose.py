"""Markdown of the fixtures as HTML."""

from __future__ import annotations

import re
from functools import lru_cache

from django import template
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

register = template.Library()
# HTML inside the Markdown is shown as text, so a fixture (or an imported question) can never bring markup of its own.
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_BEFORE_PERCENT = re.compile(r"(?<=\d) (?=%)")


@register.filter
@lru_cache(maxsize=2048)
def markdown(words: str) -> SafeString:
    """Paragraphs, lists, emphasis, links, code."""
    return SafeString(_MARKDOWN.render(_keep_together(words)))


@register.filter
@lru_cache(maxsize=4096)
def markdown_inline(words: str) -> SafeString:
    """One sentence: emphasis, links and code, no paragraph around it."""
    return SafeString(_MARKDOWN.renderInline(_keep_together(words.strip())))


def _keep_together(words: str) -> str:
    """A number and its percent sign stay on one line."""
    return _BEFORE_PERCENT.sub("\N{NO-BREAK SPACE}", words)
