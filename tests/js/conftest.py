"""The site's modules in a real Chromium, without the site: files come straight from `static/`.

`run_js("return ...", data)` runs the body of an async function there; `load` in it imports a module by its path below
`static/js`.
"""

from __future__ import annotations

import asyncio
import json
import mimetypes
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, async_playwright
from pytest_asyncio import is_async_test

from explorer.browser import FLAGS, find_browser
from patterns.core.clock import ManualClock
from patterns.core.pattern import discover
from patterns.core.run import Run
from patterns.host.encoder import Encoder
from patterns.host.recording import record

HERE = Path(__file__).parent
STATIC = HERE.parent.parent / "static"
ORIGIN = "http://modules.invalid"
FRAME_SECONDS = 0.05


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser, one loop, one worker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("js"))
            if is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def modules() -> AsyncIterator[Page]:
    """Give an empty page that can import the site's modules, styled by its tokens."""
    path = find_browser()
    if not path:
        pytest.fail("No Chromium here; `python3 manage.py test` installs one, or set EXPLORER_CHROME.")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = await browser.new_page(viewport={"width": 1000, "height": 700})
        await page.route(f"{ORIGIN}/**", _serve)
        await page.goto(f"{ORIGIN}/")
        yield page
        await browser.close()


RunJs = Callable[..., Awaitable[Any]]


@pytest.fixture
def run_js(modules: Page) -> RunJs:
    """Run the body of an async function with `load` and `data`; an exception in it fails the test."""

    async def run(body: str, data: Any = None) -> Any:
        begin = "const load = path => import('/js/' + path); document.body.replaceChildren();"
        return await modules.evaluate(f"async data => {{ {begin} {body} }}", data)

    return run


async def _serve(route: Route) -> None:
    path = route.request.url.removeprefix(ORIGIN).split("?")[0]
    if path == "/":
        names = ("tokens", "base", "components/stage")
        sheets = "".join(f'<link rel="stylesheet" href="/css/{name}.css">' for name in names)
        await route.fulfill(body=f"<!doctype html><title>modules</title>{sheets}<body>", content_type="text/html")
        return
    file = STATIC / path.lstrip("/")
    kind = "text/javascript" if file.suffix == ".js" else mimetypes.guess_type(file.name)[0] or "text/plain"
    await route.fulfill(body=file.read_bytes(), content_type=kind)


class Recorded:
    """A short run of pub-sub with two faults, a cure and a late reader: its recording, a snapshot after each frame."""

    def __init__(self) -> None:
        self.recording: dict[str, Any] = {}
        self.snapshots: list[dict[str, Any]] = []

    async def make(self) -> Recorded:
        pattern = discover()["pub-sub"]
        run = Run(pattern, 7, {"publish-rate": 20, "service-time": 0.04}, clock=ManualClock())
        encoder = Encoder(run)
        await run.start()
        run.clock.call_at(0.5, lambda: run.faults.ask("drop-ack", "inventory", 0.8))
        run.clock.call_at(0.6, lambda: run.faults.ask("reorder", "shipping", 0.5))  # so that not all flights are equal
        run.clock.call_at(3.0, lambda: run.set("idempotency-key", True))
        run.clock.call_at(4.0, lambda: run.faults.heal("drop-ack:inventory"))
        run.clock.call_at(4.2, lambda: run.set("loyalty", True))
        while run.clock.now() < 5.0:
            await run.clock.run_for(FRAME_SECONDS)  # type: ignore[attr-defined]
            if encoder.frame():
                self.snapshots.append(json.loads(encoder.snapshot()))
        await run.stop("long enough")
        self.recording = json.loads(record(run, encoder))
        return self


@pytest.fixture(scope="session")
def recorded() -> Recorded:
    return asyncio.run(Recorded().make())
