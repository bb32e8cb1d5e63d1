"""Bets, calibration and comparisons as rules: no database, no server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.experiments.axis import lay_axis, lay_plot
from explorer.experiments.bets import (
    BadBet,
    read_bet,
    read_confidence,
    read_drawing,
    settle,
    settle_curve,
    settle_drawing,
)
from explorer.experiments.calibration import calibrate
from explorer.experiments.comparison import (
    BadComparison,
    Pairing,
    choose_columns,
    choose_mishap,
    choose_size,
    choose_workload,
    offer,
    read_pairing,
)
from explorer.experiments.evidence import weigh
from explorer.experiments.foresight import read_foresight
from explorer.experiments.forms import make_drawing
from explorer.experiments.scoreboard import Contender, judge, leaders, tabulate
from patterns.core.checks import Near
from patterns.core.contest import WORKLOADS, columns
from patterns.core.experiment import Bet, Sweep, experiments
from patterns.core.order_work import ORDER

NUMBER = Bet("number", "How long?", "drain", "off", "s", 0.0, 2000.0)
RANGE = Bet("range", "Between?", "drain", "off", "s", 0.0, 100.0)
ORDERED = Bet("order", "Which most?", "lost", choices=("a", "b", "c"))
FIRST = Bet("first", "Which fails first?", "lost", choices=("a", "b", "c"))
SWEEP = Sweep("rate", "Rate", "/s", (1.0, 2.0, 3.0, 4.0), ("old", "new"), "cost")


def report(**medians: float) -> list[dict[str, object]]:
    def both(value: float) -> dict[str, object]:
        spread = {"median": value, "low": value, "high": value, "n": 1}
        return {"drain": spread, "lost": spread}

    return [{"name": arm, "measures": both(value)} for arm, value in medians.items()]


def contender(name: str, **values: list[float | None]) -> Contender:
    return Contender(name, name, values)


@pytest.mark.parametrize(("typed", "value"), [("40", 40.0), ("1,050", 1050.0), (" 1.5 ", 1.5), (".5", 0.5), ("0", 0.0)])
def test_a_number_is_read_as_people_write_it(typed, value):
    assert read_bet(NUMBER, {"answer": typed}) == value


@pytest.mark.parametrize("typed", ["", "many", "4o", "1,5", "nan", "inf", "1e999", "40 s", "²"])
def test_what_is_no_number_is_refused_with_the_bounds(typed):
    with pytest.raises(BadBet, match=r"0 to 2,000 s") as refused:
        read_bet(NUMBER, {"answer": typed})
    assert refused.value.field == "answer"


@pytest.mark.parametrize("typed", ["-1", "2001", "1e9"])
def test_a_number_out_of_range_is_refused_with_the_bounds(typed):
    with pytest.raises(BadBet, match="out of range: the bet is a number from 0 to 2,000 s"):
        read_bet(NUMBER, {"answer": typed})


def test_a_range_that_covers_everything_or_runs_backwards_is_refused():
    assert read_bet(RANGE, {"low": "10", "high": "60"}) == [10, 60]
    with pytest.raises(BadBet, match="at most 50"):
        read_bet(RANGE, {"low": "0", "high": "51"})
    with pytest.raises(BadBet, match="swap"):
        read_bet(RANGE, {"low": "60", "high": "10"})


def test_an_order_names_each_once():
    assert read_bet(ORDERED, {"place-0": "c", "place-1": "a", "place-2": "b"}) == ["c", "a", "b"]
    with pytest.raises(BadBet, match="two places") as twice:
        read_bet(ORDERED, {"place-0": "c", "place-1": "c", "place-2": "b"})
    assert twice.value.field == "place-1"
    with pytest.raises(BadBet, match="Nothing is chosen"):
        read_bet(ORDERED, {"place-0": "c"})
    with pytest.raises(BadBet, match="cannot be chosen"):
        read_bet(FIRST, {"answer": "z"})


@pytest.mark.parametrize("typed", ["", "49", "101", "70.5", "sure", "-70"])
def test_a_confidence_is_a_whole_number_from_fifty_to_a_hundred(typed):
    with pytest.raises(BadBet, match="50"):
        read_confidence({"confidence": typed})
    assert read_confidence({"confidence": " 75 % "}) == 75


def test_a_number_is_right_within_a_tenth_of_its_scale():
    assert settle(NUMBER, 300.0, report(off=500.0)).right
    missed = settle(NUMBER, 299.0, report(off=500.0))
    assert (missed.right, missed.off, missed.measured) == (False, 201.0, 500.0)


def test_a_range_is_right_if_the_measurement_lies_inside():
    assert settle(RANGE, [10, 60], report(off=60.0)).right
    outside = settle(RANGE, [10, 60], report(off=61.5))
    assert (outside.right, outside.off) == (False, 1.5)


def test_an_order_is_right_as_measured_and_equal_arms_may_change_places():
    assert settle(ORDERED, ["b", "a", "c"], report(a=2, b=1, c=3)).right
    assert not settle(ORDERED, ["a", "b", "c"], report(a=2, b=1, c=3)).right
    assert settle(ORDERED, ["b", "a", "c"], report(a=1, b=1, c=3)).right
    assert settle(FIRST, ["b"], report(a=2, b=1, c=3)).right
    assert not settle(FIRST, ["c"], report(a=2, b=1, c=3)).right


def test_a_bet_on_something_that_was_not_measured_is_neither_right_nor_wrong():
    assert settle(NUMBER, 1.0, report(other=1.0)).right is None
    assert settle(ORDERED, ["a", "b", "c"], report(a=1.0)).right is None


def draw(old: list[int], new: list[int]) -> dict[str, str]:
    return {f"{arm}-{i}": str(y) for arm, ys in (("old", old), ("new", new)) for i, y in enumerate(ys)}


def test_drawn_curves_are_judged_by_where_they_cross():
    drawn = read_drawing(SWEEP, draw([80, 60, 40, 20], [20, 40, 60, 80]))
    assert settle_drawing(SWEEP, drawn, [3.4]).right
    missed = settle_drawing(SWEEP, drawn, [3.6])
    assert not missed.right
    assert missed.off == pytest.approx(1.1)
    apart = read_drawing(SWEEP, draw([80, 80, 80, 80], [20, 20, 20, 20]))
    assert settle_drawing(SWEEP, apart, []).right
    assert not settle_drawing(SWEEP, apart, [2.0]).right


def test_one_drawn_curve_is_judged_by_how_far_it_is_from_the_measured_one():
    sweep = Sweep("rate", "Rate", "/s", (1.0, 2.0, 3.0, 4.0), ("only",), "cost")
    drawn = read_drawing(sweep, {f"only-{i}": str(height) for i, height in enumerate((0, 20, 50, 100))})
    assert settle_curve(sweep, drawn, {"only": [0.0, 4.0, 10.0, 20.0]}).off == 0
    near = settle_curve(sweep, drawn, {"only": [0.0, 8.0, 14.0, 20.0]})
    assert (near.right, near.off) == (True, 10.0)
    missed = settle_curve(sweep, drawn, {"only": [20.0, 4.0, 10.0, 20.0]})
    assert (missed.right, missed.off) == (False, 25.0)
    flat = read_drawing(sweep, {f"only-{i}": "50" for i in range(4)})
    assert not settle_curve(sweep, flat, {"only": [0.0, 0.0, 0.0, 0.0]}).right


def test_a_form_that_nobody_drew_in_is_no_bet():
    sweep = Sweep("rate", "Rate", "/s", (1.0, 2.0, 3.0, 4.0), ("only",), "cost")
    experiment = next(experiment for _, experiment in experiments().values() if experiment.sweep)
    untouched = make_drawing(experiment, experiment.sweep, {})
    assert {field.value for drawing in untouched.drawings for field in drawing.fields} == {""}
    with pytest.raises(BadBet, match="at least 2 of the 4 points; this one has 0"):
        read_drawing(sweep, {})
    with pytest.raises(BadBet, match="this one has 1") as problem:
        read_drawing(sweep, {"only-1": "50"})
    assert problem.value.field == "only-0"


def test_only_what_was_drawn_of_a_curve_is_judged():
    sweep = Sweep("rate", "Rate", "/s", (1.0, 2.0, 3.0, 4.0), ("only",), "cost")
    drawn = read_drawing(sweep, {"only-0": "0", "only-3": "90"})
    assert drawn == {"only": [0.0, None, None, 90.0]}
    assert settle_curve(sweep, drawn, {"only": [0.0, 99.0, 99.0, 100.0]}).off == 5


def test_curves_with_open_points_cross_where_their_lines_do():
    drawn = read_drawing(SWEEP, {"old-0": "80", "old-3": "20", "new-0": "20", "new-3": "80"})
    assert settle_drawing(SWEEP, drawn, [2.5]).off == pytest.approx(0)
    bent = read_drawing(SWEEP, {"old-0": "80", "old-3": "20", "new-0": "20", "new-1": "80", "new-3": "80"})
    assert settle_drawing(SWEEP, bent, [1.75]).off == pytest.approx(0)
    beside = read_drawing(SWEEP, {"old-0": "80", "old-1": "20", "new-2": "20", "new-3": "80"})
    assert settle_drawing(SWEEP, beside, []).right


def test_a_plot_shows_the_spread_of_each_point_and_leaves_out_what_was_not_drawn():
    plot = lay_plot([1, 2], {"a": "A"}, {"a": [5, 10]}, {"a": [None, 100]}, [], {"a": [[4, 6], [10, 10]]})
    assert len(plot.drawn[0].dots) == 1
    ((x, low, high),) = plot.spreads
    assert x == plot.measured[0].dots[0][0]
    assert high < plot.measured[0].dots[0][1] < low


@pytest.mark.parametrize(
    ("verdicts", "worst"),
    [
        (("proved", "refuted"), "refuted"),
        (("refuted", "unknown"), "refuted"),
        (("proved", "refined"), "refined"),
        (("unknown", "proved"), "proved"),
        (("unknown",), "unknown"),
        ((), "not-run"),
    ],
)
def test_of_several_engines_the_worst_verdict_counts_and_unknown_decides_nothing(verdicts, worst):
    assert weigh(verdicts) == worst


def test_predictions_are_shown_before_the_run_and_one_that_needs_the_machine_says_so():
    experiment = experiments()["RR-3"][1]
    plain = read_foresight(experiment, None)
    assert plain.locked is None
    assert [row.where for row in plain.rows] == [check.where for check in experiment.checks]
    needs = Near(experiment.checks[0].arm, experiment.checks[0].measure, lambda c: c["measured-here"], "n × t", "")
    calibrated = replace(experiment, checks=(needs,))
    assert read_foresight(calibrated, None).rows[0].predicted == "n × t: worked out on the machine just before the run"


def test_there_are_bets_of_all_five_kinds():
    declared = [experiment for _, experiment in experiments().values()]
    kinds = {experiment.bet.kind for experiment in declared if experiment.bet}
    assert kinds == {"number", "range", "order", "first"}
    curves = [len(experiment.sweep.arms) for experiment in declared if experiment.sweep]
    assert set(curves) == {1, 2}


def test_two_curves_that_are_one_line_are_no_drawing():
    with pytest.raises(BadBet, match="same line"):
        read_drawing(SWEEP, draw([50] * 4, [50] * 4))
    with pytest.raises(BadBet, match="0 to 100"):
        read_drawing(SWEEP, draw([50, 50, 50, 101], [1, 2, 3, 4]))


def test_calibration_compares_sure_with_right():
    seen = calibrate([(90, True)] * 9 + [(90, False)] + [(60, False)] * 2)
    assert (seen.bets, seen.right) == (12, 9)
    assert [(band.low, band.bets, band.right) for band in seen.bands] == [(60, 2, 0), (90, 10, 9)]
    assert seen.brier == pytest.approx((9 * 0.01 + 0.81 + 2 * 0.36) / 12)
    assert "about as often right" in seen.verdict
    assert "surer than you are right" in calibrate([(100, False)] * 10).verdict
    assert "more often right" in calibrate([(50, True)] * 10).verdict
    assert calibrate([]).brier is None
    assert calibrate([(100, True)]).bands[0].hit_ratio == 1


def test_the_axis_keeps_every_mark_inside_the_drawing():
    spread = {"median": 2500.0, "low": 2400.0, "high": 2600.0}
    axis = lay_axis(NUMBER, 0.0, 200.0, spread)
    marks = [axis.bet, axis.near, axis.measured, axis.spread, *axis.ticks]
    assert all(mark is not None and 0 <= mark.x <= mark.x2 <= 640 for mark in marks)
    assert "measured 2,500, your bet 0" in axis.described
    assert lay_axis(NUMBER, None, 0.0, spread).bet is None


def test_a_plot_puts_the_highest_measurement_at_the_top():
    plot = lay_plot([1, 2], {"a": "A", "b": "B"}, {"a": [0, 10], "b": [5, 5]}, {"a": [0, 100]}, [1.5])
    assert plot.measured[0].dots[1][1] == plot.drawn[0].dots[1][1] == 16.0
    assert plot.crossings[0][0] == 338.0


def test_the_winner_depends_on_the_yardstick():
    pair = [contender("publish", reply=[0.05], messages=[9.0]), contender("wait", reply=[0.26], messages=[4.0])]
    by = {item.name: item for item in ORDER.yardsticks}
    fast = tabulate(ORDER, "plain", pair, by["reply"])
    assert leaders(fast, ["events", "calls"]).endswith("events is ahead.")
    assert leaders(tabulate(ORDER, "plain", pair, by["messages"]), ["events", "calls"]).endswith("calls is ahead.")
    assert fast[0].cells[1].delta == "+0.21 (× 5.2)"


def test_equal_measurements_have_no_winner():
    rows = tabulate(ORDER, "plain", [contender("a", reply=[0.1]), contender("b", reply=[0.1])], ORDER.yardsticks[0])
    assert leaders(rows, ["a", "b"]).endswith("nobody is ahead.")


def test_only_spreads_that_do_not_touch_make_a_difference():
    near = tabulate(
        ORDER, "plain", [contender("a", reply=[1, 2, 3]), contender("b", reply=[3, 4, 5])], ORDER.yardsticks[0]
    )
    assert [cell.best for cell in near[0].cells] == [False, False]
    assert near[0].cells[1].delta == "within the spread"
    assert (near[0].cells[1].text, near[0].cells[1].spread) == ("4", "3 to 5")
    apart = [contender("a", reply=[1, 2, 3]), contender("b", reply=[4, 4, 5]), contender("c", reply=[1, 2, 2])]
    rows = tabulate(ORDER, "plain", apart, ORDER.yardsticks[0])
    assert [cell.best for cell in rows[0].cells] == [True, False, True]
    assert rows[0].cells[0].spread == "1 to 3"


def test_a_column_that_touches_leader_and_rest_leaves_nobody_ahead():
    three = [contender("a", reply=[1, 2]), contender("b", reply=[2, 4]), contender("c", reply=[3, 5])]
    assert not any(cell.best for cell in tabulate(ORDER, "plain", three, ORDER.yardsticks[0])[0].cells)


def test_what_never_came_to_be_is_worse_than_anything_that_did():
    rows = tabulate(
        ORDER, "plain", [contender("a", done=[None] * 3), contender("b", done=[9, 8, 9])], ORDER.yardsticks[0]
    )
    row = next(row for row in rows if row.yardstick.name == "done")
    assert [(cell.text, cell.best) for cell in row.cells] == [("never", False), ("9", True)]


def test_a_column_that_failed_is_unknown_and_cannot_be_ahead():
    failed = Contender.read("wait", "calls", {"values": {"reply": [0.1]}, "why": "the run ended early"})
    rows = tabulate(ORDER, "plain", [contender("publish", reply=[0.2, 0.2, 0.2]), failed], ORDER.yardsticks[0])
    assert [(cell.text, cell.best) for cell in rows[0].cells] == [("0.2", False), ("unknown", False)]
    assert rows[0].mark is None


@pytest.mark.parametrize(
    ("publish", "wait", "mark"),
    [
        ([0.1, 0.2, 0.2], [0.4, 0.5, 0.5], "as expected"),
        ([0.4, 0.5, 0.5], [0.1, 0.2, 0.2], "otherwise"),
        ([0.2, 0.2, 0.2], [0.2, 0.2, 0.2], "otherwise"),
        ([0.1, 0.2, 0.4], [0.3, 0.5, 0.5], "not settled"),
    ],
)
def test_an_expectation_is_an_order_that_the_runs_confirm_or_not(publish, wait, mark):
    pair = [contender("publish", reply=publish), contender("wait", reply=wait)]
    told = next(item for item in judge(ORDER, "plain", pair) if item.label == ORDER.yardsticks[0].label)
    assert told.mark == mark
    assert tabulate(ORDER, "plain", pair, ORDER.yardsticks[0])[0].mark == mark
    assert "publish" in told.runs


def test_an_expectation_is_told_before_the_runs_and_only_of_columns_and_mishaps_that_it_is_about():
    before = judge(ORDER, "plain", [contender("publish"), contender("wait")])
    assert all((item.mark, item.runs) == (None, "") for item in before)
    assert {item.says for item in before} != {
        item.says for item in judge(ORDER, "lost", [contender("publish"), contender("wait")])
    }
    alike = judge(ORDER, "plain", [contender("wait", places=[5, 5, 5]), contender("publish", places=[5, 5, 5])])
    assert next(item for item in alike if "Parts to ask" in item.label).mark == "as expected"


def test_a_trial_is_found_again_by_the_name_of_what_it_compares():
    for workload in WORKLOADS:
        most = tuple(offer(workload))[-4:]
        pairing = Pairing(workload.name, "plain", workload.size.usual, most)
        assert read_pairing(pairing.claim) == pairing
        assert len(pairing.claim) <= 80


def test_a_comparison_takes_patterns_by_slug_and_by_column():
    chosen = choose_columns(ORDER, ["request-response:key", "pub-sub"])
    assert chosen == ["order:request-response:key", "order:pub-sub:publish"]
    assert {columns()[address][0] for address in choose_columns(ORDER, [])} == {"pub-sub", "request-response"}
    assert len(choose_columns(ORDER, ["pub-sub", "pub-sub"])) == 2


def test_a_comparison_that_cannot_be_says_what_can():
    with pytest.raises(BadComparison, match="order, page"):
        choose_workload("laundry")
    with pytest.raises(BadComparison, match="these can: "):
        choose_columns(ORDER, ["etl", "pub-sub"])
    with pytest.raises(BadComparison, match="plain, email"):
        choose_mishap(ORDER, "earthquake")
    with pytest.raises(BadComparison, match="100, 200, 1000"):
        choose_size(ORDER, "3")
