"""The whole service as agents see it: how fast a contact's record pops up, and what a desk costs.

``patchbay bench desk [--desks N] [--rate PER_SECOND] [--seconds S] [--quick] [--json FILE]``, on
Linux. Two processes: ``patchbay serve`` with a durable journal, and this one, which has N agents'
desks open on real websockets and brings in visitors who chat. Both share the machine, and what
this process needs to notice a message is part of every latency: its own delay is printed too.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import resource
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.desk_load import Floor, Punctuality
from benchmarks.desk_service import Data, Service, Start, copy_of, prepare
from benchmarks.running import run

WARM_UP = 3.0  # seconds before measuring
AT_WORK = 100  # agents who take contacts while callers wait
BACKLOG = 120  # contacts that wait meanwhile
SETTLE = 3.0
FIRST = 8  # desks and visitors that pay for what is loaded once
FILES_BESIDE_SOCKETS = 500


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """``rate`` is contacts a second, ``seconds`` the length of each measurement."""

    desks: int
    rate: float
    seconds: float
    waiting: int

    @property
    def contacts(self) -> int:
        """As many as can come in, with room for chance."""
        one_run = self.rate * (WARM_UP + self.seconds) * 1.3 + 100
        return FIRST + max(self.waiting, round(2 * one_run) + AT_WORK + BACKLOG)


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds."""

    count: int
    p50: float
    p90: float
    p99: float
    max: float


class Figures(msgspec.Struct, kw_only=True):
    """Times in milliseconds unless named otherwise, memory in kB (1,000 bytes)."""

    desks: int
    contacts_per_second: float
    arrival_to_pop: Spread
    freed_to_next_offer: Spread
    kb_per_desk: float
    kb_per_visitor_socket: float
    kb_per_waiting_contact: float
    first_start: Start
    start_after_kill: Start
    service_cpu_ms_per_contact: float
    service_cpu_share: float
    own_delay_p99: float
    without_pop: int
    problems: dict[str, int]
    load_average: tuple[float, float, float]


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """kB each."""

    desk: float
    visitor: float
    waiting: float


class Latency(msgspec.Struct, frozen=True, kw_only=True):
    pops: Spread
    next_offers: Spread
    cpu_ms: float
    cpu_share: float
    own_delay: float
    without_pop: int
    problems: dict[str, int]


# -- memory -----------------------------------------------------------------------------------


async def memory(plan: Plan, service: Service, data: Data) -> Memory:
    """Idle desks, then visitors with the chat open, then the same visitors waiting in a queue."""
    floor = Floor(service, data)
    first, others = [*data.sessions][:FIRST], [*data.sessions][FIRST:]
    await floor.open_desks(first)
    visitors = [await floor.visitor() for _ in range(FIRST)]
    for visitor in visitors:
        await visitor.write()
    before = await _settled(service)
    await floor.open_desks(others)
    with_desks = await _settled(service)
    visitors = await asyncio.gather(*(floor.visitor() for _ in range(plan.waiting - FIRST)))
    with_visitors = await _settled(service)
    for visitor in visitors:
        await visitor.write()
        await visitor.until_waiting()
    with_waiting = await _settled(service)
    service.kill()
    await floor.close()
    return Memory(
        desk=_each(with_desks - before, len(others)),
        visitor=_each(with_visitors - with_desks, len(visitors)),
        waiting=_each(with_waiting - with_visitors, len(visitors)),
    )


async def _settled(service: Service) -> int:
    await asyncio.sleep(SETTLE)
    return service.memory()


def _each(grown: int, count: int) -> float:
    return round(grown / count / 1_000, 1)


# -- latency ----------------------------------------------------------------------------------


async def latency(plan: Plan, service: Service, data: Data) -> Latency:
    floor = Floor(service, data)
    await floor.open_desks(data.sessions)
    await asyncio.gather(*(desk.ready() for desk in floor.desks))
    await asyncio.sleep(SETTLE)
    gc.collect()
    gc.freeze()
    gc.disable()  # a pause of this process would count as the service's
    own = Punctuality()
    rng = random.Random(1)
    async with own.watched():
        spent = await _pops(plan, floor, service, rng)
        own_delay = spread_of(own.late).p99
        await _next_offers(plan, floor, rng)
    await floor.close()
    gc.enable()
    return Latency(
        pops=spread_of(floor.pops),
        next_offers=spread_of(floor.next_offers),
        cpu_ms=round(spent * 1_000 / len(floor.pops), 2),
        cpu_share=round(spent / plan.seconds, 2),
        own_delay=own_delay,
        without_pop=floor.without_pop,
        problems=dict(floor.problems),
    )


async def _pops(plan: Plan, floor: Floor, service: Service, rng: random.Random) -> float:
    """Everybody is free more often than not. Returns the processor time the service took."""
    floor.talk = lambda: rng.uniform(1.5, 2.5)
    await floor.arrivals(plan.rate, WARM_UP, rng)
    floor.timing_pops = True
    began = service.cpu()
    await floor.arrivals(plan.rate, plan.seconds, rng)
    spent = service.cpu() - began
    floor.timing_pops = False
    await asyncio.sleep(SETTLE)
    return spent


