"""One claim put to the test: the bet, the run, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from explorer.catalogue.errors import UnknownPattern
from explorer.experiments import queue
from explorer.experiments.bets import BadBet, describe
from explorer.experiments.curves import read_sweep
from explorer.experiments.evidence import read_chips
from explorer.experiments.foresight import read_foresight, read_time
from explorer.experiments.forms import make_drawing, make_form
from explorer.experiments.live import stream
from explorer.experiments.queue import QueueFull, ensure_worker, leave, place_of
from explorer.experiments.result import Result, read_result
from explorer.experiments.settlement import SWEEP
from explorer.experiments.stages import lay_stages
from explorer.experiments.trials import FULL, TooLate, begin, find_trial
from explorer.learning.visitors import get_or_create
from explorer.models import Bet, Claim, Trial
from patterns.core.experiment import Experiment, experiments
from patterns.core.pattern import discover
from patterns.core.verdict import size_on

REFUSALS: dict[type[Exception], HTTPStatus] = {
    BadBet: HTTPStatus.UNPROCESSABLE_ENTITY,
    TooLate: HTTPStatus.CONFLICT,
    QueueFull: HTTPStatus.SERVICE_UNAVAILABLE,
}


@require_safe
def show_claim(request: HttpRequest, slug: str, claim: str) -> HttpResponse:
    """The sentence, the bet, and what the visitor's last run of it said."""
    return _render(request, _find(slug, claim))


@require_POST
def run_claim(request: HttpRequest, slug: str, claim: str) -> HttpResponse:
    """Take the bet and queue the run; what cannot be taken comes back with a sentence and all that was typed."""
    row = _find(slug, claim)
    experiment = _experiment(row)
    size = SWEEP if request.POST.get("size") == SWEEP else FULL
    visitor = get_or_create(request.visitor_id)  # type: ignore[attr-defined]
    if experiment is None or not experiment.arms or visitor is None or (size == SWEEP and not experiment.sweep):
        raise Http404(f"No run can test {claim}.")
    try:
        begin(visitor, slug, experiment, size, request.POST)
    except tuple(REFUSALS) as problem:
        return _render(request, row, size, request.POST, problem)
    return _go(request, row, size)


@require_POST
def stop_run(request: HttpRequest, slug: str, claim: str, pk: UUID) -> HttpResponse:
    """Leave a run: it ends if nobody else waits for it, and is void."""
    row = _find(slug, claim)
    trial = get_object_or_404(Trial, pk=pk, claim=claim)
    visitor = get_or_create(request.visitor_id)  # type: ignore[attr-defined]
    if visitor is not None and trial.state in queue.ACTIVE:
        leave(trial, visitor)
    return _go(request, row, trial.size, stopped=str(trial.pk))


@require_safe
def show_state(request: HttpRequest, slug: str, claim: str, pk: UUID) -> HttpResponse:
    """Where a run is: its place in the queue, or how far it has got; once it is over, the way to its result."""
    row = _find(slug, claim)
    trial = get_object_or_404(Trial, pk=pk, claim=claim)
    if queue.has_died(trial):
        queue.bury_the_silent()
        trial.refresh_from_db()
    if trial.state not in queue.ACTIVE:
        return _go(request, row, trial.size)
    return render(request, "experiments/state.html", {"claim": row, **_describe_state(trial)})


@require_safe
async def show_live(request: HttpRequest, slug: str, claim: str, pk: UUID) -> HttpResponseBase:
    """The runs of a trial as they go on: gzipped lines of JSON, from the first one, whenever one comes."""
    if not await Trial.objects.filter(pk=pk, claim=claim).aexists():
        raise Http404("There is no such run.")
    return stream(pk)


def _find(slug: str, claim: str) -> Claim:
    row = Claim.objects.select_related("card").filter(pk=claim).first()
    if row is None or row.card_id != slug:
        known = Claim.objects.filter(card=slug).values_list("pk", flat=True)
        if not known:
            raise UnknownPattern(slug)
        raise Http404(f"{slug} has no claim “{claim[:20]}”; it has {', '.join(known)}.")
    return row


