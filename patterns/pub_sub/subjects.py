"""Subjects and filters: who is interested in what.

A subject is a path of words with dots between them, as in NATS and AMQP topics. In a filter `*` stands for exactly
one word and a last `>` for one word or more. A filter with `=` in it looks at a header instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HEADERS = ("priority", "region")
"""The fields of an order that travel as headers too, so that a broker can filter without reading the payload."""


def matches(wanted: str, subject: str, headers: Mapping[str, Any]) -> bool:
    """Whether a message of this subject and these headers passes the filter."""
    if is_header_filter(wanted):
        name, _, value = wanted.partition("=")
        return name in HEADERS and str(headers.get(name)) == value
    return _match_words(wanted.split("."), subject.split("."))


def is_header_filter(wanted: str) -> bool:
    """Whether the filter asks for a header, as `priority=high` does."""
    return "=" in wanted


def _match_words(wanted: list[str], words: list[str]) -> bool:
    for place, word in enumerate(wanted):
        if word == ">":
            return len(words) > place
        if place >= len(words) or word not in ("*", words[place]):
            return False
    return len(words) == len(wanted)
