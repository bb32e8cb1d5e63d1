"""The same work, the same moment of trouble, through two to four columns: their runs side by side, and the table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from explorer.experiments import queue
from explorer.experiments.comparison import (
    BadComparison,
    choose_columns,
    choose_mishap,
    choose_workload,
    choose_yardstick,
    leaders,
    offer,
    tabulate,
)
from explorer.experiments.stages import lay_stages
from explorer.learning.visitors import get_or_create
from explorer.models import Card, Trial
from patterns.core.workload import WORKLOADS, Column, Workload, Yardstick, columns


@dataclass(frozen=True, slots=True)
class Wish:
    """What a comparison's address asks for."""

    workload: Workload
    addresses: list[str]
    mishap: str
    yardstick: Yardstick

    @classmethod
    def read(cls, given: QueryDict) -> Wish:
        """Read it from an address or a form; raises BadComparison."""
        workload = choose_workload(given.get("workload", ""))
        patterns = given.getlist("column") or given.get("patterns", "").split(",")
        addresses = choose_columns(workload, [item for item in patterns if item.strip()])
        mishap = choose_mishap(workload, given.get("mishap", ""))
        return cls(workload, addresses, mishap, choose_yardstick(workload, given.get("metric", "")))

    @property
    def query(self) -> str:
        """The address that restores it."""
        patterns = ",".join(address.partition(":")[2] for address in self.addresses)
        what = {"workload": self.workload.name, "patterns": patterns, "mishap": self.mishap}
        return urlencode({**what, "metric": self.yardstick.name}, safe=",:")


@dataclass(frozen=True, slots=True)
class Side:
    """One column as the page shows it. `trial` is its newest run under this mishap, by whomever."""

    address: str
    slug: str
    title: str
    column: Column
    trial: Trial | None
    place: int

    @property
    def label(self) -> str:
        """Pattern and way."""
        return f"{self.title}: {self.column.label}"

    @property
    def values(self) -> dict[str, float | None] | None:
        """What it measured, None before it has run."""
        if self.trial is None or self.trial.state != Trial.State.DONE:
            return None
        values: dict[str, float | None] | None = self.trial.report.get("values")
        return values


@require_safe
def show_comparison(request: HttpRequest) -> HttpResponse:
    """What the newest runs of each column say, or that they have not run yet."""
    try:
        wish = Wish.read(request.GET)
        wrong = ""
    except BadComparison as problem:
        wish, wrong = Wish.read(QueryDict("")), str(problem)
    sides = [_read_side(wish, address) for address in wish.addresses]
    active = any(side.trial is not None and side.trial.state in queue.ACTIVE for side in sides)
    if active:
        queue.ensure_worker()
    rows = tabulate(wish.workload, [side.values for side in sides], wish.yardstick)
    context = {
        "wish": wish,
        "wrong": wrong,
        "workloads": WORKLOADS,
        "offered": _list_offered(wish),
        "sides": sides,
        "first": sides[0],
        "rows": rows,
        "leader": leaders(rows, [side.label for side in sides]),
        "active": active,
        "complete": all(side.values is not None for side in sides),
        "stages": None if active else _list_stages(sides),
        "expected_only": [(y.label, wish.workload.expects[y.name]) for y in wish.workload.yardsticks
                          if y.name in wish.workload.expects],
    }  # fmt: skip
    template = "experiments/compare.html"
    if getattr(request, "htmx", None) and active:
        template += "#progress"
    elif getattr(request, "htmx", None):
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, template, context, status=404 if wrong else 200)


@require_POST
def run_comparison(request: HttpRequest) -> HttpResponse:
    """Queue a run of every column."""
    try:
        wish = Wish.read(request.POST)
    except BadComparison:
        return HttpResponseRedirect(f"{reverse('compare')}?{urlencode(request.POST, doseq=True)}")
    visitor = get_or_create(request.visitor_id)  # type: ignore[attr-defined]
    with transaction.atomic():
        for address in wish.addresses:
            slug = columns()[address][0]
            queue.ask(visitor, _claim(address, wish.mishap), slug, "builtin", wish.workload.seed)
    return HttpResponseRedirect(f"{reverse('compare')}?{wish.query}#outcome")


def _claim(address: str, mishap: str) -> str:
    return f"@{address}@{mishap}"


def _read_side(wish: Wish, address: str) -> Side:
    slug, column = columns()[address]
    trials = Trial.objects.filter(claim=_claim(address, wish.mishap)).exclude(state=Trial.State.VOID)
    trial = trials.order_by("-created").first()
    title = Card.objects.filter(pk=slug).values_list("title", flat=True).first() or slug
    return Side(address, slug, title, column, trial, queue.place_of(trial) if trial else 0)


def _list_offered(wish: Wish) -> list[dict[str, Any]]:
    """Every column of the workload as a choice: its address without the workload, its label, whether it is chosen."""
    titles = dict(Card.objects.values_list("pk", "title"))
    found = []
    for address, (slug, column) in offer(wish.workload).items():
        label = f"{titles.get(slug, slug)}: {column.label}"
        value = address.partition(":")[2]
        found.append({"value": value, "label": label, "says": column.says, "chosen": address in wish.addresses})
    return found


def _list_stages(sides: list[Side]) -> dict[str, Any] | None:
    """The recorded run of each column, as the page plays them side by side."""
    stages = []
    for side in sides:
        run = side.trial.runs.defer("recording").first() if side.trial else None
        if run is not None:
            addresses = {"page": reverse("run", args=[run.pk]), "address": reverse("recording", args=[run.pk])}
            stages.append({"label": side.label, "lab": side.slug, **addresses})
    return lay_stages(stages) if stages else None
