"""``patchbay serve``."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from config.settings import Settings
from server.allocator import keep_together
from server.cli.failures import stop
from server.cli.places import ConfigOption, installation_from, make_data_directory, tenant_of
from server.interpreter import run
from server.logs import configure_logging

START_AGAIN = 75  # a temporary failure, to whoever supervises processes
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
    settings = installation_from(config, host=host, port=port, catalog_path=catalog)
    configure_logging(settings.log_format, settings.log_level)
    keep_together()
    file = settings.tenants_path
    if file is None:
        run(_serve(settings))
    elif "tenant" in settings.model_fields_set:
        run(_serve(_alone(settings, file)))
    else:
        run(_serve_tenants(settings, file))


async def _serve(settings: Settings) -> None:
    from config.mqtt import MqttRefused
    from cti_adapters.asterisk.settings_file import PbxsRefused
    from cti_adapters.email.settings_file import MailboxesRefused
    from cti_adapters.webhook.settings_file import HooksRefused
    from ivr.connectors.settings_file import ConnectorsRefused
    from router.files import FilesUnavailable
    from router.ports import NotOurVersion
    from server.aside import stand_aside
    from server.bootstrap import running
    from server.catalog_upkeep import CatalogRefused
    from server.flow_upkeep import FlowsRefused
    from server.http_server import PortTaken, listen
    from server.secret import SecretProblem
    from server.serving import NodeEnded
    from server.serving import serve as serve_http
    from server.signals import EndSignals
    from server.somebody import anybody

    try:
        with EndSignals() as signals, listen(settings.host, settings.port) as listening:
            port = listening.getsockname()[1]
            if not await anybody(settings):
                stop(NO_USERS)
            make_data_directory(settings)
            try:
                async with running(settings, port) as patchbay:
                    ready = partial(_say_ready, settings, port)
                    await serve_http(patchbay, listening, signals, ready)
            except NotOurVersion as problem:
                if settings.redis_url is None:
                    raise
                aside = partial(_say_aside, settings, port, str(problem))
                await stand_aside(str(problem), listening, signals, settings.max_frame, aside)
    except NodeEnded as ended:
        stop(str(ended), code=START_AGAIN)
    except asyncio.CancelledError:
        return  # a signal ended the start
    except (
        PortTaken,
        SecretProblem,
        CatalogRefused,
        FlowsRefused,
        ConnectorsRefused,
        FilesUnavailable,
        PbxsRefused,
        MailboxesRefused,
        HooksRefused,
        MqttRefused,
    ) as problem:
        stop(str(problem))


def _alone(settings: Settings, file: Path) -> Settings:
    """One of several tenants in a process of its own: PATCHBAY_TENANT names it."""
    places = ("host", "port", "log_format", "log_level", "max_frame", "node_name")
    same = {name: getattr(settings, name) for name in places}
    return tenant_of(settings, file).model_copy(update=same)


async def _serve_tenants(settings: Settings, file: Path) -> None:
    """All tenants of ``file``, in this one process."""
    from server.http_server import PortTaken
    from server.tenants.serving import CannotServe, Ready, serve_tenants

    async def say(ready: Ready) -> None:
        for tenant, reason in ready.not_served.items():
            typer.echo(f"Tenant {tenant} is not served yet: {reason}", err=True)
        typer.echo(
            f"Patchbay is ready on {_address(settings.host, ready.port)}"
            f" for {ready.served} of {ready.served + len(ready.not_served)} tenants"
        )

    make_data_directory(settings)
    try:
        await serve_tenants(settings, file, say)
    except asyncio.CancelledError:
        return  # a signal ended the start
    except (CannotServe, PortTaken) as problem:
        stop(str(problem))


async def _say_ready(settings: Settings, port: int) -> None:
    typer.echo(f"Patchbay is ready on {_address(settings.host, port)}")


async def _say_aside(settings: Settings, port: int, reason: str) -> None:
    typer.echo(f"Patchbay stands aside on {_address(settings.host, port)}: {reason}", err=True)


def _address(host: str, port: int) -> str:
    named = f"[{host}]" if ":" in host else host
    return f"http://{named}:{port}"
