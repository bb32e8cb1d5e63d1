"""The lab page as a visitor has it: stage, two clocks, selection, keys, the phone, reduced motion, and bad luck."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.async_api import Page, expect

PUB_SUB = "/patterns/pub-sub/"
AT = f"{PUB_SUB}?t=6.2"
PHONE = {"width": 390, "height": 844}


async def moment(page: Page) -> tuple[float, float]:
    """What is shown and how much there is, in seconds of run time."""
    shown, there = await page.evaluate(
        "() => { const line = document.querySelector('#timeline'); return [Number(line.value), Number(line.max)] }"
    )
    return shown, there


async def wait_for_run_time(page: Page, seconds: float) -> None:
    await page.wait_for_function("seconds => Number(document.querySelector('#timeline').max) > seconds", arg=seconds)


async def start_live(page: Page, seconds: float = 0.3) -> None:
    await page.click("[data-act=run]")
    await expect(page.locator("#badge")).to_contain_text("live", timeout=20_000)
    await wait_for_run_time(page, seconds)


async def test_the_recorded_run_plays_on_load_and_says_what_it_is(open_page):
    page = await open_page(PUB_SUB)
    await expect(page.locator("#badge")).to_contain_text("recorded")
    await expect(page.locator("#honesty")).to_have_text("every message is drawn")
    await page.wait_for_function("() => Number(document.querySelector('#timeline').value) > 0.1")


async def test_the_recorded_run_stops_where_its_scenario_says_something(open_page):
    page = await open_page(PUB_SUB)
    bubble = page.locator(".bubble--stop")
    await expect(bubble).to_be_visible(timeout=20_000)
    shown, _ = await moment(page)
    await bubble.get_by_role("button", name="Go on").click()
    await page.wait_for_function("before => Number(document.querySelector('#timeline').value) > before", arg=shown)


async def test_the_page_has_no_barrier(open_page, find_barriers):
    page = await open_page(AT)
    await expect(page.locator("#moment")).to_contain_text("6.20")
    for tab in ("transcript", "spacetime", "table", "real"):
        await page.click(f"[data-tab={tab}]")
        assert await find_barriers(page) == []


async def test_marks_too_near_for_a_finger_are_one_mark_that_tells_of_all(open_page, find_barriers):
    told = {}
    for width in (390, 1440):
        page = await open_page(AT, viewport={"width": width, "height": 844})
        await expect(page.locator("#moment")).to_contain_text("6.20")
        marks = page.locator(".transport__mark")
        boxes = [await mark.bounding_box() for mark in await marks.all()]
        assert all(left["x"] + left["width"] <= right["x"] for left, right in itertools.pairwise(boxes))
        labels = [await mark.get_attribute("aria-label") for mark in await marks.all()]
        told[width] = [moment for label in labels for moment in label.split("; ")]
        assert width > 390 or (len(labels) < len(told[width]) and await find_barriers(page) == [])
    assert told[390] == told[1440]


async def test_a_mark_of_several_moments_goes_to_each_in_turn(open_page):
    page = await open_page(f"{PUB_SUB}?t=0.5", viewport=PHONE)
    await expect(page.locator("#moment")).to_contain_text("0.50 /", timeout=20_000)
    several = page.locator(".transport__mark", has_text="+").first
    label = await several.get_attribute("aria-label")
    moments = [part.split(" s: ")[0] for part in label.split("; ")]
    for moment in [*dict.fromkeys(moments), moments[0]]:
        await several.click()
        await expect(page.locator("#moment")).to_contain_text(f"{moment} /")


async def test_an_address_with_a_moment_shows_that_moment_and_its_message(open_page):
    page = await open_page(f"{PUB_SUB}?t=6.2&focus=20")
    await expect(page.locator("#moment")).to_contain_text("6.20")
    await expect(page.locator("[data-act=along]")).to_contain_text("#20")


async def test_steps_and_the_table_share_one_selection(open_page):
    page = await open_page(AT)
    await page.click("[data-tab=table]")
    row = page.locator("#events tr[aria-current=true]")
    before = int(await row.locator("td").first.inner_text())
    await page.click("[data-act=on]")
    await expect(row.locator("td").first).to_have_text(str(before + 1))
    await row.focus()
    await page.keyboard.press("ArrowUp")
    await page.keyboard.press("Enter")
    await expect(row.locator("td").first).to_have_text(str(before))


async def test_a_press_on_a_dot_selects_its_message(open_page):
    page = await open_page(f"{PUB_SUB}?t=6.02")
    await expect(page.locator("#flying button").first).to_be_attached()
    found = await page.evaluate("""() => {
        const canvas = document.querySelector('.stage__dots')
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data
        const at = []
        for (let i = 3; i < pixels.length; i += 4) if (pixels[i] === 255) at.push(i >> 2)
        const spot = at[at.length >> 1], box = canvas.getBoundingClientRect(), scale = canvas.width / box.width
        return [box.left + (spot % canvas.width) / scale, box.top + Math.floor(spot / canvas.width) / scale]
    }""")
    await page.mouse.click(*found)
    await expect(page.locator("[data-act=along]")).to_contain_text("#")


async def test_by_keyboard_alone_one_plays_steps_selects_a_message_and_gets_help(open_page):
    page = await open_page(AT)
    await expect(page.locator("#moment")).to_contain_text("6.20")
    await page.keyboard.press(".")
    later, _ = await moment(page)
    await page.keyboard.press(",")
    await page.keyboard.press("ArrowLeft")
    assert (await moment(page))[0] < later
    await page.keyboard.press("Home")
    assert (await moment(page))[0] == 0
    await page.keyboard.press(" ")
    await page.wait_for_function("() => Number(document.querySelector('#timeline').value) > 0.22")
    await page.keyboard.press(" ")
    await page.keyboard.press("m")
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-act=along]")).to_contain_text("#1")
    await page.keyboard.press("Shift+ArrowRight")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#keys")).to_be_hidden()


async def test_with_reduced_motion_links_flash_and_count_and_nothing_travels(open_page):
    page = await open_page(f"{PUB_SUB}?t=6.02", reduced_motion="reduce")
    await expect(page.locator(".stage__link--busy").first).to_be_attached()
    await expect(page.locator(".stage__words > span:visible").first).to_have_text(re.compile(r"[▲○]\d"))
    blank = await page.evaluate(
        "() => { const c = document.querySelector('.stage__dots');"
        "return !c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(Boolean) }"
    )
    assert blank


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_a_phone_shows_the_stage_the_time_and_one_sheet(open_page, theme):
    page = await open_page(AT, viewport=PHONE, color_scheme=theme)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await expect(page.locator(".lab__part:visible")).to_have_count(1, timeout=20_000)
    await page.click("[data-tab=holds]")
    await expect(page.locator("[data-part=holds]")).to_be_visible()
    await expect(page.locator("[data-part=bet]")).to_be_hidden()


async def test_view_and_workload_are_two_clocks(open_page):
    page = await open_page(PUB_SUB)
    await start_live(page)
    await page.click("[data-act=play]")  # the view stands, the workload goes on
    shown, had = await moment(page)
    await wait_for_run_time(page, had + 0.05)
    assert (await moment(page))[0] == shown
    await page.click("[data-act=live]")
    await page.click("[data-act=hold]")  # the workload stands
    await expect(page.locator("#badge")).to_contain_text("workload paused")
    _, held = await moment(page)
    for _ in range(20):  # many things can happen at one moment, and a step is one of them
        await page.click("[data-act=one]")
        if (await moment(page))[1] > held:
            break
    await wait_for_run_time(page, held)
    await page.click("[data-act=hold]")
    await wait_for_run_time(page, held + 0.1)
    await page.click("[data-act=stop]")
    await expect(page.locator("#badge")).to_contain_text("run over")


async def test_a_permalink_with_a_seed_makes_the_moment_again(open_page):
    page = await open_page(f"{PUB_SUB}?seed=7&publish-rate=8&fault=drop-ack:inventory&t=2.5&speed=0.05&focus=3")
    await expect(page.locator("#moment")).to_contain_text("2.50 /", timeout=20_000)
    await expect(page.locator("#badge")).to_contain_text("workload paused")
    await expect(page.locator("#badge")).to_contain_text("×1/20 time")
    await expect(page.locator("[data-node=inventory] .node__fault")).to_have_text("Acks lost")
    await expect(page.locator("[data-act=along]")).to_contain_text("#3")


async def test_a_permalink_does_again_what_was_done_at_its_time_and_says_so_again(open_page):
    done = "fault=drop-ack%3Ainventory%3D0.5%401.2000"
    page = await open_page(f"{PUB_SUB}?seed=7&speed=0.05&{done}&idempotency-key=true%402.0000&t=2.5")
    await expect(page.locator("#moment")).to_contain_text("2.50 /", timeout=20_000)
    await expect(page.locator("[data-node=inventory] .node__fault")).to_have_text("Acks lost")
    await page.click("[data-panel=share] > button")
    address = page.locator(".share__address")
    await expect(address).to_have_value(re.compile(re.escape(done)))
    await expect(address).to_have_value(re.compile(r"idempotency-key=true%402\.0000"))


async def test_where_a_live_run_cannot_be_had_the_page_stays_with_the_recorded_one_and_says_why(open_page):
    page = await open_page(f"{PUB_SUB}?seed=1&publish-rate=99999")
    await expect(page.locator("#notices")).to_contain_text("publish-rate", timeout=20_000)
    await expect(page.locator("#badge")).to_contain_text("recorded")
    await page.click("[data-act=on]")


async def test_a_lost_connection_keeps_the_log_and_comes_back_by_itself(open_page, complaints):
    page = await open_page()
    await page.add_init_script("""
        window.sockets = []
        const Real = WebSocket
        window.WebSocket = class extends Real { constructor(...a) { super(...a); window.sockets.push(this) } }
    """)
    await page.goto(PUB_SUB)
    await start_live(page)
    await page.evaluate("window.sockets.at(-1).close(3000)")
    await expect(page.locator("#notices")).to_contain_text("connection to the server is lost")
    await page.click("[data-act=back]")  # what was there is still there to look at
    shown, had = await moment(page)
    assert shown > 0
    await expect(page.locator("#notices")).to_contain_text("the run goes on", timeout=20_000)
    await wait_for_run_time(page, had + 0.1)
    seqs = await page.evaluate("""async () => {
        document.querySelector('[data-tab=table]').click()
        document.querySelector('[data-act=live]').click()
        await new Promise(done => setTimeout(done, 300))
        return [...document.querySelectorAll('#events tbody tr')].map(row => Number(row.cells[0].textContent))
    }""")
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))  # no gap where the connection was
    complaints.clear()
