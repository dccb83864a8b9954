"""Times of day in a scenario follow the clock on the wall."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.catalog.openings import DAY_MINUTES, Span, parse_span
from router.core.catalog import HOUR, MINUTE, SECOND
from simulator.scenario.clock import (
    clock_text,
    every_day,
    lies_in,
    moment,
    overlapping,
    parse_clock_span,
    parse_starts,
)

MADRID = "Europe/Madrid"


def at(text: str, zone: str = "UTC") -> int:
    found = moment(datetime.fromisoformat(text), zone)
    assert found is not None
    return found


def test_a_moment_is_what_the_clock_of_the_zone_shows() -> None:
    assert at("2026-03-02 08:00", MADRID) == at("2026-03-02 07:00")
    assert clock_text(at("2026-03-02 07:00"), MADRID) == "2026-03-02 08:00"


def test_an_hour_that_is_skipped_is_no_moment_and_a_repeated_one_is_the_first() -> None:
    assert moment(datetime.fromisoformat("2026-03-29 02:30"), MADRID) is None
    assert at("2026-10-25 02:30", MADRID) == at("2026-10-25 00:30")


@pytest.mark.parametrize("text", ["2026-03-02", "2026-03-02 00:00"])
def test_a_date_alone_is_its_midnight(text: str) -> None:
    assert parse_starts(text) == datetime.fromisoformat("2026-03-02")


@pytest.mark.parametrize(
    "text",
    ["", "today", "2026-3-2", "2026-03-02 8:00", "2026-03-02T08:00", "2026-03-02 24:00",
     "2026-02-30", "1969-12-31", "2101-01-01", "2026-03-02 08:00:00", "٢٠٢٦-03-02"],
)  # fmt: skip
def test_other_spellings_of_a_moment_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(write|.* is not in the calendar)"):
        parse_starts(text)


@pytest.mark.parametrize("text", ["open", "8-16", "08:00", "08:00-08:00", "25:00-26:00", ""])
def test_other_spellings_of_a_span_are_refused_with_words_of_a_scenario(text: str) -> None:
    with pytest.raises(ValueError, match=r"08:00-16:30|00:00-24:00"):
        parse_clock_span(text)


def test_a_span_comes_every_day_and_is_cut_to_the_scenario() -> None:
    begins, ends = at("2026-03-02 12:00"), at("2026-03-04 09:00")
    assert every_day([parse_span("08:00-16:00")], "UTC", begins, ends) == [
        (begins, at("2026-03-02 16:00")),
        (at("2026-03-03 08:00"), at("2026-03-03 16:00")),
        (at("2026-03-04 08:00"), ends),
    ]


def test_a_span_past_midnight_that_began_the_day_before_is_seen() -> None:
    begins = at("2026-03-02 00:00")
    assert every_day([parse_span("22:00-06:00")], "UTC", begins, begins + 8 * HOUR) == [
        (begins, begins + 6 * HOUR)
    ]


def test_the_day_the_clocks_change_is_an_hour_shorter_or_longer() -> None:
    night = [parse_span("00:00-06:00")]
    lengths = []
    for day in ("2026-03-29", "2026-10-25"):
        begins = at(day, MADRID)
        ((starts, ends),) = every_day(night, MADRID, begins, begins + 12 * HOUR)
        lengths.append(ends - starts)
    assert lengths == [5 * HOUR, 7 * HOUR]


def test_spans_that_touch_are_one() -> None:
    begins = at("2026-03-02")
    spans = [parse_span("12:00-16:00"), parse_span("08:00-12:00")]
    assert every_day(spans, "UTC", begins, begins + 24 * HOUR) == [
        (begins + 8 * HOUR, begins + 16 * HOUR)
    ]


SPANS = st.builds(
    lambda opens, length: Span(opens, opens + length),
    st.integers(0, DAY_MINUTES - 1),
    st.integers(1, DAY_MINUTES - 1),
)


def minutes(span: Span) -> set[int]:
    return {minute % DAY_MINUTES for minute in range(span.opens, span.closes)}


@given(st.lists(SPANS, max_size=4))
def test_spans_overlap_exactly_when_a_minute_is_in_two(spans: list[Span]) -> None:
    in_all = sum(len(minutes(span)) for span in spans)
    both = overlapping(spans)
    assert (both is not None) == (len(set().union(*map(minutes, spans))) < in_all)
    if both is not None:
        assert minutes(both[0]) & minutes(both[1])


@given(SPANS, SPANS)
def test_a_span_lies_in_another_when_none_of_its_minutes_is_outside(
    inner: Span, outer: Span
) -> None:
    whole = minutes(inner) <= minutes(outer)
    if lies_in(inner, outer):
        assert whole
    elif whole:  # all minutes, but with a gap: it begins before the other ends and goes round
        assert len(minutes(inner)) + len(minutes(outer)) > DAY_MINUTES


def test_times_are_whole_seconds() -> None:
    assert at("1999-02-01 07:00", MADRID) % MINUTE == 0
    assert at("2026-03-02 08:00") == 1_772_438_400 * SECOND
