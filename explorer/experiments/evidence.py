"""What is known of each claim: the last verdict for one visitor, and the last on this site, with number and date."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from explorer.experiments.bets import spell
from explorer.models import Claim, Trial
from patterns.core.experiment import Experiment, experiments
from patterns.core.pattern import discover

HOLDS = ("proved", "bounded", "refined")
"""Verdicts that put a sentence to rest: it holds, it holds in numbers, or it is known where it stops to hold."""
NOT_RUN, OPINION, NOT_BUILT, NO_TEST = "not-run", "opinion", "not-built", "no-test"
WORDS = {
    "proved": "proved",
    "bounded": "bounded",
    "refined": "refined",
    "refuted": "refuted",
    "unknown": "unknown",
    NOT_RUN: "not yet run by you",
    OPINION: "opinion",
    NOT_BUILT: "lab not built yet",
    NO_TEST: "no experiment yet",
}
"""Every status of a claim for one visitor, with the word on its chip."""
ICONS = {"proved": "✓", "bounded": "↔", "refined": "◐", "refuted": "✕", "unknown": "?", OPINION: "“"}


WEIGHT = ("refuted", "refined", "bounded", "proved", "unknown")
"""Which verdict speaks for several engines: the first of these that one of them gave. Unknown decides nothing, so it
speaks only where no engine decided."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One finished trial in a line."""

    engine: str
    verdict: str
    prediction: str
    measured: str
    why: str
    at: datetime | None
    trial: str

    @classmethod
    def of(cls, trial: Trial) -> Evidence:
        """The line of a finished trial."""
        report: dict[str, Any] = trial.report
        measured = report.get("measured")
        said = f"{spell(measured)} {report.get('unit', '')}".rstrip() if measured is not None else ""
        return cls(
            trial.engine, trial.verdict, report.get("prediction", ""), said, report.get("why", ""), trial.finished,
            str(trial.pk),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chip:
    """What the chip at a sentence says. `yours` and `site` have the last trial on each engine."""

    claim: str
    status: str
    yours: tuple[Evidence, ...]
    site: tuple[Evidence, ...]
    opinion: str = ""

    @property
    def word(self) -> str:
        """The status as the chip has it."""
        return WORDS[self.status]

    @property
    def icon(self) -> str:
        """Beside the word, so that colour is never alone."""
        return ICONS.get(self.status, "○")

    @property
    def tone(self) -> str:
        """Which look of a chip."""
        return self.status if self.status in HOLDS or self.status == "refuted" else "unknown"

    @property
    def weightiest(self) -> Evidence | None:
        """The trial on this site, whoever asked for it, whose verdict speaks for all engines."""
        status = weigh(found.verdict for found in self.site)
        return next((found for found in self.site if found.verdict == status), None)

    @property
    def newer_elsewhere(self) -> tuple[Evidence, ...]:
        """Trials of others that came after his own on the same engine and said otherwise, or on one he has not run."""
        mine = {found.engine: found for found in self.yours}
        return tuple(
            found
            for found in self.site
            if found.engine not in mine
            or (found.trial != mine[found.engine].trial and found.verdict != mine[found.engine].verdict)
        )


def read_chips(claims: Iterable[Claim], visitor_id: str) -> dict[str, Chip]:
    """The chip of each claim, as one visitor sees it."""
    listed = list(claims)
    yours, site = _newest(listed, visitor_id), _newest(listed)
    # reports are large, so only those that are shown are read
    chosen = {trial.pk for by_claim in (yours, site) for trials in by_claim.values() for trial in trials}
    told = {pk: Evidence.of(trial) for pk, trial in Trial.objects.in_bulk(chosen).items()}
    labs, known = discover(), experiments()
    chips = {}
    for claim in listed:
        experiment = known[claim.slug][1] if claim.slug in known else None
        mine, all_ = (tuple(told[trial.pk] for trial in by.get(claim.slug, ())) for by in (yours, site))
        status = _status(claim, experiment, mine, claim.card_id in labs)
        chips[claim.slug] = Chip(claim.slug, status, mine, all_, experiment.opinion if experiment else "")
    return chips


def count_proved(chips: Iterable[Chip]) -> tuple[int, int]:
    """How many claims are put to rest: by this visitor, and by anybody on this site."""
    listed = list(chips)
    yours = sum(chip.status in HOLDS for chip in listed)
    return yours, sum(weigh(found.verdict for found in chip.site) in HOLDS for chip in listed)


def count_by_card(visitor_id: str) -> dict[str, int]:
    """How many claims of each card this visitor has put to rest."""
    counts: dict[str, int] = {}
    for trials in _newest(Claim.objects.all(), visitor_id).values() if visitor_id else ():
        if weigh(trial.verdict for trial in trials) in HOLDS:
            counts[trials[0].pattern] = counts.get(trials[0].pattern, 0) + 1
    return counts


def _newest(claims: Iterable[Claim], visitor_id: str | None = None) -> dict[str, list[Trial]]:
    """By claim, the newest finished trial on each engine: of one visitor ("" is nobody), or of all."""
    done = Trial.objects.filter(state=Trial.State.DONE, claim__in=[claim.slug for claim in claims])
    if visitor_id is not None:
        done = done.filter(visitors__pk=visitor_id) if visitor_id else done.none()
    by_claim: dict[str, list[Trial]] = {}
    for trial in done.exclude(size="sweep").defer("report"):
        by_claim.setdefault(trial.claim, []).append(trial)
    return {claim: prefer(trials) for claim, trials in by_claim.items()}


def weigh(verdicts: Iterable[str]) -> str:
    """The verdict that speaks for all engines: the worst that any of them gave. Not run if there is none."""
    found = set(verdicts)
    return next((verdict for verdict in WEIGHT if verdict in found), NOT_RUN)


def prefer(trials: Iterable[Trial]) -> list[Trial]:
    """The newest trial of each engine that decided something, or else its newest; the built-in engine's first."""
    newest: dict[str, Trial] = {}
    in_time = sorted(trials, key=lambda trial: trial.finished or trial.created, reverse=True)
    for trial in sorted(in_time, key=lambda trial: trial.verdict == "unknown"):
        newest.setdefault(trial.engine, trial)
    return sorted(newest.values(), key=lambda trial: trial.engine != "builtin")


def _status(claim: Claim, experiment: Experiment | None, yours: tuple[Evidence, ...], has_lab: bool) -> str:
    if not has_lab:
        return NOT_BUILT
    if experiment is None:
        return NO_TEST
    if experiment.opinion:
        return OPINION
    return weigh(found.verdict for found in yours)
