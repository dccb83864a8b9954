"""The charts of a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import isfinite
from typing import Final

from simulator.figures import WAIT_EDGES
from simulator.intervals import Interval
from simulator.report.axes import amount_axis, places_axis, share_axis, time_axis, waits_axis
from simulator.report.charts import Band, Bars, Chart, Key, Layer, Level, Line
from simulator.report.day import HalfHour
from simulator.report.tails import Tail
from simulator.wording import figure_text

COLOURS: Final = 6  # the style sheet's; beyond them lines differ by their dashes
RARE: Final = 0.01  # of the customers: waits that fewer have are left out of the picture


def waits_by_tier(tails: Sequence[Tail]) -> Chart:
    longest = max(_longest_worth_showing(tail) for tail in tails)
    edges = [edge for edge in WAIT_EDGES if edge <= longest]
    lines = tuple(
        Line(style=_series(n), points=tuple(zip(edges, tail.longer, strict=False)))
        for n, tail in enumerate(tails)
    )
    return Chart(
        id="waits",
        title="Share of customers who wait longer than so long",
        description="A falling line for each tier: the lower, the shorter its customers wait.",
        x=waits_axis(longest),
        y=share_axis(),
        layers=lines,
        keys=tuple(Key(style=_series(n), text=tail.name) for n, tail in enumerate(tails)),
    )


def _longest_worth_showing(tail: Tail) -> float:
    few = (edge for edge, share in zip(WAIT_EDGES, tail.longer, strict=True) if share <= RARE)
    return next(few, WAIT_EDGES[-1]) or WAIT_EDGES[3]


def _series(number: int) -> str:
    return f"s{number % COLOURS} d{number // COLOURS % 3}"


# -- through the day --------------------------------------------------------------------------


def arrivals(day: Sequence[HalfHour]) -> Chart:
    answered = tuple(one.answered for one in day)
    abandoned = tuple(one.abandoned for one in day)
    elsewhere = tuple(one.elsewhere for one in day)
    ended = tuple(map(sum, zip(answered, abandoned, strict=True)))
    keys = [Key(style="good", text="answered", mark="bar")]
    keys.append(Key(style="bad", text="abandoned", mark="bar"))
    if any(one > 0.005 for one in elsewhere):
        keys.append(
            Key(style="neutral", text="neither: sent elsewhere or still waiting", mark="bar")
        )
    return Chart(
        id="arrivals",
        title="Contacts by the half hour they came in",
        description="Bars, stacked: how many were answered, gave up, or neither.",
        x=places_axis([one.label for one in day]),
        y=amount_axis(max(one.contacts for one in day)),
        layers=(
            Bars(style="good", heights=answered),
            Bars(style="bad", heights=abandoned, below=answered),
            Bars(style="neutral", heights=elsewhere, below=ended),
        ),
        keys=tuple(keys),
        hints=_hints(
            day,
            lambda one: (
                f"{one.contacts:.1f} contacts, {one.answered:.1f} answered,"
                f" {one.abandoned:.1f} abandoned"
            ),
        ),
    )


def waits(day: Sequence[HalfHour]) -> Chart:
    means = [one.mean_wait for one in day]
    return Chart(
        id="day-waits",
        title="Mean wait by half hour",
        description="A line with its confidence interval, of those who came in each half hour.",
        x=places_axis([one.label for one in day]),
        y=time_axis(max((_top(one) for one in means if isfinite(one.mean)), default=1)),
        layers=_with_band("s0", means),
        hints=_hints(day, lambda one: f"mean wait {figure_text('mean_wait', one.mean_wait)}"),
    )


def service_level(day: Sequence[HalfHour], target: float | None) -> Chart:
    shares = [one.service_level for one in day]
    wanted: tuple[Layer, ...] = ()
    if target is not None:
        wanted = (Level(value=target, label=f"target {target * 100:g} %"),)
    return Chart(
        id="day-level",
        title="Service level by half hour",
        description="A line with its confidence interval, of those who came in each half hour.",
        x=places_axis([one.label for one in day]),
        y=share_axis(),
        layers=(*_with_band("s0", shares), *wanted),
        hints=_hints(
            day, lambda one: f"service level {figure_text('service_level', one.service_level)}"
        ),
    )


def agents(day: Sequence[HalfHour]) -> Chart:
    present = tuple((float(n), one.present) for n, one in enumerate(day))
    return Chart(
        id="day-agents",
        title="Agents present and conversations by half hour",
        description="A line for the agents at work, breaks not counted, over bars for the"
        " conversations going on at a time.",
        x=places_axis([one.label for one in day]),
        y=amount_axis(max(max(one.present, one.talking) for one in day)),
        layers=(
            Bars(style="s0", heights=tuple(one.talking for one in day)),
            Line(style="ink", points=present, steps=True),
        ),
        keys=(
            Key(style="ink", text="agents present"),
            Key(style="s0", text="conversations at a time", mark="bar"),
        ),
        hints=_hints(
            day,
            lambda one: f"{one.present:.1f} agents present, {one.talking:.1f} conversations",
        ),
    )


def _with_band(style: str, values: Sequence[Interval]) -> tuple[Layer, ...]:
    """In the middle of each half hour; without a band where one run says nothing of chance."""
    middles = [n + 0.5 for n in range(len(values))]
    band = tuple(
        (x, one.low, one.high) if isfinite(one.half_width) else (x, float("nan"), float("nan"))
        for x, one in zip(middles, values, strict=True)
    )
    line = tuple((x, one.mean) for x, one in zip(middles, values, strict=True))
    return Band(style=style, spans=band), Line(style=style, points=line)


def _top(one: Interval) -> float:
    """The interval's upper end, unless chance makes it so long that it hides the rest."""
    return min(one.high, 2 * one.mean) if isfinite(one.half_width) else one.mean


def _hints(day: Sequence[HalfHour], said: Callable[[HalfHour], str]) -> tuple[str, ...]:
    return tuple(f"from {one.label}: {said(one)}" for one in day)


# -- agents -----------------------------------------------------------------------------------


def agents_by_occupancy(shares: Sequence[float]) -> Chart:
    """For more agents than can have a bar each."""
    classes = 20
    counts = [0.0] * classes
    for share in shares:
        counts[min(int(share * classes), classes - 1)] += 1
    labels = [f"{n * 100 // classes} %" for n in range(classes)]
    return Chart(
        id="agents",
        title="How many agents are occupied how much",
        description="Bars: the number of agents by the share of their time spent on contacts.",
        x=places_axis(labels),
        y=amount_axis(max(counts)),
        layers=(Bars(style="s0", heights=tuple(counts)),),
        hints=tuple(
            f"{label} and more: {count:.0f} agents"
            for label, count in zip(labels, counts, strict=True)
        ),
    )
