"""The days and intervals that figures are counted in. Times are microseconds UTC."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from router.core.durations import MINUTE, SECOND

INTERVAL: Final = 5 * MINUTE


def day_bounds(at: int, zone: ZoneInfo) -> tuple[int, int]:
    """When the day ``at`` falls in begins and ends in ``zone``; 23 to 25 hours apart."""
    day = datetime.fromtimestamp(at // SECOND, zone).date()
    return _midnight(day.isoformat(), zone), _midnight((day + timedelta(days=1)).isoformat(), zone)


def _midnight(day: str, zone: ZoneInfo) -> int:
    moment = datetime.combine(datetime.fromisoformat(day).date(), time.min, zone)
    return int(moment.timestamp()) * SECOND


def interval_of(at: int) -> int:
    """When the interval that ``at`` falls in began."""
    return at - at % INTERVAL


def last_intervals(at: int, span: int) -> range:
    """The starts of the intervals that make up the last ``span``, the one under way included."""
    return range(interval_of(at) - span + INTERVAL, interval_of(at) + INTERVAL, INTERVAL)
