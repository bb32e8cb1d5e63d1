"""What a node has parked is read off the log, and agrees with what the node itself says it has."""

from __future__ import annotations

import json

import pytest

from tests.js.conftest import STATIC

PARKED = """
    const { Store } = await load('lab/store.js')
    const { parks, parkedAt } = await load('lab/parked.js')
    const store = new Store()
    store.load(data)
"""


@pytest.fixture(scope="module")
def poisoned() -> dict:
    return json.loads((STATIC / "golden/pub-sub/poison-message.json").read_bytes())


async def test_as_many_are_parked_at_any_moment_as_the_node_says_replays_included(run_js, poisoned):
    body = """
        const seen = []
        for (let t = 0; t <= store.now; t += 0.173) {
            seen.push([parkedAt(store, 'dead-letters', t).length, store.gaugeAt('dead-letters', 'parked', t) ?? 0])
        }
        return seen
    """
    counted = await run_js(PARKED + body, poisoned)
    assert [listed for listed, _ in counted] == [said for _, said in counted]
    assert max(listed for listed, _ in counted) > 10
    assert counted[-1][0] < max(listed for listed, _ in counted)  # some were sent back


async def test_each_says_for_whom_after_how_many_tries_and_why(run_js, poisoned):
    first = await run_js(PARKED + "return parkedAt(store, 'dead-letters', 25)[0]", poisoned)
    assert (first["message"], first["reader"], first["why"], first["cause"]) == (
        "8", "inventory", "18 deliveries", "poison:orders",
    )  # fmt: skip
    event = await run_js(PARKED + "return store.eventBySeq(parkedAt(store, 'dead-letters', 25)[0].seq)", poisoned)
    assert (event["kind"], event["outcome"]) == ("settled", "dead-lettered")


async def test_only_a_node_that_says_so_parks(run_js, poisoned):
    assert await run_js(PARKED + "return [parks({ shows: ['state'] }), parks({ shows: ['parked'] })]", poisoned) == [
        False,
        True,
    ]


async def test_what_a_message_was_made_from_is_told_with_its_payload(run_js, poisoned):
    body = """
        const { inspectHeld } = await load('lab/payloads.js')
        store.parents['29'] = ['8', '9']
        return (await inspectHeld(store, '29')).parents
    """
    assert await run_js(PARKED + body, poisoned) == ["8", "9"]
