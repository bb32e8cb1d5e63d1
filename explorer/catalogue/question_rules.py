"""What the answer and the options of each kind of question must be like."""

from __future__ import annotations

import itertools
import string
from collections.abc import Callable, Iterator
from typing import Any

from explorer.catalogue.fixtures import Route
from explorer.catalogue.shapes import Shape, anything, check_shape, number, text, truth
from explorer.quizzes.formula import FormulaError, compute

type Wrong = tuple[Route, str]

WHY: dict[str, Any] = {"tempts": text, "fails": text, "run?": text}
CHOICE: Shape = {"text": text, "correct": truth, "tempts?": text, "fails?": text, "run?": text}
OTHER: dict[str, Any] = {"text": text, "correct?": truth} | WHY
RUN: dict[str, Any] = {"settings": anything, "fault?": anything, "seconds": number, "seed": number, "engine?": text}
TOLERANCE: dict[str, Any] = {"tolerance?": number, "tolerance_kind?": text, "unit?": anything}
PAIRS = range(4, 7)


def check_question(fields: dict[str, Any]) -> Iterator[Wrong]:
    """Yield (route, what is wrong) for one question, by its kind; an unknown kind is the field's own complaint."""
    rule = KINDS.get(str(fields.get("kind")))
    if rule:
        yield from rule(fields, _mapping(fields, "answer"), _rows(fields, "options"))


def _check_single(fields: dict[str, Any], answer: dict[str, Any], options: list[dict[str, Any]]) -> Iterator[Wrong]:
    yield from _check_choices(fields, options)
    right = sum(option.get("correct") is True for option in options)
    if right != 1:
        yield ("options",), f"one option must be correct; {right} are"


def _check_multiple(fields: dict[str, Any], answer: dict[str, Any], options: list[dict[str, Any]]) -> Iterator[Wrong]:
    yield from _check_choices(fields, options)
    right = sum(option.get("correct") is True for option in options)
    if not 0 < right < len(options):
        yield ("options",), f"some options must be correct and some not; {right} of {len(options)} are"


def _check_choices(fields: dict[str, Any], options: list[dict[str, Any]]) -> Iterator[Wrong]:
    yield from check_shape(fields.get("options"), [CHOICE], ("options",))
    for place, option in enumerate(options):
        for name in ("tempts", "fails"):
            if option.get("correct") is False and name not in option:
                yield ("options", place), f"the wrong option {option.get('text')!r} lacks `{name}`"


def _check_order(fields: dict[str, Any], answer: dict[str, Any], options: list[dict[str, Any]]) -> Iterator[Wrong]:
    yield from check_shape(answer, {"steps": [text]}, ("answer",))
    yield from check_shape(fields.get("options"), [OTHER], ("options",))
    if len(_list(answer, "steps")) < 3:
        yield ("answer", "steps"), "an order needs at least three steps"


def _check_match(fields: dict[str, Any], answer: dict[str, Any], options: list[dict[str, Any]]) -> Iterator[Wrong]:
    yield from check_shape(answer, {"pairs": [[text]]}, ("answer",))
    yield from check_shape(fields.get("options"), [OTHER], ("options",))
    pairs = _list(answer, "pairs")
    if len(pairs) not in PAIRS:
        yield ("answer", "pairs"), f"a match needs {PAIRS[0]} to {PAIRS[-1]} pairs; it has {len(pairs)}"
    for place, pair in enumerate(pairs):
        if not isinstance(pair, list) or len(pair) != 2:
            yield ("answer", "pairs", place), "a pair is [left, right]"


def _check_predict(fields: dict[str, Any], answer: dict[str, Any], options: list[dict[str, Any]]) -> Iterator[Wrong]:
    shape = RUN | TOLERANCE | {"metric?": text, "invariant?": text}
    yield from check_shape(answer, shape, ("answer",))
    yield from check_shape(fields.get("options"), [OTHER | {"value?": anything, "range?": [number]}], ("options",))
    if ("metric" in answer) == ("invariant" in answer):
        yield ("answer",), "the run is asked for one `metric` or one `invariant`"
    for place, option in enumerate(options):
        if ("value" in option) == ("range" in option):
            yield ("options", place), "an option to predict with has a `value` or a `range`"
    yield from _check_ranges(options)


