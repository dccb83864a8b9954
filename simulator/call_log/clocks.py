"""Moments and durations as logs write them, turned into microseconds.

The same dates and the same times of day come again and again, so what was read once is kept:
that is most of the speed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Final

from router.core.durations import DAY, HOUR, MINUTE, SECOND

FIRST_YEAR: Final = 1970
LAST_YEAR: Final = 2100
_KEPT: Final = 200_000  # texts remembered; a day has 86,400 seconds
_CLOCK = re.compile(r"(\d{1,4}):([0-5]\d)(?::([0-5]\d)(?:[.,](\d{1,6}))?)?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,9})?", re.ASCII)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NotATime(ValueError):
    """The text is no such thing; the message is a reason without the text."""


class Clocks:
    """Reads moments and durations, remembering what it read."""

    def __init__(self) -> None:
        self._days: dict[str, int] = {}
        self._clocks: dict[str, int] = {}
        self._durations: dict[str, int] = {}

    def day(self, text: str) -> int:
        """Midnight of a date written YYMMDD, YYYYMMDD or YYYY-MM-DD, microseconds.

        Two digits of a year mean 1970 to 2069. Raises ``NotATime``.
        """
        found = self._days.get(text)
        if found is None:
            found = _day(text)
            _keep(self._days, text, found)
        return found

    def clock(self, text: str) -> int:
        """A time of day or a duration written H:MM, H:MM:SS or H:MM:SS.ffffff, microseconds.

        Raises ``NotATime``.
        """
        found = self._clocks.get(text)
        if found is None:
            found = _clock(text)
            _keep(self._clocks, text, found)
        return found

    def moment(self, text: str) -> int:
        """An ISO 8601 timestamp, microseconds UTC; without a zone it is taken for UTC.

        Raises ``NotATime``.
        """
        if len(text) == 19 and text[4] == "-" and text[13] == text[16] == ":":
            clock = self.clock(text[11:])
            if clock < DAY and text[10] in "T ":
                return self.day(text[:10]) + clock
        return _moment(text)

    def duration(self, text: str) -> int:
        """Seconds, possibly with decimals, or H:MM:SS; microseconds. Raises ``NotATime``."""
        found = self._durations.get(text)
        if found is None:
            found = _clock(text) if ":" in text else seconds(text)
            _keep(self._durations, text, found)
        return found


def seconds(text: str) -> int:
    """A number of seconds, microseconds. Raises ``NotATime``."""
    if not _NUMBER.fullmatch(text):
        raise NotATime("a duration is neither seconds nor H:MM:SS")
    return round(float(text) * SECOND)


def unix(text: str) -> int:
    """Seconds since 1970, microseconds UTC. Raises ``NotATime``."""
    if not _NUMBER.fullmatch(text):
        raise NotATime("a time is not a number of seconds since 1970")
    return _within(round(float(text) * SECOND))


def _day(text: str) -> int:
    digits = text.replace("-", "") if len(text) == 10 else text
    if len(digits) == 6:
        digits = ("19" if digits >= "70" else "20") + digits
    try:
        found = date.fromisoformat(digits if len(digits) == 8 else "")
    except ValueError:
        raise NotATime("a date is not YYMMDD, YYYYMMDD or YYYY-MM-DD") from None
    return _within((found.toordinal() - _EPOCH) * DAY)


def _clock(text: str) -> int:
    found = _CLOCK.fullmatch(text)
    if not found:
        raise NotATime("a time of day is not H:MM:SS")
    hours, minutes, secs, part = found.groups()
    whole = int(hours) * HOUR + int(minutes) * MINUTE + int(secs or 0) * SECOND
    return whole + (int(part.ljust(6, "0")) if part else 0)


def _moment(text: str) -> int:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=UTC)
        since = found - _START
    except (ValueError, OverflowError):
        raise NotATime("a time is not an ISO 8601 timestamp") from None
    return _within(since.days * DAY + since.seconds * SECOND + since.microseconds)


def _within(moment: int) -> int:
    if not _FIRST <= moment < _END:
        raise NotATime(f"a year is not within {FIRST_YEAR} to {LAST_YEAR}")
    return moment


def _keep(memory: dict[str, int], text: str, value: int) -> None:
    if len(memory) >= _KEPT:
        memory.clear()
    memory[text] = value


_FIRST: Final = (date(FIRST_YEAR, 1, 1).toordinal() - _EPOCH) * DAY
_END: Final = (date(LAST_YEAR + 1, 1, 1).toordinal() - _EPOCH) * DAY
