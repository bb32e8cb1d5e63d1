"""Settings: strict about the environment, safe by default, telling about misconfiguration."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection

from explorer import checks
from explorer.environment import VARIABLES, BadEnvironmentError, Environment
from explorer.origin import is_same_origin
from explorer.secret import read_or_create_secret

ROOT = Path(__file__).resolve().parent.parent.parent


def load_settings(**variables: str) -> subprocess.CompletedProcess[str]:
    show = (
        "from explorer import settings as s; import json; "
        "print(json.dumps([s.DEBUG, s.ALLOWED_HOSTS, s.EXPLORER_HOSTS, s.DATABASES, s.CHANNEL_LAYERS], default=str))"
    )
    kept = {"PATH": os.environ["PATH"]}
    return subprocess.run(
        [sys.executable, "-c", show], env={**kept, **variables}, cwd=ROOT, capture_output=True, text=True
    )


def test_nothing_has_to_be_set_to_run_on_this_machine():
    answer = load_settings()
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.startswith('[false, ["localhost", "127.0.0.1", "[::1]"], 1')


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"EXPLORER_HOST": "2"}, "no environment variable EXPLORER_HOST; did you mean EXPLORER_HOSTS?"),
        ({"EXPLORER_ZZZ": "2"}, "it knows EXPLORER_HOSTS, "),
        ({"EXPLORER_HOSTS": "many"}, "EXPLORER_HOSTS is 'many'; it must be a whole number, at least 1."),
        ({"EXPLORER_HOSTS": "0"}, "at least 1"),
        ({"DEBUG": "maybe"}, "DEBUG is 'maybe'; it must be one of 1, true, yes, on or 0, false, no, off."),
        (
            {"DATABASE_URL": "mysql://u:secret-word@h/d"},
            "DATABASE_URL starts with mysql; it must be a URL with sqlite or",
        ),
        ({"DATABASE_URL": "postgresql://u:p@h:port/d"}, "DATABASE_URL cannot be read"),
        ({"REDIS_URL": "localhost:6379"}, "REDIS_URL starts with localhost; it must be a URL with redis"),
        ({"ALLOWED_HOSTS": "patterns.example.org"}, "SECRET_KEY is not set"),
    ],
)
def test_a_variable_that_cannot_be_used_stops_the_site_with_a_sentence(variables, sentence):
    answer = load_settings(**variables)
    assert answer.returncode == 1
    assert sentence in answer.stderr.splitlines()[-1]
    assert "secret-word" not in answer.stderr


def test_postgresql_comes_with_a_pool_and_no_kept_connections():
    database = load_settings(DATABASE_URL="postgresql://u:p@h/d").stdout
    assert '"pool": {' in database
    assert '"CONN_MAX_AGE": 0' in database


def test_redis_becomes_the_channel_layer():
    assert "channels_redis" in load_settings(REDIS_URL="redis://localhost:6379/0").stdout


def test_every_variable_has_a_meaning_and_a_default_that_parses():
    environment = Environment({})
    for variable in VARIABLES:
        assert variable.meaning
        assert environment.text(variable.name) == variable.default
    with pytest.raises(KeyError):
        environment.text("EXPLORER_UNDECLARED")


def test_a_blank_value_counts_as_absent():
    assert Environment({"EXPLORER_HOSTS": " "}).count("EXPLORER_HOSTS") == 1
    with pytest.raises(BadEnvironmentError, match="at least 1"):
        Environment({"EXPLORER_HOSTS": "-1"}).count("EXPLORER_HOSTS")


def test_the_development_secret_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "new" / "secret-key"
    first = read_or_create_secret(path)
    assert len(first) > 50
    assert read_or_create_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["secret-key"]


@pytest.mark.django_db
def test_sqlite_writes_ahead_and_takes_the_lock_at_the_start_of_a_transaction():
    if connection.vendor != "sqlite":
        pytest.skip("the suite runs on another database")
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.transaction_mode == "IMMEDIATE"
    assert ":memory:" not in str(connection.settings_dict["NAME"])


def test_no_directive_of_the_policy_allows_inline_or_eval_or_another_site():
    assert {"default-src", "style-src", "connect-src", "frame-ancestors", "base-uri", "form-action"} <= set(
        settings.SECURE_CSP
    )
    sources = [str(source) for directive in settings.SECURE_CSP.values() for source in directive]
    assert not [source for source in sources if "unsafe" in source or "//" in source or "*" in source]


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


class TestChecks:
    """Each misconfiguration is told by id; a good configuration is silent."""

    def ids(self, *found):
        return [message.id for messages in found for message in messages]

    @pytest.mark.django_db
    def test_the_site_as_it_comes_has_nothing_to_complain_about(self, settings, tmp_path):
        settings.STATIC_ROOT = tmp_path
        (tmp_path / "staticfiles.json").write_text("{}")
        assert [message for message in run_checks() if message.id.startswith("explorer")] == []

    def test_a_wildcard_host_is_refused(self, settings):
        settings.ALLOWED_HOSTS = ["*"]
        assert self.ids(checks.check_hosts(None)) == ["explorer.E001"]

    def test_a_public_site_without_https_is_warned_of(self, settings):
        settings.ALLOWED_HOSTS = ["patterns.example.org"]
        assert self.ids(checks.check_hosts(None)) == ["explorer.W001"]

    def test_https_without_a_trusted_proxy_is_refused(self, settings):
        settings.EXPLORER_HTTPS, settings.EXPLORER_PROXIES = True, 0
        assert self.ids(checks.check_redirect(None)) == ["explorer.E002"]
        settings.EXPLORER_PROXIES = 1
        assert checks.check_redirect(None) == []

    def test_limits_that_contradict_each_other_or_the_machine_are_warned_of(self, settings):
        settings.EXPLORER_RUNS_PER_VISITOR, settings.EXPLORER_RUNS_PER_HOST = 9, 8
        assert "explorer.W002" in self.ids(checks.check_limits(None))
        settings.EXPLORER_HOSTS = 10_000
        assert "explorer.W003" in self.ids(checks.check_limits(None))

    def test_a_data_folder_that_is_not_there_is_refused(self, settings, tmp_path):
        settings.VAR = tmp_path / "nothing"
        assert self.ids(checks.check_data_folder(None)) == ["explorer.E003"]

    def test_sqlite_in_memory_is_refused(self, settings, monkeypatch):
        memory = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
        monkeypatch.setitem(settings.DATABASES, "default", memory)
        assert self.ids(checks.check_database(None)) == ["explorer.E004"]

    def test_missing_static_files_are_warned_of(self, settings, tmp_path):
        settings.DEBUG, settings.STATIC_ROOT = False, tmp_path
        assert self.ids(checks.check_static_files(None)) == ["explorer.W006"]


@pytest.mark.parametrize(
    ("host", "origin", "welcome"),
    [
        ("localhost:8000", "http://localhost:8000", True),
        ("LOCALHOST:8000", "http://localhost:8000", True),
        ("[::1]:8000", "http://[::1]:8000", True),
        ("localhost", "http://localhost:80", True),
        ("localhost", "https://localhost", True),
        ("localhost:8000", None, True),
        ("localhost:8000", "http://evil.example", False),
        ("localhost:8000", "http://localhost:3000", False),
        ("localhost:8000", "null", False),
        ("localhost:8000", "http://localhost:x", False),
        ("evil.example", "http://evil.example", False),
        ("", "http://localhost", False),
    ],
)
def test_only_a_page_of_this_site_may_open_a_socket(host, origin, welcome):
    headers = [(b"host", host.encode())] + ([(b"origin", origin.encode())] if origin else [])
    assert is_same_origin(headers, ["localhost", "[::1]"]) is welcome
