"""What content says of a lab that is built must be true of it: scenarios, settings, faults, metrics, nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

from explorer.catalogue.fixtures import Route
from patterns.core.pattern import Pattern, SettingError

type Wrong = tuple[Route, str]

PAGE_SETTINGS = ("seed", "speed", "t", "focus", "engine", "scenario")


def check_case(fields: Mapping[str, Any], lab: Pattern) -> Iterator[Wrong]:
    """The scenario that replays a case's mechanism is one of the lab's."""
    yield from _check_name(("scenario",), "scenario", fields.get("scenario"), [s.slug for s in lab.scenarios], lab)


def check_run(fields: Mapping[str, Any], lab: Pattern) -> Iterator[Wrong]:
    """A question that runs the lab asks for what the lab has; so does an option that starts a run."""
    answer = fields.get("answer")
    if fields.get("kind") in ("predict-the-run", "spot-the-fault") and isinstance(answer, dict):
        yield from _check_answer(answer, lab)
    for place, option in enumerate(fields.get("options") or []):
        if isinstance(option, dict):
            yield from _check_option(("options", place), option, lab)


def _check_answer(answer: Mapping[str, Any], lab: Pattern) -> Iterator[Wrong]:
    settings = answer.get("settings")
    for name, value in settings.items() if isinstance(settings, dict) else ():
        yield from _check_setting(("answer", "settings", name), name, value, lab)
    if answer.get("fault"):
        yield from _check_fault(("answer", "fault"), str(answer["fault"]), lab)
    for part, known in (("metric", lab.metrics), ("invariant", lab.invariants)):
        if part in answer:
            yield from _check_name(("answer", part), part, answer[part], [item.name for item in known], lab)
    if "target" in answer:
        yield from _check_name(("answer", "target"), "node", answer["target"], [n.name for n in lab.nodes], lab)


def _check_option(route: Route, option: Mapping[str, Any], lab: Pattern) -> Iterator[Wrong]:
    if "node" in option:
        yield from _check_name((*route, "node"), "node", option["node"], [node.name for node in lab.nodes], lab)
    run = option.get("run")
    if not run:
        return
    if "=" not in str(run):
        yield from _check_name((*route, "run"), "scenario", run, [s.slug for s in lab.scenarios], lab)
        return
    for name, value in parse_qsl(str(run), keep_blank_values=True):
        if name == "fault":
            yield from _check_fault((*route, "run"), value, lab)
        elif name not in PAGE_SETTINGS:
            yield from _check_setting((*route, "run"), name, value, lab)


def _check_setting(route: Route, name: str, value: object, lab: Pattern) -> Iterator[Wrong]:
    try:
        lab.check(name, value)
    except SettingError as error:
        yield route, str(error)


def _check_fault(route: Route, written: str, lab: Pattern) -> Iterator[Wrong]:
    name, _, target = written.partition(":")
    declared = {fault.name: fault for fault in lab.faults}
    yield from _check_name(route, "fault", name, declared, lab)
    if name in declared and target:
        yield from _check_name(route, f"target of {name}", target, declared[name].targets, lab)


def _check_name(route: Route, what: str, name: object, known: Iterable[str], lab: Pattern) -> Iterator[Wrong]:
    names = list(known)
    if name not in names:
        yield route, f"the {lab.slug} lab has no {what} `{name}`; it has {', '.join(names)}"
