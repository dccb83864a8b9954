"""Opening hours follow the clock on the wall, in every zone and on every day of the year."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.catalog import must_renew, renew_at
from config.catalog.hours import HORIZON_DAYS, WeeklyHours, resolve
from config.catalog.openings import ALL_DAY, Openings, Span, parse_span
from router.core.catalog import Catalog, Hours
from router.core.durations import DAY, HOUR, MINUTE, SECOND

MADRID, NEW_YORK = "Europe/Madrid", "America/New_York"


def moment(text: str) -> int:
    """``2026-03-29 01:00`` UTC in microseconds."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


def openings(*spans: str) -> Openings:
    return Openings(spans=tuple(parse_span(span) for span in spans))


def every_day(
    zone: str, *spans: str, holidays: str = "", dates: dict[date, Openings] | None = None
) -> WeeklyHours:
    week = (openings(*spans),) * 7
    return WeeklyHours(id="h", time_zone=zone, week=week, holidays=holidays, dates=dates or {})


def spans_between(hours: Hours, start: str, end: str) -> list[tuple[str, str]]:
    low, high = moment(start), moment(end)
    return [
        (_utc(max(opens, low)), _utc(min(closes, high)))
        for opens, closes in hours.spans
        if opens < high and closes > low
    ]


def _utc(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, tz=UTC).strftime("%d %H:%M")


def test_a_plain_day_is_shifted_to_utc() -> None:
    hours = resolve(every_day(MADRID, "09:00-17:30"), moment("2026-11-02 00:00"))
    assert spans_between(hours, "2026-11-03 00:00", "2026-11-04 00:00") == [
        ("03 08:00", "03 16:30")
    ]


def test_several_spans_a_day_are_kept_apart() -> None:
    hours = resolve(every_day(MADRID, "09:00-13:00", "14:00-18:00"), moment("2026-11-02 00:00"))
    assert spans_between(hours, "2026-11-03 00:00", "2026-11-04 00:00") == [
        ("03 08:00", "03 12:00"),
        ("03 13:00", "03 17:00"),
    ]


@pytest.mark.parametrize(
    ("zone", "day", "span", "expected"),
    [
        # Madrid, spring: 02:00 CET (01:00 UTC) becomes 03:00 CEST
        (MADRID, "2026-03-29", "01:30-03:30", [("29 00:30", "29 01:30")]),
        (MADRID, "2026-03-29", "02:15-02:45", []),
        (MADRID, "2026-03-29", "09:00-17:00", [("29 07:00", "29 15:00")]),
        # Madrid, autumn: 03:00 CEST (01:00 UTC) becomes 02:00 CET
        (MADRID, "2026-10-25", "01:30-02:30", [("24 23:30", "25 00:30"), ("25 01:00", "25 01:30")]),
        (MADRID, "2026-10-25", "02:00-03:00", [("25 00:00", "25 02:00")]),
        (MADRID, "2026-10-25", "09:00-17:00", [("25 08:00", "25 16:00")]),
        # New York, spring: 02:00 EST (07:00 UTC) becomes 03:00 EDT
        (NEW_YORK, "2027-03-14", "01:30-03:30", [("14 06:30", "14 07:30")]),
        (NEW_YORK, "2027-03-14", "09:00-17:00", [("14 13:00", "14 21:00")]),
        # New York, autumn: 02:00 EDT (06:00 UTC) becomes 01:00 EST
        (
            NEW_YORK,
            "2026-11-01",
            "00:30-01:30",
            [("01 04:30", "01 05:30"), ("01 06:00", "01 06:30")],
        ),
        (NEW_YORK, "2026-11-01", "09:00-17:00", [("01 14:00", "01 22:00")]),
    ],
)
def test_the_clock_change_is_followed(
    zone: str, day: str, span: str, expected: list[tuple[str, str]]
) -> None:
    only = {date.fromisoformat(day): openings(span)}
    weekly = WeeklyHours(id="h", time_zone=zone, week=(Openings(),) * 7, dates=only)
    hours = resolve(weekly, moment(f"{day} 00:00") - 20 * DAY)
    assert [(_utc(opens), _utc(closes)) for opens, closes in hours.spans] == expected


