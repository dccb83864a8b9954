"""``patchbay check FILE``: a catalog, flow, scenario, or what an operator wrote of others."""

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
    from config.mqtt import MqttReport
    from config.tenants import TenantsReport
    from cti_adapters.asterisk.settings_file import PbxReport
    from cti_adapters.email.settings_file import MailboxReport
    from cti_adapters.webhook.settings_file import HookReport
    from ivr.connectors.settings_file import ConnectorReport
    from ivr.core.scope import Known, Signature
    from ivr.examination import FlowReport
    from simulator.scenario import Scenario, ScenarioReport

SCENARIO_KEYS: Final = frozenset({"catalog", "starts", "lasts", "arrivals", "staff", "runs"})
"""What scenarios have and catalogs do not."""
PBX_KEY: Final = "pbxs"
MAILBOX_KEY: Final = "mailboxes"
HOOK_KEY: Final = "hooks"
FLOW_KEY: Final = "flow"
CONNECTORS_KEY: Final = "connectors"
MQTT_KEY: Final = "mqtt"
TENANTS_KEY: Final = "tenants"

Parts = tuple[str, ...]
Report: TypeAlias = (
    "CheckReport | FlowReport | ScenarioReport | PbxReport | MailboxReport | HookReport"
    " | ConnectorReport | MqttReport | TenantsReport"
)


def check(
    file: Annotated[
        Path,
        typer.Argument(
            help="A catalog, flow, scenario, or file of systems, mailboxes, webhooks, connectors,"
            " MQTT, tenants"
        ),
    ],
    catalog: Annotated[
        Path | None,
        typer.Option(
            "--catalog",
            help="Systems, mailboxes, webhooks, flows: what they name must be in this catalog.",
        ),
    ] = None,
    connectors: Annotated[
        Path | None,
        typer.Option(
            "--connectors", help="Flows: what they ask of other systems must be in this file."
        ),
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the problems to this file.")
    ] = None,
) -> None:
    """Check what an admin wrote: every problem with its line and what to do."""
    report, parts = _examined(file, catalog, connectors)
    console = Console()
    print_problems(console, report.problems)
    console.print(_verdict(report, parts), markup=False, highlight=False)
    write_json(json_file, {"ok": report.ok, "problems": report.problems})
    if not report.ok:
        raise typer.Exit(BAD_INPUT)


def _examined(file: Path, catalog: Path | None, connectors: Path | None) -> tuple[Report, Parts]:
    """What was found, and what is in it when it is good."""
    keys = _keys_of(file)
    if catalog is not None and not keys & {PBX_KEY, MAILBOX_KEY, HOOK_KEY, FLOW_KEY}:
        stop("Use --catalog with systems, mailboxes, webhooks or a flow, not with this file.")
    if connectors is not None and FLOW_KEY not in keys:
        stop("Use --connectors with a flow: other files ask no other system.")
    known = None if catalog is None else catalog_of(check_file(catalog))
    if PBX_KEY in keys:
        from cti_adapters.asterisk.settings_file import check_file as check_pbxs

        systems = check_pbxs(file, catalog=known)
        return systems, (_count(len(systems.found or ()), "telephone system"),)
    if MAILBOX_KEY in keys:
        from cti_adapters.email.settings_file import check_file as check_mailboxes

        boxes = check_mailboxes(file, catalog=known)
        return boxes, (_count(len(boxes.found or ()), "mailbox", "mailboxes"),)
    if HOOK_KEY in keys:
        from cti_adapters.webhook.settings_file import check_file as check_hooks

        hooks = check_hooks(file, catalog=known)
        return hooks, (_count(len(hooks.found or ()), "webhook"),)
    if FLOW_KEY in keys:
        from ivr.examination import examine

        flow = examine(file, _known_to_flows(known, connectors))
        return flow, _parts_of_flow(flow)
    if CONNECTORS_KEY in keys:
        from ivr.connectors.settings_file import check_file as check_connectors

        systems_asked = check_connectors(file)
        return systems_asked, (_count(len(systems_asked.found or ()), "connector"),)
    if MQTT_KEY in keys:
        from config.mqtt import check_file as check_mqtt

        broker = check_mqtt(file)
        return broker, (_count(len(broker.found.clients), "client") if broker.found else "",)
    if TENANTS_KEY in keys:
        from config.tenants import check_file as check_tenants
        from server.tenants.examining import with_their_own

        found = with_their_own(check_tenants(file))
        return found, (_count(len(found.found.tenants), "tenant") if found.found else "",)
    # By most of its keys; what is wrong with it is told when it is checked.
    if 2 * len(SCENARIO_KEYS & keys) > len(keys):
        from simulator.scenario import check_file as check_scenario

        report = check_scenario(file)
        return report, _parts_of_scenario(report.scenario) if report.scenario else ()
    checked = check_file(file)
    return checked, _parts_of_catalog(checked.catalog) if checked.catalog else ()


def _known_to_flows(catalog: Catalog | None, connectors: Path | None) -> Known:
    """Names of what is not given are not looked up."""
    from ivr.core.scope import Known
    from server.flow_publishing import known_names

    signatures = None if connectors is None else _signatures_in(connectors)
    if catalog is None:
        return Known(connectors=signatures, signatures=signatures or {})
    return known_names(catalog, signatures)


def _signatures_in(file: Path) -> dict[str, Signature]:
    """Raises ``CommandFailed`` when the file has errors."""
    from ivr.connectors.settings_file import check_file as check_connectors

    report = check_connectors(file)
    if report.found is None:
        stop(f"The connectors cannot be used: {report.errors[0]}")
    return {one.id: one.signature for one in report.found}


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


def _count(number: int, noun: str, many: str = "") -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {many or noun + 's'}"
