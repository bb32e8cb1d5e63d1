"""A claim from bet to verdict in a real browser: by mouse, by keyboard, on a phone, without a script; comparisons."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, expect

CLAIM = "/patterns/pub-sub/experiments/PS-11/"
PHONE = {"width": 390, "height": 844}
RUN_MILLISECONDS = 90_000
PASSED = re.compile(r"^\s*(?!0\.00)\d")
"""The view's clock, once it has left the beginning."""


async def bet(page, value: str) -> None:
    await page.get_by_label("Your bet", exact=True).fill(value)
    await page.get_by_role("button", name="Lock the bet and run").click()


async def wait_for_result(page: Page) -> None:
    """The result comes with a page of its own, whose styles may come after its words."""
    await page.locator(".result").wait_for(timeout=RUN_MILLISECONDS)
    await page.wait_for_load_state("load")


async def test_a_claim_is_used_from_a_bad_bet_to_its_verdict(open_page, find_barriers, complaints):
    page = await open_page(CLAIM)
    assert await find_barriers(page) == []
    await bet(page, "many")
    wrong = page.get_by_text("“many” is no number")
    await wrong.wait_for()
    assert await page.get_by_label("Your bet", exact=True).input_value() == "many"
    assert await page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert all("422" in said for said in complaints)  # the browser notes the refusal, as it should
    complaints.clear()
    await bet(page, "4")
    await wait_for_result(page)
    await expect(page.locator(".result__gap")).to_have_text("You bet 4 readers. It was 4 readers: exactly.")
    await expect(page.get_by_role("img", name="your bet 4")).to_be_visible()
    assert await find_barriers(page) == []
    await page.goto("/patterns/pub-sub/")
    await expect(page.locator(".proved").first).to_contain_text("proved 1 of 17")
    chip = page.locator("#PS-11 .claim-chip")
    await expect(chip).to_contain_text("refined")
    await chip.hover()
    await page.get_by_text("by your run of").first.wait_for()


async def test_all_arms_replay_on_one_time_axis(open_page):
    page = await open_page(CLAIM, reduced_motion="reduce")
    await page.get_by_role("button", name="Run without a bet").click()
    await wait_for_result(page)
    arms = page.locator("[data-arms]")
    await arms.locator(".arm").first.wait_for()
    await arms.scroll_into_view_if_needed()
    await page.locator(".arms__bar output", has_text=re.compile("/ [1-9]")).wait_for()
    await expect(arms.locator(".arm")).to_have_count(5)
    await expect(arms.get_by_text("recorded", exact=True)).to_have_count(5)
    line = arms.get_by_label("Moment shown")
    await line.fill("10")
    await expect(arms.locator("output")).to_have_text(re.compile(r"^10\.00"))
    for said in ("schema check refuses", "Shipping is off"):
        await expect(arms.locator(".arm__last", has_text=said).first).to_be_visible()


async def test_the_arms_are_seen_while_they_run_and_found_again_when_they_are_over(open_page, find_barriers):
    page = await open_page("/patterns/pub-sub/experiments/PS-15/")
    await page.get_by_role("button", name="Run without a bet").click()
    arms = page.locator(".live-arms")
    await arms.get_by_text("running now").first.wait_for(timeout=RUN_MILLISECONDS)
    assert await arms.locator(".arm").count() == 5
    await arms.get_by_text(re.compile("Running now: the runs are at [0-9]")).wait_for()
    await page.locator(".arms__bar output", has_text=PASSED).wait_for()
    assert await find_barriers(page) == []
    await page.locator(".result").wait_for(timeout=RUN_MILLISECONDS)
    await page.locator("[data-arms]").get_by_text("recorded", exact=True).nth(4).wait_for()
    await page.locator(".arm").last.scroll_into_view_if_needed()
    await page.locator(".arms__bar output", has_text=PASSED).wait_for()


