"""How a benchmark is run: in a temporary folder, shown on the terminal, and kept if wanted."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from rich.console import Console

FiguresT = TypeVar("FiguresT", bound=msgspec.Struct)


def run(
    measure: Callable[[Path, Console], Coroutine[Any, Any, FiguresT]],
    show: Callable[[Console, FiguresT], None],
    json_file: Path | None,
) -> None:
    """``measure`` in a folder of its own, which is removed."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="patchbay-bench-") as folder:
        figures = asyncio.run(measure(Path(folder), console))
    show(console, figures)
    keep(figures, json_file)


def keep(figures: msgspec.Struct, json_file: Path | None) -> None:
    """None: nowhere."""
    if json_file is not None:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")
