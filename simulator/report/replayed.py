"""The findings of a replay as a page: recorded beside simulated, and what a change does."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import Final

from simulator.figures import SERVICE_LEVEL_FORMULA
from simulator.replay import Beside, Replay
from simulator.replay.sentences import (
    TOLD,
    effect_sentences,
    fidelity_sentence,
    hours_of,
    sections_of,
    source_sentences,
    tier_sentence,
)
from simulator.report.axes import places_axis, share_axis, time_axis
from simulator.report.charts import Chart, Key, Line
from simulator.report.page import templates
from simulator.report.tables import Cell, Part, Row, Table, change_cell
from simulator.wording import FIGURES, value_text

RECORDED: Final = ("recorded", "simulated")
CHANGED: Final = ("as it was", "changed")


def render_replay(found: Replay) -> str:
    """The whole page. Whatever stands in the log stays text."""
    effect = found.effect
    return (
        templates()
        .get_template("replay.html")
        .render(
            found=found,
            sources=source_sentences(found),
            notes=[one for one in (tier_sentence(found), fidelity_sentence(found)) if one],
            fidelity=side_by_side(found, found.fidelity, RECORDED),
            fidelity_charts=by_hour(found, found.fidelity, RECORDED),
            effect=side_by_side(found, effect, CHANGED) if effect is not None else None,
            effect_charts=by_hour(found, effect, CHANGED) if effect is not None else [],
            sentences=effect_sentences(found),
            confidence=f"{found.confidence * 100:.3g} %",
            formula=SERVICE_LEVEL_FORMULA,
        )
    )


def side_by_side(found: Replay, both: Beside, names: tuple[str, str]) -> Table:
    """Each figure twice and the difference."""
    headings = (*names, "difference")
    return Table(
        caption=f"{names[0]} and {names[1]}",
        columns=("calls", *(f"{FIGURES[one].label}, {name}" for one in TOLD for name in headings)),
        parts=tuple(
            Part(
                heading=heading,
                rows=tuple(
                    Row(name=name, cells=_cells(both, group))
                    for name, group in rows
                    if group in both.changes
                ),
            )
            for heading, rows in sections_of(found)
        ),
    )


def _cells(both: Beside, group: str) -> tuple[Cell, ...]:
    cells = [Cell(text=f"{both.calls.get(group, 0):,}")]
    for figure in TOLD:
        change = both.changes[group][figure]
        cells += [Cell(text=value_text(figure, one)) for one in (change.before, change.after)]
        cells.append(change_cell(figure, change))
    return tuple(cells)


def by_hour(found: Replay, both: Beside, names: tuple[str, str]) -> list[Chart]:
    """A chart for each figure; an hour in which nobody called is a gap."""
    hours = hours_of(found)
    return [_chart(figure, hours, both, names) for figure in TOLD]


def _chart(figure: str, hours: Sequence[str], both: Beside, names: tuple[str, str]) -> Chart:
    changes = [both.changes[f"hour {hour}"][figure] for hour in hours]
    values = [value for one in changes for value in (one.before, one.after) if isfinite(value)]
    is_time = FIGURES[figure].unit == "time"
    label = FIGURES[figure].label
    return Chart(
        id=f"{figure}-{names[1]}".replace("_", "-"),
        title=f"{label[:1].upper()}{label[1:]} by hour, {names[0]} and {names[1]}",
        description=f"Two lines: {names[0]} and {names[1]}, by the hour the wait began in.",
        x=places_axis([f"{hour}:00" for hour in hours]),
        y=time_axis(max(values, default=1)) if is_time else share_axis(),
        layers=(
            Line(style="s0", points=_points([one.before for one in changes])),
            Line(style="s1", points=_points([one.after for one in changes])),
        ),
        keys=(Key(style="s0", text=names[0]), Key(style="s1", text=names[1])),
        hints=tuple(
            f"{hour}:00 {names[0]} {value_text(figure, one.before)},"
            f" {names[1]} {value_text(figure, one.after)}"
            for hour, one in zip(hours, changes, strict=True)
        ),
    )


def _points(values: Sequence[float]) -> tuple[tuple[float, float], ...]:
    """In the middle of each hour."""
    return tuple((place + 0.5, value) for place, value in enumerate(values))
