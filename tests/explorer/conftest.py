"""A visitor without a script, on the site with its own content."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from explorer.catalogue.loading import load_content
from explorer.catalogue.rules import KINDS


@pytest.fixture(scope="module")
def _content(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load the site's own content once a module: reading all fixtures takes a second."""
    with django_db_blocker.unblock():
        load_content(Path(settings.FIXTURE_DIRS[0]))
    yield
    with django_db_blocker.unblock():
        for kind in reversed(KINDS):
            kind.objects.all().delete()


@pytest.fixture
def site(_content: None, db: None) -> Client:
    """A browser without a script."""
    return Client()
