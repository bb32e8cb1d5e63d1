"""What every test shares: pages are rendered with plain static names; the browser tests serve the hashed ones."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    # A page test needs no collected files; test_static_files.py and the browser tests build the real ones.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}


@pytest.hookimpl(tryfirst=True)  # before xdist reads the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A real server keeps real time: its tests take their turn with the browser's, and never run beside Chromium."""
    for item in items:
        if "nats" in item.nodeid or "nats" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("browser"))