def _experiment(row: Claim) -> Experiment | None:
    found = experiments().get(row.pk)
    return found[1] if found else None


def _go(request: HttpRequest, row: Claim, size: str, stopped: str = "") -> HttpResponse:
    where = reverse("experiment", args=[row.card_id, row.pk])
    query = f"?stopped={stopped}" if stopped else ""
    address = f"{where}{query}#{'break-even' if size == SWEEP else 'run'}"
    if not getattr(request, "htmx", None):
        return HttpResponseRedirect(address)
    # an address that differs in its fragment only is not fetched again: then the page is told to reload
    shown = (request.htmx.current_url_abs_path or "").partition("#")[0]  # type: ignore[attr-defined]
    return HttpResponse(headers={"HX-Refresh": "true"} if shown == f"{where}{query}" else {"HX-Redirect": address})


def _render(
    request: HttpRequest,
    row: Claim,
    size: str = FULL,
    given: Mapping[str, str] | None = None,
    problem: Exception | None = None,
) -> HttpResponse:
    experiment = _experiment(row)
    visitor_id: str = request.visitor_id  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "claim": row,
        "card": row.card,
        "chip": read_chips([row], visitor_id)[row.pk],
        "experiment": experiment,
        "has_lab": row.card_id in discover(),
        "problem": problem,
        "around": _neighbours(row),
        "stopped": _find_stopped(request, row),
    }
    if experiment is not None and experiment.arms:
        context |= _describe_run(request, experiment, visitor_id, given if size == FULL else None, problem)
        if experiment.sweep is not None:
            context["sweep"] = _describe_sweep(experiment, visitor_id, given if size == SWEEP else None, problem)
    if context.get("result") and context["result"].recordings:
        context["stages"] = _lay_result(context["result"])
    if context.get("state"):
        context["stages"] = _lay_live(row, experiment, context["trial"])
    status = REFUSALS[type(problem)] if problem is not None else HTTPStatus.OK
    return render(request, "experiments/claim.html", context, status=status)


def _lay_result(result: Result) -> dict[str, Any]:
    arms = [{"label": arm.label, "lab": arm.lab, "page": arm.page, "address": arm.address} for arm in result.recordings]
    return lay_stages(arms, trial=str(result.trial.pk))


def _lay_live(row: Claim, experiment: Experiment | None, trial: Trial) -> dict[str, Any]:
    """The stages of a trial that waits or runs: its arms in their order, and where their runs can be followed."""
    assert experiment is not None
    _, size = size_on(experiment, trial.engine, "full")
    arms = [{"name": arm.name, "label": arm.label, "lab": arm.lab or row.card_id} for arm in experiment.arms]
    live = reverse("experiment-live", args=[row.card_id, row.pk, trial.pk])
    return lay_stages(arms, trial=str(trial.pk), live=live, seconds=experiment.length(size))


def _describe_run(
    request: HttpRequest, experiment: Experiment, visitor_id: str, given: Mapping[str, str] | None, problem: Any
) -> dict[str, Any]:
    trial = find_trial(visitor_id, experiment.claim)
    shown = given if given is not None else _last_bet(trial, visitor_id)
    last = _find_done(request, experiment, visitor_id)
    return {
        "form": make_form(experiment, shown, problem if given is not None else None),
        "seen": str(trial.pk) if trial else "",
        "engine": shown.get("engine", experiment.engines[0]),
        "engines": _describe_engines(experiment),
        "result": read_result(experiment, last, visitor_id) if last else None,
        "foresight": read_foresight(experiment, trial if trial and trial.state == Trial.State.RUNNING else last),
        "minutes": experiment.length("full") * len(experiment.arms) * experiment.repeats / 60,
        **(_describe_state(trial, visitor_id) if trial and trial.state in queue.ACTIVE else {"state": None}),
    }


