"""Axes: what lies where, and which of their ticks have room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import floor, isfinite, log10, sqrt
from typing import Final

import msgspec

from simulator.wording import clock_text

Tick = tuple[float, str]

_LETTER: Final = 7.0  # pixels, about
_STEPS_OF_TIME: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400)


class Axis(msgspec.Struct, frozen=True, kw_only=True):
    """From ``low`` to ``high``; ``bend`` says where between 0 and 1 of the way a value lies, the
    straight line when it is None.
    """

    low: float
    high: float
    ticks: tuple[Tick, ...]
    bend: Callable[[float], float] | None = None

    def place(self, value: float, start: float, end: float) -> float:
        """Between ``start`` and ``end``, pixels; what is outside is put at the edge."""
        bend = self.bend or float
        low, high = bend(self.low), bend(self.high)
        along = (bend(min(max(value, self.low), self.high)) - low) / (high - low)
        return start + along * (end - start)

    def ticks_with_room(self, start: float, end: float) -> list[Tick]:
        """Every tick, or every second, third … so that no label touches the next."""
        places = [self.place(value, start, end) for value, _ in self.ticks]
        room = max((len(label) for _, label in self.ticks), default=0) * _LETTER + 8
        shown: list[Tick] = []
        last = -1e9
        for place, tick in zip(places, self.ticks, strict=True):
            if place - last >= room:
                shown.append(tick)
                last = place
        return shown


def amount_axis(highest: float, *, least: float = 1) -> Axis:
    """From 0, for numbers of contacts or agents."""
    top, step = _rounded_up(max(_finite(highest), least), 4)
    return Axis(low=0, high=top, ticks=_ticks(top, step, lambda value: f"{value:g}"))


def share_axis() -> Axis:
    return Axis(low=0, high=1, ticks=_ticks(1, 0.25, lambda value: f"{value * 100:.0f} %"))


def time_axis(longest: float) -> Axis:
    """From 0, seconds."""
    longest = max(_finite(longest), 1)
    fitting = [step for step in _STEPS_OF_TIME if longest / step <= 4]
    step = float(fitting[0]) if fitting else 14_400.0 * -(-longest // (4 * 14_400))
    top = step * -(-longest // step)
    return Axis(low=0, high=top, ticks=_ticks(top, step, duration_label))


def waits_axis(longest: float) -> Axis:
    """From 0, seconds, with more room for what is short."""
    marks = (0, 10, 30, 60, 120, 300, 600, 1_200, 3_600, 7_200, 14_400, 43_200, 86_400)
    ticks = tuple((float(mark), duration_label(mark)) for mark in marks if mark <= longest)
    return Axis(low=0, high=max(longest, 1), ticks=ticks, bend=sqrt)


def places_axis(labels: Sequence[str]) -> Axis:
    """Place n is from n to n + 1, and its label at n; full hours, where there are any."""
    hours = tuple((float(n), label) for n, label in enumerate(labels) if label.endswith(":00"))
    every = tuple((float(n), label) for n, label in enumerate(labels))
    return Axis(low=0, high=max(len(labels), 1), ticks=hours or every)


def duration_label(seconds: float) -> str:
    """``30 s``, ``1.5 min``, ``1 h`` or, where those are not short, ``2:05``."""
    for size, unit in ((3_600, "h"), (60, "min")):
        if seconds >= size:
            short = (2 * seconds) % size == 0
            return f"{seconds / size:g} {unit}" if short else clock_text(seconds)
    return f"{seconds:g} s"


def _ticks(top: float, step: float, label: Callable[[float], str]) -> tuple[Tick, ...]:
    return tuple((n * step, label(n * step)) for n in range(round(top / step) + 1))


def _rounded_up(highest: float, parts: int) -> tuple[float, float]:
    """The next round number, and the steps to it."""
    raw = highest / parts
    size = 10.0 ** floor(log10(raw))
    step = next(size * factor for factor in (1, 2, 5, 10) if raw <= size * factor * (1 + 1e-9))
    return step * -(-highest // step), step


def _finite(value: float) -> float:
    return value if isfinite(value) else 0.0
