"""``patchbay check FILE``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from config.catalog import CheckReport, Problem, check_file
from server.cli.failures import BAD_INPUT, write_json


def check(
    file: Annotated[Path, typer.Argument(help="A catalog in YAML.")],
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the problems to this file.")
    ] = None,
) -> None:
    """Check a catalog: every problem with its line and what to do."""
    report = check_file(file)
    console = Console()
    for problem in report.problems:
        _print(console, problem)
    console.print(_verdict(report), markup=False, highlight=False)
    write_json(json_file, {"ok": report.ok, "problems": report.problems})
    if not report.ok:
        raise typer.Exit(BAD_INPUT)


def _print(console: Console, problem: Problem) -> None:
    style = "red" if problem.severity == "error" else "yellow"
    console.print(str(problem), style=style, markup=False, highlight=False, soft_wrap=True)


def _verdict(report: CheckReport) -> str:
    if report.catalog is None:
        return f"{report.file} cannot be used: {_count(len(report.errors), 'error')}."
    catalog = report.catalog
    parts = (
        _count(len(catalog.queues), "queue"),
        _count(len(catalog.profiles), "profile"),
        _count(len(catalog.agents), "agent"),
        _count(len(report.warnings), "warning"),
    )
    return f"{report.file} is good: {', '.join(parts)}."


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
