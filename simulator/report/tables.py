"""What the tables of a report say, cell by cell."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, Literal

import msgspec

from simulator.comparison import Change
from simulator.figures import WAIT_EDGES
from simulator.findings import Alternative, Findings
from simulator.intervals import Interval, mean_interval
from simulator.replications import Experiment
from simulator.report.axes import duration_label
from simulator.report.day import HalfHour
from simulator.report.tails import Tail
from simulator.scenario.model import Scenario
from simulator.summary import EVERYBODY
from simulator.wording import FIGURES, change_text, figure_text, sections, value_text

COLUMNS: Final = (
    *("mean_wait", "wait_90", "waited", "service_level", "abandonment", "mean_handling"),
)
HEADINGS: Final = {
    "queue": "By queue",
    "tier": "By tier",
    "stream": "By kind, where several share a queue",
}
THRESHOLDS: Final = (0, 10, 20, 30, 60, 120, 300, 600)
Verdict = Literal["met", "missed", "near", ""]


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """A figure and, smaller, what belongs to it; ``strong`` is what must not be overlooked."""

    text: str
    aside: str = ""
    strong: bool = False
    verdict: Verdict = ""
    target: str = ""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    cells: tuple[Cell, ...]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """Rows under a heading of their own."""

    heading: str
    rows: tuple[Row, ...]


class Table(msgspec.Struct, frozen=True, kw_only=True):
    caption: str
    columns: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def judges(self) -> bool:
        """Whether something in it is held against a target."""
        return any(cell.verdict for part in self.parts for row in part.rows for cell in row.cells)


def figure_cell(figure: str, interval: Interval) -> Cell:
    text, _, aside = figure_text(figure, interval).partition(" ± ")
    return Cell(text=text, aside=f"± {aside}" if aside else "")


# -- groups -----------------------------------------------------------------------------------


def group_table(findings: Findings) -> Table:
    """Every group's figures with their intervals."""
    scenario, experiment = findings.scenario, findings.experiment

    def row(name: str, group: str) -> Row:
        contacts = Cell(text=f"{contacts_a_run(experiment, group):,.1f}")
        return Row(name=name, cells=(contacts, *_figures(scenario, experiment, group)))

    return Table(
        caption="Figures by queue, tier and kind of contact",
        columns=("contacts a run", *(FIGURES[figure].label for figure in COLUMNS)),
        parts=tuple(
            Part(heading=heading, rows=tuple(row(*one) for one in rows))
            for heading, rows in _parts(scenario, experiment.figures)
        ),
    )


def contacts_a_run(experiment: Experiment, group: str) -> float:
    there = [run.groups[group].tally.contacts for run in experiment.runs if group in run.groups]
    return sum(there) / len(experiment.runs)


def _parts(
    scenario: Scenario, groups: Collection[str]
) -> Iterable[tuple[str, Sequence[tuple[str, str]]]]:
    yield "", (("All contacts", EVERYBODY),)
    queues = scenario.catalog.queues
    for one in sections(scenario, groups):
        rows = one.rows
        if one.kind == "queue":
            rows = tuple((queues[name].label or name, group) for name, group in rows)
        yield HEADINGS[one.kind], rows


def _figures(scenario: Scenario, experiment: Experiment, group: str) -> Iterable[Cell]:
    kind, _, name = group.partition(" ")
    for figure in COLUMNS:
        interval = experiment.figures[group][figure]
        cell = figure_cell(figure, interval)
        if figure == "service_level" and kind == "queue":
            target = scenario.catalog.queues[name].service_target
            cell = msgspec.structs.replace(
                cell, verdict=_verdict(interval, target), target=f"{target * 100:g} %"
            )
        yield cell


def _verdict(interval: Interval, target: float) -> Verdict:
    if interval.count < 2 or interval.mean != interval.mean:
        return ""
    if interval.contains(target):
        return "near"
    return "met" if interval.mean > target else "missed"


