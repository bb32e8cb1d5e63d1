"""The panels of the lab page on a served site: what they show, what they send, and that the log agrees."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import PHONE

LAB = "/patterns/pub-sub/"
SOON = 20_000  # milliseconds; the machine that runs the suite may be busy with something else


async def run_live(page: Page, speed: str = "1") -> None:
    """Start a run and let it go at a speed of one that a test can wait for."""
    await page.click("[data-act=run]")
    await expect(page.locator("#badge")).to_contain_text("live", timeout=SOON)
    await page.select_option("[data-act=speed]", speed)


async def lose_acks(page: Page, how: str = "click") -> None:
    chip = page.locator("[data-fault=drop-ack]")
    if how == "keyboard":
        await chip.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")  # the menu has put the focus on its first target, Inventory
    else:
        await chip.click()
        await page.click(".fault-menu [data-target=inventory]")


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, {"viewport": PHONE}], ids=["wide", "dark", "phone"])
async def test_the_panels_have_no_barrier(open_page, find_barriers, options):
    page = await open_page(f"{LAB}?t=8.2&focus=20", **options)
    await expect(page.locator("#moment")).to_contain_text("8.20 /", timeout=SOON)
    assert await find_barriers(page) == []
    for name in await page.locator("[role=tab]:visible").evaluate_all("tabs => tabs.map(tab => tab.dataset.tab)"):
        await page.click(f"[data-tab={name}]")
        assert await find_barriers(page) == [], name


async def test_a_fault_is_asked_then_seen_and_a_cure_stops_what_it_breaks(open_page):
    page = await open_page(LAB)
    await run_live(page, "0.05")
    await lose_acks(page)
    asked = page.locator("[data-fault-on='drop-ack:inventory']")
    await expect(asked).to_have_class(re.compile("chip--asked"), timeout=SOON)
    await expect(asked).to_contain_text("asked")
    await page.select_option("[data-act=speed]", "2")
    await expect(asked).to_have_class(re.compile("chip--seen"), timeout=SOON)
    light = page.locator("[data-invariant=duplicated]")
    await expect(light).to_have_attribute("data-status", "violated", timeout=SOON)
    await page.click("[data-remedy=idempotency-key]")
    await expect(page.locator("[data-remedy=idempotency-key]")).to_have_attribute("aria-pressed", "true", timeout=SOON)
    await expect(light).to_contain_text("holds since", timeout=SOON)
    await expect(page.locator(".goal__steps > li[data-done]")).to_have_count(4, timeout=SOON)
    await asked.locator(".fault__heal").click()
    await expect(asked).to_have_count(0, timeout=SOON)


async def test_a_violated_light_leads_to_the_event_that_broke_it(open_page):
    page = await open_page(f"{LAB}?t=12")
    light = page.locator("[data-invariant=duplicated]")
    await expect(light).to_have_attribute("data-status", "violated", timeout=SOON)
    await light.click()
    await expect(page.locator(".message__line[aria-current]")).to_contain_text(
        "broke “No order applied twice”", timeout=SOON
    )
    await expect(light).to_contain_text("1 ×")
    await page.click("[data-tab=code]")
    await expect(page.locator("[data-panel=code] .code__line--ran")).to_contain_text("applied", timeout=SOON)


async def test_the_evidence_of_a_fault_is_one_press_away(open_page):
    page = await open_page(f"{LAB}?t=12")
    await page.locator("[data-fault-on='drop-ack:inventory'] .fault__proof").click()
    await expect(page.locator(".transcript__line[data-current]")).to_contain_text(
        "is lost on its way to Broker", timeout=SOON
    )


async def test_everything_can_be_broken_by_keyboard_alone(open_page):
    page = await open_page(LAB, reduced_motion="reduce")
    await run_live(page)
    await lose_acks(page, "keyboard")
    await expect(page.locator("[data-fault-on='drop-ack:inventory']")).to_have_count(1, timeout=SOON)
    await expect(page.locator("[data-fault=drop-ack]")).to_be_focused()


async def test_a_fault_can_be_dragged_onto_a_node_it_can_hit_and_no_other(open_page):
    page = await open_page(LAB)
    await run_live(page)
    chip = page.locator("[data-fault=slow]")
    await chip.scroll_into_view_if_needed()
    for node in ("broker", "shipping"):
        start = await chip.bounding_box()
        end = await page.locator(f".stage [data-node={node}]").bounding_box()
        await page.mouse.move(start["x"] + 10, start["y"] + 10)
        await page.mouse.down()
        await page.mouse.move(end["x"] + 20, end["y"] + 20, steps=5)
        await page.mouse.up()
    await expect(page.locator("#notices")).to_contain_text("cannot hit Broker", timeout=SOON)
    await expect(page.locator("[data-fault-on='slow:shipping']")).to_have_count(1, timeout=SOON)
    await expect(page.locator("[data-fault-on]")).to_have_count(1)


async def test_a_knob_turned_on_a_recorded_run_asks_to_run_live_with_it(open_page):
    page = await open_page(f"{LAB}?t=3")
    knob = page.locator("[data-control=publish-rate]")
    await knob.locator(".knob__number").fill("12")
    await knob.locator(".knob__number").press("Enter")
    await page.click("[data-panel=knobs] >> text=Run live with this")
    await expect(page.locator("#badge")).to_contain_text("live", timeout=SOON)
    await expect(knob.locator(".knob__number")).to_have_value("12")
    await expect(page.locator("[data-panel=knobs] .run-with-this")).to_be_hidden()
    await knob.locator("[type=range]").focus()
    await page.keyboard.press("ArrowUp")
    await expect(page.locator(".transport__mark--tuned")).to_have_count(1, timeout=SOON)
    await expect(knob.locator(".knob__number")).to_have_value("12.5")


async def test_a_value_out_of_bounds_gets_a_sentence_and_changes_nothing(open_page):
    page = await open_page(f"{LAB}?t=3")
    knob = page.locator("[data-control=publish-rate]")
    await knob.locator(".knob__number").fill("900")
    await knob.locator(".knob__number").press("Enter")
    await expect(knob.locator(".knob__error")).to_have_text("Publish rate cannot be “900”; it goes from 0.5 to 200 /s.")
    await knob.locator(".knob__number").blur()
    await expect(knob.locator(".knob__number")).to_have_value("5", timeout=SOON)
    await expect(page.locator("#badge")).to_contain_text("recorded")


async def test_the_charts_library_is_loaded_when_a_chart_is_opened_and_not_before(open_page):
    page = await open_page(f"{LAB}?t=12")
    await expect(page.locator(".spark__line--1").first).to_have_attribute("d", re.compile("^M"), timeout=SOON)
    assert await page.evaluate("typeof Plotly") == "undefined"
    await page.click(".charts__open")
    await expect(page.locator(".charts__plot .scatterlayer path.js-line").first).to_be_attached(timeout=SOON)
    drawn = await page.locator(".charts__plot").first.evaluate("plot => plot.data[0].x.at(-1)")
    assert drawn == pytest.approx(12.0)
    await page.keyboard.press("Escape")
    await expect(page.locator(".charts__dialog")).to_be_hidden()


async def test_the_transcript_holds_only_the_lines_in_sight_and_follows_the_view(open_page):
    page = await open_page(f"{LAB}?t=1")
    current = page.locator(".transcript__line[data-current] .transcript__at")
    await expect(current).to_be_visible(timeout=SOON)
    await page.locator("#timeline").fill("15")
    await expect(current).to_contain_text(re.compile(r"1[45]\.\d\d s"), timeout=SOON)
    await page.locator(".transcript__scroll").scroll_into_view_if_needed()
    await expect(current).to_be_in_viewport()
    assert await page.locator(".transcript__line").count() < 60
    await page.locator(".transcript__scroll").focus()
    before = await page.locator("#moment").text_content()
    for _ in range(4):
        await page.keyboard.press("ArrowUp")
    await expect(page.locator("#moment")).not_to_have_text(before or "", timeout=SOON)


async def test_a_payload_is_shown_as_it_was_sent(open_page):
    page = await open_page(f"{LAB}?t=9&focus=20")
    await page.click(".message details summary")
    await expect(page.locator(".message__payload")).to_contain_text('"customer"', timeout=SOON)
    assert json.loads(await page.locator(".message__payload").inner_text())["id"] == "20"


async def test_a_run_is_kept_and_its_log_and_trace_can_be_had(open_page):
    page = await open_page(LAB)
    await run_live(page, "5")
    await expect(page.locator("#moment")).to_have_text(re.compile(r"^([2-9]|\d\d)"), timeout=SOON)
    await page.click("[data-panel=share] > button")
    await expect(page.locator(".share__address")).to_have_value(re.compile("t="), timeout=SOON)
    await page.fill(".share__keep .input", "Two seconds of it")
    await page.click(".share__keep button")
    links = page.locator(".share__kept a")
    await expect(links).to_have_count(3, timeout=SOON)
    addresses = await links.evaluate_all("links => links.map(link => link.href)")
    answers = [await page.request.get(address) for address in addresses]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert json.loads((await answers[1].text()).splitlines()[0])["seq"] == 1
    assert "resourceSpans" in await answers[2].json()


async def test_a_guided_tour_plays_live_and_stops_to_explain(open_page):
    page = await open_page(LAB)
    await page.click(".scenarios summary")
    await page.click("[data-tour=lost-ack]")
    await expect(page.locator("#badge")).to_contain_text("live", timeout=SOON)
    await page.select_option("[data-act=speed]", "5")
    await expect(page.locator(".bubble--stop")).to_contain_text("only the news of it was lost", timeout=SOON)
    await page.click(".scenarios summary")
    await expect(page.locator(".scenario[data-on] .scenario__state")).to_contain_text("stop 1 of 3", timeout=SOON)


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "dark"}], ids=["wide", "phone"])
async def test_a_part_pressed_shows_what_is_in_it_and_what_it_has_parked(open_page, find_barriers, options):
    page = await open_page(f"{LAB}?tour=poison-message&t=25", **options)
    await expect(page.locator("#moment")).to_contain_text("25.00 / 40.00", timeout=SOON)
    await page.click(".stage [data-node=dead-letters]")
    view = page.locator(".node-view")
    await expect(view).to_contain_text("What nobody could handle, kept.", timeout=SOON)
    await expect(view).to_contain_text("Parked: 12")
    await expect(view.locator("[data-remedy=replay-dead-letters]")).to_be_disabled()  # a recording cannot
    assert await find_barriers(page) == []
    await view.locator(".node-view__parked button").first.click()
    await expect(page.locator("[data-panel=message] > h2")).to_have_text("Message #8", timeout=SOON)
    await expect(page.locator("#moment")).to_contain_text("14.48 /")
    await expect(view).to_be_hidden()


async def test_what_is_parked_is_sent_back_from_where_it_lies(open_page):
    page = await open_page(
        f"{LAB}?fault=poison:orders=0.5&dead-letter-queue=true&max-deliveries=2&retry-delay=0.1&speed=2"
    )
    await expect(page.locator("#badge")).to_contain_text("live", timeout=SOON)
    await page.focus(".stage [data-node=dead-letters]")
    await page.keyboard.press("Enter")
    replay = page.locator(".node-view [data-remedy=replay-dead-letters]")
    await expect(page.locator(".node-view__parked li").first).to_be_visible(timeout=SOON)
    await replay.click()
    await expect(page.locator(".node-view__list").last).to_contain_text("replay → Broker", timeout=SOON)


async def test_a_log_can_be_had_as_a_file_although_nobody_keeps_the_run(open_page):
    page = await open_page(f"{LAB}?t=12")
    await expect(page.locator("#moment")).to_contain_text("12.00 /", timeout=SOON)
    await page.click("[data-panel=share] > button")
    async with page.expect_download() as coming:
        await page.click(".share__files >> text=JSON Lines")
    log = await coming.value
    assert log.suggested_filename == "pub-sub-seed-7-log.jsonl"
    lines = [json.loads(line) for line in (await log.path()).read_text("utf-8").splitlines()]
    assert lines[-1]["kind"] == "ended"
    assert [line["seq"] for line in lines] == list(range(1, len(lines) + 1))
    async with page.expect_download() as coming:
        await page.click(".share__files >> text=OpenTelemetry trace")
    assert "resourceSpans" in json.loads((await (await coming.value).path()).read_text("utf-8"))


async def test_a_recorded_tour_can_be_shared_at_its_moment(open_page):
    page = await open_page(LAB)
    await page.click(".scenarios summary")
    await page.locator(".scenario", has=page.locator("[data-tour=poison-message]")).get_by_text("Recorded").click()
    await expect(page.locator("#moment")).to_contain_text("/ 40.00 s", timeout=SOON)
    await page.click("[data-panel=share] > button")
    address = await page.locator(".share__address").input_value()
    assert "tour=poison-message" in address
    there = await open_page(address)
    await expect(there.locator("#moment")).to_contain_text("/ 40.00 s", timeout=SOON)


async def test_an_address_that_is_not_understood_says_what_would_be_right(open_page):
    page = await open_page(f"{LAB}?publishrate=9&t=99&focus=zz")
    notices = page.locator("#notices")
    await expect(notices).to_contain_text("perhaps “publish-rate” is meant", timeout=SOON)
    await expect(notices).to_contain_text("“t=99” is past the end of this run")
    await expect(notices).to_contain_text("no message “zz”")
