"""Whatever the bytes, the answer is a scenario or problems that say where, what and what to do."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.core.catalog import HOUR
from simulator.contacts import MAX_CONTACTS
from simulator.scenario import (
    Scenario,
    ScenarioProblems,
    ScenarioReport,
    check_file,
    check_text,
    load_scenario,
)
from tests.unit.simulator.scenario.written import CATALOG, SCENARIO, changed, check

EXAMPLE = Path("config/simulation.yaml")


def places(report: ScenarioReport) -> list[tuple[int, str]]:
    return [(one.line, one.path) for one in report.problems]


def test_a_scenario_is_read_from_its_file_and_names_the_catalog_beside_it(tmp_path: Path) -> None:
    (tmp_path / "centre.yaml").write_text(CATALOG, encoding="utf-8")
    path = tmp_path / "monday.yaml"
    path.write_text(SCENARIO, encoding="utf-8")
    scenario = load_scenario(path)
    assert isinstance(scenario, Scenario)
    assert scenario.name == "monday"
    assert list(scenario.catalog.queues) == ["support", "sales", "spanish"]


def test_the_catalog_may_lie_in_another_folder(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "centre.yaml").write_text(CATALOG, encoding="utf-8")
    text = changed(("centre.yaml", "../centre.yaml"))
    assert check_text(text, folder=tmp_path / "a").ok


def test_every_problem_is_reported_in_one_run_with_line_path_and_fix(tmp_path: Path) -> None:
    text = changed(
        ("queue: support", "queue: suport"),
        ("channel: voice", "channel: voise"),
        ("lasts: 10h", "lasts: 10"),
        ("ben]", "bne]"),
        ("shifts:", "shfits:"),
    )
    problems = check(tmp_path, text).problems
    assert [(one.line, one.path, one.fix) for one in problems] == [
        (3, "lasts", "a duration needs a unit: write 10s, 10m …"),
        (6, "arrivals.calls.channel", "did you mean 'voice'?"),
        (7, "arrivals.calls.queue", "did you mean 'support'?"),
        (13, "staff.team.agents[1]", "did you mean 'ben'?"),
        (14, "staff.team.shfits", "did you mean 'shifts'?"),
    ]
    assert all(one.severity == "error" and one.file == "x.yaml" for one in problems)


def test_names_that_are_like_no_other_are_looked_for_in_the_catalog(tmp_path: Path) -> None:
    text = changed(("queue: support", "queue: zebra"), ("ben]", "zoe]"))
    assert [one.fix for one in check(tmp_path, text).problems] == [
        "use a queue of the catalog",
        "use an agent of the catalog",
    ]


def test_skills_in_steps_must_be_in_the_catalog(tmp_path: Path) -> None:
    text = changed(("per_hour: 10", "per_hour: 10\n    steps: [{ask: {spansh: 3}}]"))
    assert places(check(tmp_path, text)) == [(9, "arrivals.calls.steps[0].ask.spansh")]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    report = check(tmp_path, "arrivals: {calls: {}}\n")
    assert [one.what for one in report.problems] == [
        "'catalog' is missing", "'starts' is missing", "'lasts' is missing",
        "'channel' is missing", "'queue' is missing", "'per_hour' is missing",
        "'handling' is missing",
    ]  # fmt: skip


# -- the catalog ------------------------------------------------------------------------------


def test_problems_of_the_catalog_are_told_with_its_name_and_lines(tmp_path: Path) -> None:
    catalog = CATALOG.replace("wrap_up: 30s", "wrap_up: 30")
    problems = check(tmp_path, catalog=catalog).problems
    assert [(one.file, one.line, one.path) for one in problems] == [
        ("x.yaml", 1, "catalog"),
        (str(tmp_path / "centre.yaml"), 3, "queues.support.wrap_up"),
    ]
    assert problems[1].what in problems[0].fix


def test_a_broken_catalog_does_not_make_every_name_unknown(tmp_path: Path) -> None:
    report = check(tmp_path, catalog="queues: 1\n")
    assert {one.path for one in report.problems} == {"catalog", "queues"}


def test_warnings_of_the_catalog_come_with_the_scenarios_own(tmp_path: Path) -> None:
    catalog = CATALOG.replace("  sales: {wrap_up: 0}", "  sales: {wrap_up: 0}\n  extra:")
    report = check(tmp_path, catalog=catalog)
    assert report.ok
    assert [(Path(one.file).name, one.path) for one in report.warnings] == [
        ("centre.yaml", "queues.extra")
    ]


def test_a_catalog_that_is_not_there_is_a_problem_of_the_line_that_names_it(tmp_path: Path) -> None:
    report = check_text(SCENARIO, file="x.yaml", folder=tmp_path)
    assert places(report)[0] == (1, "catalog")
    assert "No such file" in report.problems[0].fix


def test_a_catalog_may_be_no_folder_and_no_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in (".", "pipe", "x" * 300, "a/b/c", "centre.yaml/"):
        assert not check_text(changed(("centre.yaml", name)), folder=tmp_path).ok


def test_opening_hours_hold_when_the_scenario_starts(tmp_path: Path) -> None:
    hours = "hours: {day: {time_zone: UTC, open: {daily: 09:00-17:00}}}\n"
    catalog = CATALOG.replace("{wrap_up: 0}", "{wrap_up: 0, hours: day}") + hours
    report = check(tmp_path, changed(("2026-03-02", "1999-02-01")), catalog=catalog)
    assert report.scenario is not None
    opening = report.scenario.catalog.hours["day"]
    begins = report.scenario.begins
    assert not opening.is_open(begins)
    assert opening.is_open(begins + HOUR)


# -- hostile files ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: &x [1, 1]\nb: &y [*x, *x, *x]\nc: [*y, *y, *y]\n", "anchors are not allowed"),
        ("a: " + "[" * 5_000, "values are nested more than 24 deep"),
        ("arrivals: " + "{a: " * 3_000, "values are nested more than 24 deep"),
        ("# " + "x" * (3 << 20), "the file is larger than 2048 KiB"),
        (b"\x00\x01\x02\xff" * 1_000, "this byte is not UTF-8"),
        ("catalog: a\x00b\n", "the character U+0000 is not allowed"),
        ("[" + "0," * 300_000 + "]", "the file has more than 250000 values"),
        ("name: " + "x" * 5_000, "this text is longer than 4000 characters"),
        ("!!python/object:os.system x\n", "tags are not allowed"),
        ("<<: {a: 1}\n", "merge keys ('<<') are not allowed"),
    ],
    ids=["aliases", "lists", "maps", "3 MiB", "binary", "nul", "nodes", "scalar", "tag", "merge"],
)
def test_hostile_files_are_refused_by_the_limits_of_the_catalog(
    text: str | bytes, what: str, tmp_path: Path
) -> None:
    report = check(tmp_path, text)
    assert what in [one.what for one in report.errors]
    assert not report.ok


def test_a_hostile_catalog_is_refused_as_well(tmp_path: Path) -> None:
    for catalog in ("a: &x [*x]\n", "[" * 5_000, "#" + "x" * (3 << 20), "\x00"):
        assert not check(tmp_path, catalog=catalog).ok


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n", "---\n"])
def test_an_empty_file_is_told_what_to_write(text: str, tmp_path: Path) -> None:
    (problem,) = check(tmp_path, text).problems
    assert "name a catalog" in problem.fix


@pytest.mark.parametrize("text", ["hello", "[1, 2]", "- a\n- b\n", "7"])
def test_a_file_of_another_shape_is_refused(text: str, tmp_path: Path) -> None:
    assert not check(tmp_path, text).ok


def test_a_missing_file_a_folder_and_a_pipe_are_one_problem_each(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "none.yaml", tmp_path, tmp_path / "pipe"):
        refused = load_scenario(path)
        assert isinstance(refused, ScenarioProblems)
        assert str(refused).startswith(f"{path}:1:1: error: the file cannot be read")
        assert len(check_file(path).problems) == 1


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("per_hour: 10", "per_hour: -1", "arrivals.calls.per_hour"),
        ("per_hour: 10", "per_hour: 1e9", "arrivals.calls.per_hour"),
        ("per_hour: 10", "per_hour: .inf", "arrivals.calls.per_hour"),
        ("per_hour: 10", "per_hour: 1000001", "arrivals.calls.per_hour"),
        ("per_hour: 10", "per_hour: 99999999999999999999", "arrivals.calls.per_hour"),
        ("per_hour: 10", "per_hour: 1000000", "arrivals"),
        ("lasts: 10h", "lasts: 93d", "lasts"),
        ("lasts: 10h", "lasts: 0", "lasts"),
        ("lasts: 10h", "lasts: 10h\nwarm_up: 10h", "warm_up"),
        ("lasts: 10h", "lasts: 10h\ntime_zone: Mars/Olympus", "time_zone"),
        ("2026-03-02 08:00", "2026-02-30", "starts"),
        ("patience:", "value: 99999999999999\n    patience:", "arrivals.calls.value"),
        ("breaks:", "pace: 0\n    breaks:", "staff.team.pace"),
        ("breaks:", "misses: 101%\n    breaks:", "staff.team.misses"),
        ("staff:", "runs: {at_most: 1000000}\nstaff:", "runs.at_most"),
        ("staff:", "runs: {seed: -1}\nstaff:", "runs.seed"),
    ],
)
def test_absurd_values_are_refused_at_their_path(
    old: str, new: str, path: str, tmp_path: Path
) -> None:
    report = check(tmp_path, changed((old, new)))
    assert [one.path for one in report.problems] == [path]
    assert report.problems[0].severity == "error"


def test_a_scenario_that_is_too_large_says_how_large_a_run_may_be(tmp_path: Path) -> None:
    (problem,) = check(tmp_path, changed(("per_hour: 10", "per_hour: 600000"))).problems
    assert f"{MAX_CONTACTS:,}" in problem.what
    assert "6,000,000" in problem.what


def test_the_largest_numbers_allowed_are_checked_in_reasonable_time(tmp_path: Path) -> None:
    """92 days, a hundred streams, everybody in two hundred groups: refused or read, not hung."""
    stream = "{channel: voice, queue: support, per_hour: 20, handling: 366d, patience: never}"
    streams = "".join(f"  s{n}: {stream}\n" for n in range(100))
    spans = ", ".join(f"{h:02}:{m:02}-{h:02}:{m + 14}" for h in range(24) for m in (0, 15, 30, 45))
    groups = "".join(f"  g{n}: {{agents: all, shifts: [{spans}]}}\n" for n in range(200))
    text = f"catalog: centre.yaml\nstarts: 2026-03-02\nlasts: 92d\narrivals:\n{streams}"
    huge = check(tmp_path, f"{text}staff:\n{groups}")
    assert [one.path for one in huge.problems] == ["staff"]
    one_group = check(tmp_path, f"{text}staff:\n  g: {{agents: all}}\n")
    assert one_group.ok
    assert [one.path for one in one_group.warnings[:1]] == ["arrivals.s0.per_hour"]


def _whole(report: ScenarioReport) -> None:
    """What every report promises."""
    assert report.ok == (not report.errors)
    for problem in report.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.what
        assert problem.fix
        assert len(str(problem)) < 2_000


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_report(source: bytes) -> None:
    _whole(check_text(source))


FRAGMENTS = st.sampled_from(
    [
        "catalog: demo.yaml\n", "starts: 2026-03-02 08:00\n", "lasts: 10h\n", "arrivals:", "staff:",
        "runs:", "channel: voice\n", "queue: sales\n", "per_hour: ", "handling: ", "patience: ",
        "agents: all\n", "shifts: ", "breaks: ", "until: ", "figure: ", "within: ", "tiers: ",
        "steps: ", "ask: ", "08:00-12:00: ", "exponential: ", "lognormal: ", "uniform: ", "mean: ",
        "from: ", "to: ", "never", "20s", "2%", "-1", "1e999", "~", "null", "true", "ann", "a: ",
        "- ", "{", "}", "[", "]", ",", ": ", "\n", "\n  ", "\n    ", "'", '"', "#", "|", ">", "\t",
        "&x ", "*x", "!!set ", "<<: ", "\0", "é", "%", "---",
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_any_arrangement_of_a_scenarios_words_gives_a_report(source: str) -> None:
    _whole(check_text(source, folder=Path("config")))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_example_gives_a_report(data: st.DataObject) -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        cut = data.draw(st.integers(0, len(line)))
        lines[at] = (
            line[:cut] + data.draw(FRAGMENTS) + line[data.draw(st.integers(cut, len(line))) :]
        )
    _whole(check_text("".join(lines), folder=EXAMPLE.parent))
