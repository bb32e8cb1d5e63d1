"""What a learner put into a question's form, read or refused with a sentence that says what would be right."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.quizzes.asked import Asked, key_of

LONGEST_NUMBER = 30
QUOTED = 24
Form = Mapping[str, Sequence[str]]
"""Every field with all its values, since boxes that are ticked share one name."""


class Unreadable(ValueError):
    """No answer can be made of the form. `field` names the input; the sentence says what would be right."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(why)
        self.field = field


def read_answer(asked: Asked, form: Form, nodes: Sequence[str] = ()) -> Any:
    """The answer as it is kept: keys of what was chosen, or the number as typed.

    Raises:
        Unreadable: nothing was chosen, something is missing or twice, or it is no number.
    """
    if asked.kind == "spot-the-fault":
        return _read_node(form, nodes)
    return READERS[asked.kind](asked, form)


def read_number(typed: str) -> float:
    """A finite number as people write it (1,000.5 or 2,5 or 5%); raises Unreadable."""
    text = typed.strip()
    if not text:
        raise Unreadable("number", "There is no number yet. Write one with digits, such as 12.5.")
    if len(text) > LONGEST_NUMBER:
        raise Unreadable(
            "number",
            f"That is {len(text):,} characters long; a number here has at most {LONGEST_NUMBER}, such as 12.5.",
        )
    plain = re.sub(r"\s", "", text).removesuffix("%").replace("−", "-")
    if re.fullmatch(r"[-+]?\d{1,3}(,\d{3})+(\.\d*)?", plain):
        plain = plain.replace(",", "")
    elif re.fullmatch(r"[-+]?\d+,\d+", plain):
        plain = plain.replace(",", ".")
    if not re.fullmatch(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]{1,3})?", plain, re.IGNORECASE):
        raise Unreadable("number", f"“{text[:QUOTED]}” is no number. Write digits only, without the unit: 12.5.")
    value = float(plain)
    if not math.isfinite(value):
        raise Unreadable("number", f"“{text[:QUOTED]}” is too large to compute with.")
    return value


def read_confidence(form: Form) -> int | None:
    """How sure the learner is, in per cent; None if he did not say, which costs nothing. Raises Unreadable."""
    typed = _first(form, "confidence").strip()
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,3}", typed) or not 0 <= int(typed) <= 100:
        raise Unreadable("confidence", f"“{typed[:QUOTED]}” is no confidence: choose one of those listed, or none.")
    return int(typed)


def _read_single(asked: Asked, form: Form) -> str:
    return _known(_first(form, "option"), [str(option["text"]) for option in asked.options], "option")


def _read_multiple(asked: Asked, form: Form) -> list[str]:
    texts = [str(option["text"]) for option in asked.options]
    chosen = [_known(key, texts, "option") for key in form.get("option", ())]
    if not chosen:
        raise Unreadable("option", "Nothing is ticked yet. At least one of them is right: tick all that are.")
    return sorted(set(chosen))


def _read_order(asked: Asked, form: Form) -> list[str]:
    keys = [key_of(step) for step in asked.steps]
    places: dict[int, str] = {}
    for key in keys:
        typed = _first(form, f"place-{key}")
        if not re.fullmatch(r"[0-9]{1,2}", typed) or not 1 <= int(typed) <= len(keys):
            raise Unreadable(f"place-{key}", f"Each step needs a place from 1 to {len(keys)}; one has none yet.")
        if int(typed) in places:
            raise Unreadable(f"place-{key}", f"Two steps stand at place {int(typed)}; each place takes one step.")
        places[int(typed)] = key
    return [places[place] for place in sorted(places)]


def _read_numeric(asked: Asked, form: Form) -> str:
    typed = _first(form, "number")
    read_number(typed)
    return typed.strip()


def _read_match(asked: Asked, form: Form) -> dict[str, str]:
    rights = [right for _, right in asked.pairs]
    return {
        key_of(left): _known(_first(form, f"pair-{key_of(left)}"), rights, f"pair-{key_of(left)}", f" for “{left}”")
        for left, _ in asked.pairs
    }


def _read_node(form: Form, nodes: Sequence[str]) -> str:
    node = _first(form, "node")
    if node not in nodes:
        said = f"There is no part “{node[:QUOTED]}” here." if node else "No part is chosen yet."
        raise Unreadable("node", f"{said} Click one of the picture, or choose it from the list.")
    return node


def _known(key: str, texts: Sequence[str], field: str, of: str = "") -> str:
    if key not in {key_of(text) for text in texts}:
        raise Unreadable(
            field, f"{'That is not one of the choices' if key else 'Nothing is chosen yet'}{of}. Take one."
        )
    return key


def _first(form: Form, name: str) -> str:
    return next(iter(form.get(name, ())), "")


READERS: dict[str, Callable[[Asked, Form], Any]] = {
    "single": _read_single,
    "predict-the-run": _read_single,
    "multiple": _read_multiple,
    "order": _read_order,
    "numeric": _read_numeric,
    "match": _read_match,
}
