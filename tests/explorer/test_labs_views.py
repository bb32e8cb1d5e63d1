"""What a lab's page is told, its code and charts, and runs that were kept."""

from __future__ import annotations

import errno
import gzip
import json
import re
from pathlib import Path

import orjson
import pytest
from django.contrib.staticfiles import finders
from django.core import signing
from django.db import DatabaseError

from explorer.labs.runs import NotKept, keep_run
from explorer.labs.trace import write_trace
from explorer.labs.views import describe_lab
from explorer.learning.visitors import COOKIE, read_scope, read_visitor
from explorer.models import SavedRun, Visitor
from patterns.core.pattern import discover
from patterns.host.recording import FORMAT, Reader

ROOT_FILE = "static/golden/pub-sub.json"
ANN = "6f1c1f0e-3a39-4a3e-9d8f-6f5b4c0a1e11"


@pytest.fixture
def recording() -> bytes:
    from django.conf import settings

    return (settings.ROOT / ROOT_FILE).read_bytes()


@pytest.fixture
def kept(db, recording) -> SavedRun:
    return SavedRun.objects.get(pk=keep_run(ANN, head(recording), gzip.compress(recording)).split("/")[2])


def head(recording: bytes) -> dict:
    return {"re": 1, **{name: orjson.loads(recording)[name] for name in (
        "pattern", "engine", "seed", "title", "settings", "events", "seconds")}}  # fmt: skip


@pytest.mark.parametrize("slug", discover())
def test_a_labs_declaration_is_plain_data_with_everything_in_it(slug):
    pattern, told = discover()[slug], describe_lab(slug)
    assert json.loads(json.dumps(told)) == json.loads(json.dumps(told))
    for part in ("nodes", "links", "controls", "remedies", "faults", "invariants", "metrics", "figures", "scenarios"):
        assert len(told[part]) == len(getattr(pattern, part)), part
    assert all(invariant["label"] for invariant in told["invariants"])


@pytest.mark.parametrize("slug", discover())
def test_a_golden_run_teaches_in_words_too(slug):
    told = describe_lab(slug)
    assert told["golden"].endswith(f"{slug}.json")
    assert len(told["transcript"]) >= 6
    assert [line["at"] for line in told["transcript"]] == sorted(line["at"] for line in told["transcript"])
    assert all(line["text"][0].isupper() for line in told["transcript"])


@pytest.mark.parametrize("slug", discover())
def test_every_tour_has_a_recording_in_the_format_that_the_page_reads(slug):
    """`manage.py record --all` makes them."""
    for scenario in discover()[slug].scenarios:
        name = slug if scenario.slug == discover()[slug].golden else f"{slug}/{scenario.slug}"
        path = finders.find(f"golden/{name}.json")
        assert path, scenario.slug
        recording = json.loads(Path(path).read_bytes())
        assert (recording["format"], recording["scenario"]) == (FORMAT, scenario.slug)
        assert recording["settings"].keys() == discover()[slug].defaults().keys()


@pytest.mark.parametrize("slug", discover())
def test_every_figure_is_valid_and_names_its_metrics(client, slug):
    for figure in discover()[slug].figures:
        response = client.get(f"/patterns/{slug}/figures/{figure.name}/")
        assert [trace["meta"] for trace in response.json()["data"]] == list(figure.metrics)
        assert response.json()["layout"]["yaxis"]["title"]["text"] == figure.unit
    missing = client.get(f"/patterns/{slug}/figures/nope/")
    assert missing.status_code == 404
    assert figure.name in missing.content.decode()


def test_a_learner_reads_the_code_of_the_lab_and_nothing_else(client, settings):
    answer = client.get("/patterns/pub-sub/code/", {"file": "pub_sub/broker.py"})
    assert answer.content == (settings.ROOT / "patterns/pub_sub/broker.py").read_bytes()
    assert answer.headers["Content-Type"].startswith("text/plain")
    for file in ("", "nope.py", "../explorer/settings.py", "host/host.py", "pub_sub/../host/host.py", "/etc/passwd"):
        refused = client.get("/patterns/pub-sub/code/", {"file": file})
        assert refused.status_code == 404
        assert "pub_sub/broker.py" in refused.content.decode()


