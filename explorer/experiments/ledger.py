"""All claims of all patterns, with what is known of each; as a page, and as a table for a spreadsheet."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from explorer.experiments.evidence import NOT_BUILT, NOT_RUN, WEIGHT, WORDS, Chip, read_chips
from explorer.models import Card, Claim

COLUMNS = (
    "claim", "pattern", "group", "wording", "expected", "status", "engine", "verdict", "prediction", "measured", "date",
    "experiment", "engines",
)  # fmt: skip
WEIGHED = (NOT_RUN, *WEIGHT)
SITE_WORDS = {**WORDS, NOT_RUN: "not yet run"}


@dataclass(frozen=True, slots=True)
class Line:
    """One claim of the ledger."""

    claim: Claim
    chip: Chip
    status: str

    @property
    def word(self) -> str:
        """The status in words."""
        return SITE_WORDS[self.status]


@require_safe
def show_claims(request: HttpRequest) -> HttpResponse:
    """Every claim, by pattern and by what is known."""
    pattern, verdict = request.GET.get("pattern", ""), request.GET.get("verdict", "")
    lines = read_ledger(request.visitor_id)  # type: ignore[attr-defined]
    cards = list(Card.objects.all())
    context = {
        "lines": [line for line in lines if _matches(line, pattern, verdict)],
        "all": len(lines),
        "cards": cards,
        "verdicts": [(status, word, count) for status, word in SITE_WORDS.items() if (count := _count(lines)[status])],
        "pattern": pattern,
        "verdict": verdict,
        "wrong": _find_wrong(pattern, verdict, cards),
    }
    return render(request, "experiments/claims.html", context)


@require_safe
def download_claims(request: HttpRequest) -> StreamingHttpResponse:
    """The ledger as CSV, filtered as the page is."""
    pattern, verdict = request.GET.get("pattern", ""), request.GET.get("verdict", "")
    lines = [line for line in read_ledger(request.visitor_id) if _matches(line, pattern, verdict)]  # type: ignore[attr-defined]
    rows = csv.writer(Echo())
    response = StreamingHttpResponse(
        (rows.writerow(row) for row in _spell(request, lines)), content_type="text/csv; charset=utf-8"
    )
    response.headers["Content-Disposition"] = 'attachment; filename="claims.csv"'
    return response


class Echo:
    """A file for the csv module that hands each line on."""

    def write(self, line: str) -> str:
        """Return what would have been written."""
        return line


def read_ledger(visitor_id: str) -> list[Line]:
    """All claims in the order of the cards, each with its last evidence, whoever ran it."""
    claims = list(Claim.objects.select_related("card"))
    chips = read_chips(claims, visitor_id)
    return [Line(claim, chip := chips[claim.slug], _status(chip)) for claim in claims]


def _status(chip: Chip) -> str:
    """What the site knows: a verdict counts whoever ran it, on whatever engine."""
    return chip.weightiest.verdict if chip.weightiest and chip.status in WEIGHED else chip.status


def _matches(line: Line, pattern: str, verdict: str) -> bool:
    return pattern in ("", line.claim.card_id) and verdict in ("", line.status)


def _count(lines: list[Line]) -> Counter[str]:
    return Counter(line.status for line in lines)


def _find_wrong(pattern: str, verdict: str, cards: list[Card]) -> str:
    if pattern and pattern not in {card.slug for card in cards}:
        return f"There is no pattern “{pattern[:40]}”; there are: {', '.join(card.slug for card in cards)}."
    if verdict and verdict not in SITE_WORDS:
        return f"There is no verdict “{verdict[:40]}”; there are: {', '.join(SITE_WORDS)}."
    return ""


def _spell(request: HttpRequest, lines: list[Line]) -> Iterator[tuple[str, ...]]:
    yield COLUMNS
    for line in lines:
        claim, last = line.claim, line.chip.weightiest
        engines = "; ".join(f"{found.engine}: {found.verdict}" for found in line.chip.site)
        told = (last.engine, last.verdict, last.prediction, last.measured) if last else ("", "", "", "")
        date = last.at.isoformat(timespec="seconds") if last and last.at else ""
        page = reverse("experiment", args=[claim.card_id, claim.slug]) if line.status != NOT_BUILT else ""
        about = (claim.slug, claim.card_id, claim.get_group_display(), claim.wording, claim.get_expectation_display())
        yield (*map(_tame, (*about, line.word, *told)), date, request.build_absolute_uri(page) if page else "", engines)


def _tame(text: str) -> str:
    """A cell that a spreadsheet would take for a formula is marked as text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text
