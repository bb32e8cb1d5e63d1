"""Paths: every step leads somewhere, a tick is kept and taken back, and belongs to who made it."""

from __future__ import annotations

import pytest
from django.test import Client

from explorer.models import Card, Tick
from explorer.paths.steps import read_paths
from explorer.paths.views import read_rows
from patterns.core.pattern import discover

ROWS = read_rows()
STEPS = [step for row in ROWS for step in row["steps"]]


def test_a_step_has_a_name_of_its_own() -> None:
    assert len({step["slug"] for step in STEPS}) == len(STEPS)


def test_the_next_step_is_the_first_that_is_neither_done_nor_waiting() -> None:
    steps = [{"slug": slug, "text": slug, "minutes": 5, "page": ["home"]} for slug in "abc"]
    steps[1]["lab"] = "unbuilt"
    (path,) = read_paths([{"slug": "p", "title": "P", "promise": "", "steps": steps}], ["a"], [])
    assert (path.done, path.minutes) == (1, 15)
    assert path.next is not None
    assert path.next.slug == "c"


def test_every_step_leads_to_a_page_and_a_tour_that_its_lab_has(site: Client) -> None:
    response = site.get("/paths/")
    for path, steps in response.context["paths"]:
        for step, address in steps:
            assert site.get(address).status_code in (200, 302), (path.slug, step.slug, address)
            if step.query and not step.waits:
                lab = discover()[step.page[1]]
                assert step.query.removeprefix("scenario=") in [tour.slug for tour in lab.scenarios]


def test_the_whole_course_visits_every_card(site: Client) -> None:
    course = ROWS[-1]["steps"]
    visited = [step["page"][1] for step in course if step["page"][0] == "pattern"]
    assert sorted(visited) == sorted(Card.objects.values_list("slug", flat=True))


def test_a_step_whose_lab_is_missing_leads_to_the_card_and_says_so(
    site: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("explorer.paths.views.discover", dict)
    page = site.get("/paths/").content.decode()
    assert "its lab is not built yet" in page
    assert "?scenario=" not in page


def test_a_tick_is_kept_and_can_be_taken_back(site: Client) -> None:
    step = STEPS[0]["slug"]
    site.get("/paths/")
    assert site.post("/paths/tick/", {"step": step})["Location"] == f"/paths/#step-{step}"
    assert site.get("/paths/").content.decode().count('aria-pressed="true"') == 1
    site.post("/paths/tick/", {"step": step})
    assert 'aria-pressed="true"' not in site.get("/paths/").content.decode()


def test_a_tick_belongs_to_who_made_it(site: Client) -> None:
    site.get("/paths/")
    site.post("/paths/tick/", {"step": STEPS[0]["slug"]})
    assert Tick.objects.exists()
    assert 'aria-pressed="true"' not in Client().get("/paths/").content.decode()


def test_a_step_that_is_none_does_no_harm(site: Client) -> None:
    response = site.post("/paths/tick/", {"step": "x" * 10_000})
    assert response.status_code == 400
    assert len(response.content) < 200
    assert not Tick.objects.exists()
