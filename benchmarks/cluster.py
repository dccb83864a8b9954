"""One, two and three nodes over a Redis of their own, as agents see them; and taking over.

``patchbay bench cluster [--nodes 1,2,3] [--rate PER_SECOND] [--desks N] [--seconds S]
[--json FILE]``, on Linux with ``redis-server``. Redis writes to disk before it answers
(``appendfsync always``). The nodes are ``patchbay serve`` on one database; desks and visitors are
spread over them. Redis, the nodes and this process share the machine: read the figures beside its
processors.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import msgspec
from redis.exceptions import RedisError
from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection

sys.path.insert(0, str(Path(__file__).parents[1]))

from agents.messages import GoNotReady
from benchmarks.desk import (
    FILES_BESIDE_SOCKETS,
    FIRST,
    SETTLE,
    WARM_UP,
    Spread,
    allow_sockets,
    spread_of,
)
from benchmarks.desk_load import Floor, Punctuality
from benchmarks.desk_service import REASON, Data, Service, copy_of, free_port, prepare
from benchmarks.running import run
from router.clock import SystemClock
from router.core.catalog import AgentDefinition, Catalog, Profile
from router.core.commands import PublishCatalog, SetNotReady, SetReady, SignIn
from router.core.durations import SECOND
from router.engine import Engine
from router.journal.redis import RedisJournal
from router.journal.redis_address import connect
from router.lease import Lease
from router.ports import Accepted

COMMANDS = 20_000  # for the writer alone
AT_ONCE = 500


class Nodes(msgspec.Struct, kw_only=True):
    """What so many nodes do. ``cpu_ms`` is processor time a contact, of all nodes and of Redis.
    ``back_seconds``: when another has taken over, until every desk is open at those that are left.
    """

    nodes: int
    pops: Spread
    contacts_per_second: float
    nodes_cpu_ms: float
    redis_cpu_ms: float
    own_delay_p99: float
    without_pop: int
    problems: dict[str, int]
    take_over_seconds: float | None = None
    back_seconds: float | None = None


class Figures(msgspec.Struct, kw_only=True):
    rate: float
    desks: int
    found: list[Nodes]
    writer_commands_per_second: int
    load_average: tuple[float, float, float]


class Redis:
    """A Redis of the benchmark's own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        self._folder.mkdir()
        durable = ("--appendonly", "yes", "--appendfsync", "always", "--save", "")
        place = ("--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self._folder))
        self._process = subprocess.Popen(  # noqa: ASYNC220 - starting takes no time
            ["redis-server", *place, *durable], stdout=subprocess.DEVNULL
        )
        try:
            await self._answers()
            yield
        finally:
            self._process.kill()
            self._process.wait()

    async def _answers(self) -> None:
        async with connect(self.url) as client:
            while True:
                try:
                    await client.ping()
                except RedisError:
                    await asyncio.sleep(0.02)
                else:
                    return

    def cpu(self) -> float:
        assert self._process is not None
        text = Path(f"/proc/{self._process.pid}/stat").read_text()
        user, system = text.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


async def measured(count: int, rate: float, seconds: float, data: Data, redis: Redis) -> Nodes:
    """``count`` nodes, started one after the other: the first writes."""
    contacts = round(rate * (WARM_UP + seconds) * 2)
    nodes = [
        Service(data, chats=contacts, redis=redis.url, node=f"node{number}")
        for number in range(count)
    ]
    try:
        for node in nodes:
            await node.start()
        found = await _pops(nodes, rate, seconds, data, redis)
        if count > 1:
            found.take_over_seconds, found.back_seconds = await _take_over(nodes, data)
    finally:
        for node in nodes:
            node.kill()
    return found


async def _pops(
    nodes: Sequence[Service], rate: float, seconds: float, data: Data, redis: Redis
) -> Nodes:
    floor = Floor(nodes, data)
    await floor.open_desks(data.sessions)
    await asyncio.gather(*(desk.ready() for desk in floor.desks))
    await asyncio.sleep(SETTLE)
    gc.collect()
    gc.disable()  # a pause of this process would count as the service's
    own, rng = Punctuality(), random.Random(1)
    floor.talk = lambda: rng.uniform(1.5, 2.5)
    async with own.watched():
        await floor.arrivals(rate, WARM_UP, rng)
        floor.timing_pops = True
        nodes_began, redis_began = sum(node.cpu() for node in nodes), redis.cpu()
        await floor.arrivals(rate, seconds, rng)
        nodes_spent = sum(node.cpu() for node in nodes) - nodes_began
        redis_spent = redis.cpu() - redis_began
        floor.timing_pops = False
        await asyncio.sleep(SETTLE)
    gc.enable()
    pops = spread_of(floor.pops)
    await floor.close()
    return Nodes(
        nodes=len(nodes),
        pops=pops,
        contacts_per_second=round(pops.count / seconds, 1),
        nodes_cpu_ms=round(nodes_spent * 1_000 / pops.count, 2),
        redis_cpu_ms=round(redis_spent * 1_000 / pops.count, 2),
        own_delay_p99=spread_of(own.late).p99,
        without_pop=floor.without_pop,
        problems=dict(floor.problems),
    )


async def _take_over(nodes: Sequence[Service], data: Data) -> tuple[float, float]:
    """Seconds from the writer's death until what an agent does at another node is done; then,
    until all desks that there are show their snapshot at the nodes that are left.
    """
    floor = Floor(nodes[1:], data)
    async with await floor.desk_socket(next(iter(data.sessions))) as socket:
        await socket.recv()
        nodes[0].kill()
        began = time.perf_counter()
        for number in itertools.count():
            act = GoNotReady(id=f"after{number}", reason=REASON)
            await socket.send(msgspec.json.encode(act), text=True)
            if b'"ok":true' in await _reply(socket, act.id):
                break
        taken_over = time.perf_counter() - began
    began = time.perf_counter()
    await floor.open_desks(data.sessions)
    back = time.perf_counter() - began
    await floor.close()
    return round(taken_over, 2), round(back, 2)


async def _reply(socket: ClientConnection, to: str) -> bytes:
    while True:
        frame = await socket.recv(decode=False)
        if frame.startswith(b'{"type":"reply"') and f'"to":"{to}"'.encode() in frame:
            return frame


async def writer_alone(url: str) -> int:
    """Commands a second through an engine over Redis, many at once, as one node's agents send."""
    async with connect(url) as redis:
        token = await Lease(redis, "writer", "alone", lasts=600 * SECOND).take()
        engine = await Engine.open(await RedisJournal.open(redis, "writer", token), SystemClock())
        await engine.start()
        names = [f"a{number}" for number in range(AT_ONCE)]
        people = {one: AgentDefinition(id=one, name=one, profile="all") for one in names}
        profiles = {"all": Profile(id="all", label="All", queues=(), capacity={"chat": 1})}
        catalog = Catalog(version=1, agents=people, profiles=profiles)
        await engine.submit(PublishCatalog(id="catalog", catalog=catalog, replaces=0))
        await asyncio.gather(*(engine.submit(SignIn(id=f"in {n}", agent=n)) for n in names))

        async def work(agent: str) -> None:
            for number in range(COMMANDS // AT_ONCE):
                named = {"id": f"{agent} {number}", "agent": agent}
                act = SetNotReady(**named, reason="break") if number % 2 else SetReady(**named)
                outcome = await engine.submit(act)
                if not (isinstance(outcome, Accepted) and outcome.events):
                    sys.exit(f"Nothing came of a command: {outcome}")

        began = time.perf_counter()
        await asyncio.gather(*(work(name) for name in names))
        taken = time.perf_counter() - began
        await engine.stop()
    return round(COMMANDS / taken)


async def measure(given: argparse.Namespace, folder: Path, console: Console) -> Figures:
    contacts = round(given.rate * (WARM_UP + given.seconds) * 2) + FIRST
    found = []
    with console.status("Making agents and customers") as status:
        data = await prepare(folder / "data", desks=given.desks, customers=contacts)
        for count in given.nodes:
            status.update(f"Contacts pop up at the desks of {count} node(s)")
            redis = Redis(folder / f"redis{count}")
            async with redis.running():
                copy = copy_of(data, folder / f"data{count}")
                found.append(await measured(count, given.rate, given.seconds, copy, redis))
        status.update("The writer alone")
        redis = Redis(folder / "redis")
        async with redis.running():
            commands = await writer_alone(redis.url)
    return Figures(
        rate=given.rate,
        desks=given.desks,
        found=found,
        writer_commands_per_second=commands,
        load_average=os.getloadavg(),
    )


def show(console: Console, figures: Figures) -> None:
    title = f"{figures.desks} desks, {figures.rate:g} contacts a second; milliseconds"
    table = Table(title=title)
    names = ("nodes", "pops", "p50", "p99", "max", "cpu a contact", "of Redis", "own delay p99")
    for name in (*names, "taken over", "desks back"):
        table.add_column(name, justify="right")
    for one in figures.found:
        after = (one.take_over_seconds, one.back_seconds)
        taken = ("" if seconds is None else f"{seconds} s" for seconds in after)
        times = (one.pops.count, one.pops.p50, one.pops.p99, one.pops.max)
        spent = (one.nodes_cpu_ms, one.redis_cpu_ms, one.own_delay_p99)
        table.add_row(str(one.nodes), *map(str, (*times, *spent)), *taken)
    console.print(table)
    console.print("Target: arrival to pop p99 100 ms at 100 contacts a second; taken over in 3 s.")
    console.print(f"The writer alone: {figures.writer_commands_per_second:,} commands a second.")
    console.print("Load average: " + " ".join(f"{load:.1f}" for load in figures.load_average))
    for one in figures.found:
        for problem, count in one.problems.items():
            console.print(f"{one.nodes} nodes, {count} times: {problem}", style="red")
        if one.without_pop:
            console.print(f"{one.nodes} nodes: {one.without_pop} without a pop", style="red")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    numbers = lambda text: [int(part) for part in text.split(",")]  # noqa: E731
    parser.add_argument("--nodes", type=numbers, default=[1, 2, 3], help="1,2,3")
    parser.add_argument("--desks", type=int, default=100, help="agents with a desk open")
    parser.add_argument("--rate", type=float, default=20, help="contacts a second")
    parser.add_argument("--seconds", type=float, default=15, help="length of each measurement")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    if not sys.platform.startswith("linux") or shutil.which("redis-server") is None:
        sys.exit("This needs Linux and redis-server: install Redis 7.0 or newer.")
    if given.desks < 2.5 * given.rate or given.rate < 1:
        parser.error("take 2.5 desks for each contact a second, or more: 2 seconds each take")
    allow_sockets(round(given.desks + given.rate * given.seconds * 3) + FILES_BESIDE_SOCKETS)
    run(partial(measure, given), show, given.json)


if __name__ == "__main__":
    main()
