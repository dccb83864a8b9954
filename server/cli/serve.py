"""``patchbay serve``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from config.settings import Settings
from server.cli.failures import stop
from server.cli.places import ConfigOption, make_data_directory, settings_from
from server.logs import configure_logging

NO_USERS = (
    "Nobody could sign in: add a first user with "
    "`patchbay user add NAME --role admin --role supervisor`, then start again."
)


def serve(
    config: ConfigOption = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="The port; 0 takes any free one.")
    ] = None,
    catalog: Annotated[
        Path | None, typer.Option(help="A catalog to put in force, if it is not already.")
    ] = None,
) -> None:
    """Run the service until Ctrl-C or SIGTERM."""
    settings = settings_from(config, host=host, port=port, catalog_path=catalog)
    configure_logging(settings.log_format, settings.log_level)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    from cti_adapters.asterisk.settings_file import PbxsRefused
    from server.bootstrap import running
    from server.catalog_upkeep import CatalogRefused
    from server.flow_upkeep import FlowsRefused
    from server.http_server import PortTaken, listen
    from server.secret import SecretProblem
    from server.serving import serve as serve_http
    from server.signals import EndSignals

    try:
        with EndSignals() as signals, listen(settings.host, settings.port) as listening:
            port = listening.getsockname()[1]
            if not await _anybody(settings):
                stop(NO_USERS)
            make_data_directory(settings)
            async with running(settings, port) as patchbay:
                await serve_http(patchbay, listening, signals, lambda: _say_ready(settings, port))
    except asyncio.CancelledError:
        return  # a signal ended the start
    except (PortTaken, SecretProblem, CatalogRefused, FlowsRefused, PbxsRefused) as problem:
        stop(str(problem))


async def _anybody(settings: Settings) -> bool:
    """Whether somebody could sign in. Where nothing was stored yet, nothing is made by looking."""
    from crm.database import Database, stored_at
    from server.accounts import AccountStore

    if not stored_at(settings.database):
        return False
    database = Database(settings.database)
    try:
        await database.migrate()
        return await AccountStore(database).count_users() > 0
    finally:
        await database.close()


async def _say_ready(settings: Settings, port: int) -> None:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    typer.echo(f"Patchbay is ready on http://{host}:{port}")
