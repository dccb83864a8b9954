from math import inf

import msgspec
import pytest

from simulator.findings import Findings, alternative
from simulator.intervals import Interval
from simulator.replications import Experiment, replicate
from simulator.report.tables import (
    Table,
    agent_lines,
    change_table,
    figure_cell,
    group_table,
    theory_rows,
)
from simulator.scenario import Plan
from tests.unit.simulator.centres import centre

PLAN = Plan(at_most=3)
SCENARIO = centre(stream={"tiers": {"gold": 0.5}}, plan=PLAN)


@pytest.fixture(scope="module")
def experiment() -> Experiment:
    return replicate(SCENARIO, workers=1)


@pytest.fixture(scope="module")
def findings(experiment: Experiment) -> Findings:
    return Findings(scenario=SCENARIO, experiment=experiment)


def texts(table: Table) -> dict[str, list[str]]:
    return {
        row.name: [f"{cell.text} {cell.aside}".strip() for cell in row.cells]
        for part in table.parts
        for row in part.rows
    }


def test_the_half_width_is_an_aside() -> None:
    cell = figure_cell("mean_wait", Interval(26.8, 1.9, 5))
    assert (cell.text, cell.aside) == ("26.8 s", "± 1.9")
    assert figure_cell("mean_wait", Interval(26.8, inf, 1)).aside == ""


def test_groups_have_a_row_each_with_a_cell_for_each_column(findings: Findings) -> None:
    table = group_table(findings)
    rows = texts(table)
    assert list(rows) == ["All contacts", "gold", "no tier"]
    assert all(len(cells) == len(table.columns) for cells in rows.values())
    contacts = [run.groups["tier gold"].tally.contacts for run in findings.experiment.runs]
    assert rows["gold"][0] == f"{sum(contacts) / 3:.1f}"


@pytest.mark.parametrize(("target", "verdict"), [(0.39, "met"), (0.61, "missed"), (0.6, "near")])
def test_queues_are_held_against_their_target(
    experiment: Experiment, target: float, verdict: str
) -> None:
    replace = msgspec.structs.replace
    queue = replace(SCENARIO.catalog.queues["help"], service_target=target)
    queues = {"help": queue, "second": replace(queue, id="second")}
    known = {**experiment.figures["queue help"], "service_level": Interval(0.5, 0.1, 3)}
    figures = {**experiment.figures, "queue help": known, "queue second": known}
    scenario = replace(SCENARIO, catalog=replace(SCENARIO.catalog, queues=queues))
    table = group_table(
        Findings(scenario=scenario, experiment=replace(experiment, figures=figures))
    )
    cells = [cell for part in table.parts for row in part.rows for cell in row.cells]
    assert table.judges
    assert [one.verdict for one in cells if one.verdict] == [verdict, verdict]


def test_one_run_judges_nothing() -> None:
    scenario = centre(plan=Plan(at_most=1))
    one = Findings(scenario=scenario, experiment=replicate(scenario, workers=1))
    assert not group_table(one).judges


def test_the_busiest_agent_is_first(findings: Findings) -> None:
    lines = agent_lines(findings)
    assert sorted(line.name for line in lines) == [f"Agent-{n}" for n in range(4)]
    assert [line.share for line in lines] == sorted((line.share for line in lines), reverse=True)


def test_what_is_more_than_chance_is_strong(experiment: Experiment) -> None:
    many = replicate(centre(agents=12, stream={"tiers": {"gold": 0.5}}, plan=PLAN), workers=1)
    other = alternative(experiment, many)
    rows = change_table(SCENARIO, other).parts[0].rows
    assert rows[0].cells[0].text.startswith("−")
    changes = other.changes["all"]
    figures = ("mean_wait", "wait_90", "service_level", "abandonment")
    assert [cell.strong for cell in rows[0].cells] == [changes[one].certain for one in figures]


def test_without_theory_there_is_none(findings: Findings) -> None:
    assert theory_rows(findings) == []
