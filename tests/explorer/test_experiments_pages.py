"""Claims, bets and trials on the site: what is asked, shared, stopped, settled, and shown."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test import AsyncClient, Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from explorer.experiments import live, queue
from explorer.experiments.errand import Errand, carry
from explorer.experiments.evidence import count_by_card, read_chips
from explorer.experiments.live import LIVE_NAME, folder_of, open_folder
from explorer.experiments.settlement import settle_bets
from explorer.learning.standing import calibrate_visitor
from explorer.models import Bet, Claim, Note, SavedRun, Trial, Visitor
from patterns.core.experiment import experiments

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_content")]
PAGE = "/patterns/pub-sub/experiments/PS-11/"
BET = {"answer": "3", "confidence": "70", "size": "full", "seen": ""}


@pytest.fixture(autouse=True)
def _no_worker(settings):
    """Each test carries trials out itself."""
    settings.EXPLORER_TRIALS = 0


def newest() -> Trial:
    return Trial.objects.order_by("-created").first()


def seen(client: Client, page: str = PAGE) -> str:
    return re.search(r'name="seen" value="([^"]*)"', client.get(page).content.decode()).group(1)


def pretend(trial: Trial, **medians: float) -> None:
    """Finish a trial with these medians of the measure `broken`."""
    Trial.objects.filter(pk=trial.pk).update(state="running", started=timezone.now(), heard=timezone.now())
    spread = lambda value: {"median": value, "low": value, "high": value, "n": 3}  # noqa: E731
    arms = [{"name": name, "measures": {"broken": spread(value)}} for name, value in medians.items()]
    report = {"verdict": "refined", "why": "counted", "prediction": "all", "measured": 4.0, "unit": "readers",
              "arms": arms, "findings": []}  # fmt: skip
    queue.finish(Trial.objects.get(pk=trial.pk), report, "refined", [])


def test_a_bet_and_its_run_are_taken_together():
    client = Client()
    answer = client.post(f"{PAGE}run/", BET)
    assert answer.status_code == 302
    trial = newest()
    assert (trial.claim, trial.engine, trial.state) == ("PS-11", "builtin", "queued")
    assert Bet.objects.get().answer == 3.0
    assert Bet.objects.get().confidence == 70
    page = client.get(PAGE).content.decode()
    assert "Next in the queue" in page
    assert "3 readers" in page


@pytest.mark.parametrize(
    ("typed", "says"), [("many", "“many” is no number"), ("9", "out of range"), ("", "There is no number yet")]
)
def test_a_bet_that_cannot_be_is_refused_with_a_sentence_and_nothing_typed_is_lost(typed, says):
    client = Client()
    answer = client.post(f"{PAGE}run/", BET | {"answer": typed, "confidence": "85"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert says in page
    assert f'value="{typed}"' in page
    assert 'value="85"' in page
    assert not Trial.objects.exists()
    assert not Bet.objects.exists()


def test_a_bet_may_be_skipped():
    Client().post(f"{PAGE}run/", {"skip": "1", "answer": "", "confidence": ""})
    assert newest().state == "queued"
    assert not Bet.objects.exists()


def test_fifty_learners_who_ask_for_the_same_share_one_trial():
    for _ in range(50):
        assert Client().post(f"{PAGE}run/", BET).status_code == 302
    assert Trial.objects.count() == 1
    assert newest().visitors.count() == Bet.objects.count() == 50


def test_a_trial_has_a_place_in_the_queue():
    Client().post(f"{PAGE}run/", BET)
    client = Client()
    client.post("/patterns/pub-sub/experiments/PS-1/run/", {"answer": "40", "confidence": "60", "seen": ""})
    page = client.get("/patterns/pub-sub/experiments/PS-1/").content.decode()
    assert "Place 2 in the queue" in page


def test_another_window_learns_that_the_run_was_asked_for_and_may_replace_the_bet():
    client = Client()
    client.post(f"{PAGE}run/", BET)
    stale = client.post(f"{PAGE}run/", BET | {"answer": "2"})
    assert stale.status_code == 409
    assert "Another window of yours" in stale.content.decode()
    assert 'value="2"' in stale.content.decode()
    assert Bet.objects.get().answer == 3.0
    assert client.post(f"{PAGE}run/", BET | {"answer": "2", "seen": seen(client)}).status_code == 302
    assert Bet.objects.get().answer == 2.0
    assert Trial.objects.count() == 1


def test_a_bet_after_the_run_began_is_not_taken():
    client = Client()
    client.post(f"{PAGE}run/", BET)
    known = seen(client)
    Trial.objects.update(state="running", started=timezone.now(), heard=timezone.now())
    late = client.post(f"{PAGE}run/", BET | {"answer": "4", "seen": known})
    assert late.status_code == 409
    assert "The run has begun" in late.content.decode()
    assert Bet.objects.get().answer == 3.0


def test_a_bet_from_a_page_older_than_the_result_is_not_taken():
    client = Client()
    client.post(f"{PAGE}run/", BET)
    pretend(newest(), renamed=4.0)
    late = client.post(f"{PAGE}run/", BET | {"answer": "4"})
    assert late.status_code == 409
    assert "is over already" in late.content.decode()
    assert Trial.objects.count() == 1


def test_a_stopped_run_is_void_and_settles_nothing():
    client = Client()
    client.post(f"{PAGE}run/", BET)
    trial = newest()
    Trial.objects.update(state="running", started=timezone.now(), heard=timezone.now())
    page = client.post(f"{PAGE}stop/{trial.pk}/", follow=True).content.decode()
    assert "The last run does not count" in page
    trial.refresh_from_db()
    assert trial.state == "void"
    assert not queue.hear(trial, 0.5, "an arm")
    queue.finish(trial, {"arms": []}, "refuted", [])
    trial.refresh_from_db()
    assert (trial.state, trial.verdict) == ("void", "")
    assert "not yet run by you" in client.get(PAGE).content.decode()


def test_who_leaves_a_shared_run_does_not_stop_it_for_the_others():
    one, other = Client(), Client()
    one.post(f"{PAGE}run/", BET)
    other.post(f"{PAGE}run/", BET)
    one.post(f"{PAGE}stop/{newest().pk}/")
    assert newest().state == "queued"
    assert newest().visitors.count() == Bet.objects.count() == 1


def test_a_trial_whose_worker_fell_silent_is_void(settings):
    settings.EXPLORER_TRIALS = 1
    old = timezone.now() - 2 * queue.SILENT
    gone = Trial.objects.create(claim="PS-1", pattern="pub-sub", engine="builtin", seed=1, state="running", heard=old)
    waiting = Trial.objects.create(claim="PS-2", pattern="pub-sub", engine="builtin", seed=1)
    assert queue.take_next() == waiting
    gone.refresh_from_db()
    assert gone.state == "void"
    assert "has died" in gone.why


def test_no_more_trials_run_at_once_than_the_setting_says(settings):
    settings.EXPLORER_TRIALS = 1
    for number in range(3):
        Trial.objects.create(claim=f"PS-{number}", pattern="pub-sub", engine="builtin", seed=1)
    assert queue.take_next() is not None
    assert queue.take_next() is None


def test_a_finished_trial_settles_the_bet_says_the_gap_and_writes_the_notebook():
    client = Client()
    client.post(f"{PAGE}run/", BET)
    pretend(newest(), renamed=4.0, same=0.0)
    bet = Bet.objects.get()
    assert bet.settled == {"measured": 4.0, "unit": "readers", "off": 1.0, "right": False, "first": True}
    page = client.get(PAGE).content.decode()
    assert "You bet 3 readers. It was 4 readers: off by 1." in page
    assert page.index("You bet 3 readers") < page.index("Every number")
    assert "PS-11 refined" in Note.objects.get().text


NATS_PAGE = "/patterns/pub-sub/experiments/PS-3/"


def finish_on(engine: str, verdict: str, client: Client | None = None, **fields) -> Trial:
    """A finished trial of PS-3, of this client's visitor or of nobody's."""
    spread = {"median": 56.0, "low": 56.0, "high": 56.0, "n": 1}
    size = "full" if engine == "builtin" else "reduced"
    report = {"verdict": verdict, "size": size, "measured": 56.0, "unit": "orders", "prediction": f"by {engine}",
              "arms": [{"name": arm.name, "measures": {m.name: spread for m in experiments()["PS-3"][1].measures},
                        "runs": [{"seed": 7, "settings": {"orders": 112.0}, "faults": [], "measures": {}}]}
                       for arm in experiments()["PS-3"][1].arms],
              "findings": [], **fields}  # fmt: skip
    trial = Trial.objects.create(claim="PS-3", pattern="pub-sub", engine=engine, seed=7, state="running")
    if client is not None:
        trial.visitors.add(Visitor.objects.get())
    queue.finish(trial, report, verdict, [])
    return Trial.objects.get(pk=trial.pk)


def test_a_smaller_run_on_a_real_engine_takes_no_bet_and_settles_none():
    client = Client()
    form = {"answer": "150", "confidence": "90", "engine": "nats", "seen": ""}
    assert client.post(f"{NATS_PAGE}run/", form).status_code == 302
    assert newest().engine == "nats"
    assert not Bet.objects.exists()
    assert "the run is smaller than what the bet asks about" in client.get(NATS_PAGE).content.decode()
    Trial.objects.all().delete()
    trial = finish_on("nats", "proved", client)
    page = client.get(NATS_PAGE).content.decode()
    assert "A smaller run on nats: " in page
    assert "So it settles no bet." in page
    assert "n = 1<" in page
    # one that was placed before bets on such runs were refused
    late = Bet.objects.create(visitor=Visitor.objects.get(), claim="PS-3", trial=trial, answer=150.0, confidence=90)
    settle_bets(trial)
    late.refresh_from_db()
    assert late.settled is None
    late.settled = {"measured": 56.0, "unit": "orders", "off": 94.0, "right": False, "first": True}
    late.save()
    assert calibrate_visitor(str(late.visitor_id)).bets == 0


def test_a_refutation_on_one_engine_is_not_hidden_by_a_proof_on_another():
    client = Client()
    client.post(f"{NATS_PAGE}run/", {"skip": "1"})
    Trial.objects.all().delete()
    finish_on("builtin", "proved", client)
    finish_on("nats", "refuted", client)
    visitor = str(Visitor.objects.get().pk)
    assert read_chips(Claim.objects.filter(pk="PS-3"), visitor)["PS-3"].status == "refuted"
    assert count_by_card(visitor) == {}
    page = client.get("/claims/?pattern=pub-sub").content.decode()
    assert "proved on builtin" in page
    assert "refuted on nats" in page
    text = b"".join(client.get("/claims.csv?pattern=pub-sub&verdict=refuted").streaming_content).decode()
    (row,) = csv.DictReader(io.StringIO(text))
    assert (row["verdict"], row["engine"], row["engines"]) == ("refuted", "nats", "builtin: proved; nats: refuted")
    finish_on("nats", "unknown", client)
    assert read_chips(Claim.objects.filter(pk="PS-3"), visitor)["PS-3"].status == "refuted"
    finish_on("nats", "proved", client)
    assert read_chips(Claim.objects.filter(pk="PS-3"), visitor)["PS-3"].status == "proved"


def test_a_newer_verdict_of_somebody_else_is_not_hidden_by_ones_own():
    client = Client()
    client.post(f"{NATS_PAGE}run/", {"skip": "1"})
    Trial.objects.all().delete()
    finish_on("builtin", "proved", client)
    finish_on("builtin", "refuted")
    text = b"".join(client.get("/claims.csv?pattern=pub-sub&verdict=refuted").streaming_content).decode()
    assert [row["claim"] for row in csv.DictReader(io.StringIO(text))] == ["PS-3"]
    card = client.get("/patterns/pub-sub/").content.decode()
    assert "proved</b> by your run" in card
    assert "On this site: <b>refuted</b>" in card


def test_predictions_are_shown_locked_while_the_run_goes_on_and_kept_if_it_dies():
    client = Client()
    client.post(f"{PAGE}run/", BET)
    assert "To be locked before the first arm runs" in client.get(PAGE).content.decode()
    Trial.objects.update(state="running", started=timezone.now(), heard=timezone.now())
    trial = newest()
    row = {"says": "Readers broken", "predicted": "exactly 4", "source": "one each", "where": "fails"}
    queue.lock(trial, [row], "2026-01-02T03:04:05+00:00")
    page = client.get(PAGE).content.decode()
    assert "The predictions were locked at" in page
    assert "Locked on 2 January 2026" in page
    assert "exactly 4" in page
    assert "one each" in page
    Errand(trial, folder_of(trial.pk))._fail("the engine died")
    trial.refresh_from_db()
    assert (trial.state, trial.verdict, trial.report["predictions"]) == ("done", "unknown", [row])


def test_a_bet_is_settled_by_what_was_measured_even_if_that_decides_nothing():
    client = Client()
    client.post("/patterns/pub-sub/experiments/PS-3/run/", {"answer": "56", "confidence": "90", "seen": ""})
    trial = newest()
    Trial.objects.update(state="running", started=timezone.now(), heard=timezone.now())
    spread = {"median": 56.0, "low": 56.0, "high": 56.0, "n": 2}
    bet = experiments()["PS-3"][1].bet
    arms = [{"name": bet.arm, "measures": {bet.measure: spread}}]
    finding = {"says": "x", "predicted": "y", "measured": 1.0, "low": 1.0, "high": 1.0, "passed": False}
    queue.finish(trial, {"arms": arms, "findings": [finding], "why": "it did not fail"}, "unknown", [])
    assert Bet.objects.get().settled["measured"] == 56.0
    assert "n = 2<" in client.get("/patterns/pub-sub/experiments/PS-3/").content.decode()


def test_only_the_first_bet_on_an_outcome_counts_for_calibration():
    client = Client()
    client.post(f"{PAGE}run/", BET)
    pretend(newest(), renamed=4.0)
    client.post(f"{PAGE}run/", BET | {"answer": "4", "seen": seen(client)})
    pretend(newest(), renamed=4.0)
    assert [bet.settled["first"] for bet in Bet.objects.order_by("placed")] == [True, False]
    assert Trial.objects.values_list("seed", flat=True).distinct().count() == 2


def test_the_chip_says_what_the_visitors_own_run_said():
    client = Client()
    assert "not yet run by you" in client.get("/patterns/pub-sub/").content.decode()
    client.post(f"{PAGE}run/", BET)
    pretend(newest(), renamed=4.0)
    page = client.get("/patterns/pub-sub/").content.decode()
    assert "proved 1 of 17" in page
    assert "refined</b> by your run" in page
    assert "proved 1 of 17" in client.get("/").content.decode()
    stranger = Client().get("/patterns/pub-sub/").content.decode()
    assert "proved 0 of 17" in stranger
    assert "On this site: <b>refined</b>" in stranger


def test_chips_are_read_with_few_queries_however_many_trials_there_are():
    for number in range(30):
        Trial.objects.create(
            claim="PS-1", pattern="pub-sub", engine="builtin", seed=number, state="done", verdict="proved",
            finished=timezone.now() + timedelta(seconds=number), report={"measured": number},
        )  # fmt: skip
    claims = list(Claim.objects.filter(card="pub-sub"))
    with CaptureQueriesContext(connection) as asked:
        chips = read_chips(claims, str(uuid.uuid4()))
    assert len(asked) <= 3
    assert chips["PS-1"].site[0].measured == "29"
    assert count_by_card(str(uuid.uuid4())) == {}


def test_an_unknown_claim_names_those_there_are():
    answer = Client().get("/patterns/pub-sub/experiments/PS-99/")
    assert answer.status_code == 404
    assert "PS-17" in answer.content.decode()
    assert Client().get("/patterns/pub-sub/experiments/RR-1/").status_code == 404
    assert Client().get("/patterns/nothing/experiments/RR-1/").status_code == 404


def test_a_claim_whose_lab_is_not_built_says_so():
    assert "The lab is not built yet" in Client().get("/patterns/etl/experiments/ETL-1/").content.decode()
    assert Client().post("/patterns/etl/experiments/ETL-1/run/", BET).status_code == 404


@pytest.mark.parametrize("claim", sorted(experiments()))
def test_every_experiment_has_a_page_with_its_bet(claim):
    slug, experiment = experiments()[claim]
    page = Client().get(f"/patterns/{slug}/experiments/{claim}/").content.decode()
    for arm in experiment.arms:
        assert escape(arm.label) in page
    if experiment.bet and experiment.bet.kind != "curve":
        assert "Lock the bet and run" in page


def test_the_ledger_has_all_claims_and_filters_them():
    client = Client()
    total = Claim.objects.count()
    assert f"{total} of {total}." in client.get("/claims/").content.decode()
    assert f"17 of {total}." in client.get("/claims/?pattern=pub-sub").content.decode()
    assert f"0 of {total}." in client.get("/claims/?pattern=pub-sub&verdict=proved").content.decode()
    assert "There is no verdict “wrong”" in client.get("/claims/?verdict=wrong").content.decode()


def test_the_ledger_as_a_file_has_a_line_for_each_claim_and_no_formula():
    Claim.objects.filter(pk="PS-1").update(wording="=HYPERLINK(1)")
    text = b"".join(Client().get("/claims.csv?pattern=pub-sub").streaming_content).decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 17
    assert rows[0]["wording"] == "'=HYPERLINK(1)"
    assert rows[0]["experiment"].endswith("/patterns/pub-sub/experiments/PS-1/")


COMPARED = "/compare/?workload=order&patterns=pub-sub:publish,request-response:wait&mishap=lost&size=100"


def ask_for_comparison(client: Client) -> Trial:
    form = {
        "workload": "order",
        "column": ["pub-sub:publish", "request-response:wait"],
        "mishap": "lost",
        "size": "100",
    }
    assert client.post("/compare/run/", form)["Location"].startswith(COMPARED)
    return newest()


def end_comparison(trial: Trial, **replies: list[float]) -> None:
    standings = [
        {"address": f"order:{slug}:{name}", "values": {"reply": replies[name]}, "why": ""}
        for slug, name in (("pub-sub", "publish"), ("request-response", "wait"))
    ]
    report = {"columns": standings, "seeds": [7, 8, 9], "seconds": 1.0, "why": ""}
    Trial.objects.filter(pk=trial.pk).update(state="done", report=report, finished=timezone.now())


def test_a_comparison_asks_for_one_run_of_all_columns_and_shows_their_numbers():
    client = Client()
    page = client.get(COMPARED).content.decode()
    assert "Not run yet" in page
    assert "Expectations from textbooks" in page
    trial = ask_for_comparison(client)
    assert Trial.objects.count() == 1
    page = client.get(COMPARED).content.decode()
    assert f"/compare/live/{trial.pk}/" in page
    assert "Stop" in page
    end_comparison(trial, publish=[0.05, 0.05, 0.06], wait=[0.25, 0.26, 0.27])
    page = client.get(COMPARED).content.decode()
    assert "Pub-sub: publish an event is ahead" in page
    assert "+0.21 (× 5.2)" in page
    assert "0.25 to 0.27" in page
    assert "seeds 7, 8, 9" in page


def test_a_comparison_run_again_takes_fresh_seeds_and_keeps_the_old_table_until_it_is_over():
    client = Client()
    end_comparison(ask_for_comparison(client), publish=[0.05] * 3, wait=[0.26] * 3)
    again = ask_for_comparison(client)
    assert again.seed == 10
    page = client.get(COMPARED).content.decode()
    assert "What the last runs said" in page
    assert "+0.21 (× 5.2)" in page


def test_a_comparison_is_refused_with_a_sentence_when_too_many_trials_wait():
    for number in range(queue.MOST_WAITING):
        Trial.objects.create(claim="PS-11", pattern="pub-sub", engine="builtin", seed=number)
    answer = Client().post("/compare/run/", {"workload": "order", "column": ["pub-sub", "request-response"]})
    assert answer.status_code == 503
    assert "200 trials are waiting already" in answer.content.decode()


def test_a_comparison_whose_process_died_is_unknown_and_says_why():
    client = Client()
    trial = ask_for_comparison(client)
    Trial.objects.filter(pk=trial.pk).update(
        state="done", verdict="unknown", report={"why": "its process ended without a word: -9", "verdict": "unknown"}
    )
    page = client.get(COMPARED).content.decode()
    assert "Not run yet" not in page
    assert "Unknown" in page
    assert "its process ended without a word: -9" in page


def test_a_comparison_is_stopped_by_who_asked_for_it_and_by_nobody_else():
    client, stranger = Client(), Client()
    trial = ask_for_comparison(client)
    assert "Stop</button>" not in stranger.get(COMPARED).content.decode()
    stranger.post(f"/compare/stop/{trial.pk}/")
    assert newest().state == "queued"
    answer = client.post(f"/compare/stop/{trial.pk}/")
    assert answer["Location"].startswith(COMPARED)
    assert newest().state == "void"
    assert "it was stopped before it was over" in client.get(answer["Location"]).content.decode()
    assert "it was stopped before it was over" not in stranger.get(COMPARED).content.decode()


def test_a_comparison_says_how_far_it_is_and_then_asks_for_the_whole_page():
    client = Client()
    trial = ask_for_comparison(client)
    Trial.objects.filter(pk=trial.pk).update(
        state="running", progress=0.4, why="run 2 of 3 of each way", heard=timezone.now()
    )
    part = client.get(COMPARED, headers={"HX-Request": "true"}).content.decode()
    assert "run 2 of 3 of each way" in part
    assert "<h1" not in part
    end_comparison(trial, publish=[0.05] * 3, wait=[0.26] * 3)
    assert client.get(COMPARED, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_a_real_comparison_runs_in_its_own_process_and_keeps_a_run_of_each_column(settings):
    settings.EXPLORER_TRIALS = 1
    client = Client()
    trial = ask_for_comparison(client)
    Trial.objects.filter(pk=trial.pk).update(state="running", heard=timezone.now())
    trial.refresh_from_db()
    carry(trial)
    trial.refresh_from_db()
    assert [column["why"] for column in trial.report["columns"]] == ["", ""]
    assert {run.pattern for run in trial.runs.all()} == {"pub-sub-orders", "request-response-orders"}
    page = client.get(COMPARED).content.decode()
    assert "as expected" in page
    for run in trial.runs.all():
        replayed = client.get(f"/runs/{run.pk}/").content.decode()
        assert "which this site no longer has" not in replayed
        assert str(run.pk) in page


@pytest.mark.parametrize(
    "query", ["workload=x", "patterns=etl,pub-sub", "mishap=x", "metric=x", "size=3", "patterns=,,,"]
)
def test_a_comparison_that_cannot_be_is_told_what_can(query):
    answer = Client().get(f"/compare/?{query}")
    assert answer.status_code == (200 if query.endswith(",,,") else 404)
    assert ("there are:" in answer.content.decode()) or ("these can:" in answer.content.decode()) == (
        query == "patterns=etl,pub-sub"
    )


def test_a_real_trial_runs_in_its_own_process_and_keeps_its_arms(settings):
    settings.EXPLORER_TRIALS = 1
    trial = Trial.objects.create(claim="PS-11", pattern="pub-sub", engine="builtin", seed=7, size="reduced")
    taken = queue.take_next()
    assert taken == trial
    carry(taken)
    trial.refresh_from_db()
    assert trial.state == "done", trial.why
    assert trial.verdict == "refined"
    assert [run.title for run in trial.runs.order_by("created")] == [
        f"PS-11: {arm.label}" for arm in experiments()["PS-11"][1].arms
    ]
    assert not folder_of(trial.pk).exists()
    assert trial.report["locked"]
    assert len(trial.report["predictions"]) == len(experiments()["PS-11"][1].checks)
    kept = {str(run.pk) for run in trial.runs.all()}
    assert {arm["runs"][0]["run"] for arm in trial.report["arms"]} == kept
    assert all("run" not in run for arm in trial.report["arms"] for run in arm["runs"][1:])
    page = Client().get(f"{PAGE}?trial={trial.pk}").content.decode()
    assert all(f"/runs/{run}/" in page for run in kept)
    answer = Client().get(f"/runs/{trial.runs.first().pk}/recording.json")
    assert answer.json()["events"] == trial.runs.first().events


def test_a_worker_that_died_is_noticed_by_whoever_waits(settings):
    client = Client()
    client.post(f"{PAGE}run/", BET)
    trial = newest()
    Trial.objects.update(state="running", started=timezone.now(), heard=timezone.now())
    assert b"Running" in client.get(f"{PAGE}state/{trial.pk}/").content
    Trial.objects.update(heard=timezone.now() - 2 * queue.SILENT)
    assert client.get(f"{PAGE}state/{trial.pk}/").status_code == 302
    assert "has died" in client.get(PAGE).content.decode()


def test_who_waits_has_a_stage_for_each_arm_and_where_to_follow_it():
    client = Client()
    client.post(f"{PAGE}run/", BET)
    page = client.get(PAGE).content.decode()
    stages = json.loads(re.search(r'<script id="arms-data"[^>]*>(.*?)</script>', page).group(1))
    assert [arm["label"] for arm in stages["arms"]] == [arm.label for arm in experiments()["PS-11"][1].arms]
    assert stages["live"] == f"{PAGE}live/{newest().pk}/"
    client.post("/patterns/request-response/experiments/RR-8/run/", {"skip": "1"})
    page = client.get("/patterns/request-response/experiments/RR-8/").content.decode()
    stages = json.loads(re.search(r'<script id="arms-data"[^>]*>(.*?)</script>', page).group(1))
    assert [arm["lab"] for arm in stages["arms"]] == ["request-response", "request-response", "pub-sub"]


@pytest.mark.django_db(transaction=True)
async def test_everyone_who_follows_a_run_gets_all_of_it_from_its_beginning(settings, tmp_path):
    settings.VAR = tmp_path
    trial = await Trial.objects.acreate(claim="PS-11", pattern="pub-sub", engine="builtin", seed=7, state="running")
    assert (await AsyncClient().get(f"{PAGE}live/{uuid.uuid4()}/")).status_code == 404

    seen: dict[int, bytes] = {}

    async def watch(number: int) -> None:
        answer = await AsyncClient().get(f"{PAGE}live/{trial.pk}/")
        assert answer.headers["Content-Encoding"] == "gzip"
        seen[number] = b""
        async for part in answer.streaming_content:
            seen[number] += part

    async def until_all_have(written: bytes) -> None:
        while {*seen.values()} != {written} or len(seen) < len(watchers):  # noqa: ASYNC110 - fifty answers tell nobody
            await asyncio.sleep(0.05)

    watchers = [asyncio.create_task(watch(number)) for number in range(50)]
    with open_folder(trial) as folder:
        (folder / LIVE_NAME).write_bytes(b"first")
        await until_all_have(b"first")
        watchers.append(asyncio.create_task(watch(50)))
        (folder / LIVE_NAME).write_bytes(b"first, and then")
        await until_all_have(b"first, and then")
    await asyncio.gather(*watchers)
    assert {*seen.values()} == {b"first, and then"}


@pytest.mark.django_db(transaction=True)
async def test_who_follows_a_run_whose_process_died_is_let_go(settings, tmp_path, monkeypatch):
    settings.VAR = tmp_path
    monkeypatch.setattr(live, "ASK_SECONDS", 0.1)
    trial = await Trial.objects.acreate(claim="PS-11", pattern="pub-sub", engine="builtin", seed=7, state="running")
    with open_folder(trial) as folder:
        (folder / LIVE_NAME).write_bytes(b"half of")
        stream = live.follow(trial.pk)
        assert await anext(stream) == b"half of"
        await Trial.objects.aupdate(state="void")
        assert [part async for part in stream] == []


def test_a_drawn_curve_is_settled_by_what_a_sweep_measured():
    page, client = "/patterns/pub-sub/experiments/PS-13/", Client()
    assert "The curve: how does it go?" in client.get(page).content.decode()
    drawn = {f"0.1 s-{place}": height for place, height in enumerate(("100", "60", "37", "14", "5", "1"))}
    assert client.post(f"{page}run/", {"size": "sweep", "confidence": "80", "seen": "", **drawn}).status_code == 302
    Trial.objects.update(state="running", started=timezone.now(), heard=timezone.now())
    values = [0.0, 0.05, 0.1, 0.2, 0.3, 0.5]
    report = {"values": values, "arms": {"0.1 s": [1.0, 0.6, 0.37, 0.14, 0.05, 0.01]}, "crossings": [],
              "setting_unit": "s", "measure": "Stale answers", "unit": "ratio"}  # fmt: skip
    queue.finish(newest(), report, "", [])
    assert Bet.objects.get().settled["right"]
    assert "PS-13: the curve. Right." in Note.objects.get().text
    shown = client.get(page).content.decode()
    assert "From 1 to 0.01 ratio. Your curve was 0 % of the height off on average." in shown


def test_an_engine_that_cannot_be_had_gives_unknown_and_says_why(settings):
    settings.EXPLORER_TRIALS = 1
    trial = Trial.objects.create(claim="PS-1", pattern="pub-sub", engine="carrier-pigeon", seed=7)
    carry(queue.take_next())
    trial.refresh_from_db()
    assert (trial.state, trial.verdict) == ("done", "unknown")
    assert "carrier-pigeon" in trial.report["why"]


def test_old_recordings_go_and_their_numbers_stay():
    for number in range(queue.KEPT_PER_CLAIM + 2):
        trial = Trial.objects.create(claim="PS-11", pattern="pub-sub", engine="builtin", seed=number, state="running")
        kept = {"engine": "builtin", "seed": number, "settings": {}, "events": 1, "seconds": 1.0, "recording": b"x"}
        queue.finish(trial, {"arms": []}, "refined", [{**kept, "title": "PS-11", "label": "arm"}])
    assert SavedRun.objects.count() == queue.KEPT_PER_CLAIM
    assert Trial.objects.filter(state="done").count() == queue.KEPT_PER_CLAIM + 2
