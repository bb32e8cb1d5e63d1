"""The decision guide: transparent points, evidence that exists, an argument against, a record to keep."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations, product

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from explorer.choosing.evidence import read_guide
from explorer.choosing.scoring import rank, read_answers
from explorer.models import Card, Claim, SavedRun, Trial
from patterns.core.pattern import discover

GUIDE = read_guide()
QUESTIONS = GUIDE["questions"]
ANSWERS = {"needs": "others", "fanout": "several", "failure": "wait"}
LOOKING_BACK = {"needs": "process", "order": "steps", "failure": "undo"}


def test_the_points_of_a_pattern_are_the_sum_of_its_reasons() -> None:
    for standing in rank(QUESTIONS, ANSWERS, GUIDE["evidence"]):
        assert standing.score == sum(reason.score for reason in standing.reasons)
        assert sorted([*standing.gains, *standing.costs], key=id) == sorted(standing.reasons, key=id)


def test_more_points_stand_higher_and_a_tie_keeps_the_order_of_the_cards() -> None:
    scores = [standing.score for standing in rank(QUESTIONS, ANSWERS, GUIDE["evidence"])]
    assert scores == sorted(scores, reverse=True)
    assert [standing.slug for standing in rank(QUESTIONS, {}, ["b", "a"])] == ["b", "a"]


def test_a_pattern_that_the_guide_does_not_know_stands_with_no_points() -> None:
    assert rank(QUESTIONS, ANSWERS, ["a-tenth"])[0].score == 0


def test_only_answers_that_are_on_the_form_count() -> None:
    given = {"needs": "others", "fanout": "x" * 10_000, "order": "", "unknown": "one"}
    assert read_answers(QUESTIONS, given) == {"needs": "others"}


def test_every_pattern_can_win_with_three_answers() -> None:
    """A pattern that no answers lead to would be there for show."""
    choices = [[(question["key"], option["key"]) for option in question["options"]] for question in QUESTIONS]
    won = set()
    for three in combinations(choices, 3):
        for answers in product(*three):
            first, second, *_ = rank(QUESTIONS, dict(answers), GUIDE["evidence"])
            if first.score > second.score:
                won.add(first.slug)
    assert won == set(GUIDE["evidence"])


def test_the_guide_cites_claims_and_cards_that_exist(site: Client) -> None:
    cards, claims = set(Card.objects.values_list("slug", flat=True)), Claim.objects.in_bulk()
    assert set(GUIDE["evidence"]) == cards
    for question in QUESTIONS:
        for option in question["options"]:
            for slug, point in option["points"].items():
                assert claims[point["claim"]].card_id == slug, (question["key"], option["key"], slug)
                assert -3 <= point["score"] <= 3
    for slug, cited in GUIDE["evidence"].items():
        assert claims[cited["for"]].card_id == claims[cited["against"]].card_id == slug


@pytest.mark.parametrize("slug", sorted(discover()))
def test_a_built_lab_shows_its_strength_and_where_it_loses(slug: str) -> None:
    tours = [scenario.slug for scenario in discover()[slug].scenarios]
    assert GUIDE["evidence"][slug]["shows"] in tours
    assert GUIDE["evidence"][slug]["loses"] in tours


def test_the_page_recommends_with_reasons_and_opens_the_run_that_argues_against(site: Client) -> None:
    page = site.get("/choose/", ANSWERS).content.decode()
    first = page.split('class="choosing__best"')[1].split("</h3>")[0]
    assert ">9</span>" in first
    assert 'href="/patterns/pub-sub/"' in first
    assert 'href="/patterns/pub-sub/?scenario=lost-ack"' in page
    assert 'href="/patterns/pub-sub/experiments/PS-12/"' in page
    assert page.split("<form")[1].split("</form>")[0].count(" checked") == len(ANSWERS)


def measure(claim: str, pattern: str, verdict: str = "proved") -> Trial:
    """A finished trial with the recordings of two arms, as a run of the experiment leaves it."""
    moment = datetime(2026, 3, 9, 12, tzinfo=UTC)
    report = {"measured": 13.2807, "unit": "s", "prediction": "N / (μ − λ) = 13.33 ± 4", "why": "counted"}
    trial = Trial.objects.create(
        claim=claim, pattern=pattern, engine="builtin", seed=7, state="done", verdict=verdict, report=report,
        finished=moment,
    )  # fmt: skip
    for arm in ("null", "with"):
        run = SavedRun.objects.create(
            pattern=pattern, engine="builtin", seed=7, title=arm, events=9, seconds=1.0, recording=b""
        )
        trial.runs.add(run)
    return trial


def test_a_reason_cites_what_was_measured_here_with_its_date_numbers_and_run(site: Client) -> None:
    trial = measure("PS-12", "pub-sub")
    page = site.get("/choose/", ANSWERS).content.decode()
    ground = page.split(f'href="/patterns/pub-sub/experiments/PS-12/?trial={trial.pk}"')[1].split("</li>")[0]
    assert "proved here" in ground
    assert "9 March 2026" in ground
    assert "13.28 s" in ground
    assert "N / (μ − λ) = 13.33 ± 4" in ground
    assert f'href="/runs/{trial.runs.get(title="with").pk}/"' in ground


def test_a_refuted_sentence_is_cited_as_refuted(site: Client) -> None:
    measure("PS-15", "pub-sub", verdict="refuted")
    page = site.get("/choose/", ANSWERS).content.decode()
    assert "refuted here" in page.split("Against it:")[1].split("Argue against it")[0]


def test_what_nobody_has_run_here_says_so(site: Client) -> None:
    page = site.get("/choose/", ANSWERS).content.decode()
    assert "not yet run here" in page
    assert " here</b>" not in page


def test_until_something_is_measured_here_the_recorded_tours_are_cited_as_recorded(site: Client) -> None:
    page = site.get("/choose/", ANSWERS).content.decode()
    shown, lost = '/patterns/pub-sub/recorded/fan-out/"', '/patterns/pub-sub/recorded/lost-ack/"'
    for address in (shown, lost):
        assert page.split(address)[1].split("</a>")[0].endswith("”, recorded")
        assert site.get(page.split(address)[0].rsplit('"', 1)[1] + address[:-1]).status_code == 200
    record = site.get("/choose/record.md", ANSWERS).content.decode()
    title = discover()["pub-sub"].scenarios[0].title
    assert f"Recorded: {title}, http://testserver{shown[:-1]}" in record
    measure("PS-12", "pub-sub")
    page = site.get("/choose/", ANSWERS).content.decode()
    assert shown not in page
    assert lost in page


def test_a_recording_that_is_not_there_is_answered_with_those_there_are(site: Client) -> None:
    response = site.get("/patterns/pub-sub/recorded/lost-acks/")
    assert response.status_code == 404
    assert site.get("/patterns/orchestration/recorded/durable-wait/").status_code == 404


@pytest.mark.parametrize("slug", sorted(discover()))
def test_a_recording_is_shown_with_the_lab_and_says_that_it_is_one(site: Client, slug: str) -> None:
    for scenario in discover()[slug].scenarios:
        page = site.get(f"/patterns/{slug}/recorded/{scenario.slug}/").content.decode()
        assert "A recorded run of" in page
        stem = f"golden/{slug}" if scenario.slug == discover()[slug].golden else f"golden/{slug}/{scenario.slug}"
        assert f'data-recording="/static/{stem}.json"' in page
        assert ("data-payloads=" in page) == (scenario.slug == discover()[slug].golden)


def test_a_sentence_that_is_too_strong_is_cited_with_what_it_leaves_out(site: Client) -> None:
    strong = Claim.objects.get(slug="RR-9")
    assert strong.expectation == "R"
    page = site.get("/choose/", {"failure": "error"}).content.decode()
    assert "Caveat:" in page.split('experiments/RR-9/"')[1].split("</li>")[0]
    assert "Caveat:" not in page.split('experiments/RR-12/"')[1].split("</div>")[0]
    record = site.get("/choose/record.md", {"failure": "error"}).content.decode()
    assert f"Caveat: {strong.caveat}" in record


def test_the_evidence_of_all_patterns_costs_few_queries(site: Client) -> None:
    for claim in Claim.objects.filter(card__in=("pub-sub", "request-response")):
        measure(claim.slug, claim.card_id)
    with CaptureQueriesContext(connection) as asked:
        site.get("/choose/", ANSWERS)
    assert len(asked) <= 12


def test_a_pattern_without_a_lab_says_so_instead_of_a_run(site: Client) -> None:
    page = site.get("/choose/", LOOKING_BACK).content.decode()
    assert "orchestration" not in discover()
    assert "The lab is not built yet." in page
    assert "/patterns/orchestration/?scenario" not in page


def test_without_an_answer_nothing_is_recommended(site: Client) -> None:
    page = site.get("/choose/?needs=nonsense").content.decode()
    assert "Nothing is answered yet" in page
    assert "choosing__best" not in page


def test_the_record_says_what_was_answered_decided_and_rejected(site: Client) -> None:
    response = site.get("/choose/record.md", ANSWERS)
    assert response["Content-Disposition"] == 'attachment; filename="decision-record.md"'
    text = response.content.decode()
    assert "- Who needs the result? Other services, in their own time." in text
    assert "Pub-sub (9 points)." in text
    assert "http://testserver/patterns/pub-sub/?scenario=lost-ack" in text
    table = [line for line in text.splitlines() if line.startswith("| ")]
    assert len(table) == 1 + Card.objects.count() - 1
    assert "&#x27;" not in text


def test_the_record_carries_the_evidence_with_its_addresses(site: Client) -> None:
    trial = measure("PS-12", "pub-sub")
    text = site.get("/choose/record.md", ANSWERS).content.decode()
    address = f"http://testserver/patterns/pub-sub/experiments/PS-12/?trial={trial.pk}"
    cited = [line for line in text.splitlines() if address in line]
    assert len(cited) == 2  # as a reason, and as what speaks for the pattern
    for line in cited:
        assert "Proved here on 2026-03-09, engine builtin: measured 13.28 s, predicted N / (μ − λ) = 13.33 ± 4." in line
        assert f"http://testserver/runs/{trial.runs.get(title='with').pk}/" in line
    assert "Not yet run here. http://testserver/patterns/pub-sub/experiments/PS-1/" in text


def test_a_record_of_nothing_says_what_to_do(site: Client) -> None:
    assert "answer at least one question" in site.get("/choose/record.md").content.decode()
