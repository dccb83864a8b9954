"""What somebody at a terminal sees while a replay goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def watch_replay() -> Iterator[Callable[[str, float], None]]:
    """A line with what is being done and how much of it is; nothing where it goes to a file."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("Reading", total=1.0)

        def told(what: str, share: float) -> None:
            progress.update(task, description=escape(what), completed=share)

        yield told
