"""Times of day and dates in a scenario: by the clock on the wall, as in opening hours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from config.catalog.openings import DAY_MINUTES, SPAN, Span, parse_date, parse_span
from config.catalog.wall_clock import DAY, Interval, to_utc
from router.core.catalog import MINUTE, SECOND

STARTS = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}( ([01][0-9]|2[0-3]):[0-5][0-9])?$"
FIRST_YEAR, LAST_YEAR = 1971, 2100


def parse_clock_span(text: str) -> Span:
    """``08:00-16:30``; one that ends before it begins goes past midnight."""
    if not re.fullmatch(SPAN, text.strip(), re.ASCII):
        raise ValueError("write a span of the day as 08:00-16:30 or 22:00-06:00")
    try:
        return parse_span(text)
    except ValueError:
        raise ValueError(
            "a span cannot end when it begins; for the whole day write 00:00-24:00"
        ) from None


def parse_starts(text: str) -> datetime:
    """``2026-03-02 08:00`` or a date alone, as the clock on the wall shows it."""
    if not re.fullmatch(STARTS, text, re.ASCII):
        raise ValueError("write the date and time as 2026-03-02 08:00")
    day, _, clock = text.partition(" ")
    if not FIRST_YEAR <= parse_date(day).year <= LAST_YEAR:
        raise ValueError(f"write a year from {FIRST_YEAR} to {LAST_YEAR}")
    return datetime.fromisoformat(f"{day}T{clock or '00:00'}")


def moment(local: datetime, zone: str) -> int | None:
    """Microseconds UTC when the clock in ``zone`` first shows ``local``; None: it is skipped."""
    there = ZoneInfo(zone)
    aware = local.replace(tzinfo=there)
    if aware.astimezone(UTC).astimezone(there).replace(tzinfo=None) != local:
        return None
    return int(aware.timestamp()) * SECOND


def clock_text(at: int, zone: str) -> str:
    """``at`` (microseconds UTC) as people in ``zone`` write it, to the minute."""
    return datetime.fromtimestamp(at // SECOND, tz=ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


def every_day(spans: Iterable[Span], zone: str, begins: int, ends: int) -> list[Interval]:
    """When ``spans`` of each day fall into [begins, ends), microseconds UTC."""
    return to_utc(_local(sorted(spans), begins // DAY - 2, ends // DAY + 2), zone, begins, ends)


def _local(spans: Sequence[Span], first: int, last: int) -> Iterator[Interval]:
    for day in range(first, last + 1):
        for span in spans:
            yield day * DAY + span.opens * MINUTE, day * DAY + span.closes * MINUTE


def overlapping(spans: Iterable[Span]) -> tuple[Span, Span] | None:
    """Two spans of a day, repeated every day, that have a time in common."""
    ordered = sorted(spans)
    for one, following in pairwise(ordered):
        if following.opens < one.closes:
            return one, following
    if len(ordered) > 1 and ordered[-1].closes - DAY_MINUTES > ordered[0].opens:
        return ordered[-1], ordered[0]
    return None


def lies_in(inner: Span, outer: Span) -> bool:
    """Whether ``inner`` is part of ``outer``, which may go past midnight."""
    return any(
        outer.opens <= inner.opens + shift and inner.closes + shift <= outer.closes
        for shift in (0, DAY_MINUTES)
    )
