"""``patchbay simulate SCENARIO``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer
from rich.console import Console

from server.cli.failures import FAILED, print_problems, require_place, stop, write_json, write_text
from server.cli.options import FiguresFile, ReportFile

if TYPE_CHECKING:
    from simulator.replications import Experiment
    from simulator.scenario import Scenario


class Yardstick(StrEnum):
    THEORY = "theory"


def simulate(
    file: Annotated[Path, typer.Argument(metavar="SCENARIO", help="A scenario in YAML.")],
    *,
    runs: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="Exactly so many runs, whatever the scenario says."),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, max=999_999_999, help="The luck of the first run.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, max=256, help="Processes (default: one a processor).")
    ] = None,
    json_file: FiguresFile = None,
    report: ReportFile = None,
    compare: Annotated[
        Yardstick | None, typer.Option(help="Hold every queue against the formula that fits it.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="SCENARIO", help="What another scenario changes, with the same luck."),
    ] = None,
) -> None:
    """Simulate a contact centre again and again until its figures are known well enough."""
    from server.cli.simulated import print_findings
    from simulator.agreement import agreements
    from simulator.findings import Findings, alternative, as_often_as

    for place in (json_file, report):
        require_place(place)
    scenario = _with_plan(_scenario_in(file), runs, seed)
    other = _scenario_in(against) if against is not None else None
    experiment = _experiment(scenario, workers)
    findings = Findings(
        scenario=scenario,
        experiment=experiment,
        theory=tuple(agreements(scenario, experiment)) if compare is not None else None,
        alternative=alternative(experiment, _experiment(as_often_as(other, experiment), workers))
        if other is not None
        else None,
    )
    print_findings(findings)
    write_json(json_file, findings.plain())
    if report is not None:
        from simulator.report import render

        write_text(report, render(findings))


def _scenario_in(file: Path) -> Scenario:
    """Its warnings are printed, but those about load, which come with the figures."""
    from simulator.scenario import check_file, overloads
    from simulator.scenario.service_checks import overload_text

    report = check_file(file)
    console = Console(stderr=True)
    if report.scenario is None:
        print_problems(console, report.problems)
        stop(f"{report.file} cannot be simulated: correct what is said above.")
    scenario = report.scenario
    told_later = {overload_text(one, scenario.zone) for one in overloads(scenario)}
    print_problems(console, (one for one in report.problems if one.what not in told_later))
    if told_later:
        console.print(
            "At times there is more work than people can do: lines will grow, as is told below.",
            style="yellow",
        )
    return scenario


def _with_plan(scenario: Scenario, runs: int | None, seed: int | None) -> Scenario:
    plan = scenario.plan
    if seed is not None:
        plan = msgspec.structs.replace(plan, seed=seed)
    if runs is not None:
        plan = msgspec.structs.replace(plan, at_least=runs, at_most=runs, within=None)
    return msgspec.structs.replace(scenario, plan=plan)


def _experiment(scenario: Scenario, workers: int | None) -> Experiment:
    from server.cli.watching import watch_runs
    from simulator.replications import replicate
    from simulator.workers import WorkerLost

    try:
        with watch_runs(scenario) as progress:
            return replicate(scenario, workers=workers, progress=progress)
    except WorkerLost as lost:
        stop(str(lost), FAILED)
