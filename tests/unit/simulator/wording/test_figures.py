from math import inf, nan

import pytest

from simulator.comparison import Change
from simulator.figures import QUANTILES, RATIOS
from simulator.intervals import Interval
from simulator.wording import (
    FIGURES,
    change_text,
    clock_text,
    figure_text,
    half_width_text,
    value_text,
)


def about(mean: float, half_width: float) -> Interval:
    return Interval(mean, half_width, 5)


def test_every_figure_has_words() -> None:
    assert set(FIGURES) == {*RATIOS, *QUANTILES, "occupancy"}


@pytest.mark.parametrize(
    ("figure", "interval", "text"),
    [
        ("mean_wait", about(26.81, 1.94), "26.8 s ± 1.9"),
        ("mean_wait", about(145.2, 34.1), "145 s ± 34"),
        ("mean_wait", about(725, 31), "12:05 ± 0:31"),
        ("mean_wait", about(3_725, 90), "1:02:05 ± 1:30"),
        ("mean_wait", about(26.81, inf), "26.8 s"),
        ("mean_wait", about(725, inf), "12:05"),
        ("mean_wait", about(180, 0), "180 s"),
        ("mean_wait", about(nan, inf), "–"),
        ("service_level", about(0.7304, 0.0191), "73.0 % ± 1.9"),
        ("service_level", about(1, 0), "100 %"),
        ("abandonment", about(0.0859, 0.0081), "8.59 % ± 0.81"),
    ],
)
def test_a_figure_is_written_as_well_as_it_is_known(
    figure: str, interval: Interval, text: str
) -> None:
    assert figure_text(figure, interval) == text


@pytest.mark.parametrize(
    ("figure", "difference", "text"),
    [
        ("mean_wait", about(-41.2, 6.1), "−41.2 s ± 6.1"),
        ("mean_wait", about(3.2, 2.1), "+3.2 s ± 2.1"),
        ("mean_wait", about(-725, 31), "−12:05 ± 0:31"),
        ("mean_wait", about(0.01, 2.1), "0.0 s ± 2.1"),
        ("mean_wait", about(0, 0), "no change"),
        ("mean_wait", about(-3, inf), "−3.0 s"),
        ("mean_wait", about(nan, inf), "–"),
        ("service_level", about(0.032, 0.0041), "+3.20 points ± 0.41"),
    ],
)
def test_a_change_has_a_sign(figure: str, difference: Interval, text: str) -> None:
    assert change_text(figure, difference) == text


def test_a_change_that_may_be_chance_is_not_certain() -> None:
    def change(mean: float, half_width: float) -> Change:
        return Change(before=1, after=1, difference=about(mean, half_width))

    assert change(-41, 6).certain
    assert not change(-5, 6).certain
    assert not change(0, 0).certain
    assert not change(-41, inf).certain
    assert not change(nan, inf).certain


def test_values_without_an_interval() -> None:
    assert value_text("mean_wait", 25.67) == "25.7 s"
    assert value_text("mean_wait", 725) == "12:05"
    assert value_text("waited", 0.5253) == "52.5 %"
    assert value_text("waited", nan) == "–"


def test_how_close_a_figure_is_known() -> None:
    assert half_width_text("mean_wait", 2.0) == "± 2 s"
    assert half_width_text("mean_wait", 120) == "± 2:00"
    assert half_width_text("service_level", 0.012) == "± 1.2 points"


def test_minutes_and_hours_as_on_a_clock() -> None:
    assert [clock_text(one) for one in (0, 59.6, 600, 3_599.9)] == [
        "0:00",
        "1:00",
        "10:00",
        "1:00:00",
    ]
