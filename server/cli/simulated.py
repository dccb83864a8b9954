"""The findings of a simulation in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from simulator.agreement import Agreement, sentence
from simulator.comparison import Change
from simulator.figures import SERVICE_LEVEL_FORMULA
from simulator.findings import Alternative, Findings
from simulator.replications import Experiment
from simulator.scenario import Scenario
from simulator.summary import EVERYBODY
from simulator.wording import (
    FIGURES,
    change_text,
    figure_text,
    left_out,
    overload_sentences,
    runs_text,
    sections,
    value_text,
)

COLUMNS: Final = ("mean_wait", "wait_90", "service_level", "abandonment")
PLURALS: Final = {"queue": "queues", "tier": "tiers", "stream": "sharing a queue"}
MOST_OVERLOADS: Final = 8
WIDTH: Final = 120  # where it goes to a file

Cell = Callable[[str, str], Text]
"""Of a group and a figure."""


def print_findings(findings: Findings) -> None:
    console = Console()
    if not console.is_terminal:
        console = Console(width=max(console.width, WIDTH))
    scenario, experiment = findings.scenario, findings.experiment
    _print_experiment(console, scenario, experiment)
    if findings.theory is not None:
        _print_theory(console, findings.theory)
    if findings.alternative is not None:
        _print_changes(console, scenario, findings.alternative)
    _print_how_to_read(console, experiment)


# -- what was simulated -----------------------------------------------------------------------


def _print_experiment(console: Console, scenario: Scenario, experiment: Experiment) -> None:
    _say(console, experiment.scenario, style="bold")
    _say(console, f"{runs_text(experiment)} {_seeds(experiment)}")
    for text in _overloads(scenario, experiment):
        _say(console, text, style="yellow")

    def cell(group: str, figure: str) -> Text:
        return Text(figure_text(figure, experiment.figures[group][figure]))

    def contacts(group: str) -> str:
        return f"{_contacts(experiment, group):,.1f}"

    groups = experiment.figures
    console.print(_table(scenario, groups, COLUMNS, cell, ("contacts", contacts)))
    busy = figure_text("occupancy", experiment.occupancy)
    longest = max((run.longest_line for run in experiment.runs), default=0)
    _say(console, f"Occupancy {busy}; the longest line of any run had {longest:,} contacts.")
    for text in left_out(experiment.runs):
        _say(console, text)


def _seeds(experiment: Experiment) -> str:
    first, last = experiment.runs[0].seed, experiment.runs[-1].seed
    return f"Seed {first}." if first == last else f"Seeds {first} to {last}."


def _overloads(scenario: Scenario, experiment: Experiment) -> list[str]:
    found = [f"▲ {text}" for text in overload_sentences(experiment, scenario)]
    if len(found) > MOST_OVERLOADS:
        more = len(found) - MOST_OVERLOADS
        found[MOST_OVERLOADS:] = [f"▲ … and so for {more} other sets of streams."]
    return found


def _contacts(experiment: Experiment, group: str) -> float:
    """A run, on average."""
    there = [run.groups[group].tally.contacts for run in experiment.runs if group in run.groups]
    return sum(there) / len(experiment.runs)


# -- tables -----------------------------------------------------------------------------------


def _table(
    scenario: Scenario,
    groups: Collection[str],
    figures: Sequence[str],
    cell: Cell,
    first: tuple[str, Callable[[str], str]] | None = None,
) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for heading in ([first[0]] if first else []) + [FIGURES[figure].label for figure in figures]:
        table.add_column(heading, justify="right")

    def add(name: str, group: str) -> None:
        cells = [cell(group, figure) for figure in figures]
        table.add_row(Text(name), *([first[1](group)] if first else []), *cells)

    add("all contacts", EVERYBODY)
    for section in sections(scenario, groups):
        table.add_row(Text(PLURALS[section.kind], style="bold"))
        for name, group in section.rows:
            add(f"  {name}", group)
    return table


# -- beside it --------------------------------------------------------------------------------


def _print_theory(console: Console, theory: Sequence[Agreement]) -> None:
    _say(console, "\nTheory", style="bold")
    for agreement in theory:
        _say(console, sentence(agreement))
        if agreement.figures:
            console.print(_agreement_table(agreement))
        for note in agreement.notes:
            _say(console, note)


def _agreement_table(agreement: Agreement) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 2))
    for heading in ("", agreement.formula, "simulated", ""):
        table.add_column(heading, justify="right" if heading else "left")
    for figure, one in agreement.figures.items():
        verdict = {True: "inside", False: "outside", None: ""}[one.agrees]
        table.add_row(
            FIGURES[figure].label,
            value_text(figure, one.theory),
            figure_text(figure, one.simulated),
            Text(verdict, style="" if one.agrees else "yellow"),
        )
    return table


def _print_changes(console: Console, scenario: Scenario, other: Alternative) -> None:
    changes = other.changes
    _say(console, f"\nWhat {other.experiment.scenario} changes", style="bold")

    def cell(group: str, figure: str) -> Text:
        change = changes[group][figure]
        return _change(figure, change).append("" if change.certain else "  ")

    console.print(_table(scenario, changes, COLUMNS, cell))
    console.print(Text("Occupancy ").append(_change("occupancy", other.occupancy)).append("."))
    _say(console, "* is more than chance: the interval of the difference excludes 0.")


def _change(figure: str, change: Change) -> Text:
    text = change_text(figure, change.difference)
    return Text(f"{text} *", style="bold") if change.certain else Text(text)


def _print_how_to_read(console: Console, experiment: Experiment) -> None:
    share = f"{experiment.plan.confidence * 100:.3g} %"
    _say(
        console, f"\n± is the {share} confidence interval. Service level: {SERVICE_LEVEL_FORMULA}."
    )


def _say(console: Console, text: str, *, style: str = "") -> None:
    console.print(text, style=style, markup=False, highlight=False, soft_wrap=True)
