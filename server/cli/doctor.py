"""``patchbay doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from server.cli.failures import FAILED, write_json
from server.cli.places import ConfigOption, settings_from
from server.doctor import Finding, examine, fit

SHAPES = {"ok": "✓ ok", "optional": "○ optional", "missing": "✗ missing"}
STYLES = {"ok": "green", "optional": "yellow", "missing": "red"}


def doctor(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the findings to this file.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Say what this machine lacks, and how to get it."""
    findings = examine(settings_from(config).data_directory)
    Console().print(_table(findings))
    write_json(json_file, {"fit": fit(findings), "findings": findings})
    if not fit(findings):
        raise typer.Exit(FAILED)


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "", "found", "what to do"):
        table.add_column(heading)
    for one in findings:
        style = STYLES[one.verdict]
        table.add_row(f"[{style}]{SHAPES[one.verdict]}[/]", one.what, one.detail, one.remedy)
    return table
