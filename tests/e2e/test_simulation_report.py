"""The report of a simulation as people open it: from a file, in both themes, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser, Page, expect

from simulator.agreement import agreements
from simulator.findings import Findings, alternative, as_often_as
from simulator.replications import replicate
from simulator.report import render
from simulator.scenario import Plan, Scenario, load_scenario
from tests.e2e.barriers import barriers, bring_axe
from tests.e2e.centre import ROOT
from tests.e2e.test_looks import overflow
from tests.e2e.windows import picture, themes

LONG = "Wilhelmina Featherstonehaugh-Cholmondeley 王小明 <b>的呼叫中心</b>"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of the example scenario, with everything a report can hold and names that are hard to set."""
    scenario = load_scenario(ROOT / "config" / "simulation.yaml")
    assert isinstance(scenario, Scenario)
    scenario = msgspec.structs.replace(scenario, name=LONG, plan=Plan(at_most=3))
    before = replicate(scenario, workers=1)
    fewer = msgspec.structs.replace(scenario, staff=scenario.staff[:-5])
    after = replicate(as_often_as(fewer, before), workers=1)
    findings = Findings(
        scenario=scenario,
        experiment=before,
        theory=tuple(agreements(scenario, before)),
        alternative=alternative(before, after),
    )
    file = tmp_path_factory.mktemp("report") / "report.html"
    file.write_text(render(findings), encoding="utf-8")
    return file


@pytest.fixture
def opened(browser: Browser, report: Path) -> Iterator[Callable[[int], Page]]:
    """Open it; a request to anywhere and a complaint of the browser fail the test."""
    complaints: list[str] = []
    contexts = []

    def open_report(width: int) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        bring_axe(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("request", lambda request: complaints.append(request.url))
        page.goto(report.as_uri())
        return page

    yield open_report
    for context in contexts:
        context.close()
    assert [one for one in complaints if one != report.as_uri()] == []


@pytest.mark.parametrize("width", [1280, 400])
def test_it_fits_and_has_no_barrier(opened: Callable[[int], Page], width: int) -> None:
    page = opened(width)
    expect(page.get_by_role("heading", level=1)).to_have_text(LONG)
    assert overflow(page) <= 0
    for summary in page.get_by_text("As a table").all():
        summary.click()
    for theme in themes(page):
        assert overflow(page) <= 0
        picture(page, f"simulation-report-{width}-{theme}")
        assert barriers(page) == [], theme


def test_each_width_has_its_own_pictures(opened: Callable[[int], Page]) -> None:
    for width, shown in ((1280, "wide"), (400, "narrow")):
        page = opened(width)
        charts = page.get_by_role("img")
        assert charts.count() == 5
        for chart in charts.all():
            assert shown in (chart.get_attribute("class") or "")
        expect(page.get_by_role("img", name="Mean wait by half hour")).to_be_visible()
