"""What does not fit together in a scenario is told at its line."""

from pathlib import Path

import pytest

from config.problems import Problem
from tests.unit.simulator.scenario.written import SCENARIO, changed, check


def only(tmp_path: Path, *changes: tuple[str, str]) -> Problem:
    """The one error after ``changes``."""
    report = check(tmp_path, changed(*changes))
    assert len(report.errors) == 1, report.problems
    return report.errors[0]


def test_the_plain_scenario_has_no_problems(tmp_path: Path) -> None:
    assert check(tmp_path).problems == ()


def test_an_hour_that_the_clocks_skip_cannot_be_the_start(tmp_path: Path) -> None:
    problem = only(tmp_path, ("2026-03-02 08:00", "2026-03-29 02:30\ntime_zone: Europe/Madrid"))
    assert (problem.line, problem.path) == (2, "starts")
    assert "skip" in problem.what


@pytest.mark.parametrize("lasts", ["0", "92d 1s"])
def test_a_scenario_lasts_a_while_and_92_days_at_most(lasts: str, tmp_path: Path) -> None:
    assert only(tmp_path, ("lasts: 10h", f"lasts: {lasts}")).path == "lasts"
    assert check(tmp_path, changed(("lasts: 10h", "lasts: 92d"))).ok


@pytest.mark.parametrize("warm_up", ["10h", "1d"])
def test_something_is_left_to_measure_after_the_warm_up(warm_up: str, tmp_path: Path) -> None:
    assert only(tmp_path, ("lasts: 10h", f"lasts: 10h\nwarm_up: {warm_up}")).path == "warm_up"


def test_tiers_are_shares_of_all_customers(tmp_path: Path) -> None:
    tiers = "tiers: {gold: 60%, silver: 50%}"
    problem = only(tmp_path, ("per_hour: 10", f"per_hour: 10\n    {tiers}"))
    assert problem.path == "arrivals.calls.tiers"
    assert "1.1" in problem.what
    tenths = "tiers: {a: 10%, b: 20%, c: 30%, d: 40%}"  # adds up to 100.00000000000001 %
    assert check(tmp_path, changed(("per_hour: 10", f"per_hour: 10\n    {tenths}"))).ok


def test_steps_are_checked_as_in_the_catalog(tmp_path: Path) -> None:
    steps = "steps: [{ask: spanish}, {ask: anyone, for: 10s}]"
    report = check(tmp_path, changed(("per_hour: 10", f"per_hour: 10\n    {steps}")))
    assert [one.path for one in report.errors] == [
        "arrivals.calls.steps[0]",
        "arrivals.calls.steps[1].for",
    ]


@pytest.mark.parametrize("pause", ["12:00-12:45", "12:30-13:00", "07:30-08:30", "19:00-19:10"])
def test_breaks_are_inside_the_shifts(pause: str, tmp_path: Path) -> None:
    problem = only(tmp_path, ("10:00-10:15", pause))
    assert problem.path == "staff.team.breaks[0]"
    assert "08:00-12:30, 13:00-18:00" in problem.fix


def test_a_night_shift_has_its_break_after_midnight(tmp_path: Path) -> None:
    night = ("[08:00-12:30, 13:00-18:00]", "22:00-06:00")
    assert check(tmp_path, changed(night, ("10:00-10:15", "[23:00-23:15, 02:00-02:30]"))).ok
    assert only(tmp_path, night, ("10:00-10:15", "05:45-06:15")).path == "staff.team.breaks[0]"


def test_without_shifts_a_break_may_be_at_any_time(tmp_path: Path) -> None:
    assert check(tmp_path, changed(("    shifts: [08:00-12:30, 13:00-18:00]\n", ""))).ok


def test_breaks_do_not_overlap(tmp_path: Path) -> None:
    assert only(tmp_path, ("10:00-10:15", "[10:00-10:15, 10:10-10:30]")).path == "staff.team.breaks"


def test_nobody_is_listed_twice_in_a_group(tmp_path: Path) -> None:
    assert only(tmp_path, ("[ann, ben]", "[ann, ben, ann]")).path == "staff.team.agents[2]"


# -- two groups -------------------------------------------------------------------------------

LATE = SCENARIO + "  late:\n    agents: [ben]\n    shifts: 18:00-22:00\n"


def test_an_agent_may_work_in_two_groups_one_after_the_other(tmp_path: Path) -> None:
    assert check(tmp_path, LATE).problems == ()


