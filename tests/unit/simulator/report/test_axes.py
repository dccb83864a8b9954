from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.report.axes import (
    amount_axis,
    duration_label,
    places_axis,
    share_axis,
    time_axis,
    waits_axis,
)


@pytest.mark.parametrize(
    ("highest", "labels"),
    [
        (0, ["0", "0.5", "1"]),
        (7, ["0", "2", "4", "6", "8"]),
        (38, ["0", "10", "20", "30", "40"]),
        (4_400, ["0", "2000", "4000", "6000"]),
        (nan, ["0", "0.5", "1"]),
    ],
)
def test_amounts_have_round_ticks(highest: float, labels: list[str]) -> None:
    assert [label for _, label in amount_axis(highest).ticks] == labels


@pytest.mark.parametrize(
    ("longest", "labels"),
    [
        (0.2, ["0 s", "1 s"]),
        (18, ["0 s", "5 s", "10 s", "15 s", "20 s"]),
        (110, ["0 s", "30 s", "1 min", "1.5 min", "2 min"]),
        (7 * 3_600, ["0 s", "2 h", "4 h", "6 h", "8 h"]),
        (400 * 3_600, ["0 s", "100 h", "200 h", "300 h", "400 h"]),
        (inf, ["0 s", "1 s"]),
    ],
)
def test_times_have_the_ticks_of_clocks(longest: float, labels: list[str]) -> None:
    assert [label for _, label in time_axis(longest).ticks] == labels


@given(st.floats(0, 1e9))
def test_every_axis_reaches_what_it_must_show_with_few_ticks(highest: float) -> None:
    for axis in (amount_axis(highest), time_axis(highest), waits_axis(highest)):
        assert axis.high >= min(highest, axis.high)
        assert axis.high >= highest * (1 - 1e-9)
        assert 1 <= len(axis.ticks) <= 13
        assert axis.ticks[-1][0] <= axis.high * (1 + 1e-9)


def test_short_waits_have_more_room_than_long_ones() -> None:
    axis = waits_axis(600)
    assert axis.place(0, 0, 100) == 0
    assert axis.place(600, 0, 100) == 100
    assert axis.place(150, 0, 100) == 50


def test_what_is_outside_is_put_at_the_edge() -> None:
    assert share_axis().place(1.7, 0, 100) == 100
    assert share_axis().place(-1, 0, 100) == 0


def test_labels_that_have_no_room_are_left_out() -> None:
    axis = places_axis([f"{hour:02}:{half}" for hour in range(24) for half in ("00", "30")])
    assert len(axis.ticks_with_room(0, 2_000)) == 24
    few = axis.ticks_with_room(0, 300)
    assert 3 <= len(few) <= 7
    assert few[0] == (0.0, "00:00")


def test_half_hours_without_a_full_hour_are_all_labelled() -> None:
    assert [label for _, label in places_axis(["08:15", "08:45"]).ticks] == ["08:15", "08:45"]
    assert places_axis([]).ticks == ()


def test_durations_are_short() -> None:
    seconds = (0, 45, 60, 90, 125, 3_600, 5_400, 86_400)
    assert [duration_label(one) for one in seconds] == [
        *("0 s", "45 s", "1 min", "1.5 min", "2:05", "1 h", "1.5 h", "24 h"),
    ]
