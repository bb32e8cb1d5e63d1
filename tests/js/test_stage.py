"""What is drawn is where the log says it is."""

from __future__ import annotations

import pytest

from explorer.labs.declaration import describe
from patterns.core.pattern import discover

SIZES = [(390, 416), (820, 510), (900, 640)]
SCENE = """
    const { Store } = await load('lab/store.js')
    const { Scene } = await load('lab/scene.js')
    const store = new Store()
    store.load(data.run)
    const scene = new Scene(data.declared, store)
    const none = { message: '', node: '' }
    const copy = ({ hop, way, place, mark, count }) =>
        [...hop.subarray(0, count)].map((each, i) => [each, way[i], place[i], mark[i]])
"""


def about(recorded):
    return {"run": recorded.recording, "declared": describe(discover()["pub-sub"])}


@pytest.mark.parametrize("slug", list(discover()))
@pytest.mark.parametrize("size", SIZES)
async def test_no_two_nodes_overlap_and_none_leaves_the_stage(run_js, slug, size):
    pattern = describe(discover()[slug])
    boxes = await run_js(
        "const { Layout } = await load('stage/layout.js');"
        "return [...new Layout(data.nodes, data.links, data.width, data.height).boxes]",
        {"nodes": pattern["nodes"], "links": pattern["links"], "width": size[0], "height": size[1]},
    )
    assert len(boxes) == len(pattern["nodes"])
    for i, (name, box) in enumerate(boxes):
        assert box["x"] - box["w"] / 2 >= 0, name
        assert box["x"] + box["w"] / 2 <= size[0], name
        assert box["y"] - box["h"] / 2 >= 0, name
        assert box["y"] + box["h"] / 2 <= size[1], name
        for other_name, other in boxes[i + 1 :]:
            apart = (
                abs(box["x"] - other["x"]) >= (box["w"] + other["w"]) / 2
                or abs(box["y"] - other["y"]) >= (box["h"] + other["h"]) / 2
            )
            assert apart, f"{name} and {other_name} overlap on {size}"


async def test_a_dot_is_where_its_flight_has_got_to(run_js, recorded):
    body = """
        const hop = store.hop(0)
        return [0, 0.25, 0.5, 1].map(part => {
            scene.at(hop.sent + part * (hop.due - hop.sent) - (part === 1 ? 1e-9 : 0), 1, none)
            return scene.place[[...scene.hop.subarray(0, scene.count)].indexOf(0)]
        })
    """
    assert await run_js(SCENE + body, about(recorded)) == pytest.approx([0, 0.25, 0.5, 1], abs=1e-4)


async def test_going_back_to_a_moment_shows_the_same_dots(run_js, recorded):
    body = """
        const times = [4.1, 0.5, 2.3, 0.0, 2.31, 4.9]
        const first = times.map(t => copy(scene.at(t, 0.1, none)))
        const again = [...times].reverse().map(t => copy(scene.at(t, 0.1, none))).reverse()
        return [first, again]
    """
    first, again = await run_js(SCENE + body, about(recorded))
    assert first == again
    assert any(first)


async def test_a_crowded_link_says_how_many_a_dot_stands_for_and_a_quiet_one_draws_all(run_js, recorded):
    body = """
        const at = rate => {
            scene.at(4.5, rate, none)
            return [Math.max(...scene.standsFor), scene.thinned, scene.count, scene.flying]
        }
        return [at(0.05), at(2)]
    """
    slow, fast = await run_js(SCENE + body, about(recorded))
    assert slow[:2] == [1, False]
    assert slow[2] == slow[3]
    assert fast[0] > 1
    assert fast[1] is True


async def test_the_selected_message_is_drawn_even_where_dots_stand_for_several(run_js, recorded):
    body = """
        const t = 4.5
        let drawn = 0, flying = 0
        for (const message of store.messages) {
            const hops = store.hopsOf(message.id).filter(hop => hop.sent <= t && hop.end > t)
            flying += hops.length
            scene.at(t, 2, { message: message.id, node: '' })
            drawn += scene.chosen.length
        }
        return [drawn, flying]
    """
    drawn, flying = await run_js(SCENE + body, about(recorded))
    assert drawn == flying > 0


async def test_a_sprite_is_written_where_it_is_stamped_and_gone_in_the_next_frame(run_js):
    body = """
        const { Blitter } = await load('stage/blit.js')
        const { drawMark, readColours } = await load('stage/shapes.js')
        const canvas = document.createElement('canvas')
        document.body.append(canvas)
        const colours = readColours()
        const draw = (pen, mark, x, y, scale) => drawMark(pen, mark, x, y, 6 * scale, colours)
        const blitter = new Blitter(canvas, draw, () => 14)
        blitter.resize(200, 100, 1)
        const alpha = (x, y) => blitter.pen.getImageData(x, y, 1, 1).data[3]
        const frame = places => { blitter.begin(); for (const [x, y] of places) blitter.stamp(2, x, y); blitter.end() }
        frame([[50, 50]])
        const first = [alpha(50, 50), alpha(150, 50)]
        frame([[150, 50]])
        const second = [alpha(50, 50), alpha(150, 50)]
        frame([[-5, 50], [199, 99], [1e6, 1e6]])
        return [first, second, alpha(150, 50)]
    """
    assert await run_js(body) == [[255, 0], [0, 255], 0]


@pytest.mark.parametrize("still", [False, True])
async def test_what_moves_can_be_counted_without_moving(modules, run_js, recorded, still):
    await modules.emulate_media(reduced_motion="reduce" if still else "no-preference")
    body = """
        const { Topology } = await load('stage/topology.js')
        const root = document.createElement('div')
        root.className = 'stage'
        document.body.append(root)
        const topology = new Topology(root, data.declared)
        const hop = store.hop(0)
        topology.draw(scene.at((hop.sent + hop.due) / 2, 0.1, none))
        const pixels = topology.blitter.pen.getImageData(0, 0, topology.canvas.width, topology.canvas.height).data
        return [pixels.some(Boolean), root.querySelectorAll('.stage__link--busy').length,
            [...root.querySelectorAll('.stage__words > span')].map(word => word.textContent).join()]
    """
    drawn, busy, words = await run_js(SCENE + body, about(recorded))
    await modules.emulate_media(reduced_motion="no-preference")
    assert (drawn, bool(busy), words) == ((False, True, "▲1") if still else (True, False, ""))
