"""Moving dots in a real Chromium without a graphics processor, against the same page with none."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.bench.child import ROOT
from tests.bench.comparison import Comparison, interleave

SECONDS = 3
DOTS = (200, 1000, 5000)
FOLDERS = {"bench": ROOT / "tests" / "bench", "js": ROOT / "static" / "js", "css": ROOT / "static" / "css"}


class Files(SimpleHTTPRequestHandler):
    """Serves the page and the stage's own modules."""

    def translate_path(self, path: str) -> str:
        folder, _, rest = path.partition("?")[0].lstrip("/").partition("/")
        return str(Path(FOLDERS.get(folder, ROOT / "static"), rest))

    def log_message(self, *said: Any) -> None:
        pass


def measure_drawing() -> list[Comparison]:
    """Frames a second, and what one costs in script."""
    rates = {dots: Comparison(f"drawing-{dots}", "an empty page", "frames per second") for dots in DOTS}
    costs = {dots: Comparison(f"drawing-{dots}-script", "an empty page", "ms per frame") for dots in DOTS}
    rates[5000].bound = 0.95
    costs[5000].bound, costs[5000].is_ceiling, costs[5000].is_absolute = 4.0, True, True
    with serve() as address, open_page() as read:

        def draw(dots: int) -> None:
            shown = read(f"{address}/bench/drawing.html?dots={dots}&seconds={SECONDS}")
            for wanted in [dots] if dots else DOTS:
                rate, cost = rates[wanted], costs[wanted]
                (rate.ours if dots else rate.rival).append(shown["frames_per_second"])
                (cost.ours if dots else cost.rival).append(shown["ms_per_frame"])

        interleave(partial(draw, 0), *(partial(draw, dots) for dots in DOTS))
    return [*rates.values(), *costs.values()]


@contextmanager
def serve() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


@contextmanager
def open_page() -> Iterator[Callable[[str], dict[str, Any]]]:
    from playwright.sync_api import sync_playwright

    from explorer.browser import FLAGS, find_browser

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser() or None, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1280, "height": 800})

        def read(address: str) -> dict[str, Any]:
            page.goto(address)
            page.wait_for_function("document.documentElement.dataset.result", timeout=60_000)
            result: dict[str, Any] = json.loads(page.evaluate("document.documentElement.dataset.result"))
            return result

        yield read
        browser.close()
