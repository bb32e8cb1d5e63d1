"""What a pattern's page weighs on the wire, as a browser counts it: every answer up to where the page is left alone."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.conftest import DESKTOP, PHONE

BUDGET_BYTES = 100_000
MOST_REQUESTS = 25
LABS = ["pub-sub", "request-response"]


async def weigh(open_page, slug: str, viewport: dict[str, int]) -> tuple[Page, dict[str, int]]:
    """Load a page with nothing kept from before, touch nothing, and wait until it plays and asks for no more."""
    page = await open_page(viewport=viewport)
    done: list[Request] = []
    page.on("requestfinished", lambda request: done.append(request))
    await page.goto(f"/patterns/{slug}/", wait_until="networkidle")
    await expect(page.locator("#badge")).to_contain_text("recorded", timeout=20_000)
    await page.wait_for_function("Number.parseFloat(document.querySelector('#moment').textContent) > 0", timeout=20_000)
    await page.wait_for_load_state("networkidle")
    return page, {request.url: (await request.sizes())["responseBodySize"] for request in done}


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("slug", LABS)
async def test_a_lab_that_plays_weighs_no_more_than_its_budget(open_page, slug, viewport):
    _, weights = await weigh(open_page, slug, viewport)
    assert any(f"golden/{slug}" in url for url in weights)
    assert any("/js/stage/" in url for url in weights)
    assert sum(weights.values()) <= BUDGET_BYTES, sorted(weights.items(), key=lambda item: -item[1])
    assert len(weights) <= MOST_REQUESTS, sorted(weights)


async def test_a_reader_who_does_something_has_every_panel(open_page):
    page, _ = await weigh(open_page, "pub-sub", PHONE)
    assert await page.locator("[data-fault]").count() == 0  # he could not have seen them
    await page.keyboard.press("Tab")
    for panel in ("goal", "knobs", "faults", "lights", "charts", "message", "transcript", "code", "fidelity"):
        await expect(page.locator(f"[data-panel={panel}] > *").nth(1)).to_be_attached(timeout=20_000)
