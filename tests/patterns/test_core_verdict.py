"""What is fixed before a trial, and how the verdict is reached after it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from patterns.core import busyness as busyness_module
from patterns.core import trial as trial_module
from patterns.core.attempt import TrialFailed
from patterns.core.busyness import Busyness, Used, share_of_others
from patterns.core.checks import Between, Near
from patterns.core.experiment import Arm, Experiment, Measure, experiments
from patterns.core.report import Foreseen, Spread
from patterns.core.rounds import Plan
from patterns.core.trial import carry_out
from patterns.core.verdict import foresee, judge, lock

TOO_STRONG = Experiment(
    "XX-1",
    says="Counts.",
    arms=(Arm("calm", "nothing broken", null=True), Arm("storm", "all broken")),
    measures=(Measure("lost", "Lost", "orders", lambda run: 0.0),),
    checks=(
        Near("calm", "lost", lambda c: c["orders"], "orders", "a count", 0.0),
        Between("storm", "lost", 5, 9, "5 to 9", where="fails"),
    ),
    expected="refined",
    caveat="None.",
)


def verdict_on(calm: float, storm: float, experiment: Experiment = TOO_STRONG) -> tuple[str, str]:
    results = {"calm": {"lost": [calm]}, "storm": {"lost": [storm]}}
    verdict, _, why = judge(experiment, results, lock(experiment, {"orders": 1}))
    return verdict, why


def test_a_claim_that_fails_where_it_should_hold_is_refuted() -> None:
    assert verdict_on(2, 7)[0] == "refuted"
    assert verdict_on(2, 0)[0] == "refuted"


def test_a_claim_that_does_not_fail_where_it_should_is_not_refuted() -> None:
    verdict, why = verdict_on(1, 0)
    assert verdict == "unknown"
    assert "did not fail as predicted where it should fail: Lost, all broken: predicted 5 to 9, measured 0" in why


def test_a_claim_that_holds_and_fails_as_predicted_is_refined() -> None:
    assert verdict_on(1, 7)[0] == "refined"


def test_a_bounded_claim_beyond_its_bounds_is_refuted() -> None:
    bounded = replace(TOO_STRONG, expected="bounded", checks=(Between("storm", "lost", 5, 9),))
    assert verdict_on(1, 7, bounded)[0] == "bounded"
    assert verdict_on(1, 10, bounded)[0] == "refuted"


def test_a_locked_prediction_does_not_move_with_what_comes_later() -> None:
    constants = {"orders": 1.0}
    locked = lock(TOO_STRONG, constants)
    constants["orders"] = 2.0
    results = {"calm": {"lost": [2.0]}, "storm": {"lost": [7.0]}}
    assert judge(TOO_STRONG, results, locked)[0] == "refuted"
    assert foresee(TOO_STRONG, locked)[0].predicted == "orders = 1 ± 0"


async def test_predictions_are_told_before_the_first_arm_runs() -> None:
    told: list[str] = []
    lines: list[tuple[Foreseen, ...]] = []

    def note(predictions: tuple[Foreseen, ...], at: str) -> None:
        told.append("locked")
        lines.append(predictions)

    report = await carry_out(
        "PS-11", size="reduced", watch=lambda arm, run: told.append(arm.name), progress=lambda share, words: None,
        tell_locked=note,
    )  # fmt: skip
    assert told[0] == "locked"
    assert told.count("locked") == 1
    assert lines == [report.predictions]
    assert report.locked


async def test_what_is_measured_on_this_machine_first_is_what_the_prediction_is_made_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slug, declared = experiments()["PS-11"]
    order: list[str] = []

    async def look_at_machine() -> dict[str, float]:
        order.append("calibrated")
        return {"readers-here": 4.0}

    check = Near("renamed", "broken", lambda c: c["readers-here"], "readers", "this machine", where="fails")
    calibrated = replace(declared, calibrate=look_at_machine, checks=(check,))
    monkeypatch.setattr(trial_module, "experiments", lambda: {"PS-11": (slug, calibrated)})
    report = await carry_out("PS-11", size="reduced", tell_locked=lambda rows, at: order.append(rows[0].predicted))
    assert order == ["calibrated", "readers = 4 ± 0.4"]
    assert report.constants["readers-here"] == 4.0
    assert report.verdict == "refined"


async def test_a_trial_that_breaks_off_keeps_its_predictions(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(plan: Plan) -> None:
        raise TrialFailed("the engine died")

    monkeypatch.setattr(trial_module, "take_rounds", fail)
    report = await carry_out("PS-11", size="reduced")
    assert (report.verdict, report.why, report.measured) == ("unknown", "the engine died", None)
    assert report.prediction
    assert len(report.predictions) == len(experiments()["PS-11"][1].checks)


def test_the_median_of_two_lies_between_them() -> None:
    assert Spread.of([1.0, 3.0]) == Spread(2.0, 1.0, 3.0, 2)
    assert Spread.of([9.0, 1.0, 2.0]).median == 2.0


def test_what_others_use_of_the_machine_is_all_but_ones_own() -> None:
    before, after = Used(0.0, 100.0, 10.0), Used(10.0, 118.0, 16.0)
    assert share_of_others(before, after, cores=2) == pytest.approx(0.6)
    assert share_of_others(before, Used(10.0, 104.0, 16.0), cores=2) == 0.0


def test_a_machine_that_was_busy_during_any_arm_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([Used(0, 0, 0), Used(1, 9, 0), Used(9, 9.1, 0)])
    monkeypatch.setattr(busyness_module, "_read", lambda: next(looks))
    busyness = Busyness()
    assert busyness.warnings() == ()
    busyness.look()
    busyness.look()
    assert "other work took 100%" in busyness.warnings()[0]


def test_a_system_that_tells_nothing_of_its_work_is_no_quiet_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(busyness_module, "STAT", Path("/nowhere"))
    assert "does not tell how busy" in Busyness().warnings()[0]
