"""A served site and a real Chromium that fails the test for anything it complains about.

The site is `manage.py demo` itself, in a process of its own with a database of its own: what a visitor gets, with the
host process and all. One site and one browser for each process of the suite; all browser tests run in one group.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Route, async_playwright
from pytest_asyncio import is_async_test

from explorer.browser import FLAGS, NoBrowserError, find_browser

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SECONDS_TO_START = 300.0
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
RULES = '{rules: {"target-size": {enabled: true}}}'  # axe leaves it out; what a finger cannot hit is a barrier too


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser objects live in one event loop, so all tests here share it, and one worker."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))
            if is_async_test(item):
                item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@dataclass
class Site:
    """A running demo: its address, its process, and the last lines it said."""

    address: str
    process: subprocess.Popen[str]
    said: deque[str]

    def url(self, path: str) -> str:
        return self.address.rstrip("/") + path


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve the site as `manage.py demo` does, with an empty database for its visitors."""
    database = tmp_path_factory.mktemp("site") / "site.sqlite3"
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": f"sqlite:///{database}", "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    said: deque[str] = deque(maxlen=200)
    found, address = threading.Event(), []

    def read() -> None:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            match = re.match(r"Open (http\S+)", line)
            if match:
                address.append(match.group(1))
            if match or " answers " in line:  # the second is what `demo` says of a page that failed
                found.set()
        found.set()

    threading.Thread(target=read, daemon=True).start()
    try:
        if not found.wait(SECONDS_TO_START) or not address:
            pytest.fail("manage.py demo did not serve:\n" + "".join(said))
        yield Site(address[0], process, said)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Launch the Chromium that `manage.py test` found."""
    try:
        path = find_browser()
    except NoBrowserError as problem:
        pytest.fail(str(problem))
    if not path:
        pytest.fail("No Chromium here; `python3 manage.py test` installs one, or set EXPLORER_CHROME.")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        await launched.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained about; empty at the end of a test, unless the test emptied it on purpose."""
    return []


OpenPage = Callable[..., Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, site: Site, complaints: list[str]) -> AsyncIterator[OpenPage]:
    """Open pages, each a visitor of its own: `await open_page("/path/", viewport=PHONE, reduced_motion="reduce")`."""
    contexts: list[BrowserContext] = []

    async def open_one(path: str = "", **options: object) -> Page:
        context = await browser.new_context(base_url=site.address, **{"viewport": DESKTOP, **options})
        contexts.append(context)
        await watch(context, site, complaints)
        page = await context.new_page()
        if path:
            await page.goto(path)
        return page

    yield open_one
    for context in contexts:
        await context.close()
    assert not complaints, "the browser complained:\n" + "\n".join(complaints)


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: OpenPage) -> Page:
    """Return one page on a wide screen, not gone anywhere yet."""
    return await open_page()


async def watch(context: BrowserContext, site: Site, complaints: list[str]) -> None:
    """Note each console error (a violated CSP is one), each exception, and each request that leaves the site."""

    async def refuse(route: Route) -> None:
        complaints.append(f"foreign request: {route.request.url}")
        await route.abort()

    ours = re.escape(site.address)
    await context.route(re.compile(rf"^(?!{ours}|data:|blob:)"), refuse)
    context.on("weberror", lambda error: complaints.append(f"exception: {error.error}"))
    context.on(
        "console",
        lambda said: (
            complaints.append(f"console: {said.text} ({said.location['url']})") if said.type == "error" else None
        ),
    )


@pytest.fixture
def find_barriers() -> Callable[[Page], Awaitable[list[str]]]:
    """Run axe on a page: `assert await find_barriers(page) == []`."""
    axe = (HERE / "axe" / "axe.min.js").read_text(encoding="utf-8")

    async def run(page: Page) -> list[str]:
        # Evaluated from outside, so that the page's own policy stays as strict as it is for visitors.
        await page.evaluate(axe + ";undefined")
        found = await page.evaluate(f"axe.run({RULES}).then(result => result.violations)")
        return [f"{rule['id']}: {rule['help']}: {node['target']}" for rule in found for node in rule["nodes"]]

    return run
