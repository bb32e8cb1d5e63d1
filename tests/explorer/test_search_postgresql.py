"""The same search on PostgreSQL, where a server is at hand: another engine, the same answers."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from explorer.search.query import fold, join_words

PROBE = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "explorer.settings"
import django
django.setup()
from django.core.management import call_command
from django.db import connection
call_command("migrate", verbosity=0)
call_command("content", stdout=sys.stderr)
from explorer.search.index import find
from explorer.search.query import read_words
with connection.cursor() as cursor:
    cursor.execute("UPDATE search_index SET sought_body = sought_body || ' cafe' WHERE name = 'p2p 2'")
    cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'search_index'")
    indexes = [row[0] for row in cursor.fetchall()]
found = {typed: [hit.url for hit in find(read_words(typed))[0]] for typed in json.loads(sys.argv[1])}
print(json.dumps({"found": found, "indexes": indexes}))
"""
ASKED = {
    "P2P-1": "/patterns/peer-to-peer/#P2P-1",
    "GW-Q1": "/patterns/api-gateway/quiz/GW-Q1/",
    "uber-kafka": "/cases/uber-kafka/",
    "peer-to-peer": "/patterns/peer-to-peer/",
    "1.4 billion": "/cases/slack-job-queue/",
    "café": "/patterns/peer-to-peer/#P2P-2",
}
"""What is typed, and what comes first."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The DATABASE_URL of a server of our own, reached over a socket in a folder that goes with it."""
    missing = [program for program in ("initdb", "postgres") if not shutil.which(program)]
    if missing:
        pytest.skip(f"no PostgreSQL server is at hand: {' and '.join(missing)} cannot be found on the PATH")
    # the server refuses to run as root
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="explorer-pg-"))
    shutil.chown(folder, user)
    subprocess.run(
        ["initdb", "-D", folder / "data", "-U", "explorer", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        user=user, cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    server = subprocess.Popen(
        ["postgres", "-D", folder / "data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
        user=user, cwd=folder, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        while not (folder / ".s.PGSQL.5432").exists() and server.poll() is None:
            time.sleep(0.05)
        yield f"postgresql://explorer@{quote(str(folder), safe='')}/postgres"
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def test_words_are_folded_and_split_alike_for_what_is_typed_and_what_is_there() -> None:
    assert fold("Café Ärger") == "Cafe Arger"
    assert join_words("P2P-1: 1.4 Milliarden, “naïve”") == "p2p 1 1 4 milliarden naive"


def test_postgresql_answers_as_sqlite_does_over_an_index(address: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROBE, json.dumps(list(ASKED))],
        env={**os.environ, "DATABASE_URL": address}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    answer = json.loads(ran.stdout.splitlines()[-1])
    assert {typed: urls[:1] for typed, urls in answer["found"].items()} == {
        typed: [url] for typed, url in ASKED.items()
    }
    assert any("USING gin (document)" in index for index in answer["indexes"])
