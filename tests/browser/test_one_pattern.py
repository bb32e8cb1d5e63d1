"""One pattern learnt from start to end, as somebody does who has never been here: by mouse, by touch, and by keyboard.

What a screen reader is told is the accessibility tree; it is compared where a sighted visitor would look.
"""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import DESKTOP, PHONE

SOON = 30_000
RUN_MILLISECONDS = 90_000
MOST_TABS = 400


async def show(page: Page, part: str) -> None:
    """On a phone one part of the lab is open at a time; on a wide screen all are."""
    tab = page.locator(f"[data-tab={part}]")
    if await tab.is_visible():
        await tab.click()


async def begin_live(page: Page) -> None:
    await expect(page.locator("#badge")).to_contain_text("live", timeout=SOON)


@pytest.mark.parametrize(
    "screen", [{"viewport": DESKTOP}, {"viewport": PHONE, "has_touch": True}], ids=["desk", "phone"]
)
async def test_one_pattern_is_learnt_from_the_door_to_the_verdict(open_page, screen):
    page = await open_page("/", **screen)
    await page.get_by_role("link", name="Start with Pub-sub").click()
    await expect(page.locator("#badge")).to_contain_text("recorded", timeout=SOON)
    await page.get_by_role("button", name="Run live").click()
    await begin_live(page)
    await show(page, "bet")
    steps = page.locator(".goal__steps button")
    await steps.nth(0).click()
    await expect(page.locator("[data-fault=drop-ack]")).to_be_focused()
    await page.locator("[data-fault=drop-ack]").click()
    await page.get_by_role("dialog", name="Break it: Acks lost").get_by_role("button", name="Inventory").click()
    await page.select_option("[data-act=speed]", "2")
    await show(page, "holds")
    light = page.locator("[data-invariant=duplicated]")
    await expect(light).to_have_attribute("data-status", "violated", timeout=SOON)
    await show(page, "bet")
    await steps.nth(2).click()
    await page.locator("[data-remedy=idempotency-key]").click()
    await show(page, "bet")
    await expect(page.locator(".goal__steps > li[data-done]")).to_have_count(4, timeout=SOON)

    await page.get_by_role("button", name="Ask me about this run").click()
    await page.wait_for_url("**/quiz/")
    await page.get_by_role("radio").first.check()
    await page.get_by_role("button", name="Answer", exact=True).click()
    await expect(page.get_by_text("(Acks lost at Inventory)").first).to_be_visible(timeout=SOON)
    await expect(page.get_by_role("button", name="To the moment")).to_be_visible()

    await page.goto("/patterns/pub-sub/experiments/PS-11/")
    await page.get_by_label("Your bet", exact=True).fill("3")
    await page.get_by_role("button", name="Lock the bet and run").click()
    await page.locator(".result").wait_for(timeout=RUN_MILLISECONDS)
    await page.goto("/progress/")
    await expect(page.get_by_role("main")).to_contain_text("1 claim tried · 1 run kept")


async def tab_to(page: Page, place: Locator) -> None:
    """Press Tab until the focus is there, as somebody does who has nothing else."""
    await place.wait_for(timeout=SOON)
    for _ in range(MOST_TABS):
        if await place.evaluate("place => place === document.activeElement"):
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"{place} is not reached by {MOST_TABS} times Tab")


async def press(page: Page, place: Locator, key: str = "Enter") -> None:
    await tab_to(page, place)
    await page.keyboard.press(key)


async def test_one_pattern_is_learnt_by_keyboard_and_heard_by_a_screen_reader(open_page):
    page = await open_page("/", viewport=DESKTOP, reduced_motion="reduce")
    await press(page, page.get_by_role("link", name="Start with Pub-sub"))
    await expect(page.get_by_role("region", name="The lab")).to_match_aria_snapshot("""
        - region "The lab":
          - group "Parts of the system":
            - button /Orders/
            - button /Broker/
            - button /Inventory/
            - button /Shipping/
            - button /Analytics/
            - button /Email/
            - button /Dead letters/
          - group "Time":
            - 'group "View: what you look at"'
            - slider "Moment shown"
            - 'group "Workload: the backend that runs"':
              - button "Run live"
    """)
    await press(page, page.get_by_role("button", name="Run live"))
    await begin_live(page)
    await press(page, page.locator(".goal__steps button").nth(0))
    await expect(page.locator("[data-fault=drop-ack]")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(
        page.get_by_role("dialog", name="Break it: Acks lost").get_by_role("button", name="Inventory")
    ).to_be_focused()
    await page.keyboard.press("Enter")
    await tab_to(page, page.get_by_label("Workload speed"))
    await page.keyboard.press("End")
    await expect(page.locator("#digest")).to_contain_text("broken: No order applied twice", timeout=SOON)
    await press(page, page.locator(".goal__steps button").nth(2))
    cure = page.get_by_role("button", name="Idempotency key", exact=True)
    await expect(cure).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(cure).to_have_attribute("aria-pressed", "true", timeout=SOON)
    await expect(page.get_by_role("button", name=re.compile("^No order applied twice"))).to_match_aria_snapshot(
        "- button /No order applied twice.*holds since/", timeout=SOON
    )

    await press(page, page.get_by_role("link", name="Answer questions about it"))
    await tab_to(page, page.locator("#question input:not([type=hidden])").first)
    await page.keyboard.type("50")
    await page.keyboard.press("Enter")
    await expect(page.locator("#stem")).to_be_focused(timeout=SOON)
    await expect(page.locator(".desk__verdict")).to_be_visible()

    await page.goto("/patterns/pub-sub/experiments/PS-11/")
    bet = page.get_by_label("Your bet", exact=True)
    await tab_to(page, bet)
    await page.keyboard.type("4")
    await page.keyboard.press("Enter")
    await expect(page.locator(".result")).to_match_aria_snapshot(
        """
        - region /You bet 4 readers. It was 4 readers/:
          - heading /You bet 4 readers. It was 4 readers/ [level=2]
          - img /measured 4, your bet 4/
          - heading /Why/ [level=3]
          - region "Predicted against measured":
            - table
        """,
        timeout=RUN_MILLISECONDS,
    )
