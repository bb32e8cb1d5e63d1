"""What a run says where only a run can: carried out in a process of its own, once for each wording of a question.

Runs of questions wait in the same queue as trials (`explorer.experiments`), under the name `?<question>@<fingerprint>`,
so that everybody who answers the same question shares one run, and a changed question gets another.
"""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from django.db import transaction

from explorer.catalogue.drawing import Drawing, draw_pattern
from explorer.experiments.queue import QueueFull, ask, bury_the_silent
from explorer.labs.export import write_log
from explorer.labs.runs import read_recording
from explorer.models import Answer, SavedRun, Trial
from explorer.quizzes.asked import Asked
from explorer.quizzes.drawing import Drawn, draw
from explorer.quizzes.evidence import Traffic, count_traffic
from explorer.quizzes.grading import Grade, Truth, grade
from explorer.quizzes.store import Told, as_asked, list_questions, settle
from patterns.core.pattern import discover


@dataclass(frozen=True, slots=True)
class Finding:
    """How far the run is. `truth` once it is over; `why` if it could not be carried out; `run` is its recording."""

    truth: Truth | None = None
    progress: float = 0.0
    why: str = ""
    run: SavedRun | None = None

    @property
    def waiting(self) -> bool:
        """Whether to look again in a moment."""
        return self.truth is None and not self.why


def find_truth(asked: Asked) -> Finding:
    """What the question's run says; if it was never carried out, it is asked for now."""
    bury_the_silent()
    trial = _find_trial(asked)
    if trial is None:
        engine, seed = str(asked.answer.get("engine", "builtin")), int(asked.answer["seed"])
        try:
            trial = ask(None, _name(asked), asked.pattern, engine, seed)
        except QueueFull as problem:
            return Finding(why=str(problem))
    return _read_trial(asked, trial)


def look_up_truth(asked: Asked) -> Finding:
    """What the question's run says, if it was carried out; nothing is asked for."""
    trial = _find_trial(asked)
    return _read_trial(asked, trial) if trial else Finding()


def _name(asked: Asked) -> str:
    return f"?{asked.slug}@{asked.fingerprint}"


def _find_trial(asked: Asked) -> Trial | None:
    return Trial.objects.filter(claim=_name(asked)).exclude(state=Trial.State.VOID).order_by("created").first()


def _read_trial(asked: Asked, trial: Trial) -> Finding:
    if trial.state != Trial.State.DONE:
        return Finding(progress=trial.progress)
    if trial.report.get("why"):
        return Finding(why=str(trial.report["why"]))
    return Finding(read_truth(asked, trial.report), 1.0, "", trial.runs.first())


def read_truth(asked: Asked, report: dict[str, object]) -> Truth:
    """Find in a run's report what the question asks for."""
    if asked.kind == "spot-the-fault":
        return Truth(str(report["damaged"]))
    if "invariant" in asked.answer:
        return Truth(dict(report["invariants"])[asked.answer["invariant"]])  # type: ignore[call-overload]
    reading = dict(report["metrics"])[asked.answer["metric"]]  # type: ignore[call-overload]
    return Truth(reading["value"], str(asked.answer.get("unit") or reading["unit"]))


def read_evidence(asked: Asked, finding: Finding) -> list[Traffic]:
    """Counts from the run's recording, part by part; nothing while it is not there."""
    if finding.run is None:
        return []
    return count_traffic(map(orjson.loads, write_log(read_recording(finding.run))), list_nodes(asked))


def settle_ready(visitor_id: str) -> None:
    """Settle all answers of a visitor whose runs are over by now. One to a question that was changed since is left."""
    waiting = list(Answer.objects.filter(visitor=visitor_id, right=None).select_related("visitor"))
    questions = {row.slug: row for row in list_questions().filter(slug__in=[answer.question for answer in waiting])}
    for answer in waiting:
        asked = as_asked(questions[answer.question]) if answer.question in questions else None
        if asked is None or not asked.needs_run or answer.fingerprint != asked.fingerprint:
            continue
        finding = look_up_truth(asked)
        drawn = draw(asked, answer.seed)
        settle_waiting(answer, asked, drawn, grade(asked, drawn, answer.given, finding.truth), finding)


def settle_waiting(answer: Answer, asked: Asked, drawn: Drawn, graded: Grade, finding: Finding) -> None:
    """Write down what came of an answer that had to wait for its run."""
    if graded.right is None:
        return
    with transaction.atomic():
        mine = Answer.objects.filter(pk=answer.pk, right=None)
        if mine.update(right=graded.right):
            answer.right = graded.right
            run = str(finding.run.pk) if finding.run else ""
            settle(answer.visitor, asked.pattern, answer, Told(drawn.stem, graded.got, graded.expected, run))


def list_nodes(asked: Asked) -> list[str]:
    """Nodes of the lab that can be chosen; none where no fault is to be spotted."""
    topology = draw_topology(asked)
    return [box.name for box in topology.boxes] if topology else []


def draw_topology(asked: Asked) -> Drawing | None:
    """The lab's own parts, for a question that asks which of them is to blame."""
    lab = discover().get(asked.pattern) if asked.kind == "spot-the-fault" else None
    return draw_pattern(lab) if lab else None
