"""Figures as people read them, the same in a terminal and in a report."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isnan
from typing import Final, Literal

import msgspec

from simulator.intervals import Interval

UNKNOWN: Final = "–"
LONG: Final = 600  # seconds: from here on times are written m:ss


class Words(msgspec.Struct, frozen=True, kw_only=True):
    label: str
    unit: Literal["time", "share"]


FIGURES: Final[Mapping[str, Words]] = {
    "mean_wait": Words(label="mean wait", unit="time"),
    "median_wait": Words(label="median wait", unit="time"),
    "wait_90": Words(label="90 % wait less than", unit="time"),
    "wait_99": Words(label="99 % wait less than", unit="time"),
    "mean_wait_answered": Words(label="mean wait of answered", unit="time"),
    "waited": Words(label="waited at all", unit="share"),
    "service_level": Words(label="service level", unit="share"),
    "abandonment": Words(label="abandoned", unit="share"),
    "mean_handling": Words(label="mean handling", unit="time"),
    "occupancy": Words(label="occupancy", unit="share"),
}
"""In the order of tables."""


def figure_text(figure: str, interval: Interval) -> str:
    """``26.8 s ± 1.9``, ``12:05 ± 0:31`` or ``73.0 % ± 1.9``; without ± where it is unknown."""
    if isnan(interval.mean):
        return UNKNOWN
    if FIGURES[figure].unit == "share":
        return _with_unit(_times(interval, 100), "%")
    if abs(interval.mean) >= LONG:
        return _clocks(interval)
    return _with_unit(interval, "s")


def value_text(figure: str, value: float) -> str:
    """A figure without an interval, in four digits at most."""
    if isnan(value):
        return UNKNOWN
    if FIGURES[figure].unit == "share":
        return f"{value * 100:.1f} %"
    return clock_text(value) if value >= LONG else f"{value:.1f} s"


def change_text(figure: str, difference: Interval) -> str:
    """``−41 s ± 6``, ``+3.2 points ± 0.4``: a difference always has a sign."""
    if isnan(difference.mean):
        return UNKNOWN
    if not difference.mean and not difference.half_width:
        return "no change"
    size = Interval(abs(difference.mean), difference.half_width, difference.count)
    if FIGURES[figure].unit == "share":
        text = _with_unit(_times(size, 100), "points")
    else:
        text = _clocks(size) if size.mean >= LONG else _with_unit(size, "s")
    if not text.partition(" ")[0].strip("0.:"):  # shown as nought
        return text
    return f"{'−' if difference.mean < 0 else '+'}{text}"


def clock_text(seconds: float) -> str:
    """``12:05`` or ``1:02:05``."""
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours}:{minutes:02}:{whole % 60:02}"
    return f"{minutes}:{whole % 60:02}"


def _clocks(interval: Interval) -> str:
    mean = clock_text(interval.mean)
    if not isfinite(interval.half_width):
        return mean
    return f"{mean} ± {clock_text(interval.half_width)}"


def _times(interval: Interval, factor: float) -> Interval:
    return Interval(interval.mean * factor, interval.half_width * factor, interval.count)


def _with_unit(interval: Interval, unit: str) -> str:
    """The half width has two digits, and the mean as many decimals."""
    if not isfinite(interval.half_width):
        return f"{interval.mean:.1f} {unit}"
    if not interval.half_width:
        return f"{interval.mean:.4g} {unit}"
    mean, _, half_width = str(interval).partition(" ± ")
    return f"{mean} {unit} ± {half_width}"


def half_width_text(figure: str, half_width: float) -> str:
    """``± 2.0 s`` or ``± 1.0 points``."""
    if FIGURES[figure].unit == "share":
        return f"± {half_width * 100:.3g} points"
    return f"± {half_width:.3g} s" if half_width < 100 else f"± {clock_text(half_width)}"
