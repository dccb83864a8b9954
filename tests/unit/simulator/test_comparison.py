"""Paired differences: what two runs share cancels out."""

from math import isnan

import msgspec
import pytest

from simulator.comparison import compare, occupancy_change
from simulator.figures import QUANTILES, RATIOS
from simulator.replications import Experiment, replicate
from simulator.scenario import Plan, Scenario
from simulator.summary import EVERYBODY
from tests.unit.simulator.centres import centre

PLAN = Plan(at_most=6)


def runs_of(scenario: Scenario) -> Experiment:
    return replicate(scenario, workers=1)


@pytest.fixture(scope="module")
def four() -> Experiment:
    return runs_of(centre(plan=PLAN))


@pytest.fixture(scope="module")
def five() -> Experiment:
    return runs_of(centre(plan=PLAN, agents=5))


def test_a_scenario_differs_from_itself_in_nothing(four: Experiment) -> None:
    changes = compare(four.runs, four.runs)
    assert set(changes) == set(four.figures)
    for change in (one for figures in changes.values() for one in figures.values()):
        assert (change.difference.mean, change.difference.half_width) == (0, 0)
        assert not change.certain


def test_every_figure_of_every_group_is_compared(four: Experiment, five: Experiment) -> None:
    changes = compare(four.runs, five.runs)
    for name, figures in changes.items():
        assert set(figures) == {*RATIOS, *QUANTILES}
        for figure, change in figures.items():
            assert change.before == pytest.approx(four.figures[name][figure].mean)
            assert change.after == pytest.approx(five.figures[name][figure].mean)
            assert change.difference.mean == pytest.approx(change.after - change.before)


def test_one_more_agent_shortens_waits_for_certain(four: Experiment, five: Experiment) -> None:
    change = compare(four.runs, five.runs)[EVERYBODY]["mean_wait"]
    assert change.certain
    assert change.difference.high < 0
    back = compare(five.runs, four.runs)[EVERYBODY]["mean_wait"].difference
    assert back.mean == pytest.approx(-change.difference.mean)
    assert back.half_width == pytest.approx(change.difference.half_width)


def test_pairs_are_sharper_than_two_intervals(four: Experiment, five: Experiment) -> None:
    paired = compare(four.runs, five.runs)[EVERYBODY]["mean_wait"].difference.half_width
    apart = [one.figures[EVERYBODY]["mean_wait"].half_width for one in (four, five)]
    assert paired < sum(apart)


def test_occupancy_is_compared_as_well(four: Experiment, five: Experiment) -> None:
    change = occupancy_change(four.runs, five.runs)
    assert change.before == pytest.approx(four.occupancy.mean)
    assert change.certain
    assert change.difference.mean < 0


def test_a_group_that_came_only_once_is_left_out(four: Experiment) -> None:
    renamed = runs_of(centre(plan=PLAN, stream={"name": "others"}))
    assert set(compare(four.runs, renamed.runs)) == {EVERYBODY, "queue help", "tier no tier"}


def test_a_group_may_be_missing_in_some_of_the_runs(four: Experiment, five: Experiment) -> None:
    first = four.runs[0]
    without = msgspec.structs.replace(
        first, groups={k: v for k, v in first.groups.items() if k != "stream calls"}
    )
    found = compare((without, *four.runs[1:]), five.runs)["stream calls"]
    assert found["median_wait"].difference.count == PLAN.at_most - 1
    assert found["mean_wait"].difference.mean < 0


def test_runs_that_are_no_pairs_are_refused(four: Experiment) -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare(four.runs, four.runs[:-1])


def test_one_pair_says_nothing_for_certain(four: Experiment, five: Experiment) -> None:
    change = compare(four.runs[:1], five.runs[:1])[EVERYBODY]["mean_wait"]
    assert not change.certain


def test_nobody_compared_with_nobody_is_unknown() -> None:
    nobody = runs_of(centre(plan=PLAN, agents=0, per_hour=0))
    change = compare(nobody.runs, nobody.runs)[EVERYBODY]["mean_wait"]
    assert isnan(change.difference.mean)
    assert not change.certain
    assert not occupancy_change(nobody.runs, nobody.runs).certain
