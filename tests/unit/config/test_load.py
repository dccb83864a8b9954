"""Whatever the bytes, the answer is a catalog or problems that say where, what and what to do."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.catalog import CatalogProblems, CheckReport, check_file, check_text, load_catalog
from router.core.catalog import Catalog, Queue
from router.core.durations import SECOND
from router.core.requirements import AllOf, SkillAtLeast

AT = 1_795_000_000 * SECOND
DEMO = Path("config/demo.yaml")
SMALL = """\
skills: {spanish: Spanish, billing: }
queues:
  sales:
  billing:
    steps:
      - {ask: {spanish: 3, billing: 2}, for: 30s}
      - ask: billing
    offer_for: 15s
profiles:
  all: {queues: [sales, {queue: billing, band: 2, delay: 10s}], capacity: {voice: 1}}
agents:
  ann: {name: Ann Lee, profile: all, skills: {spanish: 3, billing: 2}}
"""


def check(text: str | bytes) -> CheckReport:
    return check_text(text, file="x.yaml", at=AT)


def found(text: str) -> list[tuple[str, str]]:
    return [(one.path, one.what) for one in check(text).problems]


def test_a_short_catalog_is_enough_and_the_rest_is_default() -> None:
    catalog = load_catalog(SMALL, at=AT)
    assert isinstance(catalog, Catalog)
    assert catalog.queues["sales"] == Queue(id="sales", label="Sales")
    billing = catalog.queues["billing"]
    assert billing.offer_for == 15 * SECOND
    assert [step.lasts for step in billing.steps] == [30 * SECOND, None]
    assert billing.steps[0].condition == AllOf(
        of=(SkillAtLeast(skill="spanish", level=3), SkillAtLeast(skill="billing", level=2))
    )
    assert billing.steps[1].condition == SkillAtLeast(skill="billing", level=1)
    assert catalog.skills == {"spanish": "Spanish", "billing": "Billing"}
    assert catalog.agents["ann"].traits.skills == (("billing", 2), ("spanish", 3))
    assert catalog.source == SMALL


def test_queue_defaults_apply_where_a_queue_says_nothing() -> None:
    catalog = load_catalog("queue_defaults: {offer_for: 9s, wrap_up: 5s}\n" + SMALL, at=AT)
    assert isinstance(catalog, Catalog)
    assert catalog.queues["sales"].offer_for == 9 * SECOND
    assert catalog.queues["billing"].offer_for == 15 * SECOND
    assert catalog.queues["billing"].wrap_up == 5 * SECOND


def test_a_problem_in_the_defaults_is_told_once_where_it_is_written() -> None:
    problems = check("queue_defaults: {offer_for: 9}\n" + SMALL).problems
    assert [(one.line, one.path) for one in problems] == [(1, "queue_defaults.offer_for")]


def test_every_problem_is_reported_in_one_run_with_line_path_and_fix() -> None:
    text = SMALL.replace("offer_for: 15s", "ofer_for: 15s").replace("spanish: 3, b", "spnish: 3, b")
    text = text.replace("[sales,", "[slaes,").replace("profile: all", "profile: al")
    problems = check(text).problems
    assert [(one.line, one.path, one.fix) for one in problems] == [
        (6, "queues.billing.steps[0].ask.spnish", "did you mean 'spanish'?"),
        (8, "queues.billing.ofer_for", "did you mean 'offer_for'?"),
        (10, "profiles.all.queues[0]", "did you mean 'sales'?"),
        (12, "agents.ann.profile", "did you mean 'all'?"),
        (12, "agents.ann.skills.spnish", "did you mean 'spanish'?"),
    ]
    assert all(one.severity == "error" and one.file == "x.yaml" for one in problems)


def test_one_slip_is_one_problem() -> None:
    """A queue that cannot be read is still a queue that profiles may name."""
    text = SMALL.replace("  sales:\n", "  sales: [what]\n")
    assert [path for path, _ in found(text)] == ["queues.sales"]


def test_an_unknown_key_without_a_neighbour_lists_what_is_known() -> None:
    problem = check(SMALL + "zebra: 1\n").problems[0]
    assert "queues" in problem.fix
    assert "agents" in problem.fix


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("offer_for: 15s", "offer_for: -15s", "queues.billing.offer_for"),
        ("offer_for: 15s", "offer_for: 1e999", "queues.billing.offer_for"),
        ("offer_for: 15s", "offer_for: [15s]", "queues.billing.offer_for"),
        ("offer_for: 15s", "service_target: 1e999", "queues.billing.service_target"),
        ("offer_for: 15s", "service_target: .inf", "queues.billing.service_target"),
        ("offer_for: 15s", "service_target: 120%", "queues.billing.service_target"),
        ("offer_for: 15s", "ring_all_limit: 1e999", "queues.billing.ring_all_limit"),
        ("offer_for: 15s", "ring_all_limit: 0x10", "queues.billing.ring_all_limit"),
        ("offer_for: 15s", "auto_accept: yes", "queues.billing.auto_accept"),
        ("offer_for: 15s", "strategy: fastest", "queues.billing.strategy"),
        ("offer_for: 15s", "missed_offer: redy", "queues.billing.missed_offer"),
        ("voice: 1", "voice: 99999999999999999999", "profiles.all.capacity.voice"),
        ("voice: 1", "voice: -1", "profiles.all.capacity.voice"),
        ("voice: 1", "voise: 1", "profiles.all.capacity.voise"),
        ("band: 2", "band: two", "profiles.all.queues[1].band"),
        ("{spanish: 3, billing: 2}}", "{spanish: 11, billing: 2}}", "agents.ann.skills.spanish"),
        ("name: Ann Lee", "name: ''", "agents.ann.name"),
        ("name: Ann Lee", "name: " + "x" * 81, "agents.ann.name"),
        ("name: Ann Lee, ", "", "agents.ann"),
    ],
)
def test_absurd_values_are_refused_at_their_path(old: str, new: str, path: str) -> None:
    problems = check(SMALL.replace(old, new)).problems
    assert [one.path for one in problems] == [path]
    assert problems[0].severity == "error"


@pytest.mark.parametrize(
    "name", ["аnn", "Ann", "a nn", "../x", "a/b", "ann\u200b", "ａｎｎ", "a" * 65, "-ann", "x\\ny"]
)
def test_ids_are_plain_ascii_so_that_no_two_look_alike(name: str) -> None:
    text = SMALL.replace("  ann:", f'  "{name}":')
    problems = check(text).problems
    assert problems
    assert problems[0].line == 12
    assert not check(text).ok


def test_a_menu_key_may_be_a_digit_written_without_quotes() -> None:
    entry = "{channel: voice, queue: sales, choices: {1: billing, '#': sales}}"
    text = f"{SMALL}entry_points:\n  line: {entry}\n"
    catalog = load_catalog(text, at=AT)
    assert isinstance(catalog, Catalog)
    assert catalog.entry_points["line"].choices == {"1": "billing", "#": "sales"}


@pytest.mark.parametrize("text", ["", "# nothing\n", "null\n", "---\n"])
def test_an_empty_file_is_told_what_to_define(text: str) -> None:
    assert [one.fix for one in check(text).problems] == ["define queues, profiles and agents"]


@pytest.mark.parametrize("text", ["hello", "[1, 2]", "- a\n- b\n"])
def test_a_file_of_another_shape_is_refused(text: str) -> None:
    assert not check(text).ok


def test_the_report_counts_errors_and_warnings_apart() -> None:
    report = check(SMALL.replace("skills: {spanish: 3, billing: 2}", "skills: {spanish: 3}"))
    assert report.ok
    assert not report.errors
    assert len(report.warnings) == 2


def test_load_answers_problems_instead_of_raising() -> None:
    refused = load_catalog("queues: 1\n", at=AT)
    assert isinstance(refused, CatalogProblems)
    assert str(refused).startswith("catalog:1:9: error: queues:")


def test_a_missing_file_is_one_problem(tmp_path: Path) -> None:
    report = check_file(tmp_path / "none.yaml", at=AT)
    assert not report.ok
    assert "No such file" in report.problems[0].what


def test_a_directory_and_a_pipe_are_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        assert not check_file(path, at=AT).ok


def test_a_file_is_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "centre.yaml"
    path.write_text(SMALL + "zebra: 1\n", encoding="utf-8")
    assert check_file(path, at=AT).problems[0].file == str(path)


def test_an_extra_channel_is_known_when_it_is_plugged_in() -> None:
    text = SMALL.replace("voice: 1", "pager: 1")
    assert not check_text(text, at=AT).ok
    assert check_text(text, at=AT, channels=("voice", "pager")).ok


def _whole(report: CheckReport) -> None:
    """What every report promises."""
    assert report.ok == (not report.errors)
    for problem in report.problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.what
        assert problem.fix
        assert len(str(problem)) < 2_000


@settings(deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_a_report(source: bytes) -> None:
    _whole(check(source))


FRAGMENTS = st.sampled_from(
    [
        "skills:", "queues:", "profiles:", "agents:", "hours:", "credits:", "entry_points:",
        "queue_defaults:", "steps:", "ask:", "all:", "any:", "not:", "team:", "attributes:",
        "open:", "dates:", "holidays:", "overflow:", "to:", "when:", "for:", "capacity:",
        "- ", "  ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ",", ": ", "a", "b: ", "30s",
        "1", "-1", "null", "~", "closed", "usual", "09:00-17:00", "mon-fri: ", "2026-12-24: ",
        "GB", "ES-XX", "Europe/Paris", "&x ", "*x", "!!set ", "<<: ", "'", '"', "#", "|", ">", "\t",
        "\0", "é", "%", "---", "callback", "queue: a", "values:", "at_least: ", "tiers:",
        "time_zone: ",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FRAGMENTS, max_size=40).map("".join))
def test_any_arrangement_of_catalog_words_gives_a_report(source: str) -> None:
    _whole(check(source))


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_demo_gives_a_report(data: st.DataObject) -> None:
    lines = DEMO.read_text(encoding="utf-8").splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        line = lines[at]
        cut = data.draw(st.integers(0, len(line)))
        lines[at] = (
            line[:cut] + data.draw(FRAGMENTS) + line[data.draw(st.integers(cut, len(line))) :]
        )
    _whole(check("".join(lines)))