def test_an_unknown_lab_has_neither_code_nor_charts(client, db):
    assert client.get("/patterns/nope/code/").status_code == 404
    assert client.get("/patterns/nope/figures/lag/").status_code == 404


def test_a_kept_run_belongs_to_its_visitor_and_comes_back_whole(client, kept, recording):
    assert str(kept.visitor_id) == ANN
    assert client.get(f"/runs/{kept.pk}/recording.json").json() == orjson.loads(recording)
    page = client.get(f"/runs/{kept.pk}/")
    assert page.status_code == 200
    assert f"/runs/{kept.pk}/recording.json" in page.content.decode()


def test_a_kept_run_teaches_in_words_where_no_script_runs(client, kept, recording):
    page = client.get(f"/runs/{kept.pk}/").content.decode()
    words = page.split('class="page without-script kept-run__words"')[1].split("</section>")[0]
    assert words.count("<li>") > 10
    assert "s</span>" in words
    first = describe_lab("pub-sub")["transcript"][0]
    assert first["text"].split(":")[-1].strip()[:20] in words


def test_who_keeps_a_run_may_delete_it_and_nobody_else(client, kept):
    other = client.post(f"/runs/{kept.pk}/delete/")
    assert other.status_code == 404
    assert SavedRun.objects.filter(pk=kept.pk).exists()
    assert f"/runs/{kept.pk}/delete/" not in client.get(f"/runs/{kept.pk}/").content.decode()
    client.cookies[COOKIE] = signing.get_cookie_signer(salt=COOKIE).sign(ANN)
    assert f"/runs/{kept.pk}/delete/" in client.get("/progress/").content.decode()
    assert f"/runs/{kept.pk}/delete/" in client.get(f"/runs/{kept.pk}/").content.decode()
    assert client.get(f"/runs/{kept.pk}/delete/").status_code == 405
    done = client.post(f"/runs/{kept.pk}/delete/", follow=True)
    assert f"“{kept.title}” is deleted." in done.content.decode()
    assert not SavedRun.objects.filter(pk=kept.pk).exists()


def test_a_kept_runs_log_is_what_the_lab_command_prints(client, kept):
    answer = client.get(f"/runs/{kept.pk}/log.jsonl")
    lines = [json.loads(line) for line in answer.content.splitlines()]
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [line["seq"] for line in lines] == list(range(1, kept.events + 1))
    sent = next(line for line in lines if line["kind"] == "sent")
    assert list(sent) == ["seq", "at", "kind", "message", "source", "target", "due", "attempt", "hop", "why"]
    assert sent["due"] > sent["at"]
    assert lines[-1]["kind"] == "ended"
    assert set(lines[-1]["invariants"]) == {invariant.name for invariant in discover()["pub-sub"].invariants}
    assert set(lines[-1]["metrics"]["lag"]) == {"value", "unit"}


def test_a_run_kept_before_its_end_says_so_in_its_last_line(db, client, recording):
    cut = orjson.loads(recording)
    cut["frames"] = cut["frames"][:4]
    cut["events"] = sum(1 for frame in cut["frames"] for row in frame["rows"] if 0 < row[0] < 10)
    url = keep_run("", head(recording), gzip.compress(orjson.dumps(cut)))
    lines = [json.loads(line) for line in client.get(url + "log.jsonl").content.splitlines()]
    assert lines[-1]["kind"] == "kept"
    assert lines[-1]["invariants"]["lost"] in ("holds", "unknown")
    assert len(lines) == cut["events"] + 1


def test_a_kept_runs_metrics_are_all_there_whether_a_chart_shows_them_or_not(db, client, recording):
    pattern = discover()["pub-sub"]
    charted = {name for figure in pattern.figures for name in figure.metrics}
    uncharted = next(metric for metric in pattern.metrics if metric.name not in charted)
    final = {metric.name: {"value": 7.5, "unit": metric.unit} for metric in pattern.metrics}
    full = orjson.dumps({**orjson.loads(recording), "metrics": final})
    url = keep_run("", head(recording), gzip.compress(full))
    last = json.loads(client.get(url + "log.jsonl").content.splitlines()[-1])
    assert last["metrics"][uncharted.name] == {"value": 7.5, "unit": uncharted.unit}
    assert last["metrics"] == final


