"""What `fixtures/guide/` must be like: the decision guide and the paths cite only what is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.urls import NoReverseMatch, reverse

from explorer.catalogue.fixtures import Complaint, Entry, Route, read_sheet
from explorer.catalogue.shapes import Shape, anything, check_shape, number, text
from patterns.core.pattern import discover

type Wrong = tuple[Route, str]

SCORES = range(-3, 4)
POINT: Shape = {"score": number, "why": text, "claim": text}
CITED: Shape = {"for": text, "shows": anything, "against": text, "loses": anything}
CHOOSE: Shape = {
    "questions": [{"key": text, "text": text, "options": [{"key": text, "text": text, "points": anything}]}],
    "evidence": anything,
}
STEP: Shape = {"slug": text, "page": [text], "query?": text, "lab?": text, "minutes": number, "text": text}
PATHS: Shape = [{"slug": text, "title": text, "promise": text, "steps": [STEP]}]
ARGUMENTS = {"pattern": "card", "quiz": "card", "case": "case"}
"""What the argument of a page names, by the name of the page."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """What the rest of the fixtures has: keys by kind, the card of each claim, claims that are too strong as worded,
    and the tours of each built lab."""

    keys: Mapping[str, set[str]]
    card_of: Mapping[str, str]
    too_strong: Set[str]
    tours: Mapping[str, list[str]]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Shelf:
        """Read it from the entries of the fixtures."""
        keys: dict[str, set[str]] = {"card": set(), "claim": set(), "case": set()}
        card_of: dict[str, str] = {}
        too_strong: set[str] = set()
        for entry in entries:
            kind, key = entry.model.removeprefix("explorer."), entry.key or ""
            keys.setdefault(kind, set()).add(key)
            card = entry.fields.get("card")
            if kind == "claim" and isinstance(card, list) and card:
                card_of[key] = str(card[0])
                too_strong |= {key} if entry.fields.get("expectation") == "R" else set()
        tours = {slug: [tour.slug for tour in lab.scenarios] for slug, lab in discover().items()}
        return cls(keys, card_of, too_strong, tours)


def check_guide(folder: Path, entries: Iterable[Entry]) -> Iterator[Complaint]:
    """Complaints about the guide of a folder of fixtures; a folder may have none."""
    guide, shelf = folder / "guide", Shelf.of(entries)
    if not guide.is_dir():
        return
    for path in sorted(guide.glob("*.yaml")):
        if path.name not in SHEETS:
            yield Complaint(f"guide/{path.name}", 1, f"the guide has no such file; it has {', '.join(SHEETS)}")
    for name, (shape, rule) in SHEETS.items():
        yield from _check_sheet(guide / name, shape, rule, shelf)


def _check_sheet(
    path: Path, shape: Shape, rule: Callable[[Any, Shelf], Iterator[Wrong]], shelf: Shelf
) -> Iterator[Complaint]:
    if not path.is_file():
        yield Complaint(f"guide/{path.name}", 1, "the guide needs this file; it is missing")
        return
    entry, value, complaints = read_sheet(path)
    wrong = [] if complaints else list(check_shape(value, shape))
    # a rule may trust the shape
    wrong = wrong or ([] if complaints else list(rule(value, shelf)))
    yield from complaints
    yield from (entry.complain(route, reason) for route, reason in wrong)


def _check_choose(guide: dict[str, Any], shelf: Shelf) -> Iterator[Wrong]:
    yield from _check_once(guide["questions"], "key", ("questions",))
    for place, question in enumerate(guide["questions"]):
        route: Route = ("questions", place, "options")
        yield from _check_once(question["options"], "key", route)
        for at, option in enumerate(question["options"]):
            yield from _check_points(option["points"], (*route, at, "points"), shelf)
    yield from _check_evidence(guide["evidence"], shelf)


def _check_points(points: Any, route: Route, shelf: Shelf) -> Iterator[Wrong]:
    if not isinstance(points, dict) or not points:
        yield route, "`points` must give at least one pattern its score, why and claim"
        return
    for slug, point in points.items():
        here = (*route, slug)
        wrong = [*_check_known("card", slug, here, shelf), *check_shape(point, POINT, here)]
        yield from wrong
        if wrong:
            continue
        if point["score"] not in SCORES:
            yield (*here, "score"), f"a score is a whole number from -3 to 3, not {point['score']}"
        yield from _check_claim(point["claim"], slug, (*here, "claim"), shelf)


def _check_evidence(evidence: Any, shelf: Shelf) -> Iterator[Wrong]:
    if not isinstance(evidence, dict):
        yield ("evidence",), "`evidence` must say for each pattern what speaks for it and against it"
        return
    for slug, cited in evidence.items():
        here: Route = ("evidence", slug)
        wrong = [*_check_known("card", slug, here, shelf), *check_shape(cited, CITED, here)]
        yield from wrong
        if wrong:
            continue
        for part in ("for", "against"):
            yield from _check_claim(cited[part], slug, (*here, part), shelf)
        if cited["for"] in shelf.too_strong:
            yield (*here, "for"), f"claim `{cited['for']}` is too strong as worded (R); cite one that holds"
        for part in ("shows", "loses"):
            yield from _check_tour(cited[part], slug, (*here, part), shelf)


def _check_paths(paths: list[dict[str, Any]], shelf: Shelf) -> Iterator[Wrong]:
    yield from _check_once(paths, "slug", ())
    taken: set[str] = set()
    for place, path in enumerate(paths):
        for at, step in enumerate(path["steps"]):
            route: Route = (place, "steps", at)
            if step["slug"] in taken:
                yield (*route, "slug"), f"the step `{step['slug']}` is there already; a tick needs a name of its own"
            taken.add(step["slug"])
            yield from _check_step(step, route, shelf)


def _check_step(step: dict[str, Any], route: Route, shelf: Shelf) -> Iterator[Wrong]:
    name, *arguments = step["page"]
    if name in ARGUMENTS:
        yield from _check_known(ARGUMENTS[name], "".join(arguments[:1]), (*route, "page"), shelf)
    try:
        reverse(name, args=arguments)
    except NoReverseMatch:
        yield (*route, "page"), f"no page `{name}` takes the arguments {arguments}"
    if "lab" in step:
        yield from _check_known("card", step["lab"], (*route, "lab"), shelf)
    key, _, tour = step.get("query", "").partition("=")
    if key == "scenario":
        yield from _check_tour(tour, "".join(arguments[:1]), (*route, "query"), shelf)
        if "lab" not in step:
            yield (*route, "query"), "a step that plays a scenario names its `lab`, so that it can wait for it"
    elif key:
        yield (*route, "query"), f"a step's query is scenario=…, not `{step['query']}`"


def _check_once(rows: list[dict[str, Any]], name: str, route: Route) -> Iterator[Wrong]:
    times = Counter(row[name] for row in rows)
    for place, row in enumerate(rows):
        if times[row[name]] > 1:
            yield (*route, place, name), f"`{row[name]}` is used {times[row[name]]} times"


def _check_claim(claim: str, slug: str, route: Route, shelf: Shelf) -> Iterator[Wrong]:
    wrong = list(_check_known("claim", claim, route, shelf))
    yield from wrong
    if not wrong and shelf.card_of.get(claim) != slug:
        yield route, f"claim `{claim}` is about {shelf.card_of.get(claim)}, not about {slug}"


def _check_tour(tour: Any, slug: str, route: Route, shelf: Shelf) -> Iterator[Wrong]:
    """A built lab must have the tour; what is said of the others is checked when they are built."""
    if slug in shelf.tours and tour not in shelf.tours[slug]:
        yield route, f"the {slug} lab has no scenario `{tour}`; it has {', '.join(shelf.tours[slug])}"


def _check_known(kind: str, key: str, route: Route, shelf: Shelf) -> Iterator[Wrong]:
    if key not in shelf.keys[kind]:
        yield route, f"there is no {kind} `{key}`"


SHEETS: dict[str, tuple[Shape, Callable[[Any, Shelf], Iterator[Wrong]]]] = {
    "choose.yaml": (CHOOSE, _check_choose),
    "paths.yaml": (PATHS, _check_paths),
}
