"""``patchbay adapter``: a channel that runs alone, where its telephone system stands."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from config.settings import Settings
from server.cli.failures import stop
from server.cli.places import ConfigOption, make_data_directory, settings_from
from server.interpreter import run
from server.logs import configure_logging

if TYPE_CHECKING:
    from router.edge.settings import EdgeSettings
    from server.branch_process import BranchProcess


def build() -> typer.Typer:
    app = typer.Typer(
        help="Run a channel alone at a branch, with only MQTT to the centre.", no_args_is_help=True
    )
    app.callback()(_only)
    app.command("asterisk")(asterisk)
    return app


def _only() -> None:
    """A name after ``adapter`` says which channel."""


def asterisk(
    *,
    mqtt: Annotated[
        Path,
        typer.Option(
            "--mqtt", help="The MQTT broker (mqtt.yaml); its username is the branch's name."
        ),
    ],
    file: Annotated[
        Path | None,
        typer.Option("--file", help="The telephone systems (default: PATCHBAY_ASTERISK_PATH)."),
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Look after the telephone systems of a branch until Ctrl-C or SIGTERM.

    What the centre has not answered yet is kept in PATCHBAY_DATA_DIRECTORY, on this machine.
    """
    settings = settings_from(config)
    configure_logging(settings.log_format, settings.log_level)
    run(_run(settings, mqtt, file or settings.asterisk_path))


async def _run(settings: Settings, mqtt: Path, file: Path | None) -> None:
    from config.mqtt import MqttRefused, read_mqtt
    from cti_adapters.asterisk.settings_file import PbxsRefused, read_pbxs
    from router.branch.store import BranchFolderUnusable
    from server.branch_process import BranchProcess, BranchRefused, own_systems
    from server.signals import EndSignals

    if file is None:
        stop("Name the telephone systems with --file, or set PATCHBAY_ASTERISK_PATH.")
    try:
        broker = read_mqtt(mqtt)
        own = own_systems(broker, read_pbxs(file))
        make_data_directory(settings)
        with EndSignals():
            await _until_told(BranchProcess(broker, own, folder_of(settings, broker)))
    except (MqttRefused, PbxsRefused, BranchRefused, BranchFolderUnusable) as problem:
        stop(str(problem))


async def _until_told(process: BranchProcess) -> None:
    with suppress(asyncio.CancelledError):
        await process.run()
    typer.echo("The branch has stopped; its calls go on at the telephone system.")


def folder_of(settings: Settings, broker: EdgeSettings) -> Path:
    return settings.data_directory / f"branch-{broker.tenant}-{broker.username}"
