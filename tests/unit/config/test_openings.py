from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.catalog.openings import (
    ALL_DAY,
    DAY_MINUTES,
    Openings,
    Span,
    format_openings,
    format_span,
    holiday_dates,
    join_spans,
    parse_date,
    parse_holidays,
    parse_span,
    parse_weekdays,
    parse_zone,
)


@settings(deadline=None)
@given(st.integers(0, DAY_MINUTES - 1), st.integers(1, DAY_MINUTES))
def test_every_span_reads_back_as_it_was_written(opens: int, closes: int) -> None:
    if closes == opens or (closes == DAY_MINUTES and opens == 0):
        return
    span = Span(opens, closes if closes > opens else closes + DAY_MINUTES)
    assert parse_span(format_span(span)) == span


def test_a_span_past_midnight_closes_on_the_next_day() -> None:
    assert parse_span("22:00-06:00") == Span(22 * 60, 30 * 60)


def test_a_span_may_end_at_midnight() -> None:
    assert parse_span("09:00-24:00") == Span(9 * 60, DAY_MINUTES)
    assert parse_span("00:00-24:00") == ALL_DAY
    assert parse_span("09:00-00:00") == Span(9 * 60, DAY_MINUTES)


@pytest.mark.parametrize("text", ["9-17", "09:00", "09:00-17:60", "25:00-26:00", "24:00-01:00", ""])
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="09:00-17:30"):
        parse_span(text)


def test_a_span_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="open"):
        parse_span("09:00-09:00")


def test_spans_of_a_day_are_sorted_and_must_not_overlap() -> None:
    morning, noon = Span(540, 720), Span(700, 800)
    assert join_spans([Span(800, 900), morning]).spans == (morning, Span(800, 900))
    with pytest.raises(ValueError, match="09:00-12:00 and 11:40-13:20 overlap"):
        join_spans([noon, morning])


def test_a_day_has_a_bounded_number_of_spans() -> None:
    with pytest.raises(ValueError, match="8 spans at most"):
        join_spans([Span(minute, minute + 1) for minute in range(0, 90, 10)])


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("mon", (0,)),
        ("mon-fri", (0, 1, 2, 3, 4)),
        ("fri-mon", (4, 5, 6, 0)),
        ("daily", (0, 1, 2, 3, 4, 5, 6)),
    ],
)
def test_weekdays_are_read_in_their_order(text: str, days: tuple[int, ...]) -> None:
    assert parse_weekdays(text) == days


@pytest.mark.parametrize("text", ["monday", "Mon", "mon-", "mon,tue", "", "mon-fri-sun"])
def test_other_words_for_days_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="mon-fri"):
        parse_weekdays(text)


def test_dates_are_those_of_the_calendar() -> None:
    assert parse_date("2028-02-29") == date(2028, 2, 29)
    with pytest.raises(ValueError, match="not in the calendar"):
        parse_date("2027-02-29")
    with pytest.raises(ValueError, match="2026-12-24"):
        parse_date("24.12.2026")


@pytest.mark.parametrize("text", ["Europe/Madird", "/etc/passwd", "../UTC", "UTC\0", ""])
def test_only_known_time_zones_are_accepted(text: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        parse_zone(text)


def test_a_slip_in_a_time_zone_is_answered_with_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'Europe/Madrid'"):
        parse_zone("Europe/Madird")


def test_holidays_are_those_of_a_country_or_its_part() -> None:
    assert parse_holidays("ES") == ("ES", None)
    assert parse_holidays("GB-SCT") == ("GB", "SCT")
    day = date(2027, 11, 30)  # Saint Andrew
    assert day in holiday_dates("GB-SCT", range(2027, 2028))
    assert day not in holiday_dates("GB-ENG", range(2027, 2028))


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("XX", "country 'XX'"),
        ("GB-XX", "known: ENG, NIR, SCT, WLS"),
        ("Spain", "ES, GB-ENG"),
        ("os", "ES, GB-ENG"),
        ("__import__", "ES, GB-ENG"),
    ],
)
def test_unknown_holidays_are_refused(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match=advice):
        parse_holidays(text)


def test_openings_are_shown_as_they_would_be_written() -> None:
    assert format_openings(Openings()) == "closed"
    assert format_openings(Openings(usual=True)) == "usual"
    assert format_openings(Openings(spans=(ALL_DAY,))) == "open"
    assert format_openings(Openings(spans=(Span(540, 720), Span(780, 1020)))) == (
        "09:00-12:00, 13:00-17:00"
    )