@pytest.mark.parametrize("shifts", ["17:59-22:00", "22:00-08:30", "00:00-24:00"])
def test_nobody_works_two_shifts_at_once(shifts: str, tmp_path: Path) -> None:
    (problem,) = check(tmp_path, changed(("18:00-22:00", shifts), text=LATE)).errors
    assert (problem.path, problem.line) == ("staff.late.agents[0]", 17)
    assert problem.what == "'ben' is at work with 'team' at the same time"


def test_a_group_without_shifts_is_always_there(tmp_path: Path) -> None:
    (problem,) = check(tmp_path, changed(("    shifts: 18:00-22:00\n", ""), text=LATE)).errors
    assert problem.path == "staff.late.agents[0]"


def test_a_group_of_all_agents_collides_once_for_each_other_group(tmp_path: Path) -> None:
    text = changed(("agents: [ben]", "agents: all"), ("18:00-22:00", "17:00-22:00"), text=LATE)
    (problem,) = check(tmp_path, text).errors
    assert (problem.path, problem.what[:5]) == ("staff.late.agents", "'ann'")


def test_an_agent_behaves_the_same_in_every_group(tmp_path: Path) -> None:
    text = changed(("shifts: 18:00-22:00", "shifts: 18:00-22:00\n    pace: 1.2"), text=LATE)
    (problem,) = check(tmp_path, text).errors
    assert problem.path == "staff.late.agents[0]"
    assert "in another way" in problem.what


# -- runs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("runs", "path"),
    [
        ("{at_least: 31}", "runs.at_least"),
        ("{at_least: 6, at_most: 5}", "runs.at_least"),
        ("{confidence: 30%}", "runs.confidence"),
        ("{confidence: 100%}", "runs.confidence"),
        ("{until: {figure: mean_wait, within: 1%}}", "runs.until.within"),
        ("{until: {within: 1%}}", "runs.until.within"),
        ("{until: {figure: service_level, within: 2s}}", "runs.until.within"),
        ("{until: {figure: abandonment, within: 0%}}", "runs.until.within"),
        ("{until: {figure: longest_wait, within: 2s}}", "runs.until.figure"),
        ("{until: {figure: mean_wait}}", "runs.until"),
        ("{at_most: 1, until: {within: 2s}}", "runs.until"),
    ],
)
def test_runs_that_cannot_be_made_are_refused(runs: str, path: str, tmp_path: Path) -> None:
    assert only(tmp_path, ("staff:", f"runs: {runs}\nstaff:")).path == path


@pytest.mark.parametrize(
    "runs",
    ["", "{at_most: 3}", "{at_most: 1}", "{until: {within: 2s}}", "{confidence: 99.9%}",
     "{until: {figure: abandonment, within: 0.5%}}",
     "{until: {figure: service_level, within: 0.01}}"],
)  # fmt: skip
def test_runs_that_can_be_made_are_accepted(runs: str, tmp_path: Path) -> None:
    assert check(tmp_path, changed(("staff:", f"runs: {runs}\nstaff:"))).problems == ()


# -- size -------------------------------------------------------------------------------------


def test_too_many_shifts_are_refused_before_they_are_made(tmp_path: Path) -> None:
    agents = "".join(f"  a{n}: {{name: A, profile: service}}\n" for n in range(6_000))
    catalog = (
        "queues: {support: }\n"
        "profiles: {service: {queues: [support], capacity: {voice: 1}}}\n"
        f"agents:\n{agents}"
    )
    text = changed(("lasts: 10h", "lasts: 92d"), ("[ann, ben]", "all"))
    (problem,) = check(tmp_path, text, catalog=catalog).errors
    assert problem.path == "staff"
    assert "1,692,000" in problem.what


def test_too_many_spans_of_arrivals_are_refused_before_they_are_made(tmp_path: Path) -> None:
    spans = ", ".join(
        f"{h:02}:{m:02}-{h:02}:{m + 14:02}: 1" for h in range(24) for m in (0, 15, 30, 45)
    )
    stream = f"{{channel: voice, queue: support, per_hour: {{{spans}}}, handling: 1m}}"
    streams = "".join(f"  s{n}: {stream}\n" for n in range(30))
    text = changed(("lasts: 10h", "lasts: 92d"), ("arrivals:\n", f"arrivals:\n{streams}"))
    (problem,) = check(tmp_path, text).errors
    assert problem.path == "arrivals"
