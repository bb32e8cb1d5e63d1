"""`manage.py lab`: a run without a browser, for people and for scripts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from patterns.core.log import FIELDS
from patterns.core.run import EngineMissing
from patterns.engines.nats import find_program
from patterns.pub_sub import PATTERN
from patterns.pub_sub.publisher import OrderService

ROOT = Path(__file__).parents[2]


def lab(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", "lab", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


def lines(*arguments: str) -> list[dict[str, Any]]:
    done = lab(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_each_line_is_an_event_and_the_last_one_has_the_results() -> None:
    rows = lines("pub-sub", "--fault", "drop-ack:inventory", "--seed", "7")
    assert [row["seq"] for row in rows] == list(range(1, len(rows) + 1))
    for row in rows[:-1]:
        assert set(row) == {"kind"} | set(FIELDS[row["kind"]]) - {"code"}
    end = rows[-1]
    assert end["kind"] == "ended"
    assert end["why"] == "the work is done"
    assert end["invariants"]["duplicated"] == end["invariants"]["unbalanced"] == "violated"
    assert end["invariants"]["lost"] == "holds"
    assert end["metrics"]["published"] == {"value": 100.0, "unit": "orders"}
    assert [row["phase"] for row in rows if row["kind"] == "faulted"] == ["asked", "seen"]
    assert rows == lines("pub-sub", "--fault", "drop-ack:inventory", "--seed", "7")


def test_both_engines_give_the_same_invariants() -> None:
    try:
        find_program()
    except EngineMissing as missing:
        pytest.skip(str(missing))
    asked = ("pub-sub", "--fault", "drop-ack:inventory", "--seed", "7")
    ours, theirs = lines(*asked)[-1], lines(*asked, "--engine", "nats")[-1]
    assert theirs["invariants"] == ours["invariants"]


def test_settings_faults_seconds_and_scenarios_are_as_asked() -> None:
    rows = lines(
        "pub-sub", "--set", "publish-rate=2", "--set", "idempotency-key=on", "--seconds", "8",
        "--fault", "stop:email@2.5", "--fault", "slow@3=2.5",
    )  # fmt: skip
    assert (rows[-1]["at"], rows[-1]["why"]) == (8.0, "8 s are over")
    assert [(r["at"], r["fault"], r["target"]) for r in rows if r["kind"] == "faulted" and r["phase"] == "asked"] == [
        (2.5, "stop", "email"),
        (3.0, "slow", "inventory"),
    ]
    assert sum(r["kind"] == "settled" and (r["node"], r["outcome"]) == ("orders", "accepted") for r in rows) == 15
    tour = lines("pub-sub", "--scenario", "schema-rename")
    assert (tour[-1]["at"], tour[-1]["why"]) == (18.0, "the scenario is over")


def test_without_json_it_is_for_reading() -> None:
    done = lab("pub-sub", "--seconds", "2", "--seed", "3")
    assert done.returncode == 0
    assert "settled" in done.stdout
    assert "duplicated               holds" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["pubsub"], "there is no lab 'pubsub'; there are: "),
        (["pub-sub", "--engine", "kafka"], "pub-sub has no engine 'kafka'; there are: builtin, nats."),
        (["pub-sub", "--fault", "drop"], "no fault 'drop'; there are: drop-ack, "),
        (["pub-sub", "--fault", "drop-ack:orders"], "'drop-ack' has no target 'orders'; it can hit: inventory, "),
        (["pub-sub", "--fault", "drop-ack=2"], "'drop-ack' cannot be 2 ratio; it goes from 0 to 1."),
        (["pub-sub", "--fault", "drop ack"], "'drop ack' is not a fault; write name, name:target"),
        (["pub-sub", "--set", "rate=2"], "pub-sub has no setting 'rate'; there are: publish-rate, "),
        (["pub-sub", "--set", "publish-rate=-1"], "'publish-rate' cannot be '-1'; it is a number from 0.5 to 200 /s."),
        (["pub-sub", "--set", "publish-rate"], "'publish-rate' is not a setting; write name=value"),
        (["pub-sub", "--seconds", "9000"], "'9000' is not a length of a run; it is more than 0 and at most 600 s"),
        (["pub-sub", "--set", "partitions=2.5"], "'partitions' cannot be '2.5'; it is a whole number from 1 to 16"),
        (["pub-sub", "--fault", "stop:email=0.5"], "'stop' cannot be 0.5; it is on or off and takes no amount."),
        (
            ["pub-sub", "--seconds", "3", "--fault", "stop:email@50"],
            "'stop' is to come at 50 s, but the run's work ends",
        ),
        (["pub-sub", "--fault", "stop:email@20"], "ask for it earlier, such as stop@10, or give more --seconds."),
        (["pub-sub", "--scenario", "x"], f"pub-sub has no scenario 'x'; there are: {PATTERN.golden}, "),
    ],
)
def test_what_cannot_be_ends_with_2_and_says_what_would_be_right(arguments: list[str], sentence: str) -> None:
    done = lab(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert "Error" not in done.stderr  # the sentence, not the name of a class


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["demo", "--port", "99999"], "a port is a number from 0 to 65535"),
        (["content", "--from", "/nope"], "there is no folder /nope"),
    ],
)
def test_other_commands_end_with_2_too_on_a_bad_argument(arguments: list[str], sentence: str) -> None:
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 2
    assert sentence in done.stderr


def test_a_run_that_dies_of_an_error_ends_with_1_and_its_log_is_whole(monkeypatch, capsys) -> None:
    async def fall(_: OrderService) -> None:
        raise RuntimeError("no paper left")

    monkeypatch.setattr(OrderService, "sell", fall)
    with pytest.raises(SystemExit) as ended:
        call_command("lab", "pub-sub", "--json")
    said = capsys.readouterr()
    assert ended.value.code == 1
    assert said.err.endswith("failed: no paper left.\n")
    last = json.loads(said.out.splitlines()[-1])
    assert last["kind"] == "ended"
    assert last["why"].endswith("failed: no paper left")
    assert set(last["invariants"]) == {invariant.name for invariant in PATTERN.invariants}


def test_a_reader_that_goes_away_causes_no_traceback() -> None:
    with subprocess.Popen(
        [sys.executable, "manage.py", "lab", "pub-sub", "--json"], cwd=ROOT,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        assert '"seq": 1' in process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 0
