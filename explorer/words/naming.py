"""What a product calls the words of a lab: which of its names fit where on a stage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Called:
    """A product's name for a term. `fit` is exact, close or none; `lab_words` are the roles and labels it goes over.

    A lab word written `api-gateway:gateway` counts in that lab only: elsewhere the same role may be another thing.
    """

    term: str
    name: str
    fit: str
    false_friend: str
    note: str
    source: str
    lab_words: tuple[str, ...]


def spread_names(names: Iterable[Called]) -> dict[str, dict[str, str]]:
    """The names by lab word, in lower case. Where two terms claim one lab word, the nearer fit has it."""
    nearness = {"exact": 0, "close": 1, "none": 2}
    spread: dict[str, dict[str, str]] = {}
    for called in sorted(names, key=lambda each: nearness[each.fit]):
        fields = asdict(called)
        del fields["lab_words"]
        for word in called.lab_words:
            spread.setdefault(word.lower(), fields)
    return spread


def gather_lab_words(lab: Mapping[str, Any]) -> set[str]:
    """What stands on a lab's page, in lower case, plain and as this lab's own: labels and roles of its nodes, labels of
    its knobs and cures."""
    labels = [part["label"] for kind in ("nodes", "controls", "remedies") for part in lab[kind]]
    words = {word.lower() for word in [*labels, *(node["role"] for node in lab["nodes"])]}
    return words | {f"{lab['slug']}:{word}" for word in words}


def count_matches(names: Iterable[Called], lab_words: set[str]) -> int:
    """How many of a lab's words a product has a name for."""
    return sum(word in lab_words for word, called in spread_names(names).items() if called["fit"] != "none")
