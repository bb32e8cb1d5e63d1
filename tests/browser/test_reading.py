"""The pages to read, in a real browser: every width, both themes, by keyboard, without a script."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE

HOME, BUILT, UNBUILT = "/", "/patterns/pub-sub/", "/patterns/etl/"
WIDTHS = (390, 820, 1440)


@pytest.mark.parametrize("path", [UNBUILT, "/patterns/orchestration/"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_card_has_no_barrier_in_either_theme(open_page, find_barriers, path, scheme):
    page = await open_page(path, color_scheme=scheme)
    await page.eval_on_selector_all("details", "all => all.slice(0, 3).forEach(one => { one.open = true })")
    assert await find_barriers(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_home_page_has_no_barrier_in_either_theme(open_page, find_barriers, scheme):
    page = await open_page(HOME, color_scheme=scheme)
    assert await find_barriers(page) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", [HOME, BUILT, UNBUILT])
async def test_a_page_never_scrolls_sideways(open_page, path, width):
    page = await open_page(path, viewport={"width": width, "height": 900})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", [HOME, UNBUILT])
async def test_everything_to_press_is_large_enough_for_a_finger(open_page, path):
    page = await open_page(path, viewport={"width": 390, "height": 844})
    small = await page.evaluate(
        """() => [...document.querySelectorAll('a, button, summary, input')]
            .filter(one => one.checkVisibility() && getComputedStyle(one).display !== 'inline')
            .map(one => [one.textContent.trim(), one.getBoundingClientRect().height])
            .filter(([, height]) => height < 24)"""
    )
    assert small == []


async def test_a_chosen_theme_outlives_a_reload_and_is_there_before_the_first_paint(open_page):
    page = await open_page(HOME, color_scheme="light")
    light = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    await page.get_by_role("button", name="Display: theme and size").click()
    await page.get_by_label("Dark").check()
    dark = await page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    # The theme is set by a script in the head that runs before there is a body to paint.
    await page.add_init_script(
        """new MutationObserver((_, watch) => {
            if (document.body) { window.themeAtBody = document.documentElement.dataset.theme; watch.disconnect() }
        }).observe(document, {childList: true, subtree: true})"""
    )
    await page.reload()
    assert await page.evaluate("window.themeAtBody") == "dark"
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


async def test_a_canvas_can_read_finished_colours_and_hears_of_a_change(open_page):
    page = await open_page(HOME, color_scheme="light")
    read = "getComputedStyle(document.documentElement).getPropertyValue('--mark-event')"
    assert await page.evaluate(read) == "rgb(86, 180, 233)"
    await page.evaluate("document.addEventListener('themechange', () => { window.heard = true })")
    await page.emulate_media(color_scheme="dark")
    assert await page.evaluate(read) == "rgb(124, 199, 242)"
    assert await page.wait_for_function("window.heard")


async def test_in_projector_mode_nothing_is_smaller_than_twenty_pixels(open_page):
    page = await open_page(UNBUILT)
    await page.get_by_role("button", name="Display: theme and size").click()
    await page.get_by_label("Large, for a projector").check()
    smallest = await page.evaluate(
        """() => Math.min(...[...document.querySelectorAll('main *, header *')]
            .filter(one => one.checkVisibility() && !one.closest('svg') && !one.closest('code'))
            .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()))
            .map(one => parseFloat(getComputedStyle(one).fontSize)))"""
    )
    assert smallest >= 18.75  # an id in a monospaced face is set at 94 %, since its letters are wider
    assert await page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= 20


async def test_by_keyboard_one_skips_to_the_content_and_opens_a_claim(open_page):
    page = await open_page(UNBUILT)
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.textContent") == "Skip to the content"
    await page.keyboard.press("Enter")
    assert await page.evaluate("document.activeElement.id") == "content"
    while await page.evaluate("document.activeElement.tagName") != "SUMMARY":
        await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    assert await page.get_by_text("We expect").first.is_visible()


async def test_on_a_phone_the_menu_opens_without_a_script_too(open_page):
    page = await open_page(HOME, viewport={"width": 390, "height": 844}, java_script_enabled=False)
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Patterns")
    assert not await link.is_visible()
    await page.get_by_role("button", name="Menu").click()
    assert await link.is_visible()


async def test_without_a_script_a_built_lab_teaches_by_its_recorded_run_and_its_card(open_page):
    page = await open_page(BUILT, java_script_enabled=False)
    assert await page.get_by_role("heading", name="A recorded run, in words").is_visible()
    assert await page.locator(".transcript li").count() >= 5
    assert await page.get_by_role("heading", name="The problem").is_visible()
    assert not await page.get_by_role("button", name="Display: theme and size").is_visible()


async def test_with_a_script_the_stage_stands_in_for_the_written_run(open_page):
    page = await open_page(BUILT)
    assert not await page.get_by_role("heading", name="A recorded run, in words").is_visible()


async def test_an_unknown_pattern_leads_to_the_right_one(open_page, complaints):
    page = await open_page("/patterns/pubsub/")
    complaints.clear()  # the browser logs the 404 itself
    await page.get_by_role("main").get_by_role("link", name="Pub-sub").first.click()
    await page.wait_for_url("**/patterns/pub-sub/")


@pytest.mark.parametrize(
    "path", ["/cases/", "/cases/uber-kafka/", "/glossary/", "/search/?q=kafka", "/choose/?needs=others", "/paths/"]
)
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_pages_to_read_have_no_barrier_in_either_theme(open_page, find_barriers, path, scheme):
    page = await open_page(path, color_scheme=scheme)
    assert await find_barriers(page) == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "path", ["/cases/", "/cases/netflix-zuul/", "/glossary/", "/search/?q=kafka", "/choose/?needs=others", "/paths/"]
)
async def test_the_pages_to_read_never_scroll_sideways(open_page, path, width):
    page = await open_page(path, viewport={"width": width, "height": 900})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_the_stage_speaks_a_products_words_and_still_does_after_a_reload(open_page):
    page = await open_page(BUILT)
    node = page.locator('.stage .node[data-node="broker"] .node__name')
    assert await node.text_content() == "Broker"
    await page.get_by_label("In the words of").select_option("nats")
    await page.locator('.stage .node[data-node="broker"] .node__name', has_text="nats-server").wait_for()
    await expect(page.locator('.stage .node[data-node="inventory"]')).to_contain_text("one durable consumer")
    await page.reload()
    await page.locator('.stage .node[data-node="broker"] .node__name', has_text="nats-server").wait_for()
    await page.get_by_label("In the words of").select_option("")
    await page.locator('.stage .node[data-node="broker"] .node__name', has_text="Broker").wait_for()
    await expect(page.locator(".node__word")).to_have_count(0)


@pytest.mark.parametrize("tour", ["fan-out", "lost-ack"])
async def test_a_recorded_tour_plays_by_itself_and_is_labelled(open_page, tour):
    page = await open_page(f"{BUILT}recorded/{tour}/")
    await expect(page.locator("#badge")).to_contain_text("recorded")
    await expect(page.locator("#moment")).not_to_have_text(re.compile(r"^0\.00 / "))
    await expect(page.locator("#moment")).not_to_have_text(re.compile(r" / 0\.00 s$"))


async def test_a_page_server_is_no_gateway_and_a_product_without_a_word_cannot_be_chosen(open_page):
    page = await open_page("/patterns/request-response/")
    choice = page.get_by_label("In the words of")
    await choice.select_option("apigee")
    await expect(page.locator('.stage .node[data-node="price"]')).to_contain_text("TargetEndpoint")
    await expect(page.locator('.stage .node[data-node="page"] .node__name')).to_have_text("Page server")
    await expect(page.locator('.stage .node[data-node="page"] .node__word')).to_have_count(0)
    assert await choice.locator("option[value=flink]").is_disabled()
    await page.evaluate("localStorage.setItem('words', 'flink')")
    await page.reload()
    await expect(page.locator("[data-said]")).to_contain_text("no word for anything here")
    await expect(choice).to_have_value("")


async def test_knobs_and_cures_speak_a_products_words_and_mark_those_that_mislead(open_page):
    page = await open_page(BUILT)
    choice = page.get_by_label("In the words of")
    knob = page.locator('.knob[data-control="ack-timeout"]')
    await choice.select_option("google-pubsub")
    await expect(knob.locator(".knob__label")).to_have_text("ack deadline")
    await expect(knob.get_by_role("slider", name="ack deadline")).to_be_visible()
    # a false friend is marked, and says why
    members = page.locator('.knob[data-control="consumers-per-group"] .knob__label')
    await expect(members).to_have_text("one subscription ◆")
    await expect(members).to_have_attribute("title", re.compile("False friend: "))
    # too long for the label's place: the lab's word stays, the product's stands beside it
    cure = page.locator('[data-remedy="dead-letter-queue"]')
    await page.mouse.move(
        200, 200
    )  # the panel of the cures is fetched only now, and wears the words that were chosen before
    await expect(cure.locator(".remedy__name")).to_have_text("Dead-letter queue")
    await expect(cure.locator(".setting__word")).to_contain_text("dead-letter topic")
    await choice.select_option("nats")
    await expect(knob.locator(".knob__label")).to_have_text("AckWait")
    await choice.select_option("")
    await expect(knob.locator(".knob__label")).to_have_text("Ack timeout")
    await expect(knob.get_by_role("slider", name="Ack timeout")).to_be_visible()
    await expect(page.locator(".setting__word")).to_have_count(0)


@pytest.mark.parametrize(
    "path", [BUILT, "/cases/cloudflare-2019/", "/patterns/pub-sub/quiz/PS-Q2/", "/choose/?needs=others"]
)
async def test_on_paper_nothing_asks_to_be_pressed_and_all_words_stay(open_page, path):
    page = await open_page(path)
    assert await page.locator(".button:visible").count()
    await page.emulate_media(media="print")
    assert await page.locator(".button:visible").count() == 0
    assert await page.locator("h1").is_visible()


async def test_on_paper_a_source_has_its_address_beside_it(open_page):
    page = await open_page("/cases/cloudflare-2019/")
    links = page.locator(".citations a")
    after = "link => getComputedStyle(link, '::after').content"
    assert await links.first.evaluate(after) == "none"
    await page.emulate_media(media="print")
    assert await links.count() >= 3
    for link in await links.all():
        assert await link.get_attribute("href") in await link.evaluate(after)


@pytest.mark.parametrize("path", ["/choose/?needs=others", "/progress/", "/patterns/etl/"])
async def test_on_paper_what_is_folded_lies_open(open_page, path):
    page = await open_page("/patterns/pub-sub/quiz/PS-Q2/")
    await page.get_by_role("radio").first.check()
    await page.get_by_role("button", name="Answer").click()
    await page.get_by_role("heading", name="Each option").wait_for()  # now there is something of one's progress to fold
    await page.goto(path)
    folded = page.locator("main details:not([open]) > :last-child")
    assert await folded.count()
    assert not await folded.first.is_visible()
    await page.emulate_media(media="print")
    for each in await folded.all():
        assert await each.is_visible()


async def test_the_slash_key_leads_from_any_page_into_the_search_box(open_page):
    page = await open_page(UNBUILT)
    await page.keyboard.press("/")
    await page.wait_for_url("**/search/")
    assert await page.evaluate("document.activeElement.id") == "q"
    await page.keyboard.type('poison" OR (')
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Cases").wait_for()
    await page.get_by_role("heading", name="Search").click()
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") == "q"


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("path", ["/", "/patterns/etl/", "/cases/", "/patterns/pub-sub/quiz/PS-Q4/"])
async def test_a_page_is_as_long_before_its_fonts_have_come(open_page, path, viewport):
    """What stands in for them is as wide: what somebody reads stays where it is when they come."""
    faces = 'new FontFace("one", "local(Arial), local(Liberation Sans), local(Roboto), local(Helvetica)").load()'
    heights = []
    for font in ("ours", "none"):
        page = await open_page(viewport=viewport)
        if font == "none":
            await page.route("**/*.woff2", lambda route: route.fulfill(body=b"", content_type="font/woff2"))
        await page.goto(path, wait_until="networkidle")
        if not await page.evaluate(f"{faces}.then(() => true, () => false)"):
            pytest.skip("This machine has none of the faces that stand in for ours.")
        heights.append(
            await page.evaluate("document.fonts.ready.then(() => document.querySelector('main').scrollHeight)")
        )
    assert heights[1] == pytest.approx(heights[0], rel=0.02)
