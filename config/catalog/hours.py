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
    """Spans from two days before ``at`` to 400 days after it (microseconds UTC)."""
    first = at // DAY - 2
    until = (at // DAY + HORIZON_DAYS) * DAY
    local = _local_intervals(hours, first - 1, until // DAY + 2)
    spans = to_utc(local, hours.time_zone, first * DAY, until)
    return Hours(id=hours.id, spans=tuple(spans), until=until, summary=hours.summary)


def renew_at(catalog: Catalog) -> int | None:
    """When the hours must be resolved again from ``catalog.source``; None: there are no hours."""
    ends = [hours.until for hours in catalog.hours.values()]
    return min(ends) - RENEW_DAYS * DAY if ends else None


def must_renew(catalog: Catalog, at: int) -> bool:
    """Whether the resolved hours no longer reach far enough ahead of ``at``."""
    due = renew_at(catalog)
    return due is not None and at >= due


def _local_intervals(hours: WeeklyHours, first: int, last: int) -> Iterator[Interval]:
    """Open intervals as microseconds of local time, day by day (days since 1970)."""
    years = range(_day(first).year, _day(last).year + 1)
    off = holiday_dates(hours.holidays, years) if hours.holidays else frozenset()
    for number in range(first, last):
        for span in _openings_on(hours, _day(number), off).spans:
            yield number * DAY + span.opens * MINUTE, number * DAY + span.closes * MINUTE


def _day(number: int) -> date:
    return _EPOCH + timedelta(days=number)


def _openings_on(hours: WeeklyHours, day: date, off: frozenset[date]) -> Openings:
    override = hours.dates.get(day)
    if override is not None and not override.usual:
        return override
    if day in off and override is None:
        return Openings()
    return hours.week[day.weekday()]
