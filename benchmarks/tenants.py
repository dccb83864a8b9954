"""Several tenants in one process: what one's flood does to another, and what each one costs.

``patchbay bench tenants [--only flood|growth] [--rounds N] [--rate PER_SECOND] [--seconds S]
[--tenants 1,10,100] [--limits TEXT] [--json FILE]``, on Linux. Quiet and flooded stretches take
turns, and what is compared comes from the same run: read the ratios. The process, who floods it and
who measures share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

import httpx
import msgspec
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.desk import FILES_BESIDE_SOCKETS, SETTLE, Spread, allow_sockets, spread_of
from benchmarks.desk_load import Floor, Punctuality
from benchmarks.desk_service import ROOT, prepare
from benchmarks.running import run
from benchmarks.tenants_service import TenantAt, TenantsService
from server.guard import COOKIE

WARM_UP = 5.0  # seconds
DESKS = 40  # of the tenant that is measured
REQUESTS_EVERY = 0.05  # seconds
FLOODERS = 5  # agents of the other tenant
GROWTH_DESKS = 200  # of all tenants together


class Stretch(msgspec.Struct, kw_only=True):
    """What the measured tenant saw, milliseconds; ``own_delay`` is the measuring process's own."""

    pops: Spread
    requests: Spread
    own_delay: Spread
    service_cpu: float  # of one processor


class Flood(msgspec.Struct, kw_only=True):
    quiet: Stretch
    flooded: Stretch
    problems: dict[str, int]


class Grown(msgspec.Struct, kw_only=True):
    """So many tenants under the same load. ``cpu_ms`` is the process's, for a contact."""

    tenants: int
    contacts: int
    cpu_ms: float
    idle_cpu_ms: float  # a second and tenant
    memory_mb: float
    pops: Spread
    start_seconds: float
    without_pop: int


class Figures(msgspec.Struct, kw_only=True):
    rate: float  # contacts a second
    flood: Flood | None
    growth: list[Grown]
    load_average: tuple[float, float, float]


class Seen:
    """Samples of all stretches of one kind, seconds."""

    def __init__(self) -> None:
        self.pops: list[float] = []
        self.requests: list[float] = []
        self.late: list[float] = []
        self.cpu = self.wall = 0.0

    def summary(self) -> Stretch:
        return Stretch(
            pops=spread_of(self.pops),
            requests=spread_of(self.requests),
            own_delay=spread_of(self.late),
            service_cpu=round(self.cpu / self.wall, 2),
        )


async def flooded(given: argparse.Namespace, folder: Path) -> Flood:
    rounds, seconds, rate = given.rounds, given.seconds, given.rate
    contacts = round(rate * (seconds + WARM_UP + 2) * 2 * (rounds + 1))
    data = await prepare(folder / "template", desks=DESKS, customers=contacts)
    service = TenantsService(data, folder / "two", 2, limits=given.limits)
    loud, steady = service.tenants
    seen = {False: Seen(), True: Seen()}
    with ExitStack() as leaving:
        leaving.callback(service.kill)
        await service.start()
        floor = Floor(steady, data)
        await floor.open_desks(data.sessions)
        await asyncio.gather(*(desk.ready() for desk in floor.desks))
        rng = random.Random(1)
        floor.talk = lambda: rng.uniform(1.5, 2.5)
        cookie = next(iter(data.sessions.values()))
        headers = {"Cookie": f"{COOKIE}={cookie}"}
        async with httpx.AsyncClient(base_url=steady.origin, headers=headers) as client:
            flooder = Flooder(loud, list(data.sessions.values()))
            leaving.callback(flooder.kill)
            await flooder.begin()
            await floor.arrivals(rate, WARM_UP, rng)
            gc.collect()
            gc.disable()  # a pause of this process would count as the service's
            for number in range(2 * rounds):
                loudly = bool(number % 2)
                async with flooder.at_work(on=loudly):
                    await floor.arrivals(rate, 1.0, rng)  # until it is in full swing
                    await _stretch(service, floor, client, given, seen[loudly])
            gc.enable()
        problems = dict(floor.problems)
        await floor.close()
    return Flood(quiet=seen[False].summary(), flooded=seen[True].summary(), problems=problems)


