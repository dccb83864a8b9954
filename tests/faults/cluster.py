"""Three nodes, a real Redis and its replica, and faults of every kind under load; then a verdict.

``python -m tests.faults.cluster --kills 20 --freezes 5 --redis-kills 5 --failovers 3 --network 10``
prints figures, recovery times and the verdict, and fails when anything was lost or done twice.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from router.lease import LASTS
from tests.faults.broker import Broker
from tests.faults.centre import CAPACITY
from tests.faults.checker import judge, read_lines
from tests.faults.client import Observer
from tests.faults.history import History
from tests.faults.load import Haste, Load
from tests.faults.members import RECOVERED_WITHIN, Member
from tests.faults.node import TENANT, WRONG, Life
from tests.faults.nursery import Nursery
from tests.faults.proxy import Proxy
from tests.faults.redises import Redises
from tests.faults.report import Report, together
from tests.faults.troubles import Faults, Troubles

_DRAIN: Final = 90.0  # seconds for the last contacts to end
_ROOT: Final = Path(__file__).parents[2]


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """``replicas`` of Redis must have what is promised; ``fsync`` is Redis's word.

    With ``lag`` nobody waits for the replica: at a failover it has heard nothing for so many
    seconds, and the writer dies with the primary; with ``site`` all nodes die.
    """

    nodes: int = 3
    replicas: int = 1
    fsync: str = "always"
    defect: str = ""
    drain: float = _DRAIN
    lag: float = 0.0
    site: bool = False
    calm: float = 0.0  # seconds of load before the first fault
    lease: int = LASTS  # microseconds
    pace: float = 1.0  # a quarter: four times as quickly after each other
    customers: int = 6  # on each of eight lines
    pause: float = 0.0  # seconds between two contacts of a customer


class Laboratory:
    """``run`` once."""

    def __init__(
        self,
        faults: Faults,
        setup: Setup,
        seed: int,
        folder: Path,
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        """``tell`` hears how far it is."""
        self._faults = faults
        self._setup = setup
        self._rng = random.Random(seed)
        self._folder = folder
        self._redises = Redises(setup.fsync, replica=setup.replicas > 0)
        self._broker = Broker(TENANT) if faults.brokers else None
        self._troubles = Troubles(
            self._rng, self._redises, self._broker,
            lease=setup.lease, lag=setup.lag, site=setup.site,
        )  # fmt: skip
        self._tell = tell
        self.report = Report(faults=faults.total)

    async def run(self) -> Report:
        began = time.perf_counter()
        live: dict[str, str] = {}
        try:
            await self._redises.start()
            if self._broker is not None:
                await self._broker.start()
            async with self._cluster() as sockets:
                seed = self._rng.randrange(1 << 30)
                load = Load(
                    sockets,
                    self._folder,
                    seed,
                    Haste(customers=self._setup.customers, pause=self._setup.pause),
                )
                watching = self._watchers(sockets)
                try:
                    await load.start()
                    await asyncio.sleep(self._setup.calm)
                    for kind, fault in self._troubles.planned(self._faults):
                        await self._suffer(kind, fault, load)
                    await self._troubles.over()
                    self.report.drained = await load.finish(self._setup.drain)
                    with suppress(TimeoutError):
                        live = await load.observer.contacts()
                    await self._listened(load.observer.position)
                finally:
                    await load.close()
                    for task, history in watching:
                        task.cancel()
                        history.close()
            self.report.seconds = time.perf_counter() - began
            await self._judge(live)
        finally:
            await self._redises.close()
            if self._broker is not None:
                await self._broker.close()
        return self.report

    @asynccontextmanager
    async def _cluster(self) -> AsyncIterator[list[str]]:
        living: list[asyncio.Task[None]] = []
        nursery = Nursery(self._folder)
        try:
            await nursery.open()
            for number in range(self._setup.nodes):
                member = Member(await self._life(f"n{number}"), nursery)
                self._troubles.members.append(member)
                living.append(asyncio.create_task(member.live()))
            await asyncio.gather(*(member.ready() for member in self._troubles.members))
            yield [member.life.socket for member in self._troubles.members]
            for member in self._troubles.members:
                member.end()
            await asyncio.wait(living, timeout=20)
        finally:
            for member in self._troubles.members:
                member.kill()
            await asyncio.gather(*living, return_exceptions=True)
            await nursery.close()
            for network in self._troubles.networks.values():
                await network.__aexit__()

    async def _life(self, name: str) -> Life:
        """Of a node with a network of its own to Redis."""
        network = await Proxy(self._redises.primary.port).__aenter__()
        self._troubles.networks[name] = network
        self._redises.networks.append(network)
        wall = self._folder / f"{name}.wall"
        wall.write_bytes(WRONG.pack(0))
        return Life(
            url=f"redis://127.0.0.1:{network.port}/0",
            name=name,
            socket=str(self._folder / f"{name}.sock"),
            replicas=0 if self._setup.lag else self._setup.replicas,
            defect=self._setup.defect,
            lease=self._setup.lease,
            wall=str(wall),
            broker=0 if self._broker is None else self._broker.network.port,
            told=str(self._folder / "told"),
        )

    async def _listened(self, position: int) -> None:
        """Let the broker's listener hear of all that happened."""
        if self._broker is not None:
            await self._broker.hears_all(position, self._setup.drain)
            self._broker.write_down(self._folder)
            self.report.told = self._broker.heard

    def _watchers(self, sockets: list[str]) -> list[tuple[asyncio.Task[None], History]]:
        """One at each node, so that each node's word is judged."""
        made = []
        for number, socket in enumerate(sockets):
            history = History(self._folder / f"watcher{number}.jsonl")
            watcher = Observer(f"watcher{number}", [socket], history)
            made.append((asyncio.create_task(watcher.run()), history))
        return made

    async def _suffer(self, kind: str, fault: Callable[[], Awaitable[None]], load: Load) -> None:
        await asyncio.sleep(self._rng.uniform(0.2, 0.9) * self._setup.pace)
        began = time.perf_counter()
        await fault()
        async with asyncio.timeout(RECOVERED_WITHIN):
            while load.newest_accepted < began:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        took = load.accepted_at - began
        times = self.report.recovered.setdefault(kind, [])
        times.append(took)
        done = sum(map(len, self.report.recovered.values()))
        self._tell(f"fault {done} of {self._faults.total}: {kind}, recovered after {took:.2f} s")
        await asyncio.gather(*(member.ready() for member in self._troubles.members))

    # -- the verdict --------------------------------------------------------------------------

    async def _judge(self, live: dict[str, str]) -> None:
        exported = self._folder / "entries.jsonl"
        with exported.open("wb") as to:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.faults.exported"),
                *(self._redises.primary.url, TENANT),
                stdout=to, cwd=_ROOT,
            )  # fmt: skip
            assert await process.wait() == 0, "the log cannot be read"
        entries = read_lines(exported)
        histories = [read_lines(p) for p in sorted(self._folder.glob("*.jsonl")) if p != exported]
        setup = {"capacity": CAPACITY, "live": live}
        (self._folder / "setup.json").write_text(json.dumps(setup))
        report = self.report
        report.problems += judge(entries, histories, CAPACITY, live)
        if self._broker is not None and not report.told:
            report.problems.append("C: the listener at the broker heard nothing")
        report.lost_answers = len({p for p in report.problems if "acknowledged and is lost" in p})
        report.lost_contacts = sorted(
            p.split()[1] for p in report.problems if "arrived 0 times" in p
        )
        sent = [fact["id"] for history in histories for fact in history if fact["kind"] == "sent"]
        report.entries = len(entries)
        report.contacts = sum(
            event["type"] == "contact_arrived" for entry in entries for event in entry["events"]
        )
        report.sent, report.resent = len(sent), len(sent) - len(set(sent))
        report.answered = len({f["id"] for h in histories for f in h if f["kind"] == "answered"})
        report.takeovers = sum(member.takeovers for member in self._troubles.members)
        report.began_anew = sum(member.began_anew for member in self._troubles.members)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in Faults.__struct_fields__:
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=0)
    parser.add_argument("--nodes", type=int, default=3)
    parser.add_argument("--replicas", type=int, default=1)
    parser.add_argument("--fsync", default="always", choices=("always", "everysec", "no"))
    parser.add_argument("--lag", type=float, default=0.0, help="seconds that the replica is behind")
    parser.add_argument("--site", action="store_true", help="with --lag: every node dies as well")
    parser.add_argument("--drain", type=float, default=_DRAIN, help="seconds for the last contacts")
    parser.add_argument("--calm", type=float, default=0.0, help="seconds before the first fault")
    parser.add_argument("--pace", type=float, default=1.0, help="less: faults follow more quickly")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two contacts")
    parser.add_argument("--defect", default="")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--rounds", type=int, default=1, help="each with the next seed; then a sum")
    parser.add_argument("--keep", type=Path, help="an empty folder for everything the run leaves")
    options = vars(parser.parse_args())
    faults = Faults(**{name: options[name] for name in Faults.__struct_fields__})
    named = ("nodes", "replicas", "fsync", "lag", "site", "drain", "calm", "defect")
    kept = (*named, "pace", "pause")
    setup = Setup(**{name: options[name] for name in kept})
    reports = []
    for number in range(options["rounds"]):
        seed = options["seed"] + number
        with tempfile.TemporaryDirectory() as temporary:
            folder = (options["keep"] or Path(temporary)) / str(seed)
            folder.mkdir(parents=True)
            tell = functools.partial(_progress, f"seed {seed}")
            reports.append(asyncio.run(Laboratory(faults, setup, seed, folder, tell).run()))
        print(json.dumps({"seed": seed, **reports[-1].figures()}, indent=1), flush=True)
    whole = together(reports)
    if len(reports) > 1:
        print(json.dumps({"rounds": len(reports), **whole.figures()}, indent=1))
    sys.exit(0 if whole.clean else 1)


def _progress(run: str, words: str) -> None:
    print(f"{run}, {words}", file=sys.stderr)


if __name__ == "__main__":
    main()
