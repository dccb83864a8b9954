"""``patchbay import customers FILE.csv``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config.settings import Settings
from crm.csv_rows import CsvProblem
from crm.importer import Importer, ImportReport
from router.clock import SystemClock
from server.cli.failures import BAD_INPUT, stop, write_json
from server.cli.places import ConfigOption, open_database, settings_from

SHOWN_ERRORS = 20


def build() -> typer.Typer:
    app = typer.Typer(help="Bring in what you have.", no_args_is_help=True)
    app.callback()(_group)
    app.command("customers")(import_customers)
    return app


def _group() -> None:
    """Keeps ``customers`` a subcommand although it is the only one."""


def import_customers(
    file: Annotated[Path, typer.Argument(help="A CSV file; its first line names the columns.")],
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every row and change nothing.")
    ] = False,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the report to this file.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Import customers; importing a file again changes nothing."""
    report = asyncio.run(_run(file, settings_from(config), dry_run=dry_run))
    _print(report)
    write_json(json_file, report)
    if report.rejected:
        raise typer.Exit(BAD_INPUT)


async def _run(file: Path, settings: Settings, *, dry_run: bool) -> ImportReport:
    database = await open_database(settings)
    importer = Importer(database, SystemClock(), region=settings.region)
    columns = (TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    try:
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("", total=None)
            return await importer.run(
                file,
                dry_run=dry_run,
                progress=lambda done, total: progress.update(task, completed=done, total=total),
            )
    except CsvProblem as problem:
        stop(str(problem))
    finally:
        await database.close()


def _print(report: ImportReport) -> None:
    console = Console(stderr=True)
    for error in report.errors[:SHOWN_ERRORS]:
        where = f"line {error.line}" + (f", {error.column}" if error.column else "")
        console.print(f"{where}: {error.message}", markup=False, highlight=False, soft_wrap=True)
    if report.rejected > SHOWN_ERRORS:
        console.print(f"… and {report.rejected - SHOWN_ERRORS} more (--json lists them).")
    if report.ignored_columns:
        console.print(f"Columns not used: {', '.join(report.ignored_columns)}.", markup=False)
    verb = "would be" if report.dry_run else "were"
    typer.echo(
        f"{report.rows} rows: {report.created} customers {verb} created, {report.updated} updated, "
        f"{report.unchanged} were the same, {report.repeated} repeated, {report.rejected} rejected."
    )
