"""The same work, the same moment of trouble, through two to four columns: their runs side by side, and the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from explorer.experiments import queue
from explorer.experiments.comparison import (
    BadComparison,
    Pairing,
    choose_columns,
    choose_mishap,
    choose_size,
    choose_workload,
    choose_yardstick,
    offer,
    read_pairing,
)
from explorer.experiments.live import stream
from explorer.experiments.scoreboard import Contender, judge, leaders, tabulate
from explorer.experiments.stages import lay_stages
from explorer.learning.visitors import get_or_create
from explorer.models import Card, Trial
from patterns.core.contest import SEEDS, WORKLOADS, columns
from patterns.core.workload import Column, Workload, Yardstick


@dataclass(frozen=True, slots=True)
class Wish:
    """What a comparison's address asks for."""

    workload: Workload
    pairing: Pairing
    yardstick: Yardstick

    @classmethod
    def read(cls, given: QueryDict) -> Wish:
        """Read it from an address or a form; raises BadComparison."""
        workload = choose_workload(given.get("workload", ""))
        patterns = given.getlist("column") or given.get("patterns", "").split(",")
        addresses = choose_columns(workload, [item for item in patterns if item.strip()])
        mishap = choose_mishap(workload, given.get("mishap", ""))
        pairing = Pairing(workload.name, mishap, choose_size(workload, given.get("size", "")), tuple(addresses))
        return cls(workload, pairing, choose_yardstick(workload, given.get("metric", "")))

    @property
    def query(self) -> str:
        """The address that restores it."""
        return f"{_write_query(self.pairing)}&metric={self.yardstick.name}"


@dataclass(frozen=True, slots=True)
class Side:
    """One column as the page shows it."""

    address: str
    slug: str
    title: str
    column: Column

    @property
    def label(self) -> str:
        """Pattern and way."""
        return f"{self.title}: {self.column.label}"

    @property
    def lab(self) -> str:
        """What its run is a run of."""
        return self.column.lab.slug if self.column.lab else self.slug


@dataclass(frozen=True, slots=True)
class Trials:
    """A comparison's trials: the one under way, the newest that measured something, the one since that says nothing.

    By whomever, since everybody's first is the same; a void one only matters to who had asked for it or stopped it.
    """

    active: Trial | None = None
    done: Trial | None = None
    failed: Trial | None = None

    @classmethod
    def find(cls, pairing: Pairing, visitor_id: str, stopped: str) -> Trials:
        """Look for them; `stopped` names one that the visitor has just left."""
        all_of_them = Trial.objects.filter(claim=pairing.claim).order_by("-created")
        active = all_of_them.filter(state__in=queue.ACTIVE).first()
        if active is not None and queue.has_died(active):
            queue.bury_the_silent()
            active = None
        done = all_of_them.filter(state=Trial.State.DONE, report__has_key="columns").first()
        mine = Q(visitors__pk=visitor_id) if visitor_id else Q(pk=None)
        mine |= Q(pk=_read_uuid(stopped))
        latest = all_of_them.filter(Q(state=Trial.State.DONE) | (Q(state=Trial.State.VOID) & mine)).first()
        return cls(active, done, latest if active is None and latest != done else None)


@dataclass(slots=True)
class Told:
    """What the page tells of a comparison that measured something."""

    rows: list[Any] = field(default_factory=list)
    leader: str = ""
    unknown: list[tuple[str, str]] = field(default_factory=list)


@require_safe
def show_comparison(request: HttpRequest) -> HttpResponse:
    """What the newest runs of the columns say, those that go on now, or that there are none yet."""
    try:
        wish, wrong = Wish.read(request.GET), ""
    except BadComparison as problem:
        wish, wrong = Wish.read(QueryDict("")), str(problem)
    return _render(request, wish, wrong, HTTPStatus.NOT_FOUND if wrong else HTTPStatus.OK)


@require_POST
def run_comparison(request: HttpRequest) -> HttpResponse:
    """Queue a run of all columns; what cannot be run comes back with a sentence and all that was chosen."""
    try:
        wish = Wish.read(request.POST)
    except BadComparison:
        return HttpResponseRedirect(f"{reverse('compare')}?{urlencode(request.POST, doseq=True)}")
    visitor = get_or_create(request.visitor_id)  # type: ignore[attr-defined]
    slug = columns()[wish.pairing.columns[0]][0]
    try:
        queue.ask(visitor, wish.pairing.claim, slug, "builtin", _next_seed(wish))
    except queue.QueueFull as problem:
        return _render(request, wish, str(problem), HTTPStatus.SERVICE_UNAVAILABLE)
    return HttpResponseRedirect(f"{reverse('compare')}?{wish.query}#outcome")


