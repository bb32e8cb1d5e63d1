"""The live run behind the page: what a start that is refused leaves, and what "Run again" runs."""

from __future__ import annotations

import pytest

from explorer.labs.declaration import describe
from patterns.core.pattern import discover

LIVE = """
    const { Store } = await load('lab/store.js')
    const { Session } = await load('lab/session.js')
    const store = new Store(), told = [], asked = []
    const view = { follow() {}, goLive() {}, start() {} }
    const session = new Session('/ws/', store, view)
    session.addEventListener('notice', event => told.push(event.detail.text))
    session.socket.isOpen = true
    let refuse = ''
    session.socket.ask = async command => {
        asked.push(command)
        if (refuse) throw new Error(refuse)
        const run = { t: 'run', run: `0-${asked.length}`, pattern: 'pub-sub', engine: 'builtin', seed: 7, ...command }
        if (command.c === 'start') session._take({ ...run, settings: { 'publish-rate': 5 } })
        return {}
    }
"""


async def test_a_start_that_is_refused_leaves_the_live_run_and_its_wish(run_js):
    body = """
        await session.start({ scenario: 'lost-ack' })
        refuse = 'you have 8 runs going'
        await session.start({ seed: 9 }).catch(() => {})
        return [session.state, session.run, session.wish, told]
    """
    state, run, wish, told = await run_js(LIVE + body)
    assert (state, run, wish) == ("live", "0-1", {"scenario": "lost-ack"})
    assert told == ["You have 8 runs going. Your run goes on."]


async def test_a_start_that_is_refused_leaves_the_recorded_run(run_js, recorded):
    body = "store.load(data); refuse = 'no room'; await session.start().catch(() => {}); return [session.state, told]"
    assert await run_js(LIVE + body, recorded.recording) == [
        "recorded",
        ["No room. The page stays with the recorded run."],
    ]


async def test_a_connection_lost_while_another_run_is_asked_for_loses_the_first_for_now_only(run_js):
    body = """
        await session.start()
        refuse = 'The connection was lost before the answer came.'
        session.socket.isOpen = false
        session.socket.connected = async () => {}
        await session.start().catch(() => {})
        return [session.state, session.run]
    """
    assert await run_js(LIVE + body) == ["lost", "0-1"]


@pytest.mark.parametrize(
    ("wish", "again"),
    [
        ({"scenario": "lost-ack", "seed": 7}, {"scenario": "lost-ack", "seed": 7}),
        ({"script": ["5 idempotency-key=true"]}, {"script": ["5 idempotency-key=true"]}),
        ({"seed": 3}, {"seed": 3, "settings": {"publish-rate": 5, "idempotency-key": True}}),
    ],
    ids=["tour", "address", "by hand"],
)
async def test_run_again_makes_a_tour_again_as_it_was_and_keeps_what_was_turned_by_hand(run_js, wish, again):
    body = """
        const { Transport } = await load('lab/transport.js')
        await session.start(data)
        const from = store.names.push('idempotency-key', 'viewer') - 2
        store._tune([8, 20000, from, true, 0, from + 1], 2, 5)
        store.now = 3
        await Transport.prototype._start.call({ lab: { session, store } })
        const { c, speed, ...wish } = asked.at(-1)
        return wish
    """
    assert await run_js(LIVE + body, wish) == again


@pytest.mark.parametrize(
    ("query", "complaints"),
    [
        ("publishrate=9", ["“publishrate” is no setting of this lab; perhaps “publish-rate” is meant."]),
        ("t=zz", ["“t=zz” is left out: it is a time in seconds from 0 on."]),
        ("seed=abc", ["“seed=abc” is left out: it is a whole number from 0 on."]),
        ("seed=1.5", ["“seed=1.5” is left out: it is a whole number from 0 on."]),
        ("speed=99", ["“speed=99” is left out: it is a number from 0.05 to 10."]),
        ("heal=slow:email", ["“heal=slow:email” says no time; write heal=name:target@seconds."]),
        ("tour=nope", ["There is no tour “nope”; there are: "]),
        ("zzzzzz=1", ["“zzzzzz” is no setting of this lab; there are: "]),
        ("tour=lost-ack&t=3.5&focus=12&seed=7&speed=0.1&loyalty=true@2&fault=slow:email@3&heal=slow:email@4", []),
    ],
)
async def test_what_an_address_says_in_vain_is_said_with_what_would_be_right(run_js, query, complaints):
    told = await run_js(
        "const { readMoment } = await load('lab/permalink.js'); return readMoment(data[0], data[1]).complaints",
        [query, describe(discover()["pub-sub"])],
    )
    assert len(told) == len(complaints)
    assert all(said.startswith(begin) for said, begin in zip(told, complaints, strict=True))


async def test_a_recorded_tour_has_an_address_of_its_own_and_a_golden_run_its_payloads(run_js, recorded):
    body = """
        const { showTour } = await load('lab/tours.js')
        const { writeMoment } = await load('lab/permalink.js')
        const [declared, recording] = data, real = window.fetch
        window.fetch = async () => ({ ok: true, json: async () => recording })
        const lab = { declared, store, session, view: { t: 1 }, selection: { message: '' } }
        const seen = []
        for (const slug of ['lost-ack', declared.golden_scenario]) {
            await showTour(lab, declared.scenarios.find(each => each.slug === slug))
            seen.push([new URL(writeMoment(lab)).search, store.payloadsAt])
        }
        window.fetch = real
        store.begin({ pattern: 'pub-sub', seed: 1 })
        return [...seen, store.tour]
    """
    declared = describe(discover()["pub-sub"])
    tour, golden, live = await run_js(LIVE + body, [declared, recorded.recording])
    assert tour == ["?tour=lost-ack&t=1.0000", ""]
    assert golden == ["?tour=fan-out&t=1.0000", declared["payloads"]]
    assert live == ""