async def _next_offers(plan: Plan, floor: Floor, rng: random.Random) -> None:
    """As many contacts come in as the agents at work can end, and a backlog waits all the time."""
    at_work = min(AT_WORK, len(floor.desks))
    await asyncio.gather(*(desk.on_break() for desk in floor.desks[at_work:]))
    await asyncio.sleep(SETTLE)
    first = [floor.visit(0) for _ in range(at_work + BACKLOG)]
    mean, filled = at_work / plan.rate, time.perf_counter() + len(first) / 2 / plan.rate

    def talk() -> float:
        """Nobody ends before the backlog is there; then ends are spread evenly."""
        missing = filled - time.perf_counter()
        return rng.uniform(0.5, 1.5) * mean if missing < 0 else missing + rng.uniform(0, 2) * mean

    floor.talk = talk
    for visit in first:
        floor.spawn(visit)
        await asyncio.sleep(0.5 / plan.rate)
    await floor.arrivals(plan.rate, WARM_UP, rng)
    floor.timing_offers = True
    await floor.arrivals(plan.rate, plan.seconds, rng)
    floor.timing_offers = False


def spread_of(seconds: Sequence[float]) -> Spread:
    values = sorted(value * 1_000 for value in seconds)
    if not values:
        sys.exit("Nothing was measured: no offer reached a desk.")

    def share(part: float) -> float:
        return round(values[min(int(len(values) * part), len(values) - 1)], 2)

    return Spread(count=len(values), p50=share(0.5), p90=share(0.9), p99=share(0.99), max=share(1))


# -- the whole --------------------------------------------------------------------------------


async def measure(plan: Plan, folder: Path, console: Console) -> Figures:
    with console.status("Making agents and customers") as status:
        data = await prepare(folder / "data", desks=plan.desks, customers=plan.contacts)
        spare = copy_of(data, folder / "spare")
        status.update("Memory: idle desks and waiting contacts")
        service = Service(data, chats=plan.contacts)
        try:
            ready = await service.start()
            taken = await memory(plan, service, data)
            status.update("Latency: contacts pop up at the desks")
            service = Service(spare, chats=plan.contacts)
            await service.start()
            found = await latency(plan, service, spare)
            status.update("Starting again after a kill")
            service.kill()
            again = await service.start()
        finally:
            service.kill()
    return Figures(
        desks=plan.desks,
        contacts_per_second=plan.rate,
        arrival_to_pop=found.pops,
        freed_to_next_offer=found.next_offers,
        kb_per_desk=taken.desk,
        kb_per_visitor_socket=taken.visitor,
        kb_per_waiting_contact=taken.waiting,
        first_start=ready,
        start_after_kill=again,
        service_cpu_ms_per_contact=found.cpu_ms,
        service_cpu_share=found.cpu_share,
        own_delay_p99=found.own_delay,
        without_pop=found.without_pop,
        problems=found.problems,
        load_average=os.getloadavg(),
    )


def show(console: Console, f: Figures) -> None:
    times = Table(title=f"{f.desks} desks, {f.contacts_per_second:g} contacts a second (ms)")
    for column in ("", "count", "p50", "p90", "p99", "max", "target"):
        times.add_column(column, justify="right" if column else "left")
    for name, spread, target in (
        ("arrival to screen pop at the desk", f.arrival_to_pop, "p99 50"),
        ("freed agent to next offer", f.freed_to_next_offer, "p99 10"),
    ):
        numbers = (spread.count, spread.p50, spread.p90, spread.p99, spread.max)
        times.add_row(name, *map(str, numbers), target)
    console.print(times)
    others = Table(show_header=False)
    for row in (
        ("memory of a connected desk", f"{f.kb_per_desk} kB", "target 40 kB"),
        ("memory of a waiting contact", f"{f.kb_per_waiting_contact} kB", "target 3 kB"),
        ("memory of a visitor's socket", f"{f.kb_per_visitor_socket} kB", ""),
        ("first start until /readyz", _start(f.first_start), ""),
        ("start after kill -9 until /readyz", _start(f.start_after_kill), "target 2 s"),
        ("the service's processor time", f"{f.service_cpu_ms_per_contact} ms a contact", ""),
        ("  as a share of one core", f"{f.service_cpu_share:.0%}", ""),
        ("this process's own delay, p99", f"{f.own_delay_p99} ms", "in the figures above"),
        ("contacts without a pop", str(f.without_pop), "0"),
        ("load average", " ".join(f"{load:.1f}" for load in f.load_average), ""),
    ):
        others.add_row(*row)
    console.print(others)
    for problem, count in f.problems.items():
        console.print(f"{count} times: {problem}", style="red")


def _start(start: Start) -> str:
    return f"{start.seconds} s ({start.cpu} s of processor)"


def allow_sockets(wanted: int) -> None:
    """For this process and the service, which inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        sys.exit(f"This needs {wanted} open files and {hard} are allowed: raise `ulimit -Hn`.")
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def plan_of(arguments: Sequence[str] | None = None) -> tuple[Plan, Path | None]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--desks", type=int, default=200, help="agents with a desk open")
    parser.add_argument("--rate", type=float, default=50, help="contacts a second")
    parser.add_argument("--seconds", type=float, default=20, help="length of each measurement")
    parser.add_argument("--waiting", type=int, default=2_000, help="contacts that wait")
    parser.add_argument("--quick", action="store_true", help="a quarter of the time")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args(arguments)
    share = 0.25 if given.quick else 1
    if given.desks < 2.5 * given.rate or given.rate < 1 or given.desks <= FIRST:
        parser.error("take 2.5 desks for each contact a second, or more: 2 seconds each take")
    plan = Plan(
        desks=given.desks,
        rate=given.rate,
        seconds=given.seconds * share,
        waiting=max(round(given.waiting * share), 2 * FIRST),
    )
    return plan, given.json


def main() -> None:
    plan, json_file = plan_of()
    if not sys.platform.startswith("linux"):
        sys.exit("Visitors come from addresses 127.x.y.z of their own: run this on Linux.")
    allow_sockets(plan.desks + plan.contacts + FILES_BESIDE_SOCKETS)
    run(partial(measure, plan), show, json_file)


if __name__ == "__main__":
    main()
