"""What a check predicts before a run, and what it lets pass after it."""

from __future__ import annotations

from math import comb, sqrt

import pytest

from patterns.core.checks import Near, NoneOf, Share
from patterns.core.shares import DOUBT, bound


def seen(*values: float) -> dict[str, dict[str, list[float]]]:
    return {"arm": {"lost": list(values)}}


def test_a_share_is_held_to_a_margin_that_shrinks_with_the_repeats() -> None:
    share = Share("arm", "lost", 0.3, lambda c: c["orders"])
    once = share.predict({"orders": 100, "repeats": 1})
    often = share.predict({"orders": 100, "repeats": 9})
    assert (often.high - often.low) / (once.high - once.low) == pytest.approx(1 / 3, rel=0.1)
    assert "n = 900" in often.words


def test_the_repeats_of_a_share_are_judged_together() -> None:
    share = Share("arm", "lost", 0.5, 100)
    prediction = share.predict({"repeats": 4})
    assert share.judge(seen(0.30, 0.70, 0.5, 0.5), prediction).passed
    judgement = share.judge(seen(0.60, 0.60, 0.60, 0.60), prediction)
    assert not judgement.passed
    assert judgement.pooled == pytest.approx(0.6)


@pytest.mark.parametrize(("p", "n"), [(0.5, 400), (0.3, 1000), (0.01, 5000)])
def test_the_margin_of_a_share_is_about_three_standard_deviations(p: float, n: int) -> None:
    low, high = bound(p, n)
    deviation = sqrt(n * p * (1 - p))
    assert 6 * deviation < high - low < 7 * deviation
    assert low < n * p < high


def test_the_margin_of_a_rare_share_is_no_normal_curve() -> None:
    assert bound(0.001, 100) == (0, 2)
    assert bound(0.0, 50) == (0, 0)
    assert bound(1.0, 50) == (50, 50)
    inside = sum(_binomial(k, 0.1, 60) for k in range(bound(0.1, 60)[0], bound(0.1, 60)[1] + 1))
    assert 1 - DOUBT <= inside < 1


def _binomial(k: int, p: float, n: int) -> float:
    return comb(n, k) * p**k * (1 - p) ** (n - k)


def test_a_share_exactly_on_its_bound_passes_however_it_is_rounded() -> None:
    share = Share("arm", "lost", 0.3, 100)
    prediction = share.predict({"repeats": 3})
    low, high = bound(0.3, 300)
    for count, passed in ((low, True), (low - 1, False), (high, True), (high + 1, False)):
        a, rest = count // 3, count - 2 * (count // 3)
        assert share.judge(seen(a / 100, a / 100, rest / 100), prediction).passed is passed


def test_none_of_many_fails_on_a_single_one() -> None:
    none = NoneOf("arm", "lost", 50)
    prediction = none.predict({"repeats": 2})
    assert prediction.words == "none of 100"
    assert none.judge(seen(0, 0), prediction).passed
    assert not none.judge(seen(0, 1), prediction).passed
    assert not none.judge(seen(-1, 1), prediction).passed


@pytest.mark.parametrize("check", [Share("arm", "lost", 0.5, 0), NoneOf("arm", "lost", 0)])
def test_a_share_of_nothing_is_refused(check: Share | NoneOf) -> None:
    with pytest.raises(ValueError, match="at least one"):
        check.predict({"repeats": 3})


def test_a_chance_is_a_chance() -> None:
    with pytest.raises(ValueError, match=r"1\.2 is no chance"):
        bound(1.2, 10)


def test_a_mean_over_all_repeats_forgives_a_single_one() -> None:
    each, pooled = (Near("arm", "lost", 10, "ten", "", 0.05, pooled=way) for way in (False, True))
    prediction = each.predict({})
    assert not each.judge(seen(9, 11), prediction).passed
    assert pooled.judge(seen(9, 11), prediction).passed
    assert not pooled.judge(seen(11, 11), prediction).passed