async def test_a_claim_works_by_keyboard_alone(open_page):
    page = await open_page(CLAIM, viewport=PHONE, color_scheme="dark")
    await page.get_by_label("Your bet", exact=True).focus()
    await page.keyboard.type("3")
    await page.keyboard.press("Tab")
    await page.keyboard.press("ArrowRight")  # the slider says the same as the field
    await expect(page.get_by_label("Your bet", exact=True)).to_have_value("4")
    await page.keyboard.press("Shift+Tab")
    await page.keyboard.press("Enter")
    await wait_for_result(page)
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_a_claim_works_without_a_script(open_page, complaints):
    page = await open_page(CLAIM, java_script_enabled=False)
    await page.get_by_label("Your bet", exact=True).fill("9")
    await page.get_by_role("button", name="Lock the bet and run").click()
    await expect(page.get_by_text("out of range").first).to_be_visible()
    await expect(page.get_by_label("Your bet", exact=True)).to_have_value("9")
    complaints.clear()  # the browser notes the refusal, as it should


async def test_a_run_can_be_stopped_and_is_void(open_page):
    page = await open_page("/patterns/pub-sub/experiments/PS-5/")
    await page.get_by_role("button", name="Run without a bet").click()
    await page.get_by_role("button", name="Stop").click()
    await page.get_by_text("The last run does not count").wait_for()
    assert "not yet run by you" in await page.locator(".question").inner_text()


async def test_curves_are_drawn_by_pointer_and_by_number(open_page, find_barriers):
    page = await open_page("/patterns/pub-sub/experiments/PS-14/")
    form = page.locator("#bet-sweep")
    first = form.locator("input[type=number]").first
    plot = form.locator("svg.draw__plot")
    await plot.scroll_into_view_if_needed()
    # nothing is drawn yet, and nothing drawn is no bet
    assert {await each.input_value() for each in await form.locator("input[type=number]").all()} == {""}
    assert await plot.locator("circle[visibility=visible]").count() == 0
    for height in (0.9, 0.2):  # the second stroke goes to the second curve, since the first has its point there
        box = await plot.bounding_box()
        x = box["x"] + box["width"] * 24 / 640
        await page.mouse.click(x, box["y"] + box["height"] * (240 - 24 - height * 192) / 240)
    assert await plot.locator("circle[visibility=visible]").count() == 2
    second = form.locator("fieldset").nth(1).locator("input[type=number]").first
    assert abs(int(await second.input_value()) - 20) <= 2
    await first.fill("90")
    before = await first.input_value()
    box = await plot.bounding_box()
    # from the first point of the first curve (90 %) down to the bottom
    x = box["x"] + box["width"] * 24 / 640
    await page.mouse.move(x, box["y"] + box["height"] * (240 - 24 - 0.9 * 192) / 240)
    await page.mouse.down()
    await page.mouse.move(x, box["y"] + box["height"] * (240 - 24 - 0.1 * 192) / 240, steps=4)
    await page.mouse.up()
    assert before == "90"
    assert abs(int(await first.input_value()) - 10) <= 2
    assert await find_barriers(page) == []


@pytest.mark.parametrize("width", [390, 820, 1440])
async def test_ledger_and_comparison_never_scroll_sideways(open_page, find_barriers, width):
    page = await open_page("/claims/", viewport={"width": width, "height": 900})
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    await page.goto("/compare/?workload=page")
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert await find_barriers(page) == []


async def test_a_comparison_runs_and_the_winner_follows_the_yardstick(open_page, find_barriers):
    page = await open_page("/compare/?patterns=pub-sub,request-response&workload=order&size=100")
    await page.get_by_label("Three in ten").check()
    await page.get_by_role("button", name="Run them").click()
    await page.get_by_role("button", name="Stop").wait_for()
    await expect(page.locator(".live-arms .arm")).to_have_count(2)  # all ways are there while they run
    await expect(page.locator(".arms__now")).to_contain_text("run", timeout=RUN_MILLISECONDS)
    await page.locator(".compare__table").wait_for(timeout=RUN_MILLISECONDS)
    await page.wait_for_load_state("load")
    await expect(page.locator("#outcome-title")).to_contain_text("Pub-sub: publish an event is ahead")
    assert await page.get_by_text("as expected").count() > 2
    await page.locator(".arm").first.wait_for()  # the page's script is awake
    await page.get_by_label("Who wins depends").select_option("messages")
    await page.get_by_text("Request-response: wait for the answer is ahead").wait_for()
    await page.locator(".arm").nth(1).wait_for()
    assert await find_barriers(page) == []
