"""A question about one run, as every maker of such questions gives it and every page shows it. No Django."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from explorer.quizzes.grading import Remark


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer; exactly one of a question's is `correct`. `tempts` and `fails` say why one would take it, and what in
    the log speaks against it; of the right one `fails` says what bears it out."""

    text: str
    correct: bool
    tempts: str
    fails: str


@dataclass(frozen=True, slots=True)
class RunQuestion:
    """A question about a run. `at`, in seconds of run time, and `focus`, a message, are what shows the answer; `topics`
    are words by which a card's question about the same thing is found."""

    key: str
    stem: str
    choices: tuple[Choice, ...]
    because: str
    at: float
    focus: str
    hints: tuple[str, str, str]
    topics: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The right answer."""
        return next(choice.text for choice in self.choices if choice.correct)

    @property
    def fingerprint(self) -> str:
        """The same as long as the same is asked and offered."""
        asked = "\x1f".join([self.key, self.stem, *(choice.text for choice in self.choices)])
        return hashlib.sha256(asked.encode()).hexdigest()[:16]

    def explain(self, chosen: str) -> list[Remark]:
        """A word on each answer, when the text `chosen` was taken."""
        return [
            Remark(choice.text, choice.text == chosen, choice.correct, tempts=choice.tempts, fails=choice.fails)
            for choice in self.choices
        ]


def choose(rows: Iterable[tuple[str, str, str, str]], right: str, because: str) -> tuple[Choice, ...]:
    """Answers from rows of (kind, text, why it tempts, why it fails), of which the one of kind `right` is right."""
    return tuple(
        Choice(text, kind == right, "" if kind == right else tempts, because if kind == right else fails)
        for kind, text, tempts, fails in rows
    )