def test_a_trace_is_valid_otlp_and_its_spans_hang_together(client, kept):
    trace = client.get(f"/runs/{kept.pk}/trace.json").json()
    spans = [span for part in trace["resourceSpans"] for scope in part["scopeSpans"] for span in scope["spans"]]
    by_id = {span["spanId"]: span for span in spans}
    assert len(by_id) == len(spans)
    for span in spans:
        assert re.fullmatch("[0-9a-f]{32}", span["traceId"])
        assert re.fullmatch("[0-9a-f]{16}", span["spanId"])
        assert span["kind"] in (1, 2, 3, 4, 5)
        assert re.fullmatch("[0-9]{19}", span["startTimeUnixNano"])
        assert int(span["endTimeUnixNano"]) >= int(span["startTimeUnixNano"])
        assert span["status"].get("code", 0) in (0, 1, 2)
        if "parentSpanId" in span:
            parent = by_id[span["parentSpanId"]]
            assert parent["traceId"] == span["traceId"]
            assert int(parent["startTimeUnixNano"]) <= int(span["startTimeUnixNano"])
    for part in trace["resourceSpans"]:
        names = {attribute["key"] for attribute in part["resource"]["attributes"]}
        assert "service.name" in names
    values = [a["value"] for span in spans for a in span["attributes"]]
    assert all(len(value) == 1 and isinstance(value.get("intValue", ""), str) for value in values)


def test_a_trace_has_a_span_for_each_hop_and_its_cause_as_parent(recording):
    content = orjson.loads(recording)
    events = list(Reader().read(content))
    spans = [s for part in write_trace(content, "x")["resourceSpans"] for s in part["scopeSpans"][0]["spans"]]
    assert sum("→" in span["name"] for span in spans) == sum(event["kind"] == "sent" for event in events)
    by_id = {span["spanId"]: span for span in spans}
    ack = next(span for span in spans if span["name"] == "inventory → broker")
    chain = []
    while "parentSpanId" in ack:
        ack = by_id[ack["parentSpanId"]]
        chain.append(ack["name"])
    assert chain == [
        "inventory has",
        "broker → inventory",
        "broker has",
        "orders → broker",
        "orders makes",
    ]


def test_two_runs_of_one_seed_are_two_traces(recording):
    content = orjson.loads(recording)
    ids = [write_trace(content, name)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["traceId"] for name in "ab"]
    assert ids[0] != ids[1]


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full"),
        (DatabaseError("database or disk is full"), "the disk is full"),
        (DatabaseError("database is locked"), "the database says: database is locked"),
    ],
)
def test_a_run_that_cannot_be_kept_says_why(db, monkeypatch, recording, problem, said):
    def fail(**fields):
        raise problem

    monkeypatch.setattr(SavedRun.objects, "create", fail)
    with pytest.raises(NotKept, match=f"could not be kept, since {said}; it goes on"):
        keep_run(ANN, head(recording), b"")


def test_a_recording_that_is_too_large_is_not_kept(db, recording):
    with pytest.raises(NotKept, match="the most that is kept is"):
        keep_run(ANN, head(recording), b"x" * (8 * 1024 * 1024 + 1))
    assert not Visitor.objects.exists()


def test_a_visitor_gets_one_signed_cookie_and_no_row(client, db):
    first = client.get("/")
    cookie = first.cookies[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert read_visitor(cookie.value)
    assert COOKIE not in client.get("/").cookies
    assert not Visitor.objects.exists()


def test_a_forged_cookie_is_nobody(client):
    ours = signing.get_cookie_signer(salt=COOKIE).sign(ANN)
    assert read_visitor(ours) == ANN
    assert read_visitor(ours[:-1]) == ""
    assert read_visitor(ANN) == ""
    assert read_scope({"headers": [(b"cookie", f"a=b; {COOKIE}={ours}".encode())]}) == ANN
    assert read_scope({"headers": [(b"cookie", b"\xff=;;=,visitor=\x00")]}) == ""
    assert read_scope({"headers": []}) == ""
