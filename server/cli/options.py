"""Options that mean the same in several commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

FiguresFile = Annotated[
    Path | None, typer.Option("--json", help="Also write all figures to this file.")
]
ReportFile = Annotated[Path | None, typer.Option(help="Also write a report to this file, in HTML.")]
