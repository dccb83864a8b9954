"""Where this installation keeps its things, for the commands that work on them directly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from config.settings import Settings, SettingsError, load_settings
from crm.database import Database
from server.cli.failures import stop

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="A file of PATCHBAY_NAME=value lines, besides the environment."),
]


def settings_from(file: Path | None, **given: object) -> Settings:
    """The settings in force. Raises ``CommandFailed``."""
    try:
        return load_settings(file, **{k: v for k, v in given.items() if v is not None})
    except SettingsError as error:
        sentence = str(error)
        stop(sentence[0].upper() + sentence[1:] + ".")


async def open_database(settings: Settings) -> Database:
    """The migrated database, made if there is none yet. Raises ``CommandFailed``."""
    make_data_directory(settings)
    database = Database(settings.database)
    await database.migrate()
    return database


def make_data_directory(settings: Settings) -> None:
    """For its owner only: it holds customers and keys."""
    folder = settings.data_directory
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        stop(f"The data directory {folder} cannot be made: {error.strerror}.")
