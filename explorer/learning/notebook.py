"""The lab notebook: it writes itself from answers, bets, verdicts and kept runs; anybody may add words of his own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.urls import reverse

from explorer.models import Card, Note, SavedRun, Visitor

LONGEST_NOTE = 4000
KINDS = {"run": "Run", "bet": "Bet", "answer": "Answer", "verdict": "Verdict", "note": "Note"}


class BadNote(ValueError):
    """The note cannot be kept; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `number` is that of a note which can be deleted; 0 for what wrote itself. `run` leads to the run that
    measured it, as long as its recording is kept."""

    at: datetime
    kind: str
    pattern: str
    text: str
    link: str
    number: int = 0
    run: str = ""

    @property
    def day(self) -> date:
        """The day it was written on."""
        return self.at.date()


def list_entries(visitor_id: str) -> list[Entry]:
    """Everything, oldest first."""
    titles = dict(Card.objects.values_list("slug", "title"))
    notes = list(Note.objects.filter(visitor=visitor_id))
    runs = _find_runs(notes)
    entries = [
        Entry(
            note.at, KINDS.get(note.kind, note.kind), titles.get(note.pattern, note.pattern), note.text, note.link,
            note.pk if note.kind == "note" else 0, runs.get(note.pk, ""),
        )
        for note in notes
    ]  # fmt: skip
    for run in SavedRun.objects.filter(visitor=visitor_id).defer("recording"):
        text = f"{run.title or 'a run'}: seed {run.seed}, {run.engine}, {run.seconds:.1f} s, {run.events} events"
        link = reverse("run", args=[run.pk])
        entries.append(Entry(run.created, "Run", titles.get(run.pattern, run.pattern), text, link))
    return sorted(entries, key=lambda entry: entry.at)


def _find_runs(notes: Iterable[Note]) -> dict[int, str]:
    """By note, the address of the run it speaks of, if that is still kept."""
    wanted = {note.pk: str(note.data["run"]) for note in notes if note.data.get("run")}
    there = {str(pk) for pk in SavedRun.objects.filter(pk__in=wanted.values()).values_list("pk", flat=True)}
    return {number: reverse("run", args=[pk]) for number, pk in wanted.items() if pk in there}


def group_by_day(entries: Iterable[Entry]) -> list[tuple[date, list[Entry]]]:
    """The newest day first; within a day as it happened."""
    days = [(day, list(found)) for day, found in groupby(entries, key=lambda entry: entry.day)]
    return days[::-1]


def add_note(visitor: Visitor, text: str, pattern: str) -> Note:
    """Keep somebody's own words; raises BadNote."""
    words = text.replace("\r\n", "\n").strip()
    if not words:
        raise BadNote("The note is empty. Write a sentence first.")
    if len(words) > LONGEST_NOTE:
        raise BadNote(f"The note is {len(words):,} characters long; {LONGEST_NOTE:,} fit. Make two of it.")
    known = Card.objects.filter(slug=pattern).exists()
    return Note.objects.create(visitor=visitor, kind="note", pattern=pattern if known else "", text=words)


def write_markdown(entries: Iterable[Entry], site: str) -> str:
    """The notebook as one Markdown file; links lead to `site`."""
    return "".join(_write(group_by_day(entries)[::-1], site.rstrip("/")))


def _write(days: Iterable[tuple[date, list[Entry]]], site: str) -> Iterator[str]:
    yield "# Lab notebook\n"
    for day, entries in days:
        yield f"\n## {day:%Y-%m-%d}\n\n"
        for entry in entries:
            where = f" ({entry.pattern})" if entry.pattern else ""
            link = f" [look]({site}{entry.link})" if entry.link.startswith("/") else ""
            run = f" [its run]({site}{entry.run})" if entry.run else ""
            yield f"- {entry.at:%H:%M} **{entry.kind}**{where}: {_escape(entry.text)}{link}{run}\n"


def _escape(text: str) -> str:
    """Somebody's own Markdown stays his; only what would leave the list item is kept inside it."""
    return re.sub(r"\n", "\n  ", text)
