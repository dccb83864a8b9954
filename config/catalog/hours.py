"""Weekly hours, holidays and dated overrides resolved to spans of UTC time.

The rule is the clock on the wall, see ``wall_clock``. A span past midnight belongs to the day it
begins on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from config.catalog.openings import Openings, holiday_dates
from config.catalog.wall_clock import Interval, to_utc
from router.core.catalog import Catalog, Hours
from router.core.durations import DAY, MINUTE

HORIZON_DAYS = 400
BEFORE_DAYS = 35  # what waits from before is judged by the hours of its own time
RENEW_DAYS = 370  # renew when less than this is left: daily work, never an empty calendar
_EPOCH = date(1970, 1, 1)


class WeeklyHours(msgspec.Struct, frozen=True, kw_only=True):
    """Hours as written, checked: what ``resolve`` turns into spans."""

    id: str
    time_zone: str
    week: tuple[Openings, ...]  # seven, Monday first
    holidays: str = ""
    dates: dict[date, Openings] = {}
    summary: str = ""


def resolve(hours: WeeklyHours, at: int) -> Hours:
    """Spans from 35 days before ``at`` to 400 days after it (microseconds UTC)."""
    first = at // DAY - BEFORE_DAYS
    until = (at // DAY + HORIZON_DAYS) * DAY
    days = range(first - 1, until // DAY + 2)
    off = _public_holidays(hours, days)
    spans = to_utc(_open(hours, days, off), hours.time_zone, first * DAY, until)
    holidays = to_utc(_holidays(hours, days, off), hours.time_zone, first * DAY, until)
    return Hours(
        id=hours.id,
        spans=tuple(spans),
        until=until,
        summary=hours.summary,
        holidays=tuple(holidays),
    )


def renew_at(catalog: Catalog) -> int | None:
    """When the hours must be resolved again from ``catalog.source``; None: there are no hours."""
    ends = [hours.until for hours in catalog.hours.values()]
    return min(ends) - RENEW_DAYS * DAY if ends else None


def must_renew(catalog: Catalog, at: int) -> bool:
    """Whether the resolved hours no longer reach far enough ahead of ``at``."""
    due = renew_at(catalog)
    return due is not None and at >= due


def _public_holidays(hours: WeeklyHours, days: range) -> frozenset[date]:
    years = range(_day(days[0]).year, _day(days[-1]).year + 1)
    return holiday_dates(hours.holidays, years) if hours.holidays else frozenset()


def _open(hours: WeeklyHours, days: range, off: frozenset[date]) -> Iterator[Interval]:
    """Open intervals as microseconds of local time, day by day (days since 1970)."""
    for number in days:
        for span in _openings_on(hours, _day(number), off).spans:
            yield number * DAY + span.opens * MINUTE, number * DAY + span.closes * MINUTE


def _holidays(hours: WeeklyHours, days: range, off: frozenset[date]) -> Iterator[Interval]:
    """Whole days that are a public holiday without a date of their own, or that a date closes: a
    date that opens says that this is no holiday here, also outside its spans.
    """
    for number in days:
        day = _day(number)
        override = hours.dates.get(day)
        if day in off if override is None else override == Openings():
            yield number * DAY, (number + 1) * DAY


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _openings_on(hours: WeeklyHours, day: date, off: frozenset[date]) -> Openings:
    override = hours.dates.get(day)
    if override is not None and not override.usual:
        return override
    if day in off and override is None:
        return Openings()
    return hours.week[day.weekday()]
