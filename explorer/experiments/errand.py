"""One trial in a child process of its own (`patterns.host.trial`): if it hangs, dies or is stopped, only it suffers."""

from __future__ import annotations

import contextlib
import logging
import os
import queue as queues
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings

from explorer.experiments import queue
from explorer.experiments.comparison import read_pairing
from explorer.experiments.live import LIVE_NAME, open_folder
from explorer.models import Question, Trial

WORD_SECONDS = 1.0
"""How often a running trial's row is told that it goes on."""
LONGEST_SECONDS = 600.0
MAX_KEPT_BYTES = 6 * 1024 * 1024

logger = logging.getLogger(__name__)


def carry(trial: Trial) -> None:
    """Carry one trial out, which is this worker's now."""
    try:
        with open_folder(trial) as folder:
            Errand(trial, folder).run()
    except Exception as problem:  # the next trial must not suffer from this one
        logger.exception("trial %s failed", trial.pk)
        queue.give_up(trial, f"it could not be carried out: {problem}")


class Errand:
    """One trial in its child process."""

    def __init__(self, trial: Trial, folder: Path) -> None:
        self.trial, self.folder = trial, folder
        self.kept: list[dict[str, Any]] = []
        self.progress, self.arm = 0.0, ""
        self._lines: queues.SimpleQueue[bytes | None] = queues.SimpleQueue()

    def run(self) -> None:
        """Start the child, listen until it is over, and make sure that it is."""
        child = subprocess.Popen(
            [sys.executable, "-m", "patterns.host.trial"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
            cwd=settings.ROOT,
        )  # fmt: skip
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        threading.Thread(target=self._read, args=(child.stdout,), daemon=True).start()
        complaints = Complaints(child.stderr)
        try:
            child.stdin.write(orjson.dumps(describe(self.trial, self.folder)) + b"\n")
            child.stdin.flush()
            self._listen(child, complaints)
        finally:
            kill_group(child)

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._lines.put(line)
        self._lines.put(None)

    def _listen(self, child: subprocess.Popen[bytes], complaints: Complaints) -> None:
        began = told = time.monotonic()
        while True:
            try:
                line = self._lines.get(timeout=WORD_SECONDS)
            except queues.Empty:
                line = b""
            if line is None:
                child.wait(5)
                return self._fail(f"its process ended without a word: {complaints.last() or child.returncode}")
            if line and self._take(orjson.loads(line)):
                return None
            now = time.monotonic()
            if now - told > WORD_SECONDS / 2:
                told = now
                if not queue.hear(self.trial, self.progress, self.arm):
                    return None  # stopped
            if now - began > LONGEST_SECONDS:
                return self._fail(f"it was not over after {LONGEST_SECONDS:g} s")

    def _take(self, word: dict[str, Any]) -> bool:
        """What the child says; True if it was its last word."""
        kind = word.pop("t")
        if kind == "progress":
            self.progress, self.arm = word["share"], word["arm"]
        elif kind == "locked":
            queue.lock(self.trial, word["predictions"], word["at"])
        elif kind == "kept":
            self._keep(word)
        elif kind == "failed":
            self._fail(word["why"])
        else:
            report = word["report"]
            queue.finish(self.trial, report, report.get("verdict", ""), self.kept)
        return kind in ("failed", "report")

    def _keep(self, word: dict[str, Any]) -> None:
        recording = Path(word.pop("file")).read_bytes()
        if len(recording) <= MAX_KEPT_BYTES:
            claim = self.trial.claim.lstrip("?").partition("@")[0]
            title = claim or self.trial.pattern
            self.kept.append({**word, "title": title, "recording": recording})

    def _fail(self, why: str) -> None:
        """The machinery failed, not the claim: the verdict is unknown and says why."""
        report = {"claim": self.trial.claim, "pattern": self.trial.pattern, "engine": self.trial.engine,
                  "seed": self.trial.seed, "verdict": "unknown", "why": why, "arms": [], "findings": [],
                  **self.trial.report}  # fmt: skip
        queue.finish(self.trial, report, "unknown", [])


class Complaints:
    """The last lines of a child's standard error."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream,), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[bytes]) -> None:
        for line in stream:
            self._lines = [*self._lines[-20:], line.decode(errors="replace").strip()]

    def last(self) -> str:
        """The last line that says something."""
        self._thread.join(2)
        return next((line for line in reversed(self._lines) if line), "")


def describe(trial: Trial, folder: Path) -> dict[str, Any]:
    """What the child is to do."""
    common = {"engine": trial.engine, "seed": trial.seed, "live": str(folder / LIVE_NAME)}
    if trial.claim.startswith("?"):  # a question's run, see explorer.quizzes.truths
        question = Question.objects.get(slug=trial.claim[1:].partition("@")[0])
        common |= {"pattern": trial.pattern, "title": question.slug, "asked": question.answer}
        return {"what": "question", **common}
    if trial.claim.startswith("@"):
        return {"what": "contest", **asdict(read_pairing(trial.claim)), **common}
    what = "sweep" if trial.size == "sweep" else "claim"
    return {"what": what, "claim": trial.claim, "size": trial.size, **common}


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """End the child and all it has started."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait(5)
