"""What a start does once: it notices what changed, and only then works."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import override_settings

from explorer import preparation


@pytest.fixture
def calls(monkeypatch):
    made = []
    monkeypatch.setattr(preparation, "call_command", lambda name, **options: made.append(name))
    return made


@pytest.fixture
def sources(tmp_path, settings):
    """A root with one content file and one style sheet."""
    settings.ROOT = tmp_path
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    settings.STATIC_ROOT = tmp_path / "var"
    for folder, text in (("fixtures", "card"), ("static", "css"), ("var", "")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "file").write_text(text)
    return tmp_path


@pytest.fixture
def database(db):
    if connection.vendor != "sqlite":
        pytest.skip("other databases keep no number; they are always brought up to date")
    yield
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version = 0")


@pytest.mark.usefixtures("database")
def test_content_is_loaded_again_only_when_its_sources_change(sources, calls):
    preparation.prepare_database()
    assert calls == ["migrate", "content"]
    assert preparation.prepare_database() == "up to date"
    (sources / "fixtures" / "file").write_text("edited")
    preparation.prepare_database()
    assert calls == ["migrate", "content"] * 2


@pytest.mark.usefixtures("database")
def test_content_that_was_refused_is_tried_again(sources, monkeypatch):
    def refuse(name, **options):
        raise RuntimeError(name)

    monkeypatch.setattr(preparation, "call_command", refuse)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            preparation.prepare_database()


def test_static_files_are_collected_again_only_when_one_changes(sources, calls):
    assert preparation.collect_static_files() == "collected"
    assert preparation.collect_static_files() == "up to date"
    (sources / "static" / "new").write_text("")
    assert preparation.collect_static_files() == "collected"
    assert calls == ["collectstatic"] * 2


def test_with_debug_on_static_files_are_served_from_where_they_are(sources, calls):
    with override_settings(DEBUG=True):
        assert preparation.collect_static_files() == "up to date"
    assert calls == []


def test_a_fingerprint_sees_names_and_contents(sources):
    folder = [sources / "fixtures"]
    before = preparation.fingerprint(folder)
    assert preparation.fingerprint(folder) == before
    (sources / "fixtures" / "file").rename(sources / "fixtures" / "other")
    assert preparation.fingerprint(folder) != before
