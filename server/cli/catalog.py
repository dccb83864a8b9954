"""``patchbay check FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from config.catalog import CheckReport, check_file
from config.files import read_file
from config.problems import ProblemList
from config.yaml_nodes import Mapping, read_yaml
from router.core.catalog import Catalog
from server.cli.failures import BAD_INPUT, print_problems, write_json

if TYPE_CHECKING:
    from simulator.scenario import Scenario, ScenarioReport

SCENARIO_KEYS: Final = frozenset({"catalog", "starts", "lasts", "arrivals", "staff", "runs"})
"""What scenarios have and catalogs do not."""


def check(
    file: Annotated[Path, typer.Argument(help="A catalog or a scenario in YAML.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the problems to this file.")
    ] = None,
) -> None:
    """Check a catalog or a scenario: every problem with its line and what to do."""
    report = _report_on(file)
    console = Console()
    print_problems(console, report.problems)
    console.print(_verdict(report), markup=False, highlight=False)
    write_json(json_file, {"ok": report.ok, "problems": report.problems})
    if not report.ok:
        raise typer.Exit(BAD_INPUT)


def _report_on(file: Path) -> CheckReport | ScenarioReport:
    if not _is_scenario(file):
        return check_file(file)
    from simulator.scenario import check_file as check_scenario

    return check_scenario(file)


def _is_scenario(file: Path) -> bool:
    """By most of its keys; what is wrong with it is told when it is checked."""
    silent = ProblemList("")
    source = read_file(file, silent)
    root = read_yaml(source, silent) if source is not None else None
    if not isinstance(root, Mapping):
        return False
    return 2 * len(SCENARIO_KEYS & root.entries.keys()) > len(root.entries)


def _verdict(report: CheckReport | ScenarioReport) -> str:
    checked = report.catalog if isinstance(report, CheckReport) else report.scenario
    if checked is None:
        return f"{report.file} cannot be used: {_count(len(report.errors), 'error')}."
    parts = (*_parts(checked), _count(len(report.warnings), "warning"))
    return f"{report.file} is good: {', '.join(parts)}."


def _parts(checked: Catalog | Scenario) -> tuple[str, ...]:
    if isinstance(checked, Catalog):
        return (
            _count(len(checked.queues), "queue"),
            _count(len(checked.profiles), "profile"),
            _count(len(checked.agents), "agent"),
        )
    contacts = sum(stream.expected for stream in checked.streams)
    return (
        _count(len(checked.streams), "stream"),
        f"{contacts:,.0f} contacts to expect",
        _count(len(checked.staff), "agent"),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
