"""What every test shares: pages are rendered with plain static names; the browser tests serve the hashed ones."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties

# How long an example takes says something of the machine, and nothing of the property.
properties.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
properties.load_profile("suite")


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
