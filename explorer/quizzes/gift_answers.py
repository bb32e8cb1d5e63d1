"""What stands between the braces of a GIFT question: options, pairs, a number, or true and false."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from explorer.quizzes.gift import GiftQuestion, Option
from explorer.quizzes.gift_text import cut, cut_rows, unescape

WHOLE = 100.0
"""What the right answer earns, in per cent."""
TRUTH = {"T": True, "TRUE": True, "F": False, "FALSE": False}


class BadGift(ValueError):
    """The question cannot be taken; the sentence says what is wrong with it and what would be right."""


@dataclass(frozen=True, slots=True)
class Row:
    """One answer as it is written: its text is still escaped. `earned` is in per cent, 0 or less where it is wrong."""

    sign: str
    earned: float
    text: str
    feedback: str


def read_answers(text: str, question: GiftQuestion) -> tuple[GiftQuestion, list[str]]:
    """The question with its answers, and a sentence for each thing that had to be left out; raises BadGift."""
    truth, *said = cut(text, "#", 2)
    if truth.strip().upper() in TRUTH:
        return replace(question, options=_offer_truth(TRUTH[truth.strip().upper()], said)), []
    if text.startswith("#"):
        return _read_number(text[1:].strip(), question)
    rows = [_read_row(row) for row in cut_rows(text)]
    if not rows:
        return _keep_essay(question), []
    pairs = [cut(row.text, "->", 1) for row in rows]
    if all(len(pair) == 2 and row.sign == "=" for pair, row in zip(pairs, rows, strict=True)):
        return replace(question, pairs=tuple((unescape(left), unescape(right)) for left, right in pairs)), []
    return _read_choice(rows, question)


def _offer_truth(right: bool, said: list[str]) -> tuple[Option, ...]:
    """What is said of the wrong answer stands first, what is said of the right one second."""
    wrong_said, right_said = (*(unescape(each) for each in said), "", "")[:2]
    return tuple(
        Option(word, truth is right, right_said if truth is right else wrong_said)
        for word, truth in (("True", True), ("False", False))
    )


def _keep_essay(question: GiftQuestion) -> GiftQuestion:
    if not question.extra:
        raise BadGift("an essay, {}, has no answer that could be told right from wrong here; give it options.")
    return question


def _read_row(written: str) -> Row:
    if written[0] not in "=~":
        raise BadGift(f"“{written[:20]}” is no answer: each begins with = if it is right, with ~ if not.")
    weighed = re.match(r"%(-?[\d.]+)%", written[1:])
    body = written[1 + (weighed.end() if weighed else 0) :]
    text, *feedback = cut(body, "#", 1)
    earned = _as_number(weighed.group(1)) if weighed else WHOLE if written[0] == "=" else 0.0
    return Row(written[0], earned, text, unescape("".join(feedback)))


def _read_choice(rows: list[Row], question: GiftQuestion) -> tuple[GiftQuestion, list[str]]:
    """As Moodle has it: with an = one answer may be chosen, without one several."""
    several = all(row.sign == "~" for row in rows)
    if all(row.sign == "=" for row in rows):
        raise BadGift("a short answer, {=this =that}, has no kind of question here; add wrong answers, each after a ~.")
    right = [row for row in rows if (row.earned > 0 if several else row.earned >= WHOLE)]
    if not right:
        raise BadGift("no answer is wholly right; mark it with =, or several with ~%50% each.")
    if len(right) > 1 and not several:
        raise BadGift("of several right answers one is to be chosen; to let all be ticked, write ~%50% before each.")
    options = tuple(Option(unescape(row.text), row in right, row.feedback) for row in rows)
    half = [] if several else [row for row in rows if 0 < row.earned < WHOLE]
    left_out = [f"“{unescape(row.text)[:40]}” earns {row.earned:g} % there; here it is wrong." for row in half]
    return replace(question, options=options, several=several), left_out


def _read_number(text: str, question: GiftQuestion) -> tuple[GiftQuestion, list[str]]:
    """The widest of the answers that are wholly right; what earns less is left out."""
    rows = [_read_row(row) for row in cut_rows(text if text[:1] in ("=", "~") else f"={text}")]
    whole = [(*_read_span(row.text), row.feedback) for row in rows if row.earned >= WHOLE]
    if not whole:
        raise BadGift("no number is wholly right; write it after a =, such as {#=520:2}.")
    value, tolerance, feedback = max(whole, key=lambda span: span[1])
    if any(abs(value - other) > tolerance for other, _, _ in whole):
        raise BadGift("two numbers that lie apart are both right; make it two questions, or a choice.")
    told = "\n".join(filter(None, (feedback, question.explanation)))
    left_out = [
        f"“{row.text.strip()[:40]}” earns {row.earned:g} % there; here it is wrong."
        for row in rows
        if row.earned < WHOLE
    ]
    return replace(question, number=value, tolerance=tolerance, explanation=told), left_out


def _read_span(text: str) -> tuple[float, float]:
    """A number and how far off is still right: 520, 520:2 or 518..522."""
    low, dots, high = text.partition("..")
    if dots:
        ends = _as_number(low), _as_number(high)
        return (ends[0] + ends[1]) / 2, abs(ends[1] - ends[0]) / 2
    value, _, tolerance = text.partition(":")
    return _as_number(value), _as_number(tolerance or "0")


def _as_number(text: str) -> float:
    try:
        return float(text)
    except ValueError as problem:
        raise BadGift(f"“{text[:30].strip()}” is no number; write 520, 520:2 or 518..522.") from problem
