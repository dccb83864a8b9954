"""``patchbay export customers FILE.csv``."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from config.settings import Settings
from crm.exporter import export_customers as pieces_of_csv
from server.cli.failures import stop
from server.cli.places import ConfigOption, open_database, settings_from


def build() -> typer.Typer:
    app = typer.Typer(help="Take out what you have.", no_args_is_help=True)
    app.callback()(_group)
    app.command("customers")(export_customers)
    return app


def _group() -> None:
    """Keeps ``customers`` a subcommand although it is the only one."""


def export_customers(
    file: Annotated[Path, typer.Argument(help="The CSV file to write; it must not exist yet.")],
    *,
    config: ConfigOption = None,
) -> None:
    """Write every customer to a file that `patchbay import customers` reads."""
    asyncio.run(_run(file, settings_from(config)))
    typer.echo(f"The customers are in {file}.")


async def _run(file: Path, settings: Settings) -> None:
    database = await open_database(settings)
    try:
        with os.fdopen(_new_private(file), "w", encoding="utf-8", newline="") as out:
            async for piece in pieces_of_csv(database):
                out.write(piece)
    except OSError as error:
        stop(f"{file} cannot be written: {error.strerror}.")
    finally:
        await database.close()


def _new_private(file: Path) -> int:
    """An open new file that only its owner reads: it will be full of names and numbers."""
    return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
