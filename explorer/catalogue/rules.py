"""What content must be like: every rule reads the entries and yields complaints; none touches the database."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from explorer.catalogue.fixtures import Complaint, Entry
from explorer.catalogue.lab_rules import check_case, check_run
from explorer.catalogue.question_rules import check_question
from explorer.catalogue.shapes import SHAPES, check_shape
from explorer.catalogue.word_rules import check_naming, check_term
from explorer.models import Card, Case, Claim, Content, Naming, Product, Question, Term
from explorer.quizzes.asked import RUN_KINDS
from patterns.core.pattern import discover

# In the order in which they are loaded: a row comes after the rows it refers to.
KINDS: tuple[type[Content], ...] = (Card, Claim, Case, Question, Term, Product, Naming)
MODELS = {f"explorer.{kind._meta.model_name}": kind for kind in KINDS}
LEAST_SOURCES = 3
HINTS = 3
LEAST_QUESTIONS = 2
LEAST_KINDS = 2
"""As many as mastery asks for."""
ASKED_GROUPS = (Claim.Group.HOW, Claim.Group.CHARACTERISTIC, Claim.Group.USE, Claim.Group.PRO, Claim.Group.CON)
"""Groups of claims that a learner is asked about; a definition and an example are there to be read."""


def check_all(entries: Sequence[Entry]) -> list[Complaint]:
    """Complaints about all entries, by file and line."""
    return sorted({complaint for rule in RULES for complaint in rule(entries)})


def key_of(entry: Entry) -> tuple[str, ...]:
    """Natural key: the pk as written, or for a kind without one the keys it refers to."""
    if entry.key is not None:
        return (entry.key,)
    names = MODELS[entry.model].natural_fields if entry.model in MODELS else ()
    return tuple(_reference(entry.fields.get(name.removesuffix("__slug"))) for name in names)


def _of(entries: Sequence[Entry], *kinds: type[Content]) -> Iterator[tuple[Entry, type[Content]]]:
    for entry in entries:
        kind = MODELS.get(entry.model)
        if kind and (not kinds or kind in kinds):
            yield entry, kind


def _reference(value: Any) -> str:
    return str(value[0]) if isinstance(value, list) and len(value) == 1 else str(value)


def check_models(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """Only kinds of content may stand in a fixture."""
    for entry in entries:
        if entry.model not in MODELS:
            yield entry.complain((), f"`{entry.model}` is no content; one of {', '.join(MODELS)}")


def check_unique(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """No natural key twice, in whatever file."""
    first: dict[tuple[str, ...], Entry] = {}
    for entry, _ in _of(entries):
        key = (entry.model, *key_of(entry))
        if key in first:
            yield entry.complain((), f"is there already, in {first[key].file}:{first[key].line}")
        first.setdefault(key, entry)


def check_fields(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """Each field exists, is given if it must be, and has a value its model takes."""
    for entry, kind in _of(entries):
        fields = {field.name: field for field in kind._meta.concrete_fields}
        writable = [name for name, field in fields.items() if not field.primary_key]
        for name in entry.fields.keys() - set(writable):
            yield entry.complain(
                (name,), f"unknown field `{name}`; a {kind._meta.model_name} has {', '.join(writable)}"
            )
        for name in writable:
            yield from _check_field(entry, fields[name])
        if kind.natural_fields == ("slug",):
            yield from _check_value(entry, kind._meta.pk, entry.key)


def _check_field(entry: Entry, field: models.Field[Any, Any]) -> Iterator[Complaint]:
    name = field.name
    if name not in entry.fields:
        if not (field.blank or field.has_default()):
            yield entry.complain((), f"lacks the field `{name}`")
    elif shape := SHAPES.get((entry.model.removeprefix("explorer."), name)):
        if entry.fields[name] or not field.blank:
            for route, wrong in check_shape(entry.fields[name], shape, (name,)):
                yield entry.complain(route, wrong)
    elif not isinstance(field, models.ForeignKey | models.JSONField):
        yield from _check_value(entry, field, entry.fields[name])


def _check_value(entry: Entry, field: models.Field[Any, Any], value: Any) -> Iterator[Complaint]:
    try:
        field.clean(value, None)
    except ValidationError as error:
        yield entry.complain((field.name,), f"`{field.name}`: {' '.join(error.messages)}")


def check_references(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """Everything that is referred to exists."""
    keys: dict[str, set[str]] = defaultdict(set)
    for entry, _ in _of(entries):
        keys[entry.model].update(key_of(entry)[:1])
    for entry, kind in _of(entries):
        for field in kind._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.name in entry.fields:
                target = f"explorer.{field.related_model._meta.model_name}"
                slug = _reference(entry.fields[field.name])
                if slug not in keys[target]:
                    yield entry.complain((field.name,), f"there is no {target.removeprefix('explorer.')} `{slug}`")
    for entry, _ in _of(entries, Card):
        for place, other in enumerate(_rows(entry, "related")):
            if other.get("slug") not in keys["explorer.card"]:
                yield entry.complain(("related", place, "slug"), f"there is no card `{other.get('slug')}`")


def check_cards(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """A card has claims, in one order, and a place of its own."""
    claims = Counter(_reference(entry.fields.get("card")) for entry, _ in _of(entries, Claim))
    for entry, _ in _of(entries, Card):
        if not claims[entry.key or ""]:
            yield entry.complain((), "a card needs claims; it has none")
    yield from _check_positions(entries, Card, lambda entry: "cards")
    for kind in (Claim, Case):
        yield from _check_positions(entries, kind, lambda entry: _reference(entry.fields.get("card")))


def _check_positions(
    entries: Sequence[Entry], kind: type[Content], group: Callable[[Entry], str]
) -> Iterator[Complaint]:
    taken: dict[tuple[str, Any], str | None] = {}
    for entry, _ in _of(entries, kind):
        place = (group(entry), entry.fields.get("position"))
        if place in taken:
            yield entry.complain(("position",), f"position {place[1]} of {place[0]} is taken by {taken[place]}")
        taken.setdefault(place, entry.key)


def check_cases(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """Three sources at least; every fact names one of them; a picture's links join its nodes."""
    for entry, _ in _of(entries, Case):
        keys = [source.get("key") for source in _rows(entry, "sources")]
        if len(keys) < LEAST_SOURCES:
            yield entry.complain(("sources",), f"needs at least {LEAST_SOURCES} sources; it has {len(keys)}")
        for key, times in Counter(keys).items():
            if times > 1:
                yield entry.complain(("sources",), f"source key `{key}` is used {times} times")
        for place, fact in enumerate(_rows(entry, "facts")):
            if fact.get("source") not in keys:
                yield entry.complain(
                    ("facts", place, "source"), f"there is no source `{fact.get('source')}` in this case"
                )
    for entry, _ in _of(entries, Card, Case):
        yield from _check_picture(entry)


