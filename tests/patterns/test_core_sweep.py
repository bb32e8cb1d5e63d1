"""A sweep finds where two curves cross."""

from __future__ import annotations

import pytest

from patterns.core.experiment import experiments
from patterns.core.sweep import find_crossings, sweep


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
