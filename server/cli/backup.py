"""``patchbay backup FOLDER`` and ``patchbay restore FOLDER``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from router.clock import SystemClock
from server.backup import BackupProblem, Manifest, put_back, take
from server.cli.failures import FAILED, stop, write_json
from server.cli.places import ConfigOption, make_data_directory, settings_from

JsonOption = Annotated[
    Path | None, typer.Option("--json", help="Also write what the backup holds to this file.")
]
DUMP_FIRST = (
    "The customers are in PostgreSQL and not in this backup: dump it by pg_dump before each"
    " backup, never after."
)
RESTORE_FIRST = "The customers are in PostgreSQL: put its dump back before you start the service."


def backup(
    folder: Annotated[Path, typer.Argument(help="The folder to make; it must not exist yet.")],
    *,
    json_file: JsonOption = None,
    config: ConfigOption = None,
) -> None:
    """Copy everything this installation keeps while its service runs."""
    try:
        manifest = take(settings_from(config), folder, SystemClock().now())
    except BackupProblem as problem:
        stop(str(problem), code=FAILED)
    typer.echo(f"The backup is in {folder}: {_contents(manifest)}.")
    if not manifest.database:
        typer.echo(DUMP_FIRST)
    write_json(json_file, manifest)


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `patchbay backup` has made.")],
    *,
    config: ConfigOption = None,
) -> None:
    """Put a backup where these settings keep things; what is there is never replaced."""
    settings = settings_from(config)
    make_data_directory(settings)
    try:
        manifest = put_back(settings, folder)
    except BackupProblem as problem:
        stop(str(problem), code=FAILED)
    typer.echo(f"{folder} is back: {_contents(manifest)}. Start the service.")
    if not manifest.database:
        typer.echo(RESTORE_FIRST)


def _contents(manifest: Manifest) -> str:
    return (
        f"{manifest.entries} entries of the journal, {manifest.files} files,"
        f" {manifest.recordings} recordings"
    )
