"""From the clock on the wall to moments in UTC.

The rule: something holds at an instant exactly when the local time shown at that instant lies in
its interval. So an hour skipped in spring never comes, an hour repeated in autumn comes twice, and
no case needs its own exception. Local times are microseconds since 1970-01-01 00:00 by that clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from router.core.durations import DAY as DAY  # noqa: PLC0414 - read from here as well
from router.core.durations import HOUR, SECOND

_PROBE = 6 * HOUR  # no zone changes its offset twice within this

Interval = tuple[int, int]


def to_utc(local: Iterable[Interval], zone: str, begins: int, ends: int) -> list[Interval]:
    """``local`` intervals, in order of their beginning, as they fall into [begins, ends) UTC.

    They are cut at every change of the offset and each piece is shifted; touching ones are joined.
    """
    return _shifted(_merged(local), _offsets(zone, begins, ends))


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
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
    shift = info.utcoffset(datetime.fromtimestamp(at // SECOND, tz=info))
    assert shift is not None  # noqa: S101 - a ZoneInfo always knows
    return shift // timedelta(microseconds=1)


def _first_with(info: ZoneInfo, offset: int, before: int, after: int) -> int:
    """The first whole second in (before, after] with ``offset``, by halving."""
    low, high = before // SECOND, after // SECOND
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(info, middle * SECOND) == offset:
            high = middle
        else:
            low = middle
    return high * SECOND


def _shifted(local: list[Interval], offsets: tuple[tuple[int, int, int], ...]) -> list[Interval]:
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
    return _merged(pieces)
