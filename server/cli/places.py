"""Where this installation keeps its things, for the commands that work on them directly."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, NoReturn

import typer

from config.settings import Settings, SettingsError, load_settings
from crm.database import Database
from server.cli.failures import stop

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="A file of PATCHBAY_NAME=value lines, besides the environment."),
]


def settings_from(file: Path | None, **given: object) -> Settings:
    """The settings in force: where there are several tenants, those of the one that is named.
    Raises ``CommandFailed``.
    """
    settings = installation_from(file, **given)
    if settings.tenants_path is None:
        return settings
    if "tenant" not in settings.model_fields_set:
        stop("There are several tenants here: say which by PATCHBAY_TENANT=NAME.")
    return tenant_of(settings, settings.tenants_path)


def installation_from(file: Path | None, **given: object) -> Settings:
    """What holds for all tenants, or for the only one. Raises ``CommandFailed``."""
    try:
        return load_settings(file, **{k: v for k, v in given.items() if v is not None})
    except SettingsError as error:
        _refuse(error)


def every_tenant(settings: Settings, file: Path) -> list[Settings]:
    """Those of the tenant that is named, or of all of ``file``. Raises ``CommandFailed``."""
    from config.tenants import TenantsRefused, read_tenants, settings_of

    if "tenant" in settings.model_fields_set:
        return [tenant_of(settings, file)]
    try:
        tenants = read_tenants(file).tenants
        return [settings_of(one, settings, settings.port) for one in tenants]
    except TenantsRefused as problem:
        stop(str(problem))
    except SettingsError as error:
        _refuse(error)


def tenant_of(settings: Settings, file: Path) -> Settings:
    """Those of the tenant that ``settings`` name. Raises ``CommandFailed``."""
    from config.tenants import TenantsRefused, read_tenants, settings_of

    try:
        tenants = read_tenants(file)
        found = tenants.named(settings.tenant)
        if found is None:
            known = ", ".join(one.id for one in tenants.tenants)
            stop(f"There is no tenant {settings.tenant} in {file}: take one of {known}.")
        return settings_of(found, settings, settings.port)
    except TenantsRefused as problem:
        stop(str(problem))
    except SettingsError as error:
        _refuse(error)


def _refuse(error: SettingsError) -> NoReturn:
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
