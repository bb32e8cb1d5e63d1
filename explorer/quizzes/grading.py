"""Is an answer right, what was expected, and what is to be said about each option."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from explorer.quizzes.asked import Asked, key_of
from explorer.quizzes.drawing import Drawn, spell
from explorer.quizzes.formula import compute
from explorer.quizzes.reading import Unreadable, read_number

GONE = "something that the question no longer offers"


@dataclass(frozen=True, slots=True)
class Truth:
    """What a run said: a metric's value, an invariant's status, or the node where its fault was seen."""

    value: float | str | None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Remark:
    """One option, step or pair afterwards. `mark`: right, wrong or missed among the chosen; "" if rightly left."""

    text: str
    chosen: bool
    correct: bool | None
    note: str = ""
    tempts: str = ""
    fails: str = ""
    run: str = ""

    @property
    def mark(self) -> str:
        """Right, wrong, missed, or nothing."""
        if self.correct is None:
            return ""
        if self.chosen:
            return "right" if self.correct else "wrong"
        return "missed" if self.correct else ""


@dataclass(frozen=True, slots=True)
class Grade:
    """`right` is None while a run must still say, or if what it measured is none of the answers. `expected` and `got`
    are sentences' ends; of an answer with several parts, `rows` has them one by one: what was expected, what came."""

    right: bool | None
    expected: str
    got: str
    remarks: tuple[Remark, ...] = ()
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def expected_rows(self) -> list[str]:
        """What was expected, part by part."""
        return [expected for expected, _ in self.rows]

    @property
    def got_rows(self) -> list[str]:
        """What came, part by part."""
        return [got for _, got in self.rows]


def grade(asked: Asked, drawn: Drawn, given: Any, truth: Truth | None = None) -> Grade:
    """Grade what `read_answer` kept; of a run's question only once its truth is known."""
    if asked.kind == "spot-the-fault":
        return _grade_spot(asked, given, truth)
    if asked.kind == "predict-the-run":
        return _grade_prediction(asked, given, truth)
    return GRADERS[asked.kind](asked, drawn, given)


def is_near(value: float, right: float, rule: Mapping[str, Any]) -> bool:
    """Whether a number is within the question's tolerance, which is absolute or a share of what is right."""
    allowed = float(rule.get("tolerance", 0))
    if rule.get("tolerance_kind") == "relative":
        allowed *= abs(right)
    return abs(value - right) <= allowed + 1e-9 * max(1.0, abs(right))


def _grade_choice(asked: Asked, drawn: Drawn, given: Any) -> Grade:
    chosen = {given} if isinstance(given, str) else set(given)
    by_key = {key_of(str(option["text"])): option for option in asked.options}
    ordered = [by_key[choice.key] for choice in drawn.choices if choice.key in by_key]
    remarks = tuple(_remark(option, chosen, bool(option["correct"])) for option in ordered)
    right = {key for key, option in by_key.items() if option["correct"]}
    return Grade(
        chosen == right,
        _list([str(option["text"]) for option in ordered if option["correct"]]),
        _list([str(option["text"]) for option in ordered if key_of(str(option["text"])) in chosen]) or GONE,
        remarks,
    )


def _grade_order(asked: Asked, drawn: Drawn, given: Any) -> Grade:
    names = {key_of(step): step for step in asked.steps}
    got = [names.get(key, GONE) for key in given]
    steps = tuple(
        Remark(step, True, got[place : place + 1] == [step], f"place {place + 1}")
        for place, step in enumerate(asked.steps)
    )
    rows = tuple(zip_longest(asked.steps, got, fillvalue=GONE))
    return Grade(got == asked.steps, _list(asked.steps, "; "), _list(got, "; "), steps + _mistakes(asked), rows)


def _grade_numeric(asked: Asked, drawn: Drawn, given: Any) -> Grade:
    unit = str(asked.answer.get("unit") or "")
    right = compute(str(asked.answer["formula"]), drawn.parameters)
    try:
        value = read_number(str(given))
    except Unreadable:
        return Grade(False, _measure(right, unit), GONE)
    correct = is_near(value, right, asked.answer)
    remarks = tuple(_weigh(asked, drawn, option, value, right, unit, correct) for option in asked.options)
    return Grade(correct, _measure(right, unit), _measure(value, unit), remarks)


