"""A replay as a page."""

from __future__ import annotations

import msgspec
import pytest

from simulator.replay import CentreChange, Replay, Wishes, replay, study
from simulator.report import render_replay
from simulator.report.replayed import CHANGED, RECORDED, by_hour, side_by_side
from tests.unit.simulator.replay.logs import recorded


@pytest.fixture(scope="module")
def found() -> Replay:
    return replay(
        study(msgspec.structs.replace(recorded(), name="<b>calls.csv"), 1),
        change=CentreChange(credits={"gold": 0}),
        wishes=Wishes(estimates=True),
    )


def test_the_page_has_both_comparisons_and_needs_nothing_else(found: Replay) -> None:
    page = render_replay(found)
    assert "Recorded and simulated" in page
    assert "What the change does" in page
    assert "Mean wait: gold customers" in page
    assert "Asterisk app_queue" in page
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_what_stands_in_the_log_stays_text(found: Replay) -> None:
    page = render_replay(found)
    assert "<b>calls.csv" not in page
    assert "&lt;b&gt;calls.csv" in page


def test_every_group_has_each_figure_twice_and_the_difference(found: Replay) -> None:
    table = side_by_side(found, found.fidelity, RECORDED)
    rows = {row.name: row for part in table.parts for row in part.rows}
    assert {"all calls", "gold", "sales", "08:00"} <= set(rows)
    assert all(len(row.cells) == len(table.columns) == 10 for row in rows.values())
    assert rows["all calls"].cells[0].text == "240"


def test_a_chart_for_each_figure_with_two_lines(found: Replay) -> None:
    assert found.effect is not None
    for both, names in ((found.fidelity, RECORDED), (found.effect, CHANGED)):
        charts = by_hour(found, both, names)
        assert len(charts) == 3
        assert all(len(chart.layers) == 2 for chart in charts)
        assert tuple(key.text for key in charts[0].keys) == names


def test_without_a_change_there_is_no_section_for_it() -> None:
    page = render_replay(replay(study(recorded(), 1)))
    assert "What the change does" not in page
