"""The paths, with ticks that this browser keeps: a cookie, since a list of steps is worth no account."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from explorer.paths.steps import Step, read_paths, read_ticks, toggle
from patterns.core.pattern import discover

COOKIE = "paths"
YEAR_SECONDS = 365 * 24 * 3600


@cache
def read_rows() -> list[dict[str, Any]]:
    """The paths as the fixture has them."""
    file = settings.FIXTURE_DIRS[0] / "guide" / "paths.yaml"
    rows: list[dict[str, Any]] = yaml.safe_load(file.read_text("utf-8"))
    return rows


def show_paths(request: HttpRequest) -> HttpResponse:
    """All paths, step by step."""
    paths = read_paths(read_rows(), _ticks(request), discover())
    context = {"paths": [(path, [(step, _address(step)) for step in path.steps]) for path in paths]}
    return render(request, "paths/paths.html", context)


@require_POST
def tick(request: HttpRequest) -> HttpResponse:
    """Tick a step off, or take the tick back."""
    step = request.POST.get("step", "")
    if step not in _known():
        return HttpResponseBadRequest(f"There is no step {step[:40]!r}; the steps are listed at {reverse('paths')}.")
    response = redirect(f"{reverse('paths')}#step-{step}")
    value = ".".join(toggle(_ticks(request), step))
    response.set_cookie(COOKIE, value, max_age=YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure())
    return response


def _known() -> set[str]:
    return {step["slug"] for row in read_rows() for step in row["steps"]}


def _ticks(request: HttpRequest) -> list[str]:
    return read_ticks(request.COOKIES.get(COOKIE, ""), _known())


def _address(step: Step) -> str:
    name, *arguments = step.page
    address = reverse(name, args=arguments)
    return f"{address}?{step.query}" if step.query and not step.waits else address
