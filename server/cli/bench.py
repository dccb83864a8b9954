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
    """One measurement: a module in the folder and what it measures."""

    name: str
    measures: str

    @property
    def script(self) -> Path:
        return FOLDER / f"{self.name}.py"


BENCHMARKS = (
    Benchmark(
        name="core",
        measures="time of one routing decision against the number of agents",
    ),
    Benchmark(
        name="engine",
        measures="commands a second through the engine with a durable journal",
    ),
    Benchmark(
        name="desk",
        measures="arrival to screen pop, and freed agent to next offer, over real desks",
    ),
    Benchmark(
        name="cluster",
        measures="the same on one, two and three nodes over a Redis of its own, and taking over",
    ),
    Benchmark(
        name="fold",
        measures="a long log in Redis: its memory, and how fast another node reads and folds it",
    ),
    Benchmark(
        name="tenants",
        measures="what one tenant's flood does to another, and what each tenant of a process costs",
    ),
    Benchmark(
        name="flow",
        measures="a customer's answer to the next prompt, with a thousand contacts in a flow",
    ),
    Benchmark(
        name="mail",
        measures="mails a second read, and from a mailbox into a queue; whether memory stays flat",
    ),
    Benchmark(
        name="hook",
        measures="what others notice while one floods a webhook with 10,000 messages a second",
    ),
    Benchmark(
        name="voice",
        measures="freed agent and arrival to the next ring, beside app_queue on the same Asterisk",
    ),
    Benchmark(
        name="sim",
        measures="the simulator beside SimPy and Ciw, on the same model in the same run",
    ),
)


def build() -> typer.Typer:
    """A subcommand for each benchmark that this checkout has."""
    app = typer.Typer(help="Measure this machine.", no_args_is_help=True)
    for benchmark in BENCHMARKS:
        if benchmark.script.is_file():
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
        arguments = [*context.args, *(["--json", str(json_file.absolute())] if json_file else [])]
        module = f"benchmarks.{benchmark.name}"
        finished = subprocess.run(  # noqa: S603 - our own module and the user's own arguments
            [sys.executable, "-m", module, *arguments], cwd=FOLDER.parent, check=False
        )
        raise typer.Exit(finished.returncode)

    return measure


def _explain(context: typer.Context) -> None:
    if context.invoked_subcommand is None and not FOLDER.is_dir():
        stop("The benchmarks are part of the source checkout: run this from a clone of Patchbay.")
