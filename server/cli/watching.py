"""What somebody at a terminal sees while a simulation goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from simulator.intervals import Interval
from simulator.replications import Progress as Told
from simulator.scenario import Scenario
from simulator.wording import FIGURES, figure_text, half_width_text


@contextmanager
def watch_runs(scenario: Scenario) -> Iterator[Told]:
    """A line with the runs and the plan's figure as it narrows; nothing where it goes to a file."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=16),
        TextColumn("run {task.completed} of {task.fields[most]}"),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        plan = scenario.plan
        most = f"{plan.at_most}" if plan.within is None else f"at most {plan.at_most}"
        task = progress.add_task(escape(scenario.name), total=plan.at_most, most=most)

        def told(done: int, total: int, reached: Interval) -> None:
            progress.update(
                task, completed=done, total=total, description=_so_far(scenario, reached)
            )

        yield told


def _so_far(scenario: Scenario, reached: Interval) -> str:
    """``mean wait 26.8 s ± 1.9 (± 1 s is wanted)``."""
    plan = scenario.plan
    figure = f"{FIGURES[plan.figure].label} {figure_text(plan.figure, reached)}"
    wanted = f" ({half_width_text(plan.figure, plan.within)} is wanted)" if plan.within else ""
    return f"{figure}{wanted}"