async def _stretch(
    service: TenantsService,
    floor: Floor,
    client: httpx.AsyncClient,
    given: argparse.Namespace,
    seen: Seen,
) -> None:
    rng = random.Random(2)
    own, floor.pops, floor.timing_pops = Punctuality(), [], True
    began, spent = time.perf_counter(), service.cpu()
    asking = asyncio.create_task(_ask(client, seen.requests))
    async with own.watched():
        await floor.arrivals(given.rate, given.seconds, rng)
    seen.cpu += service.cpu() - spent
    seen.wall += time.perf_counter() - began
    floor.timing_pops = False
    asking.cancel()
    with suppress(asyncio.CancelledError):
        await asking
    await asyncio.sleep(SETTLE)
    seen.pops += floor.pops
    seen.late += own.late


async def _ask(client: httpx.AsyncClient, took: list[float]) -> None:
    while True:
        began = time.perf_counter()
        answer = await client.get("/api/v1/session")
        took.append(time.perf_counter() - began)
        answer.raise_for_status()
        await asyncio.sleep(REQUESTS_EVERY)


class Flooder:
    """A process that floods a tenant while it is told to: its own start would cost the service."""

    def __init__(self, tenant: TenantAt, cookies: Sequence[str]) -> None:
        command = [sys.executable, "-m", "benchmarks.tenants_flood", tenant.origin]
        self._process = subprocess.Popen(
            [*command, *cookies[:FLOODERS]], cwd=ROOT, stdout=subprocess.PIPE
        )

    async def begin(self) -> None:
        """Once it is ready to; then it waits."""
        assert self._process.stdout is not None
        await asyncio.to_thread(self._process.stdout.readline)
        self._process.send_signal(signal.SIGSTOP)

    @asynccontextmanager
    async def at_work(self, *, on: bool) -> AsyncIterator[None]:
        if not on:
            yield
            return
        self._process.send_signal(signal.SIGCONT)
        try:
            await asyncio.sleep(SETTLE)
            yield
        finally:
            self._process.send_signal(signal.SIGSTOP)
            await asyncio.sleep(SETTLE)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()


