"""The quiz in a browser: by keyboard, on a phone, without JavaScript, with a real run behind a prediction."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from explorer.quizzes.clues import TEXTS
from explorer.quizzes.recordings import find_riddles
from tests.browser.conftest import PHONE, OpenPage

FindBarriers = Callable[[Page], Awaitable[list[str]]]


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE])
async def test_a_question_is_answered_and_explained(
    open_page: OpenPage, find_barriers: FindBarriers, viewport: dict[str, int]
) -> None:
    page = await open_page("/patterns/pub-sub/quiz/PS-Q2/", viewport=viewport)
    assert await find_barriers(page) == []
    await page.get_by_role("radio").first.check()
    await page.get_by_role("button", name="Answer").click()
    await expect(page.get_by_role("heading", name="Each option")).to_be_visible()
    await expect(page.locator("#stem")).to_be_focused()
    await expect(page).to_have_url(re.compile("answer="))
    assert await find_barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_question_is_answered_by_keyboard_alone(open_page: OpenPage) -> None:
    page = await open_page("/patterns/pub-sub/quiz/PS-Q2/")
    await page.get_by_role("radio").first.focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.locator(".desk__verdict")).to_be_visible()


async def test_without_javascript_the_whole_way_is_open(open_page: OpenPage) -> None:
    page = await open_page("/patterns/etl/quiz/", java_script_enabled=False)
    await page.get_by_role("button", name="A hint").click()
    await expect(page.get_by_role("list", name="Hints").get_by_role("listitem")).to_have_count(1)


async def test_a_prediction_is_settled_by_a_real_run(open_page: OpenPage) -> None:
    page = await open_page("/patterns/pub-sub/quiz/PS-Q3/")
    await page.get_by_role("radio").first.check()
    await page.get_by_role("button", name="Answer").click()
    await expect(page.locator("#verdict")).to_be_visible(timeout=60_000)
    await expect(page.locator(".compared")).to_contain_text("orders")
    await page.get_by_role("link", name="Watch the recording of that run").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("PS-Q3")


async def test_a_fault_is_spotted_by_a_click_on_the_topology(open_page: OpenPage, find_barriers: FindBarriers) -> None:
    page = await open_page("/patterns/pub-sub/quiz/PS-Q11/")
    await expect(page.get_by_role("table")).to_be_visible(timeout=60_000)
    assert await find_barriers(page) == []
    await page.locator('[data-picture] rect[data-node="orders"]').click()
    await expect(page.get_by_role("radio", name="Orders")).to_be_checked()
    await page.get_by_role("button", name="Answer").click()
    await expect(page.get_by_role("heading", name="That is right")).to_be_visible()


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE])
async def test_a_live_run_asks_about_itself_and_the_answer_rewinds_the_stage(
    open_page: OpenPage, find_barriers: FindBarriers, viewport: dict[str, int]
) -> None:
    page = await open_page("/patterns/pub-sub/?scenario=lost-ack&speed=5", viewport=viewport)
    await expect(page.locator("#lab .lab__badge")).to_contain_text("run over", timeout=60_000)
    await page.get_by_role("button", name="Ask me about this run").click()
    await expect(page.locator("#stem")).to_contain_text("What caused this retry?")
    await page.get_by_role("radio", name="its answer was lost on the way back").check()
    await page.get_by_role("button", name="Answer").click()
    await expect(page.get_by_role("heading", name="That is right")).to_be_visible()
    # runs up to the moment, and stands still there
    await expect(page.locator("[data-replay=said]")).to_contain_text("The log has it at", timeout=20_000)
    await expect(page.locator("[data-replay=play]")).to_have_text("▶ Play")
    moment = json.loads(await page.locator("#replay-data").text_content() or "")["moment"]
    assert float(await page.locator("[data-replay=line]").input_value()) == pytest.approx(moment)
    assert await find_barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_a_recorded_run_that_is_not_ones_own_does_not_offer_itself(open_page: OpenPage) -> None:
    page = await open_page("/patterns/pub-sub/")
    await expect(page.locator("#lab .lab__badge")).to_contain_text("recorded")
    await expect(page.get_by_role("button", name="Ask me about this run")).to_be_hidden()


@pytest.mark.parametrize("viewport", [{"width": 1440, "height": 900}, PHONE])
async def test_a_riddle_plays_a_run_without_names_and_then_with_them(
    open_page: OpenPage, find_barriers: FindBarriers, viewport: dict[str, int]
) -> None:
    riddle = next(name for name, slug in find_riddles().items() if slug == "pub-sub")
    page = await open_page(f"/review/?question={riddle}", viewport=viewport)
    line = page.locator("[data-replay=line]")
    await expect(line).not_to_have_value("0")  # it plays by itself
    names = await page.locator("#replay .node__name").all_inner_texts()
    assert sorted(names)[:3] == ["A", "B", "C"]
    assert "pub-sub" not in page.url
    assert await find_barriers(page) == []
    await page.get_by_role("radio", name="Pub-sub").check()
    # whichever recording was drawn, only here do a broker's, a producer's, a consumer's or an ack's words hold
    signs = [TEXTS[name] for name in ("part-broker", "part-producer", "part-consumer", "message-ack")]
    offered = await page.locator('label:has([name="clue"])').all_inner_texts()
    clue = next(text for text in signs if text in map(str.strip, offered))
    await page.get_by_role("radio", name=clue).check()
    await page.get_by_role("button", name="Answer").click()
    await expect(page.get_by_role("heading", name="That is right")).to_be_visible()
    await expect(page.locator("[data-replay=said]")).to_contain_text(clue[1:], timeout=20_000)
    assert "Broker" in await page.locator("#replay .node__name").all_inner_texts()
    assert await find_barriers(page) == []


@pytest.mark.parametrize("path", ["/review/", "/progress/", "/progress/notebook/", "/account/register/"])
async def test_the_pages_around_it_have_no_barriers(
    open_page: OpenPage, find_barriers: FindBarriers, path: str
) -> None:
    page = await open_page(path, viewport=PHONE, color_scheme="dark")
    assert await find_barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
