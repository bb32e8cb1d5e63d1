"""The paths, with the ticks of a visitor: part of his record, so they move and go with it."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from explorer.learning.visitors import get_or_create
from explorer.models import Tick
from explorer.paths.steps import Step, read_paths
from patterns.core.pattern import discover


@cache
def read_rows() -> list[dict[str, Any]]:
    """The paths as the fixture has them."""
    file = settings.FIXTURE_DIRS[0] / "guide" / "paths.yaml"
    rows: list[dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))
    return rows


@never_cache
@require_safe
def show_paths(request: HttpRequest) -> HttpResponse:
    """All paths, step by step."""
    paths = read_paths(read_rows(), _ticks(request), discover())
    context = {"paths": [(path, [(step, _address(step)) for step in path.steps]) for path in paths]}
    return render(request, "paths/paths.html", context)


@require_POST
def tick(request: HttpRequest) -> HttpResponse:
    """Tick a step off, or take the tick back."""
    step = request.POST.get("step", "")
    if step not in {row["slug"] for path in read_rows() for row in path["steps"]}:
        return HttpResponseBadRequest(f"There is no step {step[:40]!r}; the steps are listed at {reverse('paths')}.")
    visitor = get_or_create(request.visitor_id)  # type: ignore[attr-defined]
    assert visitor is not None
    row, new = Tick.objects.get_or_create(visitor=visitor, step=step)
    if not new:
        row.delete()
    return redirect(f"{reverse('paths')}#step-{step}")


def _ticks(request: HttpRequest) -> set[str]:
    return set(Tick.objects.filter(visitor=request.visitor_id).values_list("step", flat=True))  # type: ignore[attr-defined]


def _address(step: Step) -> str:
    name, *arguments = step.page
    address = reverse(name, args=arguments)
    return f"{address}?{step.query}" if step.query and not step.waits else address