def test_a_span_past_midnight_runs_into_the_next_day() -> None:
    hours = resolve(every_day("UTC", "22:00-06:00"), moment("2026-11-02 00:00"))
    assert spans_between(hours, "2026-11-03 00:00", "2026-11-04 00:00") == [
        ("03 00:00", "03 06:00"),
        ("03 22:00", "04 00:00"),
    ]


def test_a_night_shift_lasts_an_hour_longer_when_the_clock_is_put_back() -> None:
    hours = resolve(every_day(MADRID, "22:00-06:00"), moment("2026-10-20 00:00"))
    assert ("24 20:00", "25 05:00") in spans_between(hours, "2026-10-24 12:00", "2026-10-25 12:00")


def test_a_closed_date_does_not_cut_the_night_that_began_the_day_before() -> None:
    weekly = every_day("UTC", "22:00-06:00", dates={date(2026, 11, 3): Openings()})
    hours = resolve(weekly, moment("2026-11-01 00:00"))
    assert spans_between(hours, "2026-11-02 12:00", "2026-11-04 12:00") == [
        ("02 22:00", "03 06:00")
    ]


def test_open_all_day_every_day_is_one_span_without_changes_at_midnight() -> None:
    at = moment("2026-11-02 00:00")
    hours = resolve(every_day(MADRID, "00:00-24:00"), at)
    assert len(hours.spans) == 1
    assert hours.spans[0][0] <= at - DAY
    assert hours.spans[0][1] == hours.until


def test_holidays_close_and_dates_decide_over_them() -> None:
    week = (openings("09:00-17:00"),) * 5 + (Openings(),) * 2
    weekly = WeeklyHours(
        id="h",
        time_zone="UTC",
        week=week,
        holidays="GB-ENG",
        dates={
            date(2026, 12, 24): openings("09:00-12:00"),
            date(2026, 12, 28): Openings(usual=True),
            date(2027, 1, 1): Openings(spans=(ALL_DAY,)),
        },
    )
    hours = resolve(weekly, moment("2026-12-01 00:00"))
    assert spans_between(hours, "2026-12-23 00:00", "2027-01-02 00:00") == [
        ("23 09:00", "23 17:00"),
        ("24 09:00", "24 12:00"),  # own span; the 25th is a holiday, then a weekend
        ("28 09:00", "28 17:00"),  # Boxing Day observed, but usual hours were asked for
        ("29 09:00", "29 17:00"),
        ("30 09:00", "30 17:00"),
        ("31 09:00", "31 17:00"),
        ("01 00:00", "02 00:00"),  # New Year's Day, but open
    ]


def test_a_holiday_is_a_day_that_the_calendar_or_a_date_closes() -> None:
    week = (openings("09:00-17:00"),) * 5 + (Openings(),) * 2
    weekly = WeeklyHours(
        id="h",
        time_zone="UTC",
        week=week,
        holidays="GB-ENG",
        dates={
            date(2026, 12, 24): openings("09:00-12:00"),
            date(2026, 12, 28): Openings(usual=True),
            date(2026, 12, 30): Openings(),
            date(2027, 1, 1): openings("10:00-12:00"),
        },
    )
    hours = resolve(weekly, moment("2026-12-01 00:00"))
    december = [
        (_utc(begins), _utc(ends))
        for begins, ends in hours.holidays
        if ends <= moment("2027-01-05 00:00")
    ]
    # Christmas and Boxing Day; the 28th and New Year's Day have hours of their own, the 30th none
    assert december == [("25 00:00", "27 00:00"), ("30 00:00", "31 00:00")]
    assert not hours.is_holiday(moment("2027-01-01 13:00")), "closed, but no holiday here"


def test_the_night_before_a_holiday_stays_open_into_it() -> None:
    weekly = every_day("UTC", "22:00-06:00", dates={date(2026, 11, 3): Openings()})
    hours = resolve(weekly, moment("2026-11-01 00:00"))
    assert not hours.is_holiday(moment("2026-11-03 05:59"))
    assert hours.is_holiday(moment("2026-11-03 06:00"))
    assert hours.is_holiday(moment("2026-11-03 23:59"))
    assert not hours.is_holiday(moment("2026-11-04 00:00"))


