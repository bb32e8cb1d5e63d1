"""A trial that is watched: its runs go side by side and are shown as they go, and measure what they would unwatched."""

from __future__ import annotations

import gzip
import zlib
from itertools import groupby
from pathlib import Path
from typing import Any

import orjson
import pytest

from patterns.core.experiment import Arm, experiments
from patterns.core.run import Run
from patterns.core.trial import carry_out
from patterns.host import stage as stage_module
from patterns.host.recording import Reader
from patterns.host.stage import Stage

LIVE_NAME = "live.gz"


def read_live(folder: Path) -> list[dict[str, Any]]:
    """Every line so far; the stream has no end while the trial goes on."""
    whole = zlib.decompressobj(31).decompress((folder / LIVE_NAME).read_bytes())
    return [orjson.loads(line) for line in whole.splitlines()]


def read_recording(kept: dict[str, Any]) -> dict[str, Any]:
    recording: dict[str, Any] = orjson.loads(gzip.decompress(Path(kept["file"]).read_bytes()))
    return recording


async def watch_trial(claim: str, folder: Path) -> tuple[Any, list[dict[str, Any]]]:
    kept: list[dict[str, Any]] = []
    stage = Stage(folder / LIVE_NAME, claim, lambda kind, **fields: kept.append(fields))
    report = await carry_out(
        claim, size="reduced", watch=lambda arm, run: stage.show(arm.name, arm.label, run, run.settings)
    )
    return report, kept


@pytest.mark.parametrize("claim", ["PS-15", "RR-7"])
async def test_a_watched_trial_measures_what_it_measures_unwatched(claim: str) -> None:
    seen: list[Arm] = []
    watched = await carry_out(claim, size="reduced", watch=lambda arm, run: seen.append(arm))
    unwatched = await carry_out(claim, size="reduced")
    assert seen
    assert watched.arms == unwatched.arms


async def test_arms_go_side_by_side_so_that_all_are_at_one_moment() -> None:
    moments: list[tuple[str, float]] = []
    await carry_out("PS-11", size="reduced", watch=lambda arm, run: moments.append((arm.name, run.clock.now())))
    arms = [arm.name for arm in experiments()["PS-11"][1].arms]
    rounds = [list(group) for _, group in groupby(moments, key=lambda each: each[1])]
    assert len(rounds) > 50
    for together in rounds[:-1]:
        assert [name for name, _ in together] == arms


async def test_the_live_lines_hold_every_event_of_every_recording(tmp_path: Path) -> None:
    _, kept = await watch_trial("PS-11", tmp_path)
    lines = read_live(tmp_path)
    assert [each["label"] for each in kept] == [arm.label for arm in experiments()["PS-11"][1].arms]
    for each in kept:
        recording = read_recording(each)
        mine = [line for line in lines if line.get("arm") == each["arm"]]
        assert [line["t"] for line in (mine[0], mine[-1])] == ["arm", "end"]
        frames = [line["frame"] for line in mine if line["t"] == "frame"]
        assert frames == recording["frames"]
        assert len([event for event in Reader().read({"frames": frames}) if event["seq"]]) == each["events"]
        assert mine[0]["run"]["settings"] == recording["settings"]


async def test_lines_can_be_read_while_the_runs_go_on(tmp_path: Path) -> None:
    stage, sizes = Stage(tmp_path / LIVE_NAME, "PS-11", lambda kind, **fields: None), set[int]()

    def look(arm: Arm, run: Run) -> None:
        stage.show(arm.name, arm.label, run, run.settings)
        if not run.ended.done():
            sizes.add(len(read_live(tmp_path)))

    await carry_out("PS-11", size="reduced", watch=look)
    assert len(sizes) > 100


async def test_more_than_anybody_should_be_sent_is_cut_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stage_module, "MOST_LIVE_BYTES", 5000)
    _, kept = await watch_trial("PS-11", tmp_path)
    lines = read_live(tmp_path)
    assert [line["t"] for line in lines].count("cut") == 1
    assert lines[-1]["t"] == "cut"
    assert len(kept) == len(experiments()["PS-11"][1].arms)


@pytest.mark.parametrize(
    ("claim", "lab"), [("RR-8", "pub-sub"), ("RR-12", "request-response"), ("RR-3", "request-response")]
)
async def test_an_arm_that_is_no_run_of_the_lab_is_shown_too(claim: str, lab: str, tmp_path: Path) -> None:
    _, kept = await watch_trial(claim, tmp_path)
    experiment = experiments()[claim][1]
    assert {each["arm"] for each in kept} == {arm.name for arm in experiment.arms}
    for arm in experiment.arms:
        assert not arm.lab or arm.procedure
        if arm.procedure:
            assert [each["pattern"] for each in kept if each["arm"] == arm.name] == [lab]
            assert (arm.lab or "request-response") == lab


async def test_a_hundred_real_calls_are_told_with_the_times_at_which_they_happened(tmp_path: Path) -> None:
    report, kept = await watch_trial("RR-3", tmp_path)
    one_loop = next(each for each in kept if each["arm"] == "asyncio")
    recording = read_recording(one_loop)
    events = list(Reader().read(recording))
    sent = [event for event in events if event["kind"] == "sent"]
    assert [event["source"] for event in sent].count("browser") == 100
    assert [event["kind"] for event in events].count("received") == 200
    waiting = [event["value"] for event in events if event["kind"] == "changed" and event["quantity"] == "waiting"]
    assert (max(waiting), waiting[-1]) == (report.arms["asyncio"]["at-once"].high, 0)
