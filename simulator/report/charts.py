"""Charts: layers of bars, lines and bands over two axes, drawn once wide and once narrow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby, pairwise
from math import isnan
from typing import Final, Literal, TypeVar

import msgspec
from markupsafe import Markup

from simulator.report.axes import Axis
from simulator.report.svg import element, path, together

Item = TypeVar("Item")
Point = tuple[float, float]

LEFT, RIGHT, TOP, BOTTOM = 52.0, 10.0, 10.0, 26.0
SIZES: Final[tuple[tuple[str, int, int], ...]] = (("wide", 960, 220), ("narrow", 360, 200))


class Bars(msgspec.Struct, frozen=True, kw_only=True):
    """Number n stands from n to n + 1, on top of ``below``."""

    style: str
    heights: tuple[float, ...]
    below: tuple[float, ...] = ()


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """nan is a gap. ``steps``: each value holds until the next."""

    style: str
    points: tuple[Point, ...]
    steps: bool = False


class Band(msgspec.Struct, frozen=True, kw_only=True):
    """Between two values at each place; nan is a gap."""

    style: str
    spans: tuple[tuple[float, float, float], ...]  # x, low, high


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """A line across at one value."""

    value: float
    label: str


Layer = Bars | Line | Band | Level


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of the legend."""

    style: str
    text: str
    mark: Literal["line", "bar"] = "line"


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """``description`` says in a sentence what it shows, for who cannot see it; ``hints`` is what
    each place of the x axis says when it is pointed at.
    """

    id: str
    title: str
    description: str
    x: Axis
    y: Axis
    layers: tuple[Layer, ...]
    keys: tuple[Key, ...] = ()
    hints: tuple[str, ...] = ()


def draw(chart: Chart) -> Markup:
    """Both sizes; the style sheet shows the one that fits."""
    return together(_draw(chart, *size) for size in SIZES)


def swatch(key: Key) -> Markup:
    """A sample for the legend."""
    if key.mark == "bar":
        mark = element("rect", x=3, y=1, width=12, height=12, class_=f"bar {key.style}")
    else:
        mark = element("path", d="M0 7L18 7", class_=f"line {key.style}")
    return element("svg", mark, class_="swatch", viewBox="0 0 18 14", aria_hidden="true")


class _Plot(msgspec.Struct, frozen=True):
    """The area inside the axes."""

    chart: Chart
    width: float
    height: float

    def x(self, value: float) -> float:
        return self.chart.x.place(value, LEFT, self.width - RIGHT)

    def y(self, value: float) -> float:
        return self.chart.y.place(value, self.height - BOTTOM, TOP)


def _draw(chart: Chart, name: str, width: int, height: int) -> Markup:
    plot = _Plot(chart, width, height)
    title, description = f"{chart.id}-{name}-title", f"{chart.id}-{name}-text"
    return element(
        "svg",
        element("title", chart.title, id=title),
        element("desc", chart.description, id=description),
        *_grid(plot),
        *(part for layer in chart.layers for part in _layer(plot, layer)),
        *_hints(plot),
        class_=f"chart {name}",
        viewBox=f"0 0 {width} {height}",
        role="img",
        aria_labelledby=f"{title} {description}",
    )


def _grid(plot: _Plot) -> list[Markup]:
    chart, right, bottom = plot.chart, plot.width - RIGHT, plot.height - BOTTOM
    parts = []
    for value, label in chart.y.ticks:
        y = plot.y(value)
        parts.append(element("path", d=path([(LEFT, y), (right, y)]), class_="grid"))
        parts.append(element("text", label, x=LEFT - 7, y=y + 4, class_="tick end"))
    for value, label in chart.x.ticks_with_room(LEFT, right):
        x = plot.x(value)
        parts.append(element("path", d=path([(x, bottom), (x, bottom + 4)]), class_="axis"))
        place = "middle" if x < right - 20 else "end"
        parts.append(element("text", label, x=x, y=bottom + 18, class_=f"tick {place}"))
    parts.append(element("path", d=path([(LEFT, bottom), (right, bottom)]), class_="axis"))
    return parts


def _layer(plot: _Plot, layer: Layer) -> list[Markup]:
    match layer:
        case Bars():
            return _bars(plot, layer)
        case Line():
            return _line(plot, layer)
        case Band():
            return _band(plot, layer)
        case Level():
            return _level(plot, layer)


def _bars(plot: _Plot, bars: Bars) -> list[Markup]:
    drawn = []
    for place, height in enumerate(bars.heights):
        if not height > 0:
            continue
        base = bars.below[place] if bars.below else 0.0
        left, right = plot.x(place), plot.x(place + 1)
        gap = min(1.5, (right - left) / 8)
        top, bottom = plot.y(base + height), plot.y(base)
        corners = [
            (left + gap, bottom),
            (left + gap, top),
            (right - gap, top),
            (right - gap, bottom),
        ]
        drawn.append(path(corners, closed=True))
    return [element("path", d="".join(drawn), class_=f"bar {bars.style}")] if drawn else []


def _line(plot: _Plot, line: Line) -> list[Markup]:
    drawn = []
    for some in _without_gaps(line.points, lambda point: point[1]):
        places = [(plot.x(x), plot.y(y)) for x, y in some]
        if line.steps:
            ends = plot.x(some[-1][0] + 1)
            corners = [*places, (ends, places[-1][1])]
            places = [places[0]]
            for (_, y), (x, following) in pairwise(corners):
                places += [(x, y), (x, following)]
        if len(places) == 1:  # a lone value between gaps
            places = [(places[0][0] - 3, places[0][1]), (places[0][0] + 3, places[0][1])]
        drawn.append(path(places))
    return [element("path", d="".join(drawn), class_=f"line {line.style}")] if drawn else []


def _band(plot: _Plot, band: Band) -> list[Markup]:
    drawn = []
    for some in _without_gaps(band.spans, lambda span: span[1] + span[2]):
        if len(some) > 1:
            upper = [(plot.x(x), plot.y(high)) for x, _, high in some]
            lower = [(plot.x(x), plot.y(low)) for x, low, _ in reversed(some)]
            drawn.append(path([*upper, *lower], closed=True))
    return [element("path", d="".join(drawn), class_=f"band {band.style}")] if drawn else []


def _level(plot: _Plot, level: Level) -> list[Markup]:
    y, right = plot.y(level.value), plot.width - RIGHT
    return [
        element("path", d=path([(LEFT, y), (right, y)]), class_="level"),
        element("text", level.label, x=right, y=y - 5, class_="tick end level-label"),
    ]


def _hints(plot: _Plot) -> list[Markup]:
    top, bottom = TOP, plot.height - BOTTOM
    return [
        element(
            "rect",
            element("title", hint),
            x=plot.x(place),
            y=top,
            width=plot.x(place + 1) - plot.x(place),
            height=bottom - top,
            class_="hint",
        )
        for place, hint in enumerate(plot.chart.hints)
    ]


def _without_gaps(items: Sequence[Item], value: Callable[[Item], float]) -> list[list[Item]]:
    runs = groupby(items, key=lambda item: isnan(value(item)))
    return [list(some) for gap, some in runs if not gap]
