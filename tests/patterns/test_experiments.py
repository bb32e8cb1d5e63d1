"""Every sentence of a card has an experiment, and none is refuted at the size of a test suite."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from patterns.core import attempt
from patterns.core.experiment import Experiment, experiments
from patterns.core.pattern import discover
from patterns.core.report import as_row
from patterns.core.trial import carry_out
from patterns.core.verdict import read_workload

FIXTURES = Path(__file__).parents[2] / "fixtures"
ALL = [pytest.param(claim, experiment, id=claim) for claim, (_, experiment) in experiments().items()]
ON_ENGINES = [
    pytest.param(claim, engine, id=f"{claim}-{engine}")
    for claim, (_, experiment) in experiments().items()
    for engine in experiment.engines
    if not experiment.opinion
]
CONTRACT = ("claim", "pattern", "engine", "seed", "verdict", "prediction", "measured", "unit", "arms", "seconds", "why")


def claims_of(slug: str) -> set[str]:
    rows = yaml.safe_load((FIXTURES / f"{slug}.yaml").read_text())
    return {row["pk"] for row in rows if row["model"] == "explorer.claim"}


@pytest.mark.parametrize("slug", sorted(discover()))
def test_every_claim_of_a_pattern_has_an_experiment(slug: str) -> None:
    assert {claim for claim, (owner, _) in experiments().items() if owner == slug} == claims_of(slug)


@pytest.mark.parametrize(("claim", "experiment"), ALL)
def test_an_experiment_is_declared_in_full(claim: str, experiment: Experiment) -> None:
    slug = experiments()[claim][0]
    assert claim == experiment.claim
    assert experiment.caveat
    if experiment.opinion:
        assert not experiment.arms
        return
    assert sum(arm.null for arm in experiment.arms) == 1
    assert experiment.says
    assert experiment.try_next
    assert len({arm.name for arm in experiment.arms}) == len(experiment.arms)
    assert set(experiment.engines) <= {engine.name for engine in discover()[slug].engines}
    for arm in experiment.arms:
        for size in ("full", "reduced"):
            for name, value in experiment.settings(arm, size).items():
                discover()[slug].check(name, value)


@pytest.mark.parametrize(("claim", "experiment"), ALL)
def test_checks_and_bets_name_what_is_measured(claim: str, experiment: Experiment) -> None:
    arms, measures = {arm.name for arm in experiment.arms}, {measure.name for measure in experiment.measures}
    assert bool(experiment.checks) != bool(experiment.opinion)
    for check in experiment.checks:
        assert {check.arm, *getattr(check, "arms", ()), getattr(check, "other", check.arm)} <= arms
        assert check.measure in measures
    if (bet := experiment.bet) is not None:
        assert bet.measure in measures
        assert {*bet.choices, *([bet.arm] if bet.arm else [])} <= arms
        assert bet.low < bet.high
    if (sweep := experiment.sweep) is not None:
        assert set(sweep.arms) <= arms
        assert sweep.measure in measures
        assert sorted(sweep.values) == list(sweep.values)


@pytest.mark.parametrize(("claim", "experiment"), ALL)
def test_every_arm_is_held_to_at_least_one_check(claim: str, experiment: Experiment) -> None:
    """An arm that no check looks at, the null arm too, could do anything: it proves nothing."""
    held = {
        name
        for check in experiment.checks
        for name in (check.arm, *getattr(check, "arms", ()), getattr(check, "other", check.arm))
    }
    assert {arm.name for arm in experiment.arms} <= held


@pytest.mark.parametrize(("claim", "experiment"), ALL)
def test_every_prediction_can_be_worked_out_at_both_sizes(claim: str, experiment: Experiment) -> None:
    for size in ("full", "reduced"):
        for check in experiment.checks if experiment.calibrate is None else ():
            prediction = check.predict(read_workload(experiment, size))
            assert prediction.words
            assert prediction.low <= prediction.high


@pytest.mark.parametrize(("claim", "experiment"), ALL)
def test_a_claim_that_is_too_strong_is_shown_to_hold_and_to_fail(claim: str, experiment: Experiment) -> None:
    sides = {check.where for check in experiment.checks}
    if not experiment.opinion:
        assert sides == ({"holds", "fails"} if experiment.expected == "refined" else {"holds"})


@pytest.mark.parametrize(("claim", "engine"), ON_ENGINES)
async def test_a_claim_comes_out_as_the_ledger_expects(claim: str, engine: str) -> None:
    experiment = experiments()[claim][1]
    report = await carry_out(claim, engine, size="reduced")
    if engine != "builtin" and report.verdict == "unknown" and "not installed" in report.why:
        pytest.skip(report.why)
    assert report.verdict == experiment.expected, report.why
    row = json.loads(json.dumps(as_row(report), allow_nan=False))
    assert set(CONTRACT) <= set(row)
    assert [arm["name"] for arm in row["arms"]] == [arm.name for arm in experiment.arms]
    assert row["size"] == "reduced"
    assert row["repeats"] == (experiment.repeats if engine == "builtin" else 1)
    assert len(row["predictions"]) == len(experiment.checks)
    assert row["prediction"] == row["predictions"][0]["predicted"] == row["findings"][0]["predicted"]
    for arm in row["arms"]:
        assert all(spread["n"] == row["repeats"] for spread in arm["measures"].values())
        assert [run["seed"] for run in arm["runs"]] == [report.seed + number for number in range(row["repeats"])]
        assert all(
            run["settings"] == experiment.settings(experiment.arm(arm["name"]), "reduced") for run in arm["runs"]
        )


async def test_a_machine_too_busy_for_a_real_engine_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt, "STARVED_SECONDS", -1.0)  # no machine is fast enough
    report = await carry_out("PS-15", "nats", size="reduced")
    if "not installed" in report.why:
        pytest.skip(report.why)
    assert report.verdict == "unknown"
    assert report.why.startswith("the machine was too busy for the arm")


async def test_the_same_seed_measures_the_same() -> None:
    first, again = [await carry_out("PS-11", size="reduced", seed=3) for _ in range(2)]
    assert first.arms == again.arms
