"""The log as a file, made in the browser: the same lines and the same spans as the site writes of a kept run."""

from __future__ import annotations

import json

from explorer.labs.declaration import describe
from explorer.labs.export import write_log
from explorer.labs.trace import write_trace
from patterns.core.pattern import discover

STORE = """
    const { Store } = await load('lab/store.js')
    const { writeLog } = await load('lab/export.js')
    const { writeTrace } = await load('lab/trace.js')
    const [recording, declared] = data, store = new Store()
"""


def lines_of(text: str) -> list[dict]:
    return [json.loads(line) for line in text.splitlines()]


async def test_its_lines_are_those_that_the_site_writes_of_a_kept_run(run_js, recorded):
    made = await run_js(
        STORE + "store.load(recording); return writeLog({ store, declared })",
        [recorded.recording, describe(discover()["pub-sub"])],
    )
    written = [json.loads(line) for line in write_log(recorded.recording)]
    assert lines_of(made) == written
    assert [list(line) for line in lines_of(made)] == [list(line) for line in written]


async def test_of_a_live_run_whose_host_died_what_was_seen_is_not_lost(run_js, recorded):
    body = """
        store.begin({ ...recording, run: '0-1' })
        for (const frame of recording.frames.slice(0, 5)) store.take(frame)
        store.finish('the process in which this run lived has died')
        return [writeLog({ store, declared }), store.length, writeTrace(store).resourceSpans.length]
    """
    made, count, nodes = await run_js(STORE + body, [recorded.recording, describe(discover()["pub-sub"])])
    *events, last = lines_of(made)
    assert len(events) == count > 10
    assert (last["kind"], last["seq"]) == ("kept", count + 1)
    assert last["why"].endswith("has died")
    assert set(last["invariants"]) == {invariant.name for invariant in discover()["pub-sub"].invariants}
    assert nodes >= 2


async def test_its_trace_has_the_spans_that_the_site_writes(run_js, recorded):
    made = await run_js(STORE + "store.load(recording); return writeTrace(store)", [recorded.recording, None])
    theirs = write_trace(recorded.recording, "a run")
    assert tell_spans(made) == tell_spans(theirs)


def tell_spans(trace: dict) -> list[tuple]:
    """All of a trace but its random ids: each span by what it says, and what its parent and its trace begin with."""
    spans = [span for part in trace["resourceSpans"] for span in part["scopeSpans"][0]["spans"]]
    by_id = {span["spanId"]: span for span in spans}
    traces: dict[str, int] = {}
    told = []
    for span in spans:
        parent = by_id.get(span.get("parentSpanId"), {"name": "", "startTimeUnixNano": ""})
        numbered = traces.setdefault(span["traceId"], len(traces))
        told.append(
            (
                span["name"], span["kind"], span["startTimeUnixNano"], span["endTimeUnixNano"], span["attributes"],
                span["events"], span["status"], parent["name"], parent["startTimeUnixNano"], numbered,
            )
        )  # fmt: skip
    return told
