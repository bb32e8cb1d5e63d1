"""The legend names what a run has shown, and nothing else."""

from __future__ import annotations

LEGEND = """
    const { Store } = await load('lab/store.js')
    const { Legend } = await load('lab/legend.js')
    const root = document.createElement('ul'), store = new Store()
    document.body.append(root)
    new Legend(root, store)
    const words = () => [...root.children].map(item => item.textContent)
"""


async def test_what_expired_while_it_flew_is_in_the_legend_once_there_is_such_a_thing(run_js, recorded):
    body = """
        store.load(data)
        const before = words()
        store.hops.expired[3] = 1
        store.dispatchEvent(new Event('rows'))
        return [before, words()]
    """
    before, after = await run_js(LEGEND + body, recorded.recording)
    assert "expired" not in before
    assert {"event", "ack", "duplicate", "lost"} <= set(before)
    assert sorted(after) == sorted([*before, "expired"])
