"""Moments and durations as logs write them."""

from __future__ import annotations

import pytest

from router.core.catalog import HOUR, MINUTE, SECOND
from router.core.durations import DAY
from simulator.call_log.clocks import Clocks, NotATime, unix

FEBRUARY_1999 = 917_827_200 * SECOND


@pytest.mark.parametrize("text", ["990201", "19990201", "1999-02-01"])
def test_a_date_is_read_in_three_forms(text: str) -> None:
    assert Clocks().day(text) == FEBRUARY_1999


def test_two_digits_of_a_year_mean_1970_to_2069() -> None:
    clocks = Clocks()
    assert clocks.day("700101") == 0
    assert clocks.day("690101") == clocks.day("2069-01-01")


@pytest.mark.parametrize(
    "text", ["", "99021", "990230", "1999-02", "1999/02/01", "٩٩٠٢٠١", "-90201", "1969-12-31"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        Clocks().day(text)


def test_clocks_may_pass_midnight_and_carry_decimals() -> None:
    clocks = Clocks()
    assert clocks.clock("7:02:47") == 7 * HOUR + 2 * MINUTE + 47 * SECOND
    assert clocks.clock("24:00:01") == DAY + SECOND
    assert clocks.clock("0:00:00.25") == SECOND // 4
    assert clocks.clock("23:59") == DAY - MINUTE


@pytest.mark.parametrize("text", ["", "7", "7:60:00", "7:2:3:4", "-1:00:00", "7:00:00x"])
def test_what_is_no_clock_is_refused(text: str) -> None:
    clocks = Clocks()
    clocks.duration("7")  # what was read as something else is not taken for a clock
    with pytest.raises(NotATime):
        clocks.clock(text)


def test_a_moment_with_a_zone_is_turned_into_utc_and_one_without_is_taken_as_it_is() -> None:
    clocks = Clocks()
    noon = FEBRUARY_1999 + 12 * HOUR
    for text in (
        "1999-02-01T12:00:00",
        "1999-02-01 12:00:00",
        "1999-02-01T12:00:00Z",
        "1999-02-01T14:00:00+02:00",
        "1999-02-01T12:00:00.000000",
        "19990201T120000",
        "1999-02-01T13:00+01",
    ):
        assert clocks.moment(text) == noon
    assert clocks.moment("1999-02-01T12:00:00.5") == noon + SECOND // 2


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "1999-02-01T25:00:00",
        "0001-01-01T00:00:00+14:00",
        "2101-01-01T00:00:00",
        "1999-02-01T12:00:00" * 9,
    ],
)
def test_what_is_no_timestamp_or_not_of_our_time_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        Clocks().moment(text)


def test_clocks_that_the_wall_skips_in_spring_are_times_like_any_other() -> None:
    clocks = Clocks()
    assert clocks.moment("1999-04-02T02:30:00") - clocks.moment("1999-04-02T01:30:00") == HOUR


def test_durations_are_seconds_or_clocks() -> None:
    clocks = Clocks()
    assert clocks.duration("90") == clocks.duration("0:01:30") == 90 * SECOND
    assert clocks.duration("0.5") == SECOND // 2
    assert clocks.duration("-5") == -5 * SECOND


@pytest.mark.parametrize("text", ["nan", "inf", "1e9", "0x10", "9" * 40, "", "12 s"])
def test_what_is_no_number_of_seconds_is_refused(text: str) -> None:
    with pytest.raises(NotATime):
        Clocks().duration(text)
    with pytest.raises(NotATime):
        unix(text)


def test_unix_seconds_are_taken_within_our_time() -> None:
    assert unix("917827200.5") == FEBRUARY_1999 + SECOND // 2
    with pytest.raises(NotATime):
        unix("99999999999")
