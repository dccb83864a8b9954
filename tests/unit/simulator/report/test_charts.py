from math import nan
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest

from simulator.report.axes import amount_axis, places_axis
from simulator.report.charts import Band, Bars, Chart, Key, Layer, Level, Line, draw, swatch

CHART = Chart(
    id="x",
    title="Contacts <by> the hour",
    description="Bars & lines.",
    x=places_axis(["08:00", "08:30", "09:00", "09:30"]),
    y=amount_axis(10),
    layers=(),
)


def drawn(*layers: Layer, **fields: Any) -> list[ET.Element]:
    """The chart's two drawings: wide, narrow."""
    chart = msgspec.structs.replace(CHART, layers=layers, **fields)
    return list(ET.fromstring(f"<div>{draw(chart)}</div>"))


def marks(svg: ET.Element, style: str) -> list[ET.Element]:
    return [one for one in svg.iter() if style in one.get("class", "").split()]


def test_it_is_drawn_wide_and_narrow_each_with_title_and_description() -> None:
    wide, narrow = drawn()
    assert (wide.get("class"), narrow.get("class")) == ("chart wide", "chart narrow")
    ids = [one.get("id") for svg in (wide, narrow) for one in svg.iter() if one.get("id")]
    assert len(set(ids)) == len(ids) == 4
    for svg in (wide, narrow):
        assert svg.get("role") == "img"
        assert [one.text for one in svg[:2]] == [CHART.title, CHART.description]
        assert svg.get("aria-labelledby", "").split() == [one.get("id") for one in svg[:2]]


def test_a_bar_of_nothing_is_not_drawn_and_stacked_bars_stand_on_each_other() -> None:
    lower, upper = (0.0, 5.0, nan, 10.0), (0.0, 5.0, 0.0, 0.0)
    svg, _ = drawn(Bars(style="good", heights=lower), Bars(style="bad", heights=upper, below=lower))
    (good,), (bad,) = marks(svg, "good"), marks(svg, "bad")
    assert good.get("d", "").count("M") == 2
    assert bad.get("d", "").count("M") == 1


def test_a_line_has_gaps_where_nothing_is_known() -> None:
    points = ((0.5, 1.0), (1.5, nan), (2.5, 3.0), (3.5, 4.0))
    svg, _ = drawn(Line(style="s0", points=points))
    (line,) = marks(svg, "line")
    first, second = line.get("d", "")[1:].split("M")
    assert first.count("L") == 1  # a lone value is a short stroke
    assert second.count("L") == 1


def test_steps_hold_until_the_next() -> None:
    svg, _ = drawn(Line(style="ink", points=((0.0, 1.0), (1.0, 3.0)), steps=True))
    (line,) = marks(svg, "line")
    corners = [tuple(map(float, one.split())) for one in line.get("d", "")[1:].split("L")]
    assert corners[1][1] == corners[0][1]
    assert corners[2][0] == corners[1][0]
    assert corners[-1][1] == corners[-2][1]


def test_a_band_needs_two_neighbours() -> None:
    spans = ((0.5, 1.0, 2.0), (1.5, nan, nan), (2.5, 1.0, 2.0), (3.5, 1.0, 2.0))
    svg, _ = drawn(Band(style="s0", spans=spans))
    (band,) = marks(svg, "band")
    assert band.get("d", "").count("M") == 1


@pytest.mark.parametrize(
    "layer",
    [
        Bars(style="good", heights=(0.0, nan)),
        Line(style="s0", points=((0.5, nan),)),
        Band(style="s0", spans=((0.5, nan, nan),)),
    ],
)
def test_nothing_known_is_nothing_drawn(layer: Layer) -> None:
    svg, _ = drawn(layer)
    assert marks(svg, "bar") + marks(svg, "line") + marks(svg, "band") == []


def test_a_level_is_labelled_and_hints_are_told_place_by_place() -> None:
    svg, _ = drawn(Level(value=8, label="target <80 %>"), hints=("from 08:00: <3>",))
    assert [one.text for one in marks(svg, "level-label")] == ["target <80 %>"]
    assert [one[0].text for one in marks(svg, "hint")] == ["from 08:00: <3>"]


def test_all_that_is_drawn_lies_in_the_picture() -> None:
    layers = (
        Bars(style="good", heights=(99.0, 1.0)),
        Line(style="s0", points=((0.5, -5.0), (9.0, 500.0))),
    )
    for svg in drawn(*layers):
        width, height = map(float, svg.get("viewBox", "").split()[2:])
        for one in [*marks(svg, "bar"), *marks(svg, "line")]:
            for corner in (
                one.get("d", "").strip("MZ").replace("Z", "").replace("M", "L").split("L")
            ):
                x, y = map(float, corner.split())
                assert 0 <= x <= width
                assert 0 <= y <= height


@pytest.mark.parametrize("mark", ["line", "bar"])
def test_a_legend_has_a_sample_of_each_style(mark: Any) -> None:
    sample = ET.fromstring(swatch(Key(style="s1", text="gold", mark=mark)))
    assert sample.get("aria-hidden") == "true"
    assert "s1" in sample[0].get("class", "")
