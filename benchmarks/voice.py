"""Patchbay beside Asterisk's own app_queue, on the same Asterisk in the same run.

``patchbay bench voice [--agents N ...] [--seconds S] [--quick] [--json FILE]``. Telephones and
callers are SIPp's. Measured from Asterisk's events, by Asterisk's clock, the same for both: from an
agent's hang-up to the next call to that agent while callers wait (freed), from a caller's arrival
to the call to an idle agent's telephone (ring), and how many calls a second are carried without
sound. app_queue has no pause and no announcement: its best. It is measured without answering the
caller first, and as most dialplans have it, after ``Answer()``; Patchbay always answers. All of it
shares the machine, callers and telephones too, and how busy that was is printed as well.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import resource
import signal
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.running import keep
from benchmarks.voice_contest import ANSWER_FIRST, APP_QUEUE, NUMBERS, PATCHBAY, Freed, contest
from benchmarks.voice_events import Load, Spread
from benchmarks.voice_machine import Machine, Probe
from benchmarks.voice_site import site, telephones
from tests.asterisk.installed import missing
from tests.asterisk.server import AsteriskServer

FREED_EACH_SECOND = 20.0  # agents, in all sizes: more agents talk longer
SHORTEST_TALK = 2.0  # seconds, on average
LOAD_AGENTS = 300
LOAD_TALK = (0.8, 1.2)  # seconds; Asterisk waits half a second to hear a caller it answers
FILES = 20_000  # an Asterisk with 2,000 channels


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of each measurement of idle and of freed agents, and of each step of the load."""

    sizes: tuple[int, ...]
    idle: float
    freed: float
    step: float
    folder: Path | None


class Side(msgspec.Struct, frozen=True, kw_only=True):
    """One contestant at one size; times are milliseconds."""

    agents: int
    contestant: str
    ring: Spread | None
    freed: Freed | None


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    sides: list[Side]
    load: dict[str, list[Load]]
    machine: Machine
    load_average: tuple[float, float, float]


# -- the whole --------------------------------------------------------------------------------


def measure(plan: Plan, console: Console) -> Figures:
    probe = Probe(plan.folder)
    with probe.watched():
        sides = [side for agents in plan.sizes for side in _sides(agents, plan, console)]
        carried = _load(plan, console) if plan.step else {}
    return Figures(sides=sides, load=carried, machine=probe.found(), load_average=os.getloadavg())


def _sides(agents: int, plan: Plan, console: Console) -> Iterator[Side]:
    mean = max(SHORTEST_TALK, agents / FREED_EACH_SECOND)
    talk = (0.1 * mean, 1.9 * mean)  # so that ends come evenly from the beginning
    with _telephone_system(agents, talk, console) as server:
        for name in NUMBERS:
            with contest(name, server, agents, plan.folder) as contestant:
                console.print(f"  {name}: callers find idle agents …")
                ring = contestant.idle(plan.idle)
                freed = None
                if name != ANSWER_FIRST:
                    console.print(f"  {name}: agents become free …")
                    freed = contestant.freed(plan.freed)
            yield Side(agents=agents, contestant=name, ring=ring, freed=freed)


def _load(plan: Plan, console: Console) -> dict[str, list[Load]]:
    found: dict[str, list[Load]] = {}
    with _telephone_system(LOAD_AGENTS, LOAD_TALK, console) as server:
        for name in (APP_QUEUE, PATCHBAY):
            found[name] = []
            with contest(name, server, LOAD_AGENTS, plan.folder) as contestant:
                for step in contestant.loaded(plan.step):
                    console.print(f"  {name}: {step.connected} of {step.offered} calls a second")
                    found[name].append(step)
    return found


@contextlib.contextmanager
def _telephone_system(
    agents: int, talk: tuple[float, float], console: Console
) -> Iterator[AsteriskServer]:
    console.print(f"An Asterisk with {agents} registered telephones …")
    with site(agents) as server, telephones(server, agents, talk):
        yield server


# -- what is shown ----------------------------------------------------------------------------


def show(console: Console, figures: Figures) -> None:
    freed = _table("Freed agent to the next call, callers waiting (ms); target: p99 15")
    ring = _table("Arrival to the call to an idle agent (ms); target: not slower")
    for side in figures.sides:
        _add(ring, side, side.ring)
        if side.freed is not None:
            _add(freed, side, side.freed.gaps)
    console.print(freed, ring)
    for side in figures.sides:
        if side.freed is not None:
            shares = (f"{name} {share:.0%}" for name, share in side.freed.cpu.items())
            about = f"{side.agents} agents, {side.contestant}: {', '.join(shares)} of a core"
            console.print(f"{about}, {side.freed.unanswered} rings not answered")
    for name, steps in figures.load.items():
        carried = max((step.connected for step in steps if step.carried), default=0)
        console.print(f"{name} carried {carried} calls a second")
    machine = figures.machine
    for what, spread in (("safe on disk", machine.write), ("woken late", machine.late)):
        if spread is not None:
            console.print(f"The machine: {what} p50 {spread.p50}, p99 {spread.p99} ms")
    withheld = f"{machine.stolen:.0%} not given to this virtual machine"
    loads = " ".join(f"{load:.1f}" for load in figures.load_average)
    console.print(f"The machine: {machine.idle:.0%} idle, {withheld}, load average {loads}")


def _table(title: str) -> Table:
    table = Table(title=title)
    for column in ("agents", "", "count", "p50", "p90", "p99", "max", "never"):
        table.add_column(column, justify="right" if column else "left")
    return table


def _add(table: Table, side: Side, found: Spread | None) -> None:
    cells = ("none",) if found is None else msgspec.structs.astuple(found)
    table.add_row(str(side.agents), side.contestant, *map(str, cells))


def plan_of(arguments: Sequence[str] | None = None) -> tuple[Plan, Path | None]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, nargs="+", help="sizes (default: 20 200 1000)")
    parser.add_argument("--seconds", type=float, default=12, help="length of each measurement")
    parser.add_argument("--load", type=float, default=3, help="seconds of a step of load; 0: none")
    parser.add_argument("--quick", action="store_true", help="20 agents alone: within a minute")
    parser.add_argument("--folder", type=Path, help="where the journals are written")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args(arguments)
    sizes = tuple(given.agents or (20, 200, 1_000))
    plan = Plan(
        sizes=sizes,
        idle=0.7 * given.seconds,
        freed=given.seconds,
        step=given.load,
        folder=given.folder,
    )
    if given.quick:
        plan = msgspec.structs.replace(plan, sizes=(20,), idle=4, freed=6, step=0)
    return plan, given.json


def allow_files() -> None:
    """For Asterisk, which inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))


def main() -> None:
    plan, json_file = plan_of()
    absent = missing()
    if absent:
        sys.exit(absent)
    allow_files()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Ended before the end."))  # nothing stays
    console = Console()
    figures = measure(plan, console)
    show(console, figures)
    keep(figures, json_file)


if __name__ == "__main__":
    main()
