"""Warnings about scenarios that can be run and are hardly meant so."""

from pathlib import Path

import pytest

from tests.unit.simulator.scenario.written import CATALOG, SCENARIO, changed, check

ALWAYS = ("    shifts: [08:00-12:30, 13:00-18:00]\n    breaks: 10:00-10:15\n", "")


def warned(tmp_path: Path, text: str, catalog: str = CATALOG) -> list[tuple[str, str, str]]:
    """Path, what and fix of every warning; there must be no error."""
    report = check(tmp_path, text, catalog=catalog)
    assert report.ok, report.problems
    return [(one.path, one.what, one.fix) for one in report.warnings]


def test_no_staff_is_allowed_and_told(tmp_path: Path) -> None:
    ((path, what, _),) = warned(tmp_path, SCENARIO.partition("staff:")[0])
    assert (path, what) == ("staff", "nobody works here: every contact waits in vain")


@pytest.mark.parametrize("arrivals", ["arrivals:\n", "arrivals: {}\n", ""])
def test_no_arrivals_are_allowed_and_told(arrivals: str, tmp_path: Path) -> None:
    head, _, rest = SCENARIO.partition("arrivals:")
    staff = "staff:" + rest.partition("staff:")[2]
    ((path, _, _),) = warned(tmp_path, head + arrivals + staff)
    assert path == "arrivals"


def test_a_tier_that_gives_no_credit_is_told(tmp_path: Path) -> None:
    text = changed(("per_hour: 10", "per_hour: 10\n    tiers: {gold: 10%, glod: 5%}"))
    ((path, _, fix),) = warned(tmp_path, text)
    assert path == "arrivals.calls.tiers.glod"
    assert fix.endswith("known: gold")


def test_wrap_up_that_the_queue_does_not_have_is_told(tmp_path: Path) -> None:
    text = changed(
        ("queue: support", "queue: sales"),
        ("per_hour: 10", "per_hour: 10\n    wrap_up: 20s"),
        ("[ann, ben]", "[cat]"),
        ALWAYS,
    )
    ((path, what, _),) = warned(tmp_path, text)
    assert path == "arrivals.calls.wrap_up"
    assert "not used" in what
    assert warned(tmp_path, changed(("wrap_up: 20s", "wrap_up: 0"), text=text)) == []


def test_wrap_up_that_the_queue_cuts_short_is_told(tmp_path: Path) -> None:
    text = changed(("per_hour: 10", "per_hour: 5\n    wrap_up: {exponential: 6m}"))
    ((path, what, _),) = warned(tmp_path, text)
    assert path == "arrivals.calls.wrap_up"
    assert "after 5m" in what


@pytest.mark.parametrize(
    ("changes", "catalog", "reason"),
    [
        ((), CATALOG, "profile sellers has none of their queues"),
        (
            (("queue: support", "queue: sales"), ("channel: voice", "channel: chat")),
            CATALOG,
            "profile sellers has no capacity for chat",
        ),
        (
            (("queue: support", "queue: spanish"),),
            CATALOG.replace("queues: [sales]", "queues: [spanish]"),
            "they meet none of the steps",
        ),
    ],
)
def test_an_agent_who_is_never_offered_anything_is_told_with_the_reason(
    changes: tuple[tuple[str, str], ...], catalog: str, reason: str, tmp_path: Path
) -> None:
    text = changed(*changes, ("[ann, ben]", "[cat]"))
    found = {path: fix for path, _, fix in warned(tmp_path, text, catalog)}
    assert found["staff.team.agents"] == reason
    assert "arrivals.calls" in found  # nobody else is there


def test_idle_agents_of_a_group_are_one_warning(tmp_path: Path) -> None:
    catalog = CATALOG.replace("  cat:", "  dan: {name: Dan, profile: sellers}\n  cat:")
    text = changed(("[ann, ben]", "all"))
    ((path, what, _),) = warned(tmp_path, text, catalog)
    assert (path, what) == ("staff.team.agents", "'dan' and 1 more can serve none of the arrivals")


def test_arrivals_that_nobody_can_serve_are_told(tmp_path: Path) -> None:
    mails = "  mails: {channel: email, queue: support, per_hour: 1, handling: 5m}\n"
    found = warned(tmp_path, changed(("staff:", f"{mails}staff:")))
    assert [path for path, _, _ in found] == ["arrivals.mails", "arrivals.mails.per_hour"]
    assert found[0][1] == "nobody of the staff can serve queue support by email"


def test_a_rate_outside_the_scenario_is_told(tmp_path: Path) -> None:
    ((path, _, _),) = warned(tmp_path, changed(("per_hour: 10", "per_hour: {19:00-23:00: 10}")))
    assert path == "arrivals.calls.per_hour"


def test_an_unstable_scenario_says_so_even_though_patience_keeps_it_finite(tmp_path: Path) -> None:
    text = changed(("per_hour: 10", "per_hour: {14:00-16:00: 60}"))
    ((path, what, fix),) = warned(tmp_path, text)
    assert path == "arrivals.calls.per_hour"
    assert what == (
        "unstable from 2026-03-02 14:00 to 2026-03-02 16:00: 'calls' would keep 3.5 agents busy,"
        " and of those who can serve 2.0 are there"
    )
    assert fix.endswith("until customers give up")


def test_without_patience_an_unstable_line_grows_without_end(tmp_path: Path) -> None:
    text = changed(("per_hour: 10", "per_hour: 60"), ("{exponential: 2m}", "never"))
    ((_, _, fix),) = warned(tmp_path, text)
    assert fix.endswith("without end")


def test_the_worst_stretch_stands_for_all(tmp_path: Path) -> None:
    text = changed(("per_hour: 10", "per_hour: {08:00-09:00: 50, 14:00-16:00: 60}"))
    ((_, what, _),) = warned(tmp_path, text)
    assert "14:00" in what


def test_a_hundred_days_of_overload_are_one_warning(tmp_path: Path) -> None:
    text = changed(("lasts: 10h", "lasts: 90d"), ("per_hour: 10", "per_hour: 60"))
    assert len(warned(tmp_path, text)) == 1


def test_times_are_those_of_the_scenarios_zone(tmp_path: Path) -> None:
    text = changed(
        ("lasts: 10h", "lasts: 10h\ntime_zone: America/Lima"),
        ("per_hour: 10", "per_hour: {14:00-16:00: 60}"),
    )
    assert "from 2026-03-02 14:00" in warned(tmp_path, text)[0][1]