def _check_picture(entry: Entry) -> Iterator[Complaint]:
    picture = entry.fields.get("picture")
    if not isinstance(picture, dict) or not isinstance(picture.get("links"), list):
        return
    nodes = {node.get("id") for node in picture.get("nodes", []) if isinstance(node, dict)}
    for place, link in enumerate(picture["links"]):
        for end in ("source", "target"):
            if isinstance(link, dict) and link.get(end) not in nodes:
                yield entry.complain(("picture", "links", place, end), f"the picture has no node `{link.get(end)}`")


def check_questions(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """Three hints, and for every wrong answer why it tempts and why it fails."""
    for entry, _ in _of(entries, Question):
        if len(_list(entry, "hints")) != HINTS:
            yield entry.complain(("hints",), f"needs exactly {HINTS} hints; it has {len(_list(entry, 'hints'))}")
        for route, wrong in check_question(entry.fields):
            yield entry.complain(route, wrong)


def check_groups(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """Every group of claims on a card has two questions, of two kinds, that can be asked now: with fewer, nobody could
    show that he has learnt it. What needs a run can be asked once the lab is built."""
    labs = discover()
    first: dict[tuple[str, str], Entry] = {}
    group_of: dict[str | None, tuple[str, str]] = {}
    for entry, _ in _of(entries, Claim):
        group_of[entry.key] = (_reference(entry.fields.get("card")), str(entry.fields.get("group")))
        first.setdefault(group_of[entry.key], entry)
    asked: dict[tuple[str, str], list[str]] = defaultdict(list)
    for entry, _ in _of(entries, Question):
        group, kind = group_of.get(_reference(entry.fields.get("claim"))), str(entry.fields.get("kind"))
        if group and (kind not in RUN_KINDS or group[0] in labs):
            asked[group].append(kind)
    for (card, name), entry in first.items():
        if name in ASKED_GROUPS:
            for needs in _list_needs(asked[card, name]):
                yield entry.complain(("group",), f"the group `{name}` of {card} {needs}")


def _list_needs(kinds: Sequence[str]) -> Iterator[str]:
    if len(kinds) < LEAST_QUESTIONS:
        yield f"needs at least {LEAST_QUESTIONS} questions that can be asked now; it has {len(kinds)}"
    elif len(set(kinds)) < LEAST_KINDS:
        yield f"needs questions of at least {LEAST_KINDS} kinds; all of its {len(kinds)} are {kinds[0]}"


def check_labs(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """What is said of a lab that is built is true of it; what is said of the others is checked when they are built."""
    labs = discover()
    card_of = {entry.key: _reference(entry.fields.get("card")) for entry, _ in _of(entries, Claim)}
    for entry, _ in _of(entries, Case):
        if lab := labs.get(_reference(entry.fields.get("card"))):
            yield from (entry.complain(*wrong) for wrong in check_case(entry.fields, lab))
    for entry, _ in _of(entries, Question):
        if lab := labs.get(card_of.get(_reference(entry.fields.get("claim")), "")):
            yield from (entry.complain(*wrong) for wrong in check_run(entry.fields, lab))


def check_words(entries: Sequence[Entry]) -> Iterator[Complaint]:
    """What the glossary promises its readers."""
    cards = {entry.key or "" for entry, _ in _of(entries, Card)}
    for entry, _ in _of(entries, Naming):
        yield from (entry.complain(*wrong) for wrong in check_naming(entry.fields))
    for entry, _ in _of(entries, Term):
        yield from (entry.complain(*wrong) for wrong in check_term(entry.fields, cards))


def _rows(entry: Entry, name: str) -> list[dict[str, Any]]:
    return [row for row in _list(entry, name) if isinstance(row, dict)]


def _list(entry: Entry, name: str) -> list[Any]:
    value = entry.fields.get(name)
    return value if isinstance(value, list) else []


RULES: tuple[Callable[[Sequence[Entry]], Iterator[Complaint]], ...] = (
    check_models,
    check_unique,
    check_fields,
    check_references,
    check_cards,
    check_cases,
    check_questions,
    check_groups,
    check_labs,
    check_words,
)