def _describe_sweep(
    experiment: Experiment, visitor_id: str, given: Mapping[str, str] | None, problem: Any
) -> dict[str, Any]:
    assert experiment.sweep is not None
    trial = find_trial(visitor_id, experiment.claim, SWEEP)
    done = trial if trial and trial.state == Trial.State.DONE else None
    return {
        "form": make_drawing(experiment, experiment.sweep, given or {}, problem if given is not None else None),
        "declared": experiment.sweep,
        "seen": str(trial.pk) if trial else "",
        "result": read_sweep(experiment, done, visitor_id) if done else None,
        **(_describe_state(trial, visitor_id) if trial and trial.state in queue.ACTIVE else {"state": None}),
    }


def _describe_state(trial: Trial, visitor_id: str = "") -> dict[str, Any]:
    if trial.state == Trial.State.QUEUED:
        ensure_worker()  # the one that was there may have just gone
    bet = trial.bets.filter(visitor__pk=visitor_id).first() if visitor_id else None
    found = experiments().get(trial.claim)
    return {
        "trial": trial,
        "state": trial.state,
        "place": place_of(trial),
        "others": max(0, trial.visitors.count() - 1),
        "locked": read_time(trial.report),
        "per_cent": round(100 * trial.progress),
        "bet": bet,
        "bet_words": describe(found[1], bet.answer) if bet and found and trial.size != SWEEP else "",
    }


def _find_done(request: HttpRequest, experiment: Experiment, visitor_id: str) -> Trial | None:
    """The trial that the address names, or else the visitor's newest that is over."""
    done = Trial.objects.filter(claim=experiment.claim, state=Trial.State.DONE).exclude(size=SWEEP)
    named = request.GET.get("trial", "")
    try:
        if named and (trial := done.filter(pk=UUID(named)).first()):
            return trial
    except ValueError:
        pass  # no such trial; his own is shown
    return done.filter(visitors__pk=visitor_id).order_by("-finished").first() if visitor_id else None


def _find_stopped(request: HttpRequest, row: Claim) -> Trial | None:
    """The void trial that the visitor's newest is, or the one he just left."""
    visitor_id: str = request.visitor_id  # type: ignore[attr-defined]
    newest = find_trial(visitor_id, row.pk)
    if newest is not None and newest.state == Trial.State.VOID:
        return newest
    try:
        return Trial.objects.filter(pk=UUID(request.GET.get("stopped", "")), claim=row.pk).first()
    except ValueError:
        return None


def _last_bet(trial: Trial | None, visitor_id: str) -> Mapping[str, str]:
    """What he bet on the run that still waits, as he typed it."""
    if trial is None or trial.state != Trial.State.QUEUED:
        return {}
    bet = Bet.objects.filter(trial=trial, visitor__pk=visitor_id).first()
    given: dict[str, str] = {"engine": trial.engine}
    if bet is None or bet.answer is None:
        return given
    given["confidence"] = str(bet.confidence or "")
    if isinstance(bet.answer, int | float):
        given["answer"] = f"{bet.answer:g}"
    elif isinstance(bet.answer[0], str):
        given |= {f"place-{place}": choice for place, choice in enumerate(bet.answer)} | {"answer": bet.answer[0]}
    else:
        given |= {"low": f"{bet.answer[0]:g}", "high": f"{bet.answer[1]:g}"}
    return given


def _describe_engines(experiment: Experiment) -> list[dict[str, str]]:
    slug = experiments()[experiment.claim][0]
    engines = {engine.name: engine for engine in discover()[slug].engines}
    return [
        {"name": name, "label": engines[name].label, "missing": engines[name].missing}
        for name in experiment.engines
        if name in engines
    ]


def _neighbours(row: Claim) -> dict[str, Claim | None]:
    alike = Claim.objects.filter(card=row.card_id)
    return {
        "before": alike.filter(position__lt=row.position).order_by("-position").first(),
        "after": alike.filter(position__gt=row.position).order_by("position").first(),
    }
