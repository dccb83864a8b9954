"""Values that are written otherwise than they are kept: durations, prompts, moments of a week.

A ``ValueError`` carries one sentence that says what to write.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from config.durations import format_duration, parse_duration
from ivr.core.conditions import clock_words
from ivr.core.facts import DAYS, LocalTime
from ivr.core.values import LONGEST, Spoken

_CLOCK: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)
DAY_NAMES: Final = "|".join(DAYS)
TIME: Final = (
    rf"^((({DAY_NAMES})(-({DAY_NAMES}))?)(,({DAY_NAMES})(-({DAY_NAMES}))?)* )?"
    r"[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"
)
MOMENT: Final = rf"^({DAY_NAMES}) [0-2][0-9]:[0-5][0-9]$"
_EXAMPLE: Final = "write days and a span, such as mon-fri 09:00-17:30 or 22:00-06:00"


def read_duration(value: object) -> int:
    duration = parse_duration(_text(value, "write a duration with units: 30s, 2m"))
    if duration > LONGEST:
        raise ValueError(f"write {format_duration(LONGEST)} at most")
    return duration


def read_credit(value: object) -> int:
    text = _text(value, "write a duration with units: 30s, or -30s")
    return -read_duration(text[1:]) if text.startswith("-") else read_duration(text)


def write_duration(value: int) -> str:
    return format_duration(value)


def read_time(value: object) -> tuple[int, int, tuple[int, ...]]:
    """``mon-fri 09:00-17:30`` as (begins, ends, days)."""
    text = _text(value, _EXAMPLE)
    days, _, span = text.rpartition(" ")
    begins, _, ends = span.partition("-")
    first, last = read_clock(begins), read_clock(ends)
    if first in (last, 24 * 60):
        raise ValueError("a span has a beginning and another end")
    return first, last, _days(days)


def write_time(begins: int, ends: int, days: tuple[int, ...]) -> str:
    named = ",".join(DAYS[day - 1] for day in days)
    return f"{named} {clock_words(begins)}-{clock_words(ends)}".strip()


def read_moment(value: object) -> LocalTime:
    """``sun 10:00``."""
    day, _, clock = _text(value, "write a day and a time: sun 10:00").partition(" ")
    if day not in DAYS:
        raise ValueError("write a day and a time: sun 10:00")
    minute = read_clock(clock)
    if minute == 24 * 60:
        raise ValueError("midnight is 00:00")
    return LocalTime(weekday=DAYS.index(day) + 1, minute=minute)


def write_moment(value: LocalTime) -> str:
    return f"{DAYS[value.weekday - 1]} {clock_words(value.minute)}"


def read_clock(text: str) -> int:
    """``09:30`` as minutes after midnight; ``24:00`` is the end of the day."""
    match = _CLOCK.fullmatch(text)
    minute = int(match[1]) * 60 + int(match[2]) if match else 24 * 60 + 1
    if minute > 24 * 60:
        raise ValueError(_EXAMPLE)
    return minute


def _days(text: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in text.split(",") if text else ():
        first, dash, last = part.partition("-")
        last = last if dash else first
        if first not in DAYS or last not in DAYS:
            raise ValueError(_EXAMPLE)
        begins, ends = DAYS.index(first), DAYS.index(last)
        length = (ends - begins) % 7 + 1
        found += [(begins + one) % 7 + 1 for one in range(length)]
    return tuple(dict.fromkeys(found))


def write_prompt(prompt: Mapping[str, Spoken]) -> dict[str, object]:
    return {language: _write_spoken(one) for language, one in prompt.items()}


def _write_spoken(one: Spoken) -> object:
    if one.audio is None:
        return one.text
    return {"audio": one.audio, **({"text": one.text} if one.text else {})}


def _text(value: object, fix: str) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(fix)  # noqa: TRY004 - the reader reports both alike
    return str(value)[:200]
