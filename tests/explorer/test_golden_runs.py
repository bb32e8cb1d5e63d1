"""What `manage.py record` keeps: the recording a page shows first, and beside it the payloads few visitors open."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from django.conf import settings

from explorer.management.commands.record import keep, read_kept
from patterns.core.pattern import discover
from patterns.host.recording import Reader


def test_a_recording_and_its_payloads_are_whole_again_when_read_back(tmp_path: Path) -> None:
    made = orjson.dumps({"recorded": "now", "frames": [1], "payloads": {"a": {"b": 1}}, "parents": {}})
    keep(made, tmp_path / "x.json", apart=True)
    assert orjson.loads((tmp_path / "x.json").read_bytes())["payloads"] == {}
    assert orjson.loads((tmp_path / "x.payloads.json").read_bytes()) == {"a": {"b": 1}}
    assert orjson.loads(read_kept(tmp_path / "x.json")) == orjson.loads(made)
    keep(made, tmp_path / "tour.json", apart=False)
    assert read_kept(tmp_path / "tour.json") == made


@pytest.mark.parametrize("slug", discover())
def test_the_payloads_beside_a_golden_run_are_those_of_its_messages(slug: str) -> None:
    recording = orjson.loads(read_kept(settings.ROOT / "static" / "golden" / f"{slug}.json"))
    reader = Reader()
    list(reader.read(recording))
    assert recording["payloads"]
    assert set(recording["payloads"]) <= {message["id"] for message in reader.messages}
