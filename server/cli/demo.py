"""``patchbay demo``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from server.cli.failures import stop
from server.interpreter import run
from server.logs import configure_logging


def demo(
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Preferred port; another is taken if it is busy.")
    ] = 8080,
    keep: Annotated[
        Path | None, typer.Option(help="Keep the data in this directory, and go on from it.")
    ] = None,
    calls: Annotated[float, typer.Option(min=0, max=600, help="Simulated calls a minute.")] = 6.0,
    chats: Annotated[float, typer.Option(min=0, max=600, help="Simulated chats a minute.")] = 2.5,
    *,
    colleagues: Annotated[
        bool, typer.Option(help="Simulated colleagues take contacts as well.")
    ] = True,
    verbose: Annotated[bool, typer.Option("--verbose", help="Show the log.")] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write address and sign-ins to this file.")
    ] = None,
) -> None:
    """Run a whole contact centre on this machine, with simulated customers, until Ctrl-C."""
    from cti_adapters.asterisk.settings_file import PbxsRefused
    from cti_adapters.email.settings_file import MailboxesRefused
    from cti_adapters.webhook.settings_file import HooksRefused
    from ivr.connectors.settings_file import ConnectorsRefused
    from server.catalog_upkeep import CatalogRefused
    from server.demo import DemoPlan, run_demo
    from server.flow_upkeep import FlowsRefused
    from server.http_server import PortTaken
    from server.secret import SecretProblem

    level = "info" if verbose else "warning"
    configure_logging("console", level)
    plan = DemoPlan(
        port=port,
        keep=keep,
        calls_per_minute=calls,
        chats_per_minute=chats,
        colleagues=colleagues,
        log_level=level,
        json_file=json_file,
    )
    try:
        run(run_demo(plan))
    except asyncio.CancelledError:
        return  # a signal ended the start
    except (
        PortTaken,
        SecretProblem,
        CatalogRefused,
        FlowsRefused,
        ConnectorsRefused,
        PbxsRefused,
        MailboxesRefused,
        HooksRefused,
        OSError,
    ) as problem:
        stop(str(problem))
