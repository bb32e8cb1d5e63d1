"""What a finished trial says to one visitor: the gap first, then why, then every number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from explorer.experiments.axis import Axis, lay_axis
from explorer.experiments.bets import allowance, describe, settle, spell
from explorer.experiments.evidence import Chip, Evidence, prefer
from explorer.experiments.foresight import read_time
from explorer.experiments.logs import Log, list_logs
from explorer.experiments.settlement import answers_bets
from explorer.models import Bet, Trial
from patterns.core.experiment import Experiment
from patterns.core.verdict import read_workload


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was predicted, what came out, with the interval if it is one."""

    says: str
    predicted: str
    measured: str
    interval: str
    passed: bool
    where: str


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure over all arms, in the order of the arms."""

    label: str
    unit: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recording:
    """The kept run of one arm."""

    label: str
    lab: str
    page: str
    address: str
    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """Everything the page tells of a trial."""

    trial: Trial
    chip: Chip
    gap: str
    right: bool | None
    axis: Axis | None
    confidence: int | None
    findings: tuple[Finding, ...]
    arms: tuple[str, ...]
    measures: tuple[Measured, ...]
    recordings: tuple[Recording, ...]
    unrecorded: str
    engines: tuple[Evidence, ...]
    why: str
    warnings: tuple[str, ...]
    samples: int
    smaller: str
    locked: datetime | None
    logs: tuple[Log, ...]


def read_result(experiment: Experiment, trial: Trial, visitor_id: str) -> Result:
    """What `trial` found, against the bet this visitor placed on it."""
    report = trial.report
    bet = Bet.objects.filter(trial=trial, visitor__pk=visitor_id).first() if visitor_id else None
    smaller = _tell_smaller(experiment, trial)
    gap, right, axis = ("", None, None) if smaller else _compare(experiment, report, bet)
    recordings = tuple(_list_recordings(trial))
    evidence = Evidence.of(trial)
    return Result(
        trial=trial,
        chip=Chip(trial.claim, trial.verdict, (evidence,), (evidence,)),
        gap=gap,
        right=right,
        axis=axis,
        confidence=bet.confidence if bet and not smaller else None,
        findings=tuple(_read_findings(experiment, report)),
        arms=tuple(arm.label for arm in experiment.arms),
        measures=tuple(_read_measures(experiment, report)),
        recordings=recordings,
        unrecorded=_explain_missing(experiment, trial, recordings),
        engines=_other_engines(experiment, trial),
        why=report.get("why", ""),
        warnings=tuple(report.get("warnings", ())),
        samples=_count_samples(report),
        smaller=smaller,
        locked=read_time(report),
        logs=tuple(list_logs(experiment, report, {recording.page for recording in recordings})),
    )


def _count_samples(report: Mapping[str, Any]) -> int:
    """How often each arm ran."""
    return max((spread["n"] for arm in report.get("arms", ()) for spread in arm["measures"].values()), default=0)


def _tell_smaller(experiment: Experiment, trial: Trial) -> str:
    """Why this run settles no bet, if it is smaller than what the bet asks about; older reports do not say their
    size."""
    if answers_bets(trial):
        return ""
    full, reduced = (read_workload(experiment, size) for size in ("full", "reduced"))
    changed = [f"{name} {spell(reduced[name])} in place of {spell(value)}"
               for name, value in full.items() if name != "repeats" and reduced[name] != value]  # fmt: skip
    runs = _count_samples(trial.report)
    often = f"{runs} run{'s' if runs != 1 else ''} of each arm"
    return f"A smaller run on {trial.engine}: {', '.join([*changed, often])}. So it settles no bet."


def _compare(
    experiment: Experiment, report: Mapping[str, Any], bet: Bet | None
) -> tuple[str, bool | None, Axis | None]:
    """The gap in a sentence, whether the bet was right, and both on one axis if it is a number."""
    asked = experiment.bet
    if asked is None or asked.kind == "curve":
        return "", None, None
    answer = bet.answer if bet else None
    spread = _spread(report, asked.arm, asked.measure)
    axis = None
    if spread is not None and asked.kind in ("number", "range"):
        axis = lay_axis(asked, answer, allowance(asked) if asked.kind == "number" else 0.0, spread)
    measured = describe(experiment, spread["median"]) if spread and asked.kind == "number" else ""
    if spread and asked.kind == "range":
        measured = f"{spell(spread['median'])} {asked.unit}".rstrip()
    if answer is None:
        return (f"You made no bet. It was {measured}." if measured else ""), None, axis
    settled = settle(asked, answer, report.get("arms", ()))
    said = describe(experiment, answer)
    if settled.right is None:
        return f"You bet {said}. The run measured nothing that settles it.", None, axis
    if settled.off is None:
        came = describe(experiment, settled.measured[: len(answer)])
        return (
            (f"You said {said}, and so it came." if settled.right else f"You said {said}. It was {came}."),
            settled.right,
            axis,
        )
    if settled.off == 0:
        near = "and it lies inside" if asked.kind == "range" else "exactly"
        return f"You bet {said}. It was {measured}: {near}.", True, axis
    close = ", near enough" if settled.right else ""
    return f"You bet {said}. It was {measured}: off by {spell(settled.off)}{close}.", settled.right, axis


def _spread(report: Mapping[str, Any], arm: str, measure: str) -> dict[str, float] | None:
    for found in report.get("arms", ()):
        if found["name"] == arm and (spread := found["measures"].get(measure)) and spread["median"] is not None:
            return {name: value for name, value in spread.items() if value is not None}
    return None


def _read_findings(experiment: Experiment, report: Mapping[str, Any]) -> list[Finding]:
    found = []
    for check, row in zip(experiment.checks, report.get("findings", ()), strict=False):
        low, high = row["low"], row["high"]
        interval = f"{spell(low)} to {spell(high)}" if low is not None and high is not None and low != high else ""
        measured = spell(row["measured"]) if row["measured"] is not None else "beyond counting"
        where = row.get("where", check.where)
        found.append(Finding(row["says"], row["predicted"], measured, interval, row["passed"], where))
    return found


def _read_measures(experiment: Experiment, report: Mapping[str, Any]) -> list[Measured]:
    by_name = {arm["name"]: arm["measures"] for arm in report.get("arms", ())}
    columns = [by_name.get(arm.name, {}) for arm in experiment.arms]
    return [
        Measured(measure.label, measure.unit, tuple(_cell(column.get(measure.name)) for column in columns))
        for measure in experiment.measures
        if any(measure.name in column for column in columns)
    ]


def _cell(spread: Mapping[str, Any] | None) -> str:
    if spread is None or spread["median"] is None:
        return "–"
    if spread["low"] == spread["high"]:
        return spell(spread["median"])
    return f"{spell(spread['median'])} ({spell(spread['low'])} to {spell(spread['high'])})"


def _list_recordings(trial: Trial) -> list[Recording]:
    found = []
    for run in trial.runs.order_by("created").defer("recording"):
        label = run.title.partition(": ")[2] or run.title
        page, address = reverse("run", args=[run.pk]), reverse("recording", args=[run.pk])
        found.append(Recording(label, run.pattern, page, address, run.events, run.seconds))
    return found


def _explain_missing(experiment: Experiment, trial: Trial, recordings: tuple[Recording, ...]) -> str:
    if trial.verdict == "unknown" and not recordings:
        return ""
    if not recordings:
        return "The recordings of this run were replaced by those of newer runs; its numbers stay."
    if experiment.timed:
        return (
            "Times are compared here, and to show a run takes time. So what is shown is one more run of each arm, "
            "which does not count; those that count ran in processes of their own."
        )
    if len(recordings) < len(experiment.arms):
        return "An arm without a recording had more messages than can be kept; its numbers are in the table."
    return ""


def _other_engines(experiment: Experiment, trial: Trial) -> tuple[Evidence, ...]:
    """The newest verdict on each engine, if the claim is about what several do; this trial speaks for its own."""
    if len(experiment.engines) < 2:
        return ()
    done = Trial.objects.filter(claim=trial.claim, state=Trial.State.DONE).exclude(size="sweep")
    others = prefer(done.exclude(engine=trial.engine))
    return tuple(Evidence.of(found) for found in prefer([trial, *others]))
