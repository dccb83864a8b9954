"""Rates, spans of the day and half widths: as people write them, and what is refused."""

from pathlib import Path

import pytest

from config.catalog.openings import ALL_DAY, parse_span
from simulator.scenario.kinds import HourlyRate, is_share, parse_half_width, parse_rate
from tests.unit.simulator.scenario.written import changed, check, compiled


def test_a_rate_alone_holds_the_whole_day() -> None:
    assert parse_rate("12.5") == 12.5
    assert HourlyRate(span=ALL_DAY, per_hour=1.0).span.closes == 24 * 60


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("{}", None),
        ("{08:00-12:00: 10, 12:00-18:00: 4.5}", None),
        ("{12:00-18:00: 10, 08:00-12:00: 4.5}", None),
        ("{22:00-06:00: 3}", None),
        ("{08:00-12:00: 10, 11:59-18:00: 4}", "per_hour"),
        ("{22:00-06:00: 3, 05:00-08:00: 1}", "per_hour"),
        ("{16:00-10:00: 3, 09:00-12:00: 1}", "per_hour"),
        ("{8-12: 10}", "per_hour.8-12"),
        ("{mon: 10}", "per_hour.mon"),
        ("{08:00-12:00: many}", "per_hour.08:00-12:00"),
        ("{08:00-12:00: {a: 1}}", "per_hour.08:00-12:00"),
        ("[10, 20]", "per_hour"),
        ("", "per_hour"),
    ],
)
def test_rates_are_a_number_or_a_number_for_each_span(
    written: str, path: str | None, tmp_path: Path
) -> None:
    report = check(tmp_path, changed(("per_hour: 10", f"per_hour: {written}")))
    expected = [] if path is None else [f"arrivals.calls.{path}"]
    assert [one.path for one in report.errors] == expected


def test_the_overlap_is_named(tmp_path: Path) -> None:
    report = check(
        tmp_path, changed(("per_hour: 10", "per_hour: {08:00-12:00: 1, 11:00-13:00: 2}"))
    )
    assert report.problems[0].what == "08:00-12:00 and 11:00-13:00 overlap"


def test_a_day_has_no_more_spans_than_quarters_of_an_hour(tmp_path: Path) -> None:
    spans = ", ".join(
        f"{h:02}:{m:02}-{h:02}:{m + 5:02}" for h in range(24) for m in range(0, 50, 10)
    )
    report = check(tmp_path, changed(("[08:00-12:30, 13:00-18:00]", f"[{spans}]")))
    assert "there are 120 spans" in [one.what for one in report.problems]


@pytest.mark.parametrize("written", ["08:00-18:00", "[08:00-18:00]"])
def test_one_span_needs_no_list(written: str, tmp_path: Path) -> None:
    text = changed(("[08:00-12:30, 13:00-18:00]", written))
    (first, _) = compiled(tmp_path, text).staff
    assert len(first.shifts) == 1


@pytest.mark.parametrize(
    "written", ["08:00", "{from: 08:00}", "[8-16]", "[08:00-12:00, 10:00-14:00]"]
)
def test_other_shifts_are_refused(written: str, tmp_path: Path) -> None:
    text = changed(("[08:00-12:30, 13:00-18:00]", written), ("    breaks: 10:00-10:15\n", ""))
    assert [one.path.partition("[")[0] for one in check(tmp_path, text).errors] == [
        "staff.team.shifts"
    ]


@pytest.mark.parametrize(
    ("text", "value", "share"),
    [
        ("2s", 2.0, False),
        ("500ms", 0.5, False),
        ("1m", 60.0, False),
        ("1%", 0.01, True),
        ("0.005", 0.005, True),
    ],
)
def test_a_half_width_is_seconds_or_a_share(text: str, value: float, share: bool) -> None:
    assert parse_half_width(text) == pytest.approx(value)
    assert is_share(text) is share


@pytest.mark.parametrize("text", ["0", "0s", "0%", "2", "200%", "soon", "-1s", "1e-3", ""])
def test_what_no_number_of_runs_can_reach_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write"):
        parse_half_width(text)


def test_the_spans_of_a_rate_are_those_written() -> None:
    assert parse_span("22:00-06:00").closes == 30 * 60
