"""``patchbay doctor``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.settings import Settings
from server.cli.failures import FAILED, write_json
from server.cli.places import ConfigOption, every_tenant, installation_from
from server.doctor import examine
from server.doctor_around import around
from server.findings import Finding, fit

SHAPES = {"ok": "✓ ok", "optional": "○ optional", "risky": "! risky", "missing": "✗ missing"}
STYLES = {"ok": "green", "optional": "yellow", "risky": "yellow", "missing": "red"}


def doctor(
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Also write the findings to this file.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Say what this machine and the servers of these settings lack, and how to get it."""
    settings = installation_from(config)
    findings = [*examine(settings.data_directory), *asyncio.run(_around(settings))]
    Console().print(_table(findings))
    write_json(json_file, {"fit": fit(findings), "findings": findings})
    if not fit(findings):
        raise typer.Exit(FAILED)


async def _around(settings: Settings) -> list[Finding]:
    if settings.tenants_path is None:
        return await around(settings)
    found: list[Finding] = []
    seen: set[str] = set()
    for one in every_tenant(settings, settings.tenants_path):
        url = one.redis_url.get_secret_value() if one.redis_url else ""
        found += await around(one, one.tenant, redis_known=url in seen)
        seen.add(url)
    return found


def _table(findings: list[Finding]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading in ("", "", "found", "what to do"):
        table.add_column(heading)
    for one in findings:
        words = (Text(word) for word in (one.what, one.detail, one.remedy))  # never markup
        table.add_row(Text(SHAPES[one.verdict], style=STYLES[one.verdict]), *words)
    return table
