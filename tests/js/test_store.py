"""The log in the browser is the log of the host: same events, same state, however it came."""

from __future__ import annotations

import pytest

from patterns.host.recording import Reader

SPELL = """
    const { Store } = await load('lab/store.js')
    const store = new Store()
    store.load(data)
"""

STATE = """
    const state = (store, t) => {
        const flying = []
        store.flightsAt(t, n => flying.push(n))
        const nodes = ['orders', 'broker', 'inventory', 'shipping', 'analytics', 'email', 'loyalty', 'dead-letters']
        const told = node => [...store.gaugesAt(node, t)].map(([name, { value }]) => [name, value]).sort()
        const gauges = nodes.map(node => [node, told(node)])
        const lights = ['lost', 'duplicated', 'reordered', 'unbalanced', 'stuck', 'stale'].map(name => {
            const { status, count, first } = store.lightAt(name, t)
            return [status, count, first]
        })
        const faults = store.faultsAt(t).map(({ fault, target, phase }) => [fault, target, phase])
        return { flying, gauges, lights, faults, settings: store.settingsAt(t), dropped: store.droppedBy(t),
            messages: store.messages.map(message => message.id), hops: store.hops.length, lastSeq: store.lastSeq }
    }
"""


async def test_every_event_reads_as_the_host_wrote_it(run_js, recorded):
    spelled = await run_js(SPELL + "return store.rows.map((_, i) => store.event(i))", recorded.recording)
    written = [event for event in Reader().read(recorded.recording) if event["seq"]]
    assert len(spelled) == len(written) == recorded.recording["events"]
    for here, there in zip(spelled, written, strict=True):
        assert {name: here[name] for name in there if name not in ("at", "code", "flight")} == {
            name: value for name, value in there.items() if name not in ("at", "code", "flight")
        }
        assert here["at"] == pytest.approx(there["at"])
        assert (here["code"] or "") == (there["code"] or "")
        assert here.get("flight") == pytest.approx(there["flight"]) if "flight" in there else True


@pytest.mark.parametrize("part", [0.0, 0.2, 0.5, 0.9])
async def test_a_snapshot_and_the_frames_after_it_give_the_state_of_the_whole(run_js, recorded, part):
    at = int(part * (len(recorded.snapshots) - 1))
    frames = recorded.recording["frames"]
    data = {"run": recorded.recording, "snapshot": recorded.snapshots[at]}
    data |= {"before": frames[: at // 2], "after": frames[at + 1 :]}
    body = """
        const { Store } = await load('lab/store.js')
        const whole = new Store(), late = new Store(), lagging = new Store()
        whole.load(data.run)
        for (const store of [late, lagging]) store.begin(data.run)
        for (const frame of data.before) lagging.take({ t: 'events', ...frame })
        for (const store of [late, lagging]) {
            store.take({ ...data.snapshot, t: 'snapshot' })
            for (const frame of data.after) store.take({ t: 'events', ...frame })
        }
        return [whole, late, lagging].map(store => state(store, Infinity))
    """
    whole, late, lagging = await run_js(STATE + body, data)
    assert late == whole
    assert lagging == whole


async def test_frames_sent_again_after_a_reconnect_change_nothing(run_js, recorded):
    body = """
        const once = state(store, 3)
        for (const frame of data.frames.slice(5, 20)) store.take({ t: 'events', ...frame })
        return [once, state(store, 3)]
    """
    once, again = await run_js(STATE + SPELL + body, recorded.recording)
    assert once == again


async def test_a_moment_is_the_same_however_one_came_to_it(run_js, recorded):
    """The state at t folded from the events up to t, against the state at t looked up in the whole log."""
    body = """
        const { Store } = await load('lab/store.js')
        const whole = new Store(), partial = new Store()
        whole.load(data)
        partial.begin(data)
        const found = []
        for (const frame of data.frames) {
            partial.take({ t: 'events', ...frame })
            const t = frame.now / 10000 - 0.0002 // what happens at the very end of a frame comes with the next
            const shown = ({ flying, gauges, lights, faults, settings, dropped }) =>
                ({ flying, gauges, lights, faults, settings, dropped })
            found.push([shown(state(whole, t)), shown(state(partial, t))])
        }
        return found
    """
    found = await run_js(STATE + body, recorded.recording)
    assert len(found) > 50
    for looked_up, folded in found:
        assert looked_up == folded


async def test_who_flies_is_who_flies_at_the_host(run_js, recorded):
    """At the end of each frame, against the snapshot that the host made then."""
    data = {"run": recorded.recording, "ends": [snapshot["now"] for snapshot in recorded.snapshots]}
    body = """
        const { Store } = await load('lab/store.js')
        const store = new Store()
        store.begin(data.run)
        return data.run.frames.slice(0, data.ends.length).map((frame, i) => {
            store.take({ t: 'events', ...frame })
            return state(store, data.ends[i] / 10000).flying
        })
    """
    flying = await run_js(STATE + body, data)
    assert flying == [snapshot["flying"] for snapshot in recorded.snapshots]
    assert any(flying)


async def test_a_dropped_ack_is_found_again_as_a_duplicate_with_its_attempt(run_js, recorded):
    body = "return store.messages.flatMap(m => store.hopsOf(m.id)).filter(hop => hop.duplicate)"
    again = await run_js(SPELL + body, recorded.recording)
    assert again
    assert all(hop["target"] == "inventory" and hop["attempt"] > 1 for hop in again)


async def test_what_is_broken_is_counted_where_it_was_broken(run_js, recorded):
    count, at = await run_js(
        SPELL + "const here = [...store.violationsAt(9)].filter(([node]) => node === 'inventory');"
        "return [store.lightAt('duplicated', 9).count, here]",
        recorded.recording,
    )
    assert count > 0
    assert at == [["inventory", count]]


@pytest.mark.parametrize(("newer", "heard"), [(0, ["open"]), (1, ["refused: The site has been renewed"])])
async def test_a_page_older_than_the_site_asks_to_be_loaded_again(run_js, newer, heard):
    body = """
        const { Socket } = await load('net/socket.js')
        const { VERSION } = await load('net/protocol.js')
        const socket = new Socket('/ws/'), heard = []
        socket.addEventListener('open', () => heard.push('open'))
        socket.addEventListener('refused', event => heard.push('refused: ' + event.detail.split(' since')[0]))
        socket._take({ t: 'hello', version: VERSION + data })
        return heard
    """
    assert await run_js(body, newer) == heard