@require_POST
def stop_comparison(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Leave a comparison that goes on: it ends if nobody else waits for it, and is void."""
    trial = get_object_or_404(Trial, pk=pk, claim__startswith="@")
    visitor = get_or_create(request.visitor_id)  # type: ignore[attr-defined]
    if visitor is not None and trial.state in queue.ACTIVE and trial.visitors.filter(pk=visitor.pk).exists():
        queue.leave(trial, visitor)
    query = f"{_write_query(read_pairing(trial.claim))}&stopped={trial.pk}"
    return HttpResponseRedirect(f"{reverse('compare')}?{query}#outcome")


@require_safe
async def follow_comparison(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The runs of a comparison as they go on."""
    if not await Trial.objects.filter(pk=pk, claim__startswith="@").aexists():
        raise Http404("There is no such run.")
    return stream(pk)


def _write_query(pairing: Pairing) -> str:
    patterns = ",".join(address.partition(":")[2] for address in pairing.columns)
    what = {"workload": pairing.workload, "patterns": patterns, "mishap": pairing.mishap, "size": pairing.size}
    return urlencode(what, safe=",:")


def _read_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _next_seed(wish: Wish) -> int:
    """Each further run takes fresh seeds; the first is everybody's."""
    done = Trial.objects.filter(claim=wish.pairing.claim, state=Trial.State.DONE, report__has_key="columns").count()
    return wish.workload.seed + SEEDS * done


def _render(request: HttpRequest, wish: Wish, wrong: str, status: HTTPStatus) -> HttpResponse:
    visitor_id: str = request.visitor_id  # type: ignore[attr-defined]
    sides = [_read_side(address) for address in wish.pairing.columns]
    trials = Trials.find(wish.pairing, visitor_id, request.GET.get("stopped", ""))
    is_asked_again = bool(getattr(request, "htmx", None)) and request.method == "GET"
    if is_asked_again and trials.active is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    if trials.active is not None:
        queue.ensure_worker()  # the one that was there may have just gone
    told = _tell(wish, sides, trials.done)
    contenders = _list_contenders(sides, trials.done)
    context = {
        "wish": wish, "wrong": wrong, "trials": trials, "told": told, "sides": sides, "first": sides[0],
        "workloads": WORKLOADS,
        "offered": _list_offered(wish),
        "mine": trials.active is not None and trials.active.visitors.filter(pk=visitor_id).exists(),
        "place": queue.place_of(trials.active) if trials.active else 0,
        "per_cent": round(100 * trials.active.progress) if trials.active else 0,
        "stages": _lay_live(wish, sides, trials.active) if trials.active else _lay_kept(sides, trials.done),
        "judged": judge(wish.workload, wish.pairing.mishap, contenders),
        "spared": [(side, why) for side in sides if (why := side.column.spared.get(wish.pairing.mishap))],
    }  # fmt: skip
    template = "experiments/compare.html" + ("#progress" if is_asked_again else "")
    return render(request, template, context, status=status)


def _read_side(address: str) -> Side:
    slug, column = columns()[address]
    title = Card.objects.filter(pk=slug).values_list("title", flat=True).first() or slug
    return Side(address, slug, title, column)


def _list_contenders(sides: list[Side], trial: Trial | None) -> list[Contender]:
    found = {standing["address"]: standing for standing in trial.report["columns"]} if trial else {}
    nothing: dict[str, Any] = {"values": {}, "why": ""}
    return [
        Contender.read(side.column.name, side.column.label, found.get(side.address, nothing)) for side in sides
    ]  # fmt: skip


def _tell(wish: Wish, sides: list[Side], trial: Trial | None) -> Told | None:
    """The table of the newest run that measured something, None if there is none."""
    if trial is None:
        return None
    contenders = _list_contenders(sides, trial)
    rows = tabulate(wish.workload, wish.pairing.mishap, contenders, wish.yardstick)
    unknown = [(side.label, contender.why) for side, contender in zip(sides, contenders, strict=True) if contender.why]
    return Told(rows, leaders(rows, [side.label for side in sides]), unknown)


def _list_offered(wish: Wish) -> list[dict[str, Any]]:
    """Every column of the workload as a choice: its address without the workload, its label, whether it is chosen."""
    titles = dict(Card.objects.values_list("pk", "title"))
    found = []
    for address, (slug, column) in offer(wish.workload).items():
        label = f"{titles.get(slug, slug)}: {column.label}"
        value = address.partition(":")[2]
        chosen = address in wish.pairing.columns
        found.append({"value": value, "label": label, "says": column.says, "chosen": chosen})
    return found


def _lay_live(wish: Wish, sides: list[Side], trial: Trial) -> dict[str, Any]:
    """The stages of a comparison that waits or runs, and where its runs can be followed."""
    arms = [{"name": side.column.name, "label": side.label, "lab": side.lab} for side in sides]
    live = reverse("compare-live", args=[trial.pk])
    return lay_stages(arms, trial=str(trial.pk), live=live, seconds=wish.workload.seconds(wish.pairing.size))


def _lay_kept(sides: list[Side], trial: Trial | None) -> dict[str, Any] | None:
    """The recorded run of each column, as the page plays them side by side; None if there is none any more."""
    if trial is None:
        return None
    runs = {run.title.partition(": ")[2]: run for run in trial.runs.defer("recording")}
    stages = []
    for side in sides:
        if (run := runs.get(side.column.label)) is not None:
            addresses = {"page": reverse("run", args=[run.pk]), "address": reverse("recording", args=[run.pk])}
            stages.append({"label": side.label, "lab": side.lab, **addresses})
    return lay_stages(stages, trial=str(trial.pk)) if stages else None
