"""``patchbay bench NAME``: measurements that live in the folder ``benchmarks`` of a checkout."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from server.cli.failures import stop

FOLDER = Path(__file__).parents[2] / "benchmarks"


class Benchmark(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement: a script in the folder and what it measures."""

    name: str
    script: str
    measures: str


BENCHMARKS = (
    Benchmark(
        name="core",
        script="core.py",
        measures="time of one routing decision against the number of agents",
    ),
    Benchmark(
        name="engine",
        script="engine.py",
        measures="commands a second through the engine with a durable journal",
    ),
    Benchmark(
        name="desk",
        script="desk.py",
        measures="arrival to screen pop, and freed agent to next offer, over real desks",
    ),
)


def build() -> typer.Typer:
    """A subcommand for each benchmark that this checkout has."""
    app = typer.Typer(help="Measure this machine.", no_args_is_help=True)
    for benchmark in BENCHMARKS:
        if (FOLDER / benchmark.script).is_file():
            app.command(
                benchmark.name,
                help=f"Measure: {benchmark.measures}.",
                context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
            )(_runner(benchmark))
    app.callback(invoke_without_command=True)(_explain)
    return app


def _runner(benchmark: Benchmark) -> Callable[..., None]:
    def measure(
        context: typer.Context,
        json_file: Annotated[
            Path | None, typer.Option("--json", help="Also write the figures to this file.")
        ] = None,
    ) -> None:
        arguments = [*context.args, *(["--json", str(json_file)] if json_file else [])]
        script = FOLDER / benchmark.script
        finished = subprocess.run([sys.executable, str(script), *arguments], check=False)  # noqa: S603
        raise typer.Exit(finished.returncode)

    return measure


def _explain(context: typer.Context) -> None:
    if context.invoked_subcommand is None and not FOLDER.is_dir():
        stop("The benchmarks are part of the source checkout: run this from a clone of Patchbay.")
