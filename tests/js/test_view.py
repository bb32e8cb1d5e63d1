"""The view clock: exact when it stands, true to its speed when it goes, and never the workload's."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

LAB = """
    const { Store } = await load('lab/store.js')
    const { View } = await load('lab/view.js')
    const { Selection } = await load('lab/selection.js')
    const store = new Store(), selection = new Selection()
    const view = new View(store, selection)
    store.load(data)
"""
FRAMES = "const frames = async count => { for (let i = 0; i < count; i++) await new Promise(requestAnimationFrame) };"


async def test_a_step_goes_one_event_on_and_selects_it(run_js, recorded):
    seqs = await run_js(
        LAB + "view.scrub(1); const seen = [store.seqs[view.cursor]];"
        "for (const d of [1, 1, 1, -1, -1, -1]) { view.step(d); seen.push(selection.seq) } return seen",
        recorded.recording,
    )
    first = seqs[0]
    assert seqs == [first, first + 1, first + 2, first + 3, first + 2, first + 1, first]


async def test_stepping_along_a_message_visits_its_events_and_no_others(run_js, recorded):
    body = """
        selection.select({ message: '3' })
        view.scrub(0)
        const seen = []
        for (let i = 0; i < 100; i++) {
            const before = view.cursor
            view.stepMessage(1)
            if (view.cursor === before) break
            seen.push(store.event(view.cursor).message)
        }
        return [seen, store.eventsOf('3').length]
    """
    seen, count = await run_js(LAB + body, recorded.recording)
    assert len(seen) == count > 5
    assert set(seen) == {"3"}


async def test_the_view_waits_at_a_stop_and_goes_on_when_told(run_js, recorded):
    body = """
        view.stops = [{ at: 1, caption: 'Look here.', node: 'broker' }]
        view.setRate(10)
        view.play()
        await frames(60)
        const stood = [view.t, view.playing, view.stop?.caption]
        view.proceed()
        await frames(10)
        view.pause()
        return [stood, view.t > 1, view.stop]
    """
    stood, went_on, stop = await run_js(FRAMES + LAB + body, recorded.recording)
    assert stood == [1, False, "Look here."]
    assert went_on
    assert stop is None


async def test_a_guided_view_hurries_only_where_nothing_moves(run_js):
    golden = Path(__file__).parents[2] / "static" / "golden" / "request-response.json"
    body = """
        view.setRate('auto')
        const rates = { full: new Set(), before: new Set(), empty: new Set() }
        for (let t = 0; t < store.now; t += 0.01) {
            view.scrub(t)
            let flying = false
            store.flightsAt(t, () => { flying = true })
            const gap = store.ats[store.indexAt(t) + 1] - t
            if (flying) rates.full.add(view.rate)
            else if (gap < 0.045) rates.before.add(view.rate)
            else if (gap > 0.055) rates.empty.add(view.rate)
        }
        return Object.values(rates).map(set => [...set])
    """
    full, before, empty = await run_js(LAB + body, json.loads(golden.read_text(encoding="utf-8")))
    assert (full, before, empty) == ([0.5], [0.5], [1])


async def test_a_standing_view_asks_for_no_frames(run_js, recorded):
    body = """
        let ticks = 0
        view.scrub(2)
        view.addEventListener('tick', () => ticks++)
        await frames(10)
        return [ticks, view.t]
    """
    assert await run_js(FRAMES + LAB + body, recorded.recording) == [0, 2]


async def test_a_live_view_never_goes_back_nor_past_the_log(run_js, recorded):
    body = """
        const live = new Store(), watch = new View(live, selection)
        live.begin(data)
        const ts = []
        watch.addEventListener('tick', () => ts.push([watch.t, live.now]))
        watch.follow({ now: 0, speed: 1 })
        watch.goLive()
        for (const frame of data.frames.slice(0, 40)) {
            live.take({ t: 'events', ...frame })
            watch.follow({ now: live.now })
            await frames(2 + Math.floor(Math.random() * 4))
        }
        return ts
    """
    ts = await run_js(FRAMES + LAB + body, recorded.recording)
    assert len(ts) > 40
    assert all(later[0] >= earlier[0] for earlier, later in pairwise(ts))
    assert all(t <= now for t, now in ts)


@pytest.mark.parametrize(
    ("query", "live", "settings", "faults"),
    [
        ("", False, {}, []),
        ("t=3.5&focus=12", False, {}, []),
        ("seed=7&publish-rate=20&t=1", True, {"publish-rate": 20}, []),
        ("idempotency-key=true&mode=log", True, {"idempotency-key": True, "mode": "log"}, []),
        ("fault=drop-ack:inventory&fault=stop:email", True, {}, ["drop-ack:inventory", "stop:email"]),
        ("nonsense=1&t=abc&seed=", True, {}, []),
    ],
)
async def test_an_address_says_which_moment_it_means(run_js, query, live, settings, faults):
    from explorer.labs.declaration import describe
    from patterns.core.pattern import discover

    moment = await run_js(
        "const { readMoment } = await load('lab/permalink.js'); return readMoment(data[0], data[1])",
        [query, describe(discover()["pub-sub"])],
    )
    assert (moment["live"], moment["settings"], moment["faults"]) == (live, settings, faults)
