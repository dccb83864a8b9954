import pytest

from router.core.catalog import HOUR, MINUTE
from simulator.replications import Experiment, replicate
from simulator.report.day import half_hours, is_average_day
from simulator.scenario import Plan, Scenario
from tests.unit.simulator.centres import centre

PLAN = Plan(at_most=3)


def run(scenario: Scenario) -> Experiment:
    return replicate(scenario, workers=1)


def test_half_hours_add_up_to_the_runs() -> None:
    scenario = centre(hours=2, plan=PLAN)
    found = run(scenario)
    day = half_hours(scenario, found)
    assert [one.label for one in day] == ["08:00", "08:30", "09:00", "09:30"]
    contacts = sum(run.groups["all"].tally.contacts for run in found.runs) / 3
    assert sum(one.contacts for one in day) == pytest.approx(contacts)
    for one in day:
        assert one.present == 4.0
        assert one.contacts == pytest.approx(one.answered + one.abandoned + one.elsewhere)
        assert 0 <= one.talking <= 4


def test_labels_are_of_the_scenarios_clock() -> None:
    scenario = centre(hours=1, zone="Asia/Kolkata", plan=PLAN)
    assert [one.label for one in half_hours(scenario, run(scenario))] == ["13:30", "14:00"]


def test_a_short_last_slice_is_counted_by_its_own_length() -> None:
    scenario = centre(hours=0.75, plan=PLAN)
    assert [one.present for one in half_hours(scenario, run(scenario))] == [4.0, 4.0]


def test_several_days_are_an_average_day() -> None:
    long = centre(hours=48, per_hour=4, plan=PLAN)
    found = run(long)
    day = half_hours(long, found)
    assert is_average_day(long)
    assert len(day) == 48
    assert (day[0].label, day[-1].label) == ("00:00", "23:30")
    contacts = sum(run.groups["all"].tally.contacts for run in found.runs) / 3 / 2
    assert sum(one.contacts for one in day) == pytest.approx(contacts)
    assert {one.present for one in day} == {4.0}


def test_one_long_shift_is_not_an_average_day() -> None:
    assert not is_average_day(centre(hours=36))
    assert not is_average_day(centre(hours=38, warm_up=2 * HOUR))


def test_intervals_are_over_the_runs() -> None:
    scenario = centre(hours=1, per_hour=200, warm_up=15 * MINUTE, plan=PLAN)
    found = run(scenario)
    (first, second) = half_hours(scenario, found)
    assert (first.label, second.label) == ("08:15", "08:45")
    assert first.mean_wait.count == 3
    tallies = [run.slices[0].tally for run in found.runs]
    waits = sum(one.wait for one in tallies) / sum(one.ended for one in tallies)
    assert first.mean_wait.mean == pytest.approx(waits)
