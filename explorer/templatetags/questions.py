"""Links and words of questions."""

from __future__ import annotations

from django import template
from django.urls import reverse

from patterns.core.pattern import discover

register = template.Library()


@register.simple_tag
def run_link(pattern: str, run: str) -> str:
    """Address of the lab that starts the run an option speaks of; nothing while that lab is not built."""
    if not run or pattern not in discover():
        return ""
    return f"{reverse('pattern', args=[pattern])}?{run if '=' in run else 'scenario=' + run}"


@register.filter
def part_name(pattern: str, node: str) -> str:
    """A node's name as its lab labels it; the name itself if it is none of the lab's."""
    lab = discover().get(pattern)
    return next((part.label for part in lab.nodes if part.name == node), node) if lab else node
