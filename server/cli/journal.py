"""``patchbay journal copy``: from one machine's journal into the Redis of a cluster."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from router.cluster.copying import Copied

from config.settings import Settings
from server.cli.failures import FAILED, stop, write_json
from server.cli.places import ConfigOption, open_database, settings_from


def build() -> typer.Typer:
    app = typer.Typer(help="Move what was decided.", no_args_is_help=True)
    app.command("copy")(copy_journal)
    app.command("adopt")(adopt_log)
    return app


def copy_journal(
    journal: Annotated[Path, typer.Argument(help="The journal of the machine, journal.db.")],
    *,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write what was copied to this file.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Copy a journal into the Redis of these settings, which has no log of the tenant yet.

    Nothing may run, neither the machine's service nor a node of the cluster.
    """
    from router.cluster.copying import CopyRefused

    settings = settings_from(config)
    if settings.redis_url is None:
        stop("Name the Redis of the cluster: set PATCHBAY_REDIS_URL.")
    if not journal.is_file():
        stop(f"There is no journal {journal}: name an existing file.")
    try:
        copied = asyncio.run(
            _copied(
                journal,
                settings.redis_url.get_secret_value(),
                settings.tenant,
                settings.redis_replicas,
            )
        )
    except CopyRefused as problem:
        stop(str(problem), code=FAILED)
    typer.echo(
        f"Entries {copied.first} to {copied.last} are in Redis, and give the same state there"
        f" ({copied.contacts} contacts, {copied.state[:16]}). Start the nodes."
    )
    write_json(json_file, copied)


def adopt_log(*, config: ConfigOption = None) -> None:
    """Say that the database of these settings goes with the log that they name from now on.

    Nodes refuse to start with another log than before, which most often is a mistake in their
    settings. It is none when Redis was begun anew. No node may run, with that log or the other.
    """
    settings = settings_from(config)
    last = asyncio.run(_adopted(settings))
    if last is None:
        typer.echo("The database goes with this machine's own journal. Start the service.")
    else:
        typer.echo(f"The database goes with the log in Redis, of {last} entries. Start the nodes.")


async def _adopted(settings: Settings) -> int | None:
    from router.journal.redis import Keys
    from router.journal.redis_address import connect
    from server.log_identity import adopt

    database = await open_database(settings)
    try:
        if settings.redis_url is None:
            return await adopt(database, None, settings.tenant)
        url = settings.redis_url.get_secret_value()
        async with connect(url, Keys.of(settings.tenant).head) as redis:
            return await adopt(database, redis, settings.tenant)
    finally:
        await database.close()


async def _copied(file: Path, url: str, tenant: str, replicas: int) -> Copied:
    from router.cluster.copying import copy
    from router.journal.redis import Keys
    from router.journal.redis_address import connect
    from router.journal.sqlite import SqliteJournal

    journal = await SqliteJournal.open(file)
    try:
        async with connect(url, Keys.of(tenant).head) as redis:
            return await copy(journal, redis, tenant, replicas=replicas)
    finally:
        await journal.close()
