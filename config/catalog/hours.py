"""Weekly hours, holidays and dated overrides resolved to spans of UTC time.

The rule is the clock on the wall: open at an instant exactly when the local time shown at that
instant lies in a span. So an hour skipped in spring is never open, an hour repeated in autumn is
open both times, and no case needs its own exception. A span past midnight belongs to the day it
begins on.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

from config.catalog.openings import Openings, holiday_dates
from router.core.catalog import HOUR, MINUTE, Catalog, Hours

DAY = 24 * HOUR
HORIZON_DAYS = 400
RENEW_DAYS = 370  # renew when less than this is left: daily work, never an empty calendar
_EPOCH = date(1970, 1, 1)
_PROBE = 6 * HOUR  # no zone changes its offset twice within this

Interval = tuple[int, int]


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
    local = _merged(_local_intervals(hours, first - 1, until // DAY + 2))
    spans = _to_utc(local, _offsets(hours.time_zone, first * DAY, until))
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


def _merged(intervals: Iterator[Interval]) -> list[Interval]:
    """Sorted and disjoint; touching intervals become one, so that midnight is not a change."""
    merged: list[Interval] = []
    for opens, closes in intervals:
        if merged and opens <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(closes, merged[-1][1]))
        else:
            merged.append((opens, closes))
    return merged


@lru_cache(maxsize=32)
def _offsets(zone: str, start: int, end: int) -> tuple[tuple[int, int, int], ...]:
    """(from, to, local − UTC) for each stretch of [start, end) with one offset."""
    info = ZoneInfo(zone)
    stretches = []
    since, offset = start, _offset(info, start)
    for probe in range(start + _PROBE, end + _PROBE, _PROBE):
        if (after := _offset(info, probe)) != offset:
            change = _first_with(info, after, probe - _PROBE, probe)
            stretches.append((since, min(change, end), offset))
            since, offset = change, after
    if since < end:
        stretches.append((since, end, offset))
    return tuple(stretches)


def _offset(info: ZoneInfo, at: int) -> int:
    shift = info.utcoffset(datetime.fromtimestamp(at // 1_000_000, tz=info))
    assert shift is not None  # noqa: S101 - a ZoneInfo always knows
    return shift // timedelta(microseconds=1)


def _first_with(info: ZoneInfo, offset: int, before: int, after: int) -> int:
    """The first whole second in (before, after] with ``offset``, by halving."""
    low, high = before // 1_000_000, after // 1_000_000
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(info, middle * 1_000_000) == offset:
            high = middle
        else:
            low = middle
    return high * 1_000_000


def _to_utc(local: list[Interval], offsets: tuple[tuple[int, int, int], ...]) -> list[Interval]:
    """Cut local intervals at every change of offset and shift each piece to UTC."""
    pieces: list[Interval] = []
    index = 0
    for start, end, offset in offsets:
        # The clock may have been put back: look again at intervals that reach past its new time.
        while index > 0 and local[index - 1][1] > start + offset:
            index -= 1
        while index < len(local) and local[index][0] < end + offset:
            opens, closes = local[index]
            piece = (max(opens - offset, start), min(closes - offset, end))
            if piece[0] < piece[1]:
                pieces.append(piece)
            index += 1
    return _merged(iter(pieces))
