"""The same scenario with other luck: deterministic for a seed, and stopped by its own figures."""

import msgspec
import pytest

from simulator.figures import QUANTILES, RATIOS
from simulator.replications import Experiment, figure_interval, replicate, run_once
from simulator.scenario import Figure, Plan
from simulator.summary import EVERYBODY
from tests.unit.simulator.centres import centre


def test_a_run_is_a_function_of_its_seed() -> None:
    scenario = centre()
    assert run_once(scenario, 7) == run_once(scenario, 7)
    assert run_once(scenario, 7) != run_once(scenario, 8)


def test_how_many_processes_share_the_work_changes_nothing() -> None:
    scenario = centre(plan=Plan(seed=3, at_most=6, within=8.0))
    alone, shared = replicate(scenario, workers=1), replicate(scenario, workers=2)
    assert alone == shared
    assert msgspec.json.encode(alone) == msgspec.json.encode(shared)


def test_seeds_follow_each_other_from_the_plans_own() -> None:
    found = replicate(centre(plan=Plan(seed=41, at_most=3)), workers=1)
    assert [run.seed for run in found.runs] == [41, 42, 43]


def test_without_an_aim_all_runs_are_made() -> None:
    found = replicate(centre(plan=Plan(at_least=1, at_most=3)), workers=1)
    assert (len(found.runs), found.stopped) == (3, "as often as allowed")


@pytest.mark.parametrize(
    ("figure", "within"), [("mean_wait", 9.0), ("service_level", 0.06), ("abandonment", 0.06)]
)
def test_it_stops_as_soon_as_the_figure_is_known_well_enough(figure: Figure, within: float) -> None:
    plan = Plan(at_least=2, at_most=40, figure=figure, within=within)
    found = replicate(centre(plan=plan), workers=1)
    assert found.stopped == "precise enough"
    assert 2 < len(found.runs) < 40
    assert found.figures[EVERYBODY][figure].half_width <= within
    earlier = figure_interval(found.runs[:-1], EVERYBODY, figure, plan.confidence)
    assert earlier.half_width > within


def test_it_does_not_stop_before_the_least_number_of_runs() -> None:
    found = replicate(centre(plan=Plan(at_least=5, at_most=9, within=1e9)), workers=1)
    assert len(found.runs) == 5


def test_an_aim_that_is_out_of_reach_ends_with_the_most_runs() -> None:
    found = replicate(centre(plan=Plan(at_least=2, at_most=3, within=1e-9)), workers=1)
    assert (len(found.runs), found.stopped) == (3, "as often as allowed")


def test_progress_tells_the_figure_after_every_run() -> None:
    told = []
    found = replicate(
        centre(), workers=1, progress=lambda done, most, reached: told.append((done, most, reached))
    )
    assert [(done, most) for done, most, _ in told] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert told[-1][2] == found.figures[EVERYBODY]["mean_wait"]


def test_very_many_runs_are_not_judged_after_each() -> None:
    told: list[int] = []
    replicate(
        centre(hours=0.01, plan=Plan(at_most=405)),
        workers=1,
        progress=lambda done, most, reached: told.append(done),
    )
    assert told[:201] == [*range(1, 200), 200, 202]
    assert told[-3:] == [400, 404, 405]


def test_every_group_has_every_figure() -> None:
    found = replicate(centre(), workers=1)
    assert set(found.figures) == {EVERYBODY, "queue help", "stream calls", "tier no tier"}
    for figures in found.figures.values():
        assert set(figures) == {*RATIOS, *QUANTILES}


@pytest.mark.parametrize("nothing", [{"agents": 0}, {"per_hour": 0}, {"agents": 0, "per_hour": 0}])
def test_nobody_working_or_nobody_coming_has_figures_that_say_so(nothing: dict[str, int]) -> None:
    found = replicate(centre(**nothing), workers=1)
    wait = found.figures[EVERYBODY]["mean_wait_answered"]
    assert wait.mean != wait.mean
    assert msgspec.json.decode(msgspec.json.encode(found), type=dict)["scenario"]


def test_load_beyond_the_staff_ends_and_is_told_of() -> None:
    found: Experiment = replicate(centre(agents=1, per_hour=2_000, hours=0.5), workers=1)
    assert [(round(one.offered), one.present) for one in found.overloads] == [(100, 1)]
    assert found.figures[EVERYBODY]["abandonment"].mean > 0.9
    assert found.occupancy.mean > 0.95
