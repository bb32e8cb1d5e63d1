"""Progress and notebook: what somebody has done, as pages and as files."""

from __future__ import annotations

from urllib.parse import quote

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from explorer.labs.runs import list_runs
from explorer.learning.notebook import BadNote, add_note, group_by_day, list_entries, write_markdown
from explorer.learning.record import (
    LEFT_OUT,
    BadFile,
    add_record,
    check_size,
    delete_everything,
    read_record,
    write_record,
)
from explorer.learning.reviewing import plan_review
from explorer.learning.standing import calibrate_visitor, list_standing
from explorer.learning.visitors import COOKIE, get_or_create
from explorer.models import Card, Note, Tick, Visitor


@never_cache
@require_safe
def show_progress(request: HttpRequest, problem: str = "", status: int = 200) -> HttpResponse:
    """Where the visitor stands."""
    visitor_id = _id(request)
    rows = list_standing(visitor_id)
    context = {
        "rows": rows,
        "touched": [row for row in rows if row.touched],
        "today": plan_review(visitor_id, timezone.now()),
        "calibration": calibrate_visitor(visitor_id),
        "runs": list_runs(visitor_id),
        "ticks": Tick.objects.filter(visitor=visitor_id).count(),
        "left_out": LEFT_OUT,
        "problem": problem,
    }
    return render(request, "learning/progress.html", context, status=status)


@never_cache
@require_safe
def export_record(request: HttpRequest) -> HttpResponse:
    """The visitor's record as a file."""
    visitor = get_or_create(_id(request))
    assert visitor is not None
    name = f"pattern-explorer-{timezone.now():%Y-%m-%d}.json"
    return _file(write_record(visitor), "application/json", name)


@require_POST
def import_record(request: HttpRequest) -> HttpResponse:
    """Add what is in a file to the visitor's record; a forged file is refused."""
    upload = request.FILES.get("file")
    if upload is None:
        return _show_problem(request, "No file is chosen yet. Choose the one that “Export” gave you.")
    try:
        check_size(upload.size or 0)  # before any of it is read into memory
        record = read_record(upload.read())
    except BadFile as problem:
        return _show_problem(request, str(problem))
    visitor = get_or_create(_id(request))
    assert visitor is not None
    added = add_record(visitor, record)
    said = f"{added} entries were added." if added else "Everything in that file was here already."
    messages.success(request, said)
    return redirect("progress")


@require_POST
def delete_record(request: HttpRequest) -> HttpResponse:
    """Delete everything about the visitor, his account too, once he has confirmed it."""
    if request.POST.get("sure") != "yes":
        return _show_problem(request, "Nothing was deleted: tick the box first, since it cannot be undone.")
    visitor = Visitor.objects.filter(pk=_id(request)).first()
    if visitor is not None:
        delete_everything(visitor)
    logout(request)
    messages.success(request, "Everything about you is deleted.")
    response = redirect("progress")
    response.delete_cookie(COOKIE)
    return response


@never_cache
@require_safe
def show_notebook(request: HttpRequest, problem: str = "", typed: str = "", status: int = 200) -> HttpResponse:
    """The lab notebook."""
    context = {
        "days": group_by_day(list_entries(_id(request))), "cards": Card.objects.all(), "problem": problem,
        "typed": typed,
    }  # fmt: skip
    return render(request, "learning/notebook.html", context, status=status)


@require_POST
def write_note(request: HttpRequest) -> HttpResponse:
    """Add somebody's own words to his notebook."""
    visitor = get_or_create(_id(request))
    assert visitor is not None
    text = request.POST.get("text", "")
    try:
        add_note(visitor, text, request.POST.get("pattern", ""))
    except BadNote as problem:
        request.method = "GET"
        return show_notebook(request, problem=str(problem), typed=text[:8000], status=422)
    return redirect("notebook")


@require_POST
def delete_note(request: HttpRequest, number: int) -> HttpResponse:
    """Take somebody's own words out again."""
    Note.objects.filter(pk=number, visitor=_id(request), kind="note").delete()
    return redirect("notebook")


@never_cache
@require_safe
def export_notebook(request: HttpRequest) -> HttpResponse:
    """The notebook as Markdown."""
    words = write_markdown(list_entries(_id(request)), request.build_absolute_uri("/"))
    return _file(words.encode(), "text/markdown; charset=utf-8", "lab-notebook.md")


def _show_problem(request: HttpRequest, why: str) -> HttpResponse:
    request.method = "GET"  # the same page, with the sentence
    return show_progress(request, problem=why, status=422)


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{quote(name)}"'
    return response


def _id(request: HttpRequest) -> str:
    return str(request.visitor_id)  # type: ignore[attr-defined]
