"""Pages and files around a lab: what it declares, its code, its charts, and the runs that were kept."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from explorer.labs.declaration import describe, find_recording, list_code, read_code
from explorer.labs.export import write_log
from explorer.labs.figures import draw_figure
from explorer.labs.runs import list_runs, read_recording
from explorer.labs.trace import write_trace
from explorer.labs.transcript import read_kept
from explorer.models import Card, SavedRun
from patterns.core.contest import wirings
from patterns.core.pattern import Pattern, discover

PLAIN, JSON = "text/plain; charset=utf-8", "application/json"


def describe_lab(slug: str) -> dict[str, Any]:
    """What the lab of that slug declares, as plain data; raises Http404."""
    return describe(_get_pattern(slug))


@require_safe
def show_code(request: HttpRequest, slug: str) -> HttpResponse:
    """The text of one file of a lab, of a carrier or of an engine."""
    pattern = _get_pattern(slug)
    file = request.GET.get("file", "")
    text = read_code(pattern, file)
    if text is None:
        there = ", ".join(list_code(pattern))
        return HttpResponse(f"There is no file {file[:80]!r} to read here; there are: {there}.", PLAIN, 404)
    return HttpResponse(text, PLAIN)


@require_safe
def show_figure(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """A chart without its data."""
    pattern = _get_pattern(slug)
    if any(figure.name == name for figure in pattern.figures):
        return HttpResponse(draw_figure(slug, name), JSON)
    there = ", ".join(figure.name for figure in pattern.figures)
    return HttpResponse(f"{slug} has no figure {name[:80]!r}; there are: {there}.", PLAIN, 404)


@require_safe
def show_tour(request: HttpRequest, slug: str, tour: str) -> HttpResponse:
    """The recording of a tour that came with the site."""
    pattern = _get_pattern(slug)
    scenario = next((each for each in pattern.scenarios if each.slug == tour), None)
    if scenario is None or not find_recording(pattern, tour):
        there = [each.slug for each in pattern.scenarios if find_recording(pattern, each.slug)]
        raise Http404(f"The lab {slug} has no recording “{tour}”; there are: {', '.join(there)}.")
    context = {
        "scenario": scenario,
        "card": Card.objects.filter(slug=slug).first(),
        "lab": describe(pattern),
        # the first tour's payloads stand in a file of their own, which the lab's page knows
        "recording": "" if tour == pattern.golden else find_recording(pattern, tour),
    }
    return render(request, "labs/tour.html", context)


@require_safe
def show_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A kept run, replayed."""
    run = get_object_or_404(SavedRun, pk=pk)
    context = {
        "run": run,
        "is_mine": str(run.visitor_id) == request.visitor_id,  # type: ignore[attr-defined]
        "transcript": read_kept(run.pk),
        "card": Card.objects.filter(slug=run.pattern).first(),
        "lab": describe(wirings()[run.pattern]) if run.pattern in wirings() else None,
    }
    return render(request, "labs/run.html", context)


@require_POST
def delete_run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a run no longer; only who kept it may say so."""
    run = list_runs(request.visitor_id).filter(pk=pk).first()  # type: ignore[attr-defined]
    if run is None:
        raise Http404("This run is not among those that you keep, so it cannot be deleted from here.")
    run.delete()
    messages.success(request, f"“{run.title}” is deleted.")
    return redirect("progress")


@require_safe
def download_recording(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A kept run's recording, as the page replays it."""
    return HttpResponse(orjson.dumps(read_recording(get_object_or_404(SavedRun, pk=pk))), JSON)


@require_safe
def download_log(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A kept run's log, one event a line."""
    recording = read_recording(get_object_or_404(SavedRun, pk=pk))
    response = HttpResponse(b"".join(write_log(recording)), "application/x-ndjson")
    return _as_file(response, f"{recording['pattern']}-{pk.hex[:8]}.jsonl")


@require_safe
def download_trace(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A kept run as an OpenTelemetry trace."""
    recording = read_recording(get_object_or_404(SavedRun, pk=pk))
    response = HttpResponse(orjson.dumps(write_trace(recording, str(pk))), JSON)
    return _as_file(response, f"{recording['pattern']}-{pk.hex[:8]}-trace.json")


def _get_pattern(slug: str) -> Pattern:
    try:
        return wirings()[slug]
    except KeyError:
        raise Http404(f"There is no lab “{slug}”; there are: {', '.join(discover())}.") from None


def _as_file(response: HttpResponse, name: str) -> HttpResponse:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