ZONES = st.sampled_from(
    [MADRID, NEW_YORK, "UTC", "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca"]
)
MINUTES = st.integers(0, 24 * 60 - 1)


@settings(max_examples=60, deadline=None)
@given(ZONES, MINUTES, st.integers(1, 24 * 60), st.integers(0, 360 * 24 * 60))
def test_open_exactly_when_the_clock_on_the_wall_says_so(
    zone: str, opens: int, length: int, offset: int
) -> None:
    """The whole rule of the module, against an independent reading of the wall clock."""
    weekly = WeeklyHours(
        id="h", time_zone=zone, week=(Openings(spans=(Span(opens, opens + length),)),) * 7
    )
    start = moment("2026-06-01 00:00")
    hours = resolve(weekly, start)
    at = start + offset * MINUTE
    local = datetime.fromtimestamp(at // SECOND, tz=ZoneInfo(zone))
    minute = local.hour * 60 + local.minute
    expected = opens <= minute < opens + length or minute + 24 * 60 < opens + length
    assert hours.is_open(at) == expected


@settings(max_examples=60, deadline=None)
@given(
    ZONES,
    st.dictionaries(
        st.integers(0, 20),
        st.sampled_from([Openings(), Openings(usual=True), Openings(spans=(Span(600, 720),))]),
    ),
    st.integers(0, 21 * 24 * 60 - 1),
)
def test_a_holiday_exactly_when_the_calendar_on_the_wall_says_so(
    zone: str, dates: dict[int, Openings], offset: int
) -> None:
    start = moment("2026-12-20 00:00")
    first = date(2026, 12, 20)
    own = {first + timedelta(days=day): one for day, one in dates.items()}
    hours = resolve(every_day(zone, "09:00-17:00", holidays="GB-ENG", dates=own), start)
    at = start + offset * MINUTE
    today = datetime.fromtimestamp(at // SECOND, tz=ZoneInfo(zone)).date()
    public = today in {date(2026, 12, 25), date(2026, 12, 26), date(2026, 12, 28), date(2027, 1, 1)}
    assert hours.is_holiday(at) == (own[today] == Openings() if today in own else public)


@settings(max_examples=25, deadline=None)
@given(ZONES, MINUTES, st.integers(1, 24 * 60))
def test_spans_are_sorted_disjoint_and_end_at_the_horizon(
    zone: str, opens: int, length: int
) -> None:
    at = moment("2026-06-01 13:30")
    weekly = WeeklyHours(
        id="h", time_zone=zone, week=(Openings(spans=(Span(opens, opens + length),)),) * 7
    )
    hours = resolve(weekly, at)
    flat = [edge for span in hours.spans for edge in span]
    assert flat == sorted(set(flat))
    assert flat[-1] <= hours.until
    assert hours.until >= at + (HORIZON_DAYS - 1) * DAY


def test_hours_are_renewed_long_before_they_run_out() -> None:
    at = moment("2026-06-01 13:30")
    hours = resolve(every_day("UTC", "09:00-17:00"), at)
    catalog = Catalog(hours={"h": hours})
    assert not must_renew(catalog, at)
    due = renew_at(catalog)
    assert due is not None
    assert at + 25 * DAY < due < at + 35 * DAY
    assert must_renew(catalog, due)
    assert hours.is_open(due + 300 * DAY + 10 * HOUR) or hours.until > due + 300 * DAY


def test_a_catalog_without_hours_never_needs_renewing() -> None:
    assert renew_at(Catalog()) is None
    assert not must_renew(Catalog(), 1 << 60)


def test_the_days_before_now_are_known_too() -> None:
    """A contact that arrived before a restart is judged by the hours of its own time."""
    at = moment("2026-06-10 12:00")
    hours = resolve(every_day("UTC", "09:00-17:00"), at)
    assert hours.is_open(at - DAY)
    assert timedelta(microseconds=at - hours.spans[0][0]) > timedelta(days=2)