def _weigh(
    asked: Asked, drawn: Drawn, option: Mapping[str, Any], value: float, right: float, unit: str, correct: bool
) -> Remark:
    """A wrong way to compute: the learner's, if it leads to his number and not to the right one."""
    way = compute(str(option["formula"]), drawn.parameters)
    taken = not correct and is_near(value, way, asked.answer)
    same = is_near(way, right, asked.answer)
    note = _measure(way, unit) + (", which here happens to be near enough" if same else "")
    return _explain(option, taken, False, note)


def _grade_match(asked: Asked, drawn: Drawn, given: Any) -> Grade:
    words = {key_of(right): right for _, right in asked.pairs}
    got = {left: words.get(given.get(key_of(left), ""), GONE) for left, _ in asked.pairs}
    remarks = tuple(
        Remark(left, True, got[left] == right, right if got[left] == right else f"{right}; you chose {got[left]}")
        for left, right in asked.pairs
    )
    rows = tuple((f"{left}: {right}", f"{left}: {got[left]}") for left, right in asked.pairs)
    expected, came = ([row[side] for row in rows] for side in (0, 1))
    return Grade(expected == came, _list(expected, "; "), _list(came, "; "), remarks + _mistakes(asked), rows)


def _grade_prediction(asked: Asked, given: Any, truth: Truth | None) -> Grade:
    chosen = {str(given)}
    got = _list([str(option["text"]) for option in asked.options if key_of(str(option["text"])) in chosen]) or GONE
    if truth is None or truth.value is None:
        return Grade(None, "", got)
    holder = next((option for option in asked.options if _holds(option, truth.value, asked.answer)), None)
    if holder is None:  # nobody can have said it
        return Grade(None, _measure(truth.value, truth.unit), got)
    remarks = tuple(_remark(option, chosen, option is holder) for option in asked.options)
    return Grade(key_of(str(holder["text"])) in chosen, _measure(truth.value, truth.unit), got, remarks)


def _holds(option: Mapping[str, Any], value: float | str, rule: Mapping[str, Any]) -> bool:
    if "range" in option:
        low, high = option["range"]
        return isinstance(value, int | float) and low <= value <= high
    wanted = option.get("value")
    if isinstance(value, int | float) and isinstance(wanted, int | float):
        return is_near(value, wanted, rule)
    return value == wanted


def _grade_spot(asked: Asked, given: Any, truth: Truth | None) -> Grade:
    if truth is None or truth.value is None:
        return Grade(None, "", str(given))
    remarks = [Remark(str(truth.value), given == truth.value, True)]
    remarks += [_remark(option, {given}, False, str(option["node"])) for option in asked.options]
    return Grade(given == truth.value, str(truth.value), str(given), tuple(remarks))


def _remark(option: Mapping[str, Any], chosen: set[str], correct: bool, key: str = "") -> Remark:
    return _explain(option, (key or key_of(str(option["text"]))) in chosen, correct)


def _mistakes(asked: Asked) -> tuple[Remark, ...]:
    """Mistakes that are often made: nobody chose them, so nobody is told that he did."""
    return tuple(_explain(option, False, None) for option in asked.options)


def _explain(option: Mapping[str, Any], chosen: bool, correct: bool | None, note: str = "") -> Remark:
    words = {name: str(option.get(name, "")) for name in ("tempts", "fails", "run")}
    return Remark(str(option["text"]), chosen, correct, note, **words)


def _measure(value: float | str, unit: str) -> str:
    return f"{spell(value)} {unit}".rstrip()


def _list(texts: list[str], between: str = "; ") -> str:
    return between.join(text.rstrip(".") for text in texts)


GRADERS: dict[str, Callable[[Asked, Drawn, Any], Grade]] = {
    "single": _grade_choice,
    "multiple": _grade_choice,
    "order": _grade_order,
    "numeric": _grade_numeric,
    "match": _grade_match,
}
