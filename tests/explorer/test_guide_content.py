"""The decision guide and the paths are refused with file, line and reason when they cite what is not there."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from explorer.catalogue.fixtures import BadContentError, Entry, read_fixtures
from explorer.catalogue.guide_rules import check_guide
from explorer.catalogue.loading import load_content
from explorer.models import Card

SHELF = Path(settings.FIXTURE_DIRS[0])
ENTRIES, _ = read_fixtures(SHELF)

type Break = Callable[[str, str, str], list[str]]


@pytest.fixture
def broken(tmp_path: Path) -> Break:
    """Complaints about the site's own guide with some words of one file replaced, once."""
    shutil.copytree(SHELF / "guide", tmp_path / "guide")

    def complain(file: str, right: str, wrong: str) -> list[str]:
        text = (tmp_path / "guide" / file).read_text("utf-8")
        assert right in text
        (tmp_path / "guide" / file).write_text(text.replace(right, wrong, 1), "utf-8")
        return [str(complaint) for complaint in check_guide(tmp_path, ENTRIES)]

    return complain


def line_of(file: str, words: str) -> int:
    lines = (SHELF / "guide" / file).read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if words in line)


def test_the_guide_of_this_site_has_no_complaint() -> None:
    assert list(check_guide(SHELF, ENTRIES)) == []


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("claim: RR-4}", "claim: RR-44}", "there is no claim `RR-44`"),
        ("claim: RR-4}", "claim: PS-1}", "claim `PS-1` is about pub-sub, not about request-response"),
        ("claim: RR-4}", "}", "lacks `claim`"),
        ("score: 3, why: the caller holds", "score: 4, why: the caller holds", "from -3 to 3, not 4"),
        ("score: 3, why: the caller holds", "score: 2.5, why: the caller holds", "from -3 to 3, not 2.5"),
        ("score: 3, why: the caller holds", "score: much, why: the caller holds", "must be a number"),
        ("          request-response: {score: 3", "          request: {score: 3", "there is no card `request`"),
        ("text: Who needs the result?", "", "lacks `text`"),
        ("key: fanout", "key: needs", "`needs` is used 2 times"),
        ("key: others", "key: caller", "`caller` is used 2 times"),
        ('key: "no"', "key: no", "must be words"),
        ("against: PS-15", "against: RR-4", "claim `RR-4` is about request-response, not about pub-sub"),
        ("for: PS-12", "for: PS-11", "claim `PS-11` is too strong as worded (R); cite one that holds"),
        ("loses: lost-ack", "loses: lost-acks", "the pub-sub lab has no scenario `lost-acks`; it has "),
        ("shows: product-page", "show: product-page", "unknown `show`"),
        ("evidence:\n", "evidence: none\nrest:\n", "unknown `rest`"),
        ("- key: needs", "- key: [needs", "not YAML"),
    ],
)
def test_a_mistake_in_the_decision_guide_is_named_with_its_line(
    broken: Break, right: str, wrong: str, reason: str
) -> None:
    complaints = broken("choose.yaml", right, wrong)
    told = [complaint for complaint in complaints if reason in complaint]
    assert told, complaints
    assert all(complaint.startswith("guide/choose.yaml:") for complaint in complaints)


@pytest.mark.parametrize(
    ("right", "wrong", "reason"),
    [
        ("page: [pattern, pub-sub], minutes: 15", "page: [pattern, pub], minutes: 15", "there is no card `pub`"),
        ("page: [case, uber-kafka]", "page: [case, uber]", "there is no case `uber`"),
        ("page: [glossary]", "page: [glosary]", "no page `glosary` takes the arguments []"),
        ("page: [glossary]", "page: [glossary, x]", "no page `glossary` takes the arguments ['x']"),
        ("query: scenario=lost-ack", "query: scenario=last-ack", "the pub-sub lab has no scenario `last-ack`"),
        ("query: scenario=lost-ack", "query: sceanrio=lost-ack", "a step's query is scenario=…"),
        ("query: scenario=lost-ack, lab: pub-sub", "query: scenario=lost-ack", "names its `lab`"),
        ("lab: pub-sub", "lab: pubsub", "there is no card `pubsub`"),
        ("slug: d-choose", "slug: choose", "the step `choose` is there already"),
        ("slug: day", "slug: evening", "`evening` is used 2 times"),
        ("minutes: 40", "minutes: long", "must be a number"),
        ("promise: Two patterns", "promises: Two patterns", "unknown `promises`"),
    ],
)
def test_a_mistake_in_the_paths_is_named_with_its_line(broken: Break, right: str, wrong: str, reason: str) -> None:
    complaints = broken("paths.yaml", right, wrong)
    told = [complaint for complaint in complaints if reason in complaint]
    assert told, complaints
    assert all(complaint.startswith("guide/paths.yaml:") for complaint in complaints)


def test_a_complaint_points_at_its_own_line(broken: Break) -> None:
    (told,) = broken("choose.yaml", "claim: BA-9}", "claim: BA-99}")
    assert told.startswith(f"guide/choose.yaml:{line_of('choose.yaml', 'claim: BA-9}')}: choose: ")
    (told,) = [line for line in broken("paths.yaml", "[case, rbs-2012]", "[case, rbs]") if "paths" in line]
    assert told.startswith(f"guide/paths.yaml:{line_of('paths.yaml', '[case, rbs-2012]')}: paths: ")


def test_a_missing_and_a_foreign_file_are_named(broken: Break, tmp_path: Path) -> None:
    (tmp_path / "guide" / "paths.yaml").rename(tmp_path / "guide" / "path.yaml")
    told = broken("choose.yaml", "key: needs", "key: needs")
    assert told == [
        "guide/path.yaml:1: the guide has no such file; it has choose.yaml, paths.yaml",
        "guide/paths.yaml:1: the guide needs this file; it is missing",
    ]


def test_a_folder_of_one_pattern_needs_no_guide(tmp_path: Path) -> None:
    assert list(check_guide(tmp_path, list[Entry]())) == []


@pytest.mark.django_db
def test_a_broken_guide_keeps_all_content_out(tmp_path: Path) -> None:
    folder = shutil.copytree(SHELF, tmp_path / "fixtures")
    guide = folder / "guide" / "paths.yaml"
    guide.write_text(guide.read_text("utf-8").replace("[case, rbs-2012]", "[case, rbs]"), "utf-8")
    with pytest.raises(BadContentError, match=r"guide/paths\.yaml:\d+: paths: there is no case"):
        load_content(folder)
    assert not Card.objects.exists()
