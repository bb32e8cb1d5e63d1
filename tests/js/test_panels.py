"""What single panels say, without the page around them."""

from __future__ import annotations

from explorer.labs.declaration import describe
from patterns.core.pattern import discover

LAB = """
    const { Store } = await load('lab/store.js')
    const { Selection } = await load('lab/selection.js')
    const [recording, declared] = data, store = new Store(), selection = new Selection(), told = []
    store.load(recording)
    const view = { t: 3, goTo(i) { this.at = i } }
    const session = { state: 'recorded', notify: (kind, text) => told.push(text) }
    const lab = { store, selection, view, session, declared }
"""


def data(recorded) -> list:
    return [recorded.recording, describe(discover()["pub-sub"])]


async def test_a_message_made_from_several_leads_to_each_of_them(run_js, recorded):
    body = """
        const { Family } = await load('lab/panels/family.js')
        store.parents['9'] = ['3', '4']
        const family = new Family(lab)
        family.draw(store.messageById('9'))
        const said = family.root.textContent
        family.root.querySelectorAll('button')[1].click()
        family.draw(store.messageById('3'))
        return [said, selection.message, family.root.textContent]
    """
    said, chosen, parent = await run_js(LAB + body, data(recorded))
    assert "made from #3, Orders · #4, Orders" in said
    assert chosen == "4"
    assert "went into #9, Orders" in parent


async def test_of_a_live_message_the_host_is_asked_once_what_it_was_made_from(run_js, recorded):
    body = """
        const { Family } = await load('lab/panels/family.js')
        let asked = 0
        Object.assign(session, { state: 'live', inspect: async () => { asked += 1; return { parents: ['3'] } } })
        const family = new Family(lab)
        selection.select({ message: '9' })
        for (let i = 0; i < 3; i++) family.draw(store.messageById('9'))
        await new Promise(done => setTimeout(done))
        return [asked, family.root.textContent]
    """
    asked, said = await run_js(LAB + body, data(recorded))
    assert asked == 1
    assert "made from #3, Orders" in said


async def test_what_lies_in_a_gap_of_the_log_is_said_to(run_js, recorded):
    body = """
        const { jumpTo } = await load('lab/panels/jump.js')
        jumpTo(lab, 999999)
        const silent = view.at === undefined
        jumpTo(lab, 5)
        return [silent, told, view.at]
    """
    silent, told, at = await run_js(LAB + body, data(recorded))
    assert silent
    assert told == [
        "Event 999999 is in a part of the log that this browser was not sent, so there is nothing to go to."
    ]
    assert at == 4


async def test_an_engine_that_cannot_be_had_says_why(run_js, recorded):
    body = """
        const { makeEngineChoice } = await load('lab/panels/engine-choice.js')
        declared.engines[1].missing = 'its program is not here'
        const { parts } = makeEngineChoice({ lab, wishEngine() {}, engine: '' })
        return parts.map(part => part.textContent).at(-1)
    """
    assert await run_js(LAB + body, data(recorded)) == "its program is not here."


async def test_half_of_a_whole_thing_is_refused_where_it_is_typed(run_js, recorded):
    body = """
        const { makeKnob } = await load('lab/panels/knob.js')
        const refused = new Map(), wished = []
        const wishes = { refused, open: new Map(), waits: () => false, valueOf: c => c.default,
            wish: (name, value) => wished.push(value), refuse: (name, why) => refused.set(name, why) }
        const { root } = makeKnob(declared.controls.find(each => each.name === 'partitions'), wishes)
        const number = root.querySelector('.knob__number')
        for (const text of ['2.5', '4']) {
            number.value = text
            number.dispatchEvent(new Event('change'))
        }
        return [wished, refused.get('partitions')]
    """
    wished, why = await run_js(LAB + body, data(recorded))
    assert wished == [4]
    assert why == "Partitions cannot be “2.5”; it goes in whole numbers from 1 to 16 partitions."
