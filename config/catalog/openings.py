"""Opening times as people write them: ``09:00-17:30``, ``mon-fri``, ``2026-12-24``, ``GB-ENG``.

Everything here raises ValueError with one sentence that says what to write.
"""

from __future__ import annotations

import re
from datetime import date
from functools import cache
from itertools import pairwise
from zoneinfo import available_timezones

import msgspec

from config.problems import suggest

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_MINUTES = 24 * 60
MAX_SPANS = 8

TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
SPAN = rf"^{TIME}-({TIME}|24:00)$"
WEEKDAYS = rf"^(daily|({'|'.join(DAYS)})(-({'|'.join(DAYS)}))?)$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
HOLIDAYS = r"^[A-Z]{2}(-[A-Z0-9]{1,5})?$"


class Span(msgspec.Struct, frozen=True, order=True):
    """Minutes after midnight, [opens, closes); past midnight ``closes`` exceeds 24 hours."""

    opens: int
    closes: int


ALL_DAY = Span(0, DAY_MINUTES)


class Openings(msgspec.Struct, frozen=True, kw_only=True):
    """The spans of one day, sorted and disjoint; ``usual`` stands for the weekday's own spans."""

    spans: tuple[Span, ...] = ()
    usual: bool = False


def parse_span(text: str) -> Span:
    if not re.fullmatch(SPAN, text.strip(), re.ASCII):
        raise ValueError("write opening times as 09:00-17:30, 'open' or 'closed'")
    opens, closes = (_minutes(part) for part in text.strip().split("-"))
    if opens == closes:
        raise ValueError("a span cannot end when it begins; for the whole day write 'open'")
    return Span(opens, closes if closes > opens else closes + DAY_MINUTES)


def _minutes(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def join_spans(spans: list[Span]) -> Openings:
    """One day's openings; refuses overlaps, which are always a slip of the pen."""
    ordered = sorted(spans)
    if len(ordered) > MAX_SPANS:
        raise ValueError(f"a day can have {MAX_SPANS} spans at most")
    for one, following in pairwise(ordered):
        if following.opens < one.closes:
            raise ValueError(f"{format_span(one)} and {format_span(following)} overlap")
    return Openings(spans=tuple(ordered))


def parse_weekdays(text: str) -> tuple[int, ...]:
    """Monday is 0. ``fri-mon`` runs over the weekend."""
    if not re.fullmatch(WEEKDAYS, text, re.ASCII):
        raise ValueError("write days as mon, mon-fri or daily (mon tue wed thu fri sat sun)")
    if text == "daily":
        return tuple(range(7))
    first, _, last = text.partition("-")
    start, end = DAYS.index(first), DAYS.index(last or first)
    return tuple((start + day) % 7 for day in range((end - start) % 7 + 1))


def parse_date(text: str) -> date:
    try:
        if re.fullmatch(DATE, text, re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is not in the calendar") from None
    raise ValueError("write a date as 2026-12-24")


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def parse_zone(text: str) -> str:
    if text in _zones():
        return text
    hint = suggest(text, sorted(_zones()), otherwise="write one such as Europe/Madrid")
    raise ValueError(f"there is no such time zone; {hint}")


def parse_holidays(text: str) -> tuple[str, str | None]:
    """Country and, where given, its part, as the ``holidays`` library knows them."""
    if not re.fullmatch(HOLIDAYS, text, re.ASCII):
        raise ValueError("write holidays as a country or its part: ES, GB-ENG, US-CA")
    country, _, part = text.partition("-")
    known = _parts_of(country)
    if known is None:
        raise ValueError(f"no holidays are known for the country '{country}'")
    if part and part not in known:
        raise ValueError(
            f"no part '{part}' is known for {country}; known: {', '.join(known[:12]) or 'none'}"
        )
    return country, part or None


@cache
def _parts_of(country: str) -> tuple[str, ...] | None:
    import holidays  # heavy: only catalogs with holidays pay for it

    try:
        return tuple(holidays.country_holidays(country).subdivisions)
    except (NotImplementedError, AttributeError):
        return None


def holiday_dates(calendar: str, years: range) -> frozenset[date]:
    """The public holidays of ``GB-ENG`` and the like in ``years``."""
    import holidays

    country, part = parse_holidays(calendar)
    return frozenset(holidays.country_holidays(country, subdiv=part, years=years))


def format_span(span: Span) -> str:
    return f"{_clock(span.opens)}-{_clock(span.closes)}"


def _clock(minutes: int) -> str:
    within = minutes if minutes <= DAY_MINUTES else minutes - DAY_MINUTES
    return f"{within // 60:02}:{within % 60:02}"


def format_openings(openings: Openings) -> str:
    if openings.usual:
        return "usual"
    if openings.spans == (ALL_DAY,):
        return "open"
    return ", ".join(format_span(span) for span in openings.spans) or "closed"