async def grown(given: argparse.Namespace, folder: Path, count: int) -> Grown:
    """``count`` tenants who share the load."""
    seconds = given.seconds
    desks, rate = max(2, GROWTH_DESKS // count), given.rate / count
    contacts = round(rate * (WARM_UP + seconds) * 2) + 20
    data = await prepare(folder / f"template{count}", desks=desks, customers=contacts)
    service = TenantsService(data, folder / f"of{count}", count)
    try:
        start = await service.start()
        floors = [Floor(one, data) for one in service.tenants]
        await asyncio.sleep(SETTLE)
        memory, idle = service.memory(), service.cpu()
        await asyncio.sleep(5)
        idle = (service.cpu() - idle) / 5
        for floor in floors:
            await floor.open_desks(data.sessions)
            await asyncio.gather(*(desk.ready() for desk in floor.desks))
        rng = random.Random(1)
        for floor in floors:
            floor.talk = lambda: rng.uniform(0.5, 1.5)
        await asyncio.gather(*(floor.arrivals(rate, WARM_UP, rng) for floor in floors))
        for floor in floors:
            floor.timing_pops = True
        spent = service.cpu()
        await asyncio.gather(*(floor.arrivals(rate, seconds, rng) for floor in floors))
        spent = service.cpu() - spent
        await asyncio.sleep(SETTLE)
        pops = [one for floor in floors for one in floor.pops]
        for floor in floors:
            await floor.close()
    finally:
        service.kill()
    return Grown(
        tenants=count,
        contacts=len(pops),
        cpu_ms=round(spent * 1_000 / max(1, len(pops)), 2),
        idle_cpu_ms=round(idle * 1_000 / count, 2),
        memory_mb=round(memory / 1e6, 1),
        pops=spread_of(pops),
        start_seconds=start.seconds,
        without_pop=sum(floor.without_pop for floor in floors),
    )


async def measure(given: argparse.Namespace, folder: Path, console: Console) -> Figures:
    flood, growth = None, []
    with console.status("Making agents and customers") as status:
        if given.only != "growth":
            status.update("One tenant floods, another goes on")
            flood = await flooded(given, folder)
        if given.only != "flood":
            for count in given.tenants:
                status.update(f"{count} tenants share the load")
                growth.append(await grown(given, folder, count))
    return Figures(rate=given.rate, flood=flood, growth=growth, load_average=os.getloadavg())


def show(console: Console, figures: Figures) -> None:
    if figures.flood is not None:
        _show_flood(console, figures.flood, figures.rate)
    if figures.growth:
        _show_growth(console, figures.growth, figures.rate)
    console.print("Load average: " + " ".join(f"{load:.1f}" for load in figures.load_average))


def _show_flood(console: Console, flood: Flood, rate: float) -> None:
    table = Table(title=f"A tenant with {rate:g} contacts a second; milliseconds")
    for name in ("the other is", "pops", "p50", "p99", "requests", "p50", "p99", "own p99", "cpu"):
        table.add_column(name, justify="right")
    for name, one in (("quiet", flood.quiet), ("flooding", flood.flooded)):
        pops, asked = one.pops, one.requests
        counts = (pops.count, pops.p50, pops.p99, asked.count, asked.p50, asked.p99)
        table.add_row(name, *map(str, (*counts, one.own_delay.p99, one.service_cpu)))
    before, after = flood.quiet, flood.flooded
    pairs = ((before.pops, after.pops), (before.requests, after.requests))
    ratios = [f"{b.p50 / a.p50:.2f} and {b.p99 / a.p99:.2f}" for a, b in pairs]
    console.print(table)
    console.print(f"Flooding ÷ quiet, p50 and p99: pops {ratios[0]}, requests {ratios[1]}.")
    console.print("Target: 1.20 at most.")
    for problem, count in flood.problems.items():
        console.print(f"{count} times: {problem}", style="red")


def _show_growth(console: Console, growth: Sequence[Grown], rate: float) -> None:
    table = Table(title=f"{rate:g} contacts a second over all tenants of one process")
    names = ("tenants", "contacts", "cpu a contact", "idle cpu a second and tenant", "memory")
    for name in (*names, "pop p50", "p99", "start"):
        table.add_column(name, justify="right")
    for one in growth:
        times = (f"{one.cpu_ms} ms", f"{one.idle_cpu_ms} ms", f"{one.memory_mb} MB")
        pops = (f"{one.pops.p50} ms", f"{one.pops.p99} ms", f"{one.start_seconds} s")
        table.add_row(str(one.tenants), str(one.contacts), *times, *pops)
    console.print(table)
    for one in growth:
        if one.without_pop:
            console.print(f"{one.tenants} tenants: {one.without_pop} without a pop", style="red")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    numbers = lambda text: [int(part) for part in text.split(",")]  # noqa: E731
    parser.add_argument("--only", choices=("flood", "growth"), help="one part alone")
    parser.add_argument("--rounds", type=int, default=4, help="quiet and flooded, each so often")
    parser.add_argument("--rate", type=float, default=5, help="contacts a second")
    parser.add_argument("--seconds", type=float, default=15, help="length of each stretch")
    parser.add_argument("--tenants", type=numbers, default=[1, 10, 100], help="1,10,100")
    parser.add_argument(
        "--limits",
        default="",
        help="of who floods, as in tenants.yaml: 'requests_per_second: 20'",
    )
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    if not sys.platform.startswith("linux"):
        sys.exit("This needs Linux: every tenant has a loopback address of its own.")
    allow_sockets(GROWTH_DESKS + round(given.rate * given.seconds * 3) + FILES_BESIDE_SOCKETS)
    run(partial(measure, given), show, given.json)


if __name__ == "__main__":
    main()