# -- the texts beside the pictures ------------------------------------------------------------


def tails_table(tails: Sequence[Tail]) -> Table:
    places = [WAIT_EDGES.index(edge) for edge in THRESHOLDS]
    return Table(
        caption="Share of customers who wait longer than",
        columns=tuple(duration_label(edge) for edge in THRESHOLDS),
        parts=(
            Part(
                heading="",
                rows=tuple(
                    Row(
                        name=tail.name,
                        cells=tuple(
                            Cell(text=f"{tail.longer[place] * 100:.1f} %") for place in places
                        ),
                    )
                    for tail in tails
                ),
            ),
        ),
    )


def day_table(day: Sequence[HalfHour]) -> Table:
    return Table(
        caption="The day by half hour",
        columns=(
            *("contacts", "answered", "abandoned", "mean wait", "service level"),
            *("agents present", "conversations"),
        ),
        parts=(Part(heading="", rows=tuple(_day_row(one) for one in day)),),
    )


def _day_row(one: HalfHour) -> Row:
    amounts = [one.contacts, one.answered, one.abandoned, one.present, one.talking]
    cells = [Cell(text=f"{amount:.1f}") for amount in amounts]
    wait = figure_cell("mean_wait", one.mean_wait)
    level = figure_cell("service_level", one.service_level)
    return Row(name=one.label, cells=(*cells[:3], wait, level, *cells[3:]))


# -- agents -----------------------------------------------------------------------------------


class AgentLine(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    share: float
    cell: Cell


def agent_lines(findings: Findings) -> list[AgentLine]:
    """Everybody who was there, the busiest first."""
    experiment, agents = findings.experiment, findings.scenario.catalog.agents
    found = []
    for agent in dict.fromkeys(name for run in experiment.runs for name in run.occupancies):
        shares = [run.occupancies[agent] for run in experiment.runs if agent in run.occupancies]
        interval = mean_interval(shares, experiment.plan.confidence)
        name = agents[agent].name or agent
        cell = figure_cell("occupancy", interval)
        found.append(AgentLine(name=name, share=interval.mean, cell=cell))
    return sorted(found, key=lambda line: -line.share)


# -- beside it --------------------------------------------------------------------------------

CHANGE_COLUMNS: Final = ("mean_wait", "wait_90", "service_level", "abandonment")


def change_table(scenario: Scenario, other: Alternative) -> Table:
    return Table(
        caption="Changes by queue, tier and kind of contact",
        columns=tuple(FIGURES[figure].label for figure in CHANGE_COLUMNS),
        parts=tuple(
            Part(
                heading=heading,
                rows=tuple(_change_row(name, other.changes[group]) for name, group in rows),
            )
            for heading, rows in _parts(scenario, other.changes)
        ),
    )


def _change_row(name: str, changes: dict[str, Change]) -> Row:
    return Row(
        name=name,
        cells=tuple(change_cell(figure, changes[figure]) for figure in CHANGE_COLUMNS),
    )


def change_cell(figure: str, change: Change) -> Cell:
    text, _, aside = change_text(figure, change.difference).partition(" ± ")
    return Cell(text=text, aside=f"± {aside}" if aside else "", strong=change.certain)


def theory_rows(findings: Findings) -> list[tuple[str, list[Row]]]:
    """For each queue with a formula, its name and a row for each figure: theory, simulated."""
    words = {True: "inside the interval", False: "outside the interval", None: ""}
    return [
        (
            one.queue,
            [
                Row(
                    name=FIGURES[figure].label,
                    cells=(
                        Cell(text=value_text(figure, compared.theory)),
                        figure_cell(figure, compared.simulated),
                        Cell(text=words[compared.agrees], strong=compared.agrees is False),
                    ),
                )
                for figure, compared in one.figures.items()
            ],
        )
        for one in findings.theory or ()
    ]
