"""What every test shares: pages are rendered with plain static names; the browser tests serve the hashed ones."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    from django.conf import settings

    # A page test needs no collected files; test_static_files.py and the browser tests build the real ones.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
