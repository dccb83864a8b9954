"""``patchbay asterisk``: what an admin adds to a telephone system, and whether it is all there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from config.settings import Settings
from server.cli.failures import FAILED, stop, write_json
from server.cli.places import ConfigOption, make_data_directory, settings_from

if TYPE_CHECKING:
    from cti_adapters.asterisk.ami.client import AmiClient
    from cti_adapters.asterisk.examination import Finding
    from cti_adapters.asterisk.settings import PbxSettings
    from router.core.catalog import Catalog

SECRET_BYTES: Final = 24
PATIENCE: Final = 15.0  # seconds for a telephone system to let us in
SHAPES: Final = {"right": "✓", "missing": "✗", "unknown": "?"}
STYLES: Final = {"right": "green", "missing": "red", "unknown": "yellow"}

FileOption = Annotated[
    Path | None,
    typer.Option("--file", help="The telephone systems (default: PATCHBAY_ASTERISK_PATH)."),
]
PbxOption = Annotated[
    str, typer.Option("--pbx", help="Only this one of them, by its id.", metavar="NAME")
]
CatalogOption = Annotated[
    Path | None, typer.Option("--catalog", help="The agents (default: the catalog in force).")
]


def build() -> typer.Typer:
    app = typer.Typer(help="Connect a telephone system (Asterisk, FreePBX).", no_args_is_help=True)
    app.command("dialplan")(dialplan)
    app.command("manager")(manager)
    app.command("phones")(phones)
    app.command("check")(check)
    return app


def dialplan(
    *,
    freepbx: Annotated[bool, typer.Option("--freepbx", help="As FreePBX wants it.")] = False,
    file: FileOption = None,
    pbx: PbxOption = "",
    config: ConfigOption = None,
) -> None:
    """Print the lines that lead calls to Patchbay, for extensions.conf."""
    from cti_adapters.asterisk.dialplan import dialplan as lines

    for one in _titled(_chosen_or_usual(settings_from(config), file, pbx)):
        typer.echo(lines(one, freepbx=freepbx), nl=False)


def manager(
    *,
    come_from: Annotated[
        str,
        typer.Option("--from", help="The address Patchbay connects from.", metavar="ADDRESS"),
    ] = "",
    file: FileOption = None,
    pbx: PbxOption = "",
    config: ConfigOption = None,
) -> None:
    """Print the user that Patchbay logs in as, with the least rights, for manager.conf."""
    from cti_adapters.asterisk.provisioning import manager_user

    for one in _titled(_chosen_or_usual(settings_from(config), file, pbx)):
        typer.echo(manager_user(one, _permitted(one, come_from)), nl=False)


def phones(
    *,
    catalog: CatalogOption = None,
    file: FileOption = None,
    pbx: PbxOption = "",
    config: ConfigOption = None,
) -> None:
    """Print an endpoint for every agent who takes calls, with its password, for pjsip.conf."""
    from cti_adapters.asterisk.phone_secrets import PURPOSE, phone_password
    from cti_adapters.asterisk.provisioning import phone_lines, phone_users
    from server.secret import derived

    settings = settings_from(config)
    systems = _chosen(settings, file, pbx)
    known = _catalog(settings, catalog)
    if known is None:
        stop("There is no catalog yet: name one with --catalog.")
    key = derived(_secret(settings), PURPOSE)
    for one in _titled(systems):
        users = phone_users(one, known)
        passwords = [(user, phone_password(key, one.id, user.agent)) for user in users]
        typer.echo(phone_lines(passwords), nl=False)


def check(
    *,
    catalog: CatalogOption = None,
    file: FileOption = None,
    pbx: PbxOption = "",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the findings to this file.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Ask each telephone system what is right about it and what is missing, once the file that
    describes them goes with the catalog.
    """
    settings = settings_from(config)
    known = _catalog(settings, catalog)
    systems = _chosen(settings, file, pbx, known)
    findings = asyncio.run(_examined(systems, known))
    write_json(json_file, {"findings": findings})
    if any(one.verdict == "missing" for found in findings.values() for one in found):
        raise typer.Exit(FAILED)


# -- what the commands work on ------------------------------------------------------------------


def _chosen(
    settings: Settings, file: Path | None, pbx: str, catalog: Catalog | None = None
) -> tuple[PbxSettings, ...]:
    """Those that are described; with a ``catalog`` what they name must be in it."""
    from cti_adapters.asterisk.settings_file import PbxsRefused, read_pbxs

    path = file or settings.asterisk_path
    if path is None:
        stop("No telephone system is named: use --file or set PATCHBAY_ASTERISK_PATH.")
    try:
        systems = read_pbxs(path, catalog=catalog)
    except PbxsRefused as problem:
        stop(str(problem))
    if not pbx:
        return systems
    found = tuple(one for one in systems if one.id == pbx)
    if not found:
        stop(f"{path} has no telephone system '{pbx}': it has {', '.join(s.id for s in systems)}.")
    return found


