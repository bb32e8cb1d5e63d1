"""A sweep finds where two curves cross."""

from __future__ import annotations

import pytest

from patterns.core import sweep as sweep_module
from patterns.core.attempt import Attempt, perform
from patterns.core.experiment import experiments
from patterns.core.sweep import find_crossings, set_to, sweep


def test_curves_cross_between_the_points_where_the_lead_changes():
    assert find_crossings([0, 1, 2], [0, 1, 2], [2, 1.5, 0]) == [pytest.approx(1.2)]
    assert find_crossings([0, 1, 2], [0, 1, 2], [3, 3, 3]) == []
    assert find_crossings([0, 1, 2, 3], [0, 2, 0, 2], [1, 1, 1, 1]) == [0.5, 1.5, 2.5]


def test_curves_that_touch_and_part_again_do_not_cross():
    assert find_crossings([0, 1, 2], [0, 1, 0], [1, 1, 1]) == []
    assert find_crossings([0, 1, 2], [0, 1, 2], [1, 1, 1]) == [1]
    assert find_crossings([0, 1], [1, 1], [1, 1]) == []


async def test_a_claim_without_a_sweep_says_so():
    claim = next(claim for claim, (_, experiment) in experiments().items() if experiment.sweep is None)
    with pytest.raises(ValueError, match=claim):
        await sweep(claim)


@pytest.mark.parametrize("claim", [claim for claim, (_, e) in experiments().items() if e.sweep])
def test_a_sweep_names_arms_a_measure_and_a_setting_that_exist(claim):
    _, experiment = experiments()[claim]
    assert {arm.name for arm in experiment.arms} >= set(experiment.sweep.arms)
    assert experiment.sweep.measure in {measure.name for measure in experiment.measures}
    assert list(experiment.sweep.values) == sorted(experiment.sweep.values)


CROSSING = [claim for claim, (_, e) in experiments().items() if e.sweep and len(e.sweep.arms) > 1]


@pytest.mark.parametrize("claim", CROSSING)
async def test_a_break_even_is_found_inside_the_range_that_is_swept(claim):
    slug, experiment = experiments()[claim]
    wanted = experiment.sweep
    gaps = []
    for value in (wanted.values[0], wanted.values[-1]):
        here = [set_to(wanted, experiment.arm(name), value) for name in wanted.arms]
        attempts = [Attempt(slug, experiment, arm, "builtin", experiment.seed, "full") for arm in here]
        one, other = [(await perform(attempt))[wanted.measure] for attempt in attempts]
        gaps.append(one - other)
    assert gaps[0] * gaps[1] < 0


async def test_each_point_of_a_sweep_is_the_median_of_runs_with_seeds_of_their_own():
    curves = await sweep("PS-13", size="reduced", repeats=3)
    singles = [await sweep("PS-13", seed=curves.seed + number, size="reduced", repeats=1) for number in range(3)]
    points = list(zip(*(single.arms["0.1 s"] for single in singles), strict=True))
    assert curves.arms["0.1 s"] == tuple(sorted(point)[1] for point in points)
    assert curves.spreads["0.1 s"] == tuple((min(point), max(point)) for point in points)
    assert any(low < high for low, high in curves.spreads["0.1 s"])


async def test_a_sweep_that_takes_too_long_rests_on_fewer_seeds_and_says_so(monkeypatch):
    monkeypatch.setattr(sweep_module, "PATIENCE_SECONDS", 0.0)
    assert (await sweep("PS-13", size="reduced")).repeats == 1
