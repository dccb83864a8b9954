"""``patchbay check FILE``: a catalog, a flow, a scenario, or a file of telephone systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

import typer
from rich.console import Console

from config.catalog import CheckReport, check_file
from config.files import read_file
from config.problems import ProblemList
from config.yaml_nodes import Mapping, read_yaml
from router.core.catalog import Catalog
from server.cli.failures import BAD_INPUT, print_problems, stop, write_json

if TYPE_CHECKING:
    from cti_adapters.asterisk.settings_file import PbxReport
    from ivr.examination import FlowReport
    from simulator.scenario import Scenario, ScenarioReport

SCENARIO_KEYS: Final = frozenset({"catalog", "starts", "lasts", "arrivals", "staff", "runs"})
"""What scenarios have and catalogs do not."""
PBX_KEY: Final = "pbxs"
FLOW_KEY: Final = "flow"

Parts = tuple[str, ...]
Report: TypeAlias = "CheckReport | FlowReport | ScenarioReport | PbxReport"


def check(
    file: Annotated[
        Path,
        typer.Argument(help="A catalog, flow, scenario or file of telephone systems in YAML."),
    ],
    catalog: Annotated[
        Path | None,
        typer.Option(
            "--catalog", help="Telephone systems and flows: what they name must be in this catalog."
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the problems to this file.")
    ] = None,
) -> None:
    """Check what an admin wrote: every problem with its line and what to do."""
    report, parts = _examined(file, catalog)
    console = Console()
    print_problems(console, report.problems)
    console.print(_verdict(report, parts), markup=False, highlight=False)
    write_json(json_file, {"ok": report.ok, "problems": report.problems})
    if not report.ok:
        raise typer.Exit(BAD_INPUT)


def _examined(file: Path, catalog: Path | None) -> tuple[Report, Parts]:
    """What was found, and what is in it when it is good."""
    keys = _keys_of(file)
    if catalog is not None and not keys & {PBX_KEY, FLOW_KEY}:
        stop("Use --catalog with telephone systems or a flow: other files stand by themselves.")
    known = None if catalog is None else catalog_of(check_file(catalog))
    if PBX_KEY in keys:
        from cti_adapters.asterisk.settings_file import check_file as check_pbxs

        systems = check_pbxs(file, catalog=known)
        return systems, (_count(len(systems.pbxs or ()), "telephone system"),)
    if FLOW_KEY in keys:
        from ivr.examination import examine
        from server.flow_publishing import known_names

        flow = examine(file, None if known is None else known_names(known))
        return flow, _parts_of_flow(flow)
    # By most of its keys; what is wrong with it is told when it is checked.
    if 2 * len(SCENARIO_KEYS & keys) > len(keys):
        from simulator.scenario import check_file as check_scenario

        report = check_scenario(file)
        return report, _parts_of_scenario(report.scenario) if report.scenario else ()
    checked = check_file(file)
    return checked, _parts_of_catalog(checked.catalog) if checked.catalog else ()


def catalog_of(report: CheckReport) -> Catalog:
    """Raises ``CommandFailed`` when it has errors."""
    if report.catalog is None:
        stop(f"The catalog cannot be used: {report.errors[0]}")
    return report.catalog


def _keys_of(file: Path) -> set[str]:
    silent = ProblemList("")
    source = read_file(file, silent)
    root = read_yaml(source, silent) if source is not None else None
    return set(root.entries) if isinstance(root, Mapping) else set()


def _verdict(report: Report, parts: Parts) -> str:
    if not report.ok:
        return f"{report.file} cannot be used: {_count(len(report.errors), 'error')}."
    told = (*parts, _count(len(report.warnings), "warning"))
    return f"{report.file} is good: {', '.join(told)}."


def _parts_of_catalog(catalog: Catalog) -> Parts:
    return (
        _count(len(catalog.queues), "queue"),
        _count(len(catalog.profiles), "profile"),
        _count(len(catalog.agents), "agent"),
    )


def _parts_of_flow(report: FlowReport) -> Parts:
    walked = report.coverage
    if report.flow is None or walked is None:
        return ()
    nodes = f"{walked.nodes_walked} of {_count(walked.nodes, 'node')} walked"
    return _count(report.tests, "test") + " passed", nodes


def _parts_of_scenario(scenario: Scenario) -> Parts:
    contacts = sum(stream.expected for stream in scenario.streams)
    return (
        _count(len(scenario.streams), "stream"),
        f"{contacts:,.0f} contacts to expect",
        _count(len(scenario.staff), "agent"),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