def _chosen_or_usual(settings: Settings, file: Path | None, pbx: str) -> tuple[PbxSettings, ...]:
    """Before anything is written down: one with a new secret, and everything else as usual."""
    from cti_adapters.asterisk.ami.settings import AmiSettings
    from cti_adapters.asterisk.settings import PbxSettings

    if file is not None or settings.asterisk_path is not None or pbx:
        return _chosen(settings, file, pbx)
    return (PbxSettings(ami=AmiSettings(secret=token_urlsafe(SECRET_BYTES))),)


def _titled(systems: tuple[PbxSettings, ...]) -> tuple[PbxSettings, ...]:
    """The same; of several, the reader is told that each has its own."""
    if len(systems) > 1:
        names = ", ".join(one.id for one in systems)
        Console(stderr=True).print(
            f"For {names}, in this order; name one with --pbx.", markup=False, highlight=False
        )
    return systems


def _permitted(system: PbxSettings, come_from: str) -> str:
    """An address with its mask. Raises ``CommandFailed``."""
    from cti_adapters.asterisk.settings_file.checks import is_loopback

    if not come_from and is_loopback(system.ami.host):
        come_from = "::1" if ":" in system.ami.host else "127.0.0.1"
    if not come_from:
        stop(f"Say with --from which address Patchbay has as {system.ami.host} sees it.")
    try:
        network = ip_network(come_from, strict=False)
    except ValueError:
        stop("Write --from as an address, such as 192.0.2.7.")
    return f"{network.network_address}/{network.netmask}"


def _secret(settings: Settings) -> bytes:
    from server.secret import SecretProblem, secret_in_force

    make_data_directory(settings)
    try:
        return secret_in_force(settings)
    except SecretProblem as problem:
        stop(str(problem))


def _catalog(settings: Settings, file: Path | None) -> Catalog | None:
    """The one that is named, else the one published last; None when there is none."""
    from config.catalog import check_file, check_text
    from server.cli.catalog import catalog_of

    path = file or settings.catalog_path
    if path is not None:
        report = check_file(path)
    else:
        source = asyncio.run(_published(settings))
        if source is None:
            return None
        report = check_text(source)
    return catalog_of(report)


async def _published(settings: Settings) -> str | None:
    """The source of the catalog that was published last. Nothing is made by looking."""
    from crm.database import Database, stored_at
    from server.catalog_versions import CatalogVersions

    if not stored_at(settings.database):
        return None
    database = Database(settings.database)
    try:
        await database.migrate()
        versions = CatalogVersions(database)
        version, _ = await versions.newest(up_to=1 << 62)
        return await versions.source(version)
    finally:
        await database.close()


# -- asking the telephone systems ---------------------------------------------------------------


async def _examined(
    systems: tuple[PbxSettings, ...], catalog: Catalog | None
) -> dict[str, list[Finding]]:
    console = Console()
    found: dict[str, list[Finding]] = {}
    for one in systems:
        console.print(f"{one.id} ({one.ami.place})", style="bold", markup=False, highlight=False)
        found[one.id] = []
        async for finding in _findings(one, catalog):
            found[one.id].append(finding)
            line = f"  {SHAPES[finding.verdict]} {finding.sentence}"
            style = STYLES[finding.verdict]
            console.print(line, style=style, markup=False, highlight=False, soft_wrap=True)
    return found


async def _findings(system: PbxSettings, catalog: Catalog | None) -> AsyncIterator[Finding]:
    """Ends with the reason when the connection fails."""
    from cti_adapters.asterisk.ami.client import ActionFailed, ActionTimedOut, AmiDown
    from cti_adapters.asterisk.examination import Finding, examine

    try:
        async with _connected(system) as client:
            async for finding in examine(system, client, catalog):
                yield finding
    except (ActionFailed, ActionTimedOut, AmiDown) as problem:
        yield Finding(verdict="missing", sentence=str(problem))


@asynccontextmanager
async def _connected(system: PbxSettings) -> AsyncIterator[AmiClient]:
    """Raises ``AmiDown`` when there is no way in: at the first reason, not after many tries."""
    from cti_adapters.asterisk.ami.client import AmiClient, AmiDown

    outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def settle(problem: str) -> None:
        if not outcome.done():
            outcome.set_result(problem)

    async def up() -> None:
        settle("")

    client = AmiClient(system.ami, on_event=lambda _: None, on_up=up, on_down=settle)
    await client.start()
    try:
        problem = await asyncio.wait_for(outcome, PATIENCE)
        if problem:
            raise AmiDown(problem)
        yield client
    except TimeoutError:
        raise AmiDown(f"{system.ami.place} did not answer in {PATIENCE:.0f} s.") from None
    finally:
        await client.stop()