def _check_ranges(options: list[dict[str, Any]]) -> Iterator[Wrong]:
    """Ranges touch: what falls between two of them, or into both, would be wrong or right for no reason."""
    given = [(place, option["range"]) for place, option in enumerate(options) if isinstance(option.get("range"), list)]
    ranges = [(place, ends) for place, ends in given if len(ends) == 2 and not any(map(number, ends))]
    ordered = sorted(ranges, key=lambda row: (row[1][0], row[1][1]))
    for place, ends in given:
        if len(ends) != 2 or ((place, ends) in ranges and ends[0] >= ends[1]):
            yield ("options", place, "range"), "a range is [from, to], and `from` is the smaller"
    for (_, (_, end)), (place, (begin, _)) in itertools.pairwise(ordered):
        if begin != end:
            yield (
                ("options", place, "range"),
                f"ranges touch: the one below ends at {end:g}, so this one begins there, not at {begin:g}",
            )


def _check_spot(fields: dict[str, Any], answer: dict[str, Any], options: list[dict[str, Any]]) -> Iterator[Wrong]:
    yield from check_shape(answer, RUN | {"target": text}, ("answer",))
    yield from check_shape(fields.get("options"), [OTHER | {"node": text}], ("options",))
    for place, option in enumerate(options):
        if option.get("node") == answer.get("target"):
            yield ("options", place, "node"), f"`{option.get('node')}` is the answer, so it cannot be a wrong option"


def _check_numeric(fields: dict[str, Any], answer: dict[str, Any], options: list[dict[str, Any]]) -> Iterator[Wrong]:
    shape = {"parameters": anything, "formula": text, "tolerance": number, "tolerance_kind": text, "unit": anything}
    yield from check_shape(answer, shape, ("answer",))
    yield from check_shape(fields.get("options"), [OTHER | {"formula": text}], ("options",))
    if answer.get("tolerance_kind") not in ("relative", "absolute"):
        yield ("answer", "tolerance_kind"), "must be relative or absolute"
    values = _mapping(answer, "parameters")
    extremes = {name: _extremes(rule) for name, rule in values.items()}
    for name in (name for name, ends in extremes.items() if not ends):
        yield ("answer", "parameters", name), f"parameter `{name}` needs choices: [...] or min, max and step"
    yield from _check_names(fields, set(values))
    if all(extremes.values()):
        yield from _check_formulas(answer, options, extremes)


def _extremes(rule: Any) -> tuple[float, ...]:
    """Return the smallest and the largest value a parameter can have; nothing if the rule cannot be read."""
    if not isinstance(rule, dict):
        return ()
    choices = rule.get("choices", [rule.get("min"), rule.get("max")])
    wanted = {"choices"} if "choices" in rule else {"min", "max", "step"}
    if rule.keys() != wanted or not choices or any(number(choice) for choice in choices):
        return ()
    return (min(choices), max(choices))


def _check_names(fields: dict[str, Any], parameters: set[str]) -> Iterator[Wrong]:
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(str(fields.get("stem", ""))) if name is not None}
    except ValueError as error:
        yield ("stem",), f"the stem's braces do not match: {error}"
        return
    for name in sorted(used - parameters):
        yield ("stem",), f"the stem uses {{{name}}}, which is no parameter"
    for name in sorted(parameters - used):
        yield ("stem",), f"the stem never tells the learner {{{name}}}"


def _check_formulas(
    answer: dict[str, Any], options: list[dict[str, Any]], extremes: dict[str, tuple[float, ...]]
) -> Iterator[Wrong]:
    formulas: list[tuple[Route, Any]] = [(("answer", "formula"), answer.get("formula"))]
    formulas += [(("options", place, "formula"), option.get("formula")) for place, option in enumerate(options)]
    for route, formula in formulas:
        try:
            for values in itertools.product(*extremes.values()):
                compute(str(formula), dict(zip(extremes, values, strict=True)))
        except FormulaError as error:
            yield route, str(error)


def _mapping(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _list(fields: dict[str, Any], name: str) -> list[Any]:
    value = fields.get(name)
    return value if isinstance(value, list) else []


def _rows(fields: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [row for row in _list(fields, name) if isinstance(row, dict)]


KINDS: dict[str, Callable[[dict[str, Any], dict[str, Any], list[dict[str, Any]]], Iterator[Wrong]]] = {
    "single": _check_single,
    "multiple": _check_multiple,
    "order": _check_order,
    "numeric": _check_numeric,
    "match": _check_match,
    "predict-the-run": _check_predict,
    "spot-the-fault": _check_spot,
}
