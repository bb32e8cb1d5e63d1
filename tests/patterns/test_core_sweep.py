"""A sweep finds where two curves cross; a workload gives every column the same work."""

from __future__ import annotations

import pytest

from patterns.core.experiment import experiments
from patterns.core.sweep import find_crossings, sweep
from patterns.core.workload import columns, play_column, quantile, share_done


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


def test_shares_and_quantiles_count_only_what_had_time():
    assert share_done({"a": 1, "b": 2, "c": 9}, {"a": 3.0}, until=5) == 50
    assert share_done({}, {}, until=5) is None
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile([], 0.5) is None


@pytest.mark.parametrize("address", columns())
async def test_a_column_measures_the_same_twice_from_one_seed(address):
    one, other = [await play_column(address, "plain", 7) for _ in range(2)]
    assert one.values == other.values
    assert any(value is not None for value in one.values.values())


async def test_lost_answers_do_an_order_twice_unless_it_has_a_key():
    async def twice(address: str) -> float | None:
        return (await play_column(address, "lost", 7)).values["twice"]

    assert await twice("order:pub-sub:publish") > 0
    assert await twice("order:request-response:wait") > 0
    assert await twice("order:request-response:key") == 0


async def test_who_publishes_does_not_notice_that_stock_is_down_and_who_waits_does():
    published = (await play_column("order:pub-sub:publish", "down", 7)).values
    waited = (await play_column("order:request-response:wait", "down", 7)).values
    assert (published["success"], published["applied"]) == (100, 100)
    assert waited["success"] < 100
    assert waited["applied"] < 100
