"""Case studies: every fact beside its source, every picture inside its frame, a replay only where there is one."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from explorer.cases.picture import HEIGHT, WIDTH, draw_architecture
from explorer.cases.reading import cite_facts, find_replay
from explorer.catalogue.fixtures import read_fixtures
from explorer.models import Case
from explorer.templatetags.structured import json_ld
from patterns.core.pattern import discover

FOLDER = Path(settings.FIXTURE_DIRS[0])
ENTRIES = [entry for entry in read_fixtures(FOLDER)[0] if entry.model == "explorer.case"]
SLUGS = [str(entry.key) for entry in ENTRIES]


def test_every_pattern_has_two_cases_and_the_shelf_leads_to_each(site: Client) -> None:
    page = site.get("/cases/").content.decode()
    assert len(SLUGS) >= 18
    for slug in SLUGS:
        assert f'href="/cases/{slug}/"' in page


@pytest.mark.parametrize("slug", SLUGS)
def test_a_case_shows_each_fact_with_its_date_its_source_and_its_confidence(site: Client, slug: str) -> None:
    page = site.get(f"/cases/{slug}/").content.decode()
    case = Case.objects.get(slug=slug)
    shown = page.split('<ul class="facts"')[1].split("</ul>")[0]
    rows = shown.split("<li>")[1:]
    assert len(rows) == len(case.facts)
    for row, fact in zip(rows, cite_facts(case.facts, case.sources), strict=True):
        assert fact.date in row
        assert f'href="#source-{fact.number}"' in row
        assert f">{fact.source['confidence']}</span>" in row
    for number, source in enumerate(case.sources, 1):
        assert f'id="source-{number}"' in page
        assert source["url"].replace("&", "&amp;") in page


@pytest.mark.parametrize("entry", ENTRIES, ids=SLUGS)
def test_the_boxes_of_a_picture_stay_inside_the_frame_and_apart(entry: Any) -> None:
    picture = draw_architecture(entry.fields["picture"])
    for box in picture.boxes:
        assert 0 <= box.left <= box.left + box.width <= WIDTH
        assert 0 <= box.top <= box.top + box.height <= HEIGHT
    for one, other in combinations(picture.boxes, 2):
        apart_across = abs(one.x - other.x) >= (one.width + other.width) / 2
        apart_down = abs(one.y - other.y) >= (one.height + other.height) / 2
        assert apart_across or apart_down, f"{one.lines} covers {other.lines}"


def test_an_arrow_goes_from_edge_to_edge_and_a_pair_does_not_lie_on_itself() -> None:
    ends = (("a", 0), ("b", 100))
    nodes = [{"id": name, "label": name, "role": "service", "x": x, "y": 50} for name, x in ends]
    links = [{"source": "a", "target": "b", "label": "go"}, {"source": "b", "target": "a"}]
    picture = draw_architecture({"title": "t", "description": "d", "nodes": nodes, "links": links})
    there, back = picture.arrows
    left, right = picture.boxes
    assert there.x1 == pytest.approx(left.left + left.width, abs=0.2)
    assert there.x2 < right.left
    assert there.y1 != back.y1


def test_a_case_is_replayed_only_where_its_lab_has_the_tour(site: Client) -> None:
    labs = discover()
    for case in Case.objects.all():
        page = site.get(f"/cases/{case.slug}/").content.decode()
        link = f'href="/patterns/{case.card_id}/?scenario={case.scenario}"'
        lab = labs.get(case.card_id)
        there = lab is not None and case.scenario in [tour.slug for tour in lab.scenarios]
        assert (link in page) == there
        assert ("lab is not built yet" in page) == (lab is None)


def test_a_tour_that_the_lab_lacks_is_not_offered() -> None:
    lab = next(iter(discover().values()))
    assert find_replay(lab, "no-such-tour") is None
    assert find_replay(None, lab.scenarios[0].slug) is None
    found = find_replay(lab, lab.scenarios[0].slug)
    assert found is not None
    assert found.query == f"?scenario={lab.scenarios[0].slug}"


def test_a_wrong_address_names_the_nearest_case(site: Client) -> None:
    response = site.get("/cases/uber-kafkaa/")
    assert response.status_code == 404
    assert "Did you mean /cases/uber-kafka/?" in response.content.decode()


@pytest.mark.parametrize("slug", SLUGS)
def test_a_case_is_structured_data_and_has_nothing_inline(site: Client, slug: str) -> None:
    page = site.get(f"/cases/{slug}/").content.decode()
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    data, trail = (json.loads(block) for block in blocks)
    assert (data["@type"], trail["@type"]) == ("Article", "BreadcrumbList")
    assert len(data["citation"]) >= 3
    assert " style=" not in page
    assert page.count("<h1>") == 1


def test_structured_data_cannot_close_its_own_element() -> None:
    block = json_ld({"name": "</script><script>alert(1)</script>"})
    assert block.count("<") == 2
    assert json.loads(block.split(">", 1)[1].rsplit("<", 1)[0])["name"].startswith("</script>")
