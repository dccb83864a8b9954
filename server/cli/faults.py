"""``patchbay faults``: the fault laboratory that lives in the folder ``tests`` of a checkout."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import typer

from server.cli.failures import stop

ROOT = Path(__file__).parents[2]
LABORATORY = Path("tests", "faults", "cluster.py")


def faults(context: typer.Context) -> None:
    """Break three nodes and their Redis under load, and say what was lost (--help says how)."""
    if not (ROOT / LABORATORY).is_file():
        stop("The fault laboratory is part of the source checkout: run this from a clone.")
    finished = subprocess.run(  # noqa: S603 - our own module and the user's own arguments
        [sys.executable, "-m", "tests.faults.cluster", *context.args], cwd=ROOT, check=False
    )
    raise typer.Exit(finished.returncode)
