"""Figures of the engine on the real journal and the real core.

``python -m benchmarks.engine [--quick] [--folder FOLDER] [--json FILE]``. Every command is durable
(SQLite, WAL, synchronous=FULL) before it counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import msgspec

from router.clock import ManualClock, SystemClock
from router.core import commands as c
from router.core import events as e
from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.requirements import SkillAtLeast, Step, Traits
from router.decider import Decider
from router.engine import Engine, EngineLimits
from router.journal.sqlite import SqliteJournal
from router.ports import Accepted, Snapshot
from router.recovery import recover
from router.replica import Replica
from router.tasks import Tasks

SKILLS = 10


class Figures(msgspec.Struct, kw_only=True):
    """Latencies are milliseconds. Zero is what a measurement does not measure."""

    commands_per_second: int = 0
    cpu_microseconds_per_command: float = 0.0  # steadier than the rate on a busy machine
    one_at_a_time_p50: float = 0.0
    one_at_a_time_p99: float = 0.0
    freed_to_next_offer_p50: float = 0.0
    freed_to_next_offer_p99: float = 0.0
    freed_to_next_offer_max: float = 0.0
    start_entries: int = 0
    start_tail: int = 0
    start_seconds: float = 0.0
    journal_megabytes: float = 0.0
    snapshot_bytes: int = 0
    snapshot_blocks_loop: float = 0.0


def catalog(agents: int) -> Catalog:
    queues = {
        f"q{n}": Queue(
            id=f"q{n}",
            label=f"Queue {n}",
            steps=(Step(condition=SkillAtLeast(skill=f"s{n}", level=1 + n % 5)),),
            wrap_up=0,
            offer_for=3_600_000_000,
        )
        for n in range(SKILLS)
    }
    profile = Profile(
        id="all",
        label="All",
        queues=tuple(ProfileQueue(queue=name) for name in queues),
        capacity={"voice": 1},
    )
    definitions = {
        f"a{n}": AgentDefinition(
            id=f"a{n}",
            name=f"Agent {n}",
            profile="all",
            traits=Traits(skills=tuple((f"s{(n + k) % SKILLS}", 5) for k in range(5))),
        )
        for n in range(agents)
    }
    return Catalog(
        version=1,
        queues=queues,
        profiles={"all": profile},
        agents=definitions,
        skills={f"s{n}": f"Skill {n}" for n in range(SKILLS)},
    )


def opening(agents: int) -> Iterator[c.Command]:
    yield c.PublishCatalog(id="catalog", catalog=catalog(agents), replaces=0)
    for n in range(agents):
        yield c.SignIn(id=f"in{n}", agent=f"a{n}")
        yield c.SetReady(id=f"ready{n}", agent=f"a{n}")


# -- throughput -------------------------------------------------------------------------------


async def throughput(folder: Path, seconds: float, contacts_at_once: int = 400) -> Figures:
    """Whole contacts (arrive, queue, accept, end), many at once, as fast as they go."""
    journal = await SqliteJournal.open(folder / "throughput.db")
    engine = await Engine.open(journal, SystemClock())
    await engine.start()
    for command in opening(agents=500):
        await engine.submit(command)
    until = time.perf_counter() + seconds
    began, cpu_began = time.perf_counter(), time.process_time()
    counts = await asyncio.gather(*(_customers(engine, n, until) for n in range(contacts_at_once)))
    rate = sum(counts) / (time.perf_counter() - began)
    cpu = (time.process_time() - cpu_began) / sum(counts) * 1e6
    await engine.stop()
    await journal.close()
    return Figures(commands_per_second=round(rate), cpu_microseconds_per_command=round(cpu, 1))


async def _customers(engine: Engine, line: int, until: float) -> int:
    done = count = 0
    while time.perf_counter() < until:
        count += 1
        contact = f"k{line}-{count}"
        await engine.submit(c.Arrive(id=f"{contact}-1", contact=contact, channel="voice"))
        queue = f"q{(line + count) % SKILLS}"
        placed = await engine.submit(c.Enqueue(id=f"{contact}-2", contact=contact, queue=queue))
        assert isinstance(placed, Accepted)
        offer = f"{contact}.1"
        assert any(isinstance(event, e.Offered) for event in placed.events)
        await engine.submit(c.Accept(id=f"{contact}-3", offer=offer))
        await engine.submit(c.EndContact(id=f"{contact}-4", contact=contact))
        done += 4
    return done


async def one_at_a_time(folder: Path, count: int) -> Figures:
    """The latency of a single durable command on an idle engine."""
    journal = await SqliteJournal.open(folder / "single.db")
    engine = await Engine.open(journal, SystemClock())
    await engine.start()
    for command in opening(agents=10):
        await engine.submit(command)
    taken = []
    for n in range(count):
        began = time.perf_counter()
        await engine.submit(c.Arrive(id=f"i{n}", contact=f"k{n}", channel="voice"))
        taken.append((time.perf_counter() - began) * 1_000)
    await engine.stop()
    await journal.close()
    return Figures(one_at_a_time_p50=_share(taken, 0.5), one_at_a_time_p99=_share(taken, 0.99))


# -- freed agent to next offer ----------------------------------------------------------------


class NextOffer:
    """Agents who end contacts at a steady rate; measured while callers wait for them."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.measuring = False
        self.rng = random.Random(1)
        self.freed: dict[str, float] = {}
        self.taken: list[float] = []
        self.tasks = Tasks()

    async def watch(self) -> None:
        async for entry in self.engine.follow(0):
            for event in entry.events:
                if isinstance(event, e.Offered):
                    began = self.freed.pop(event.agent, None)
                    if began is not None:
                        self.taken.append((time.perf_counter() - began) * 1_000)
                    self.tasks.start(self._handle(event))

    async def _handle(self, offer: e.Offered) -> None:
        await self.engine.submit(c.Accept(id=f"{offer.offer}-a", offer=offer.offer))
        await asyncio.sleep(self.rng.uniform(0.5, 1.5))  # else all agents would end at once
        if self.measuring:
            self.freed[offer.agent] = time.perf_counter()
        await self.engine.submit(c.EndContact(id=f"{offer.offer}-e", contact=offer.contact))


async def freed_to_next_offer(folder: Path, seconds: float, agents: int = 100) -> Figures:
    """``agents`` contacts end each second and as many arrive, with 500 callers waiting."""
    journal = await SqliteJournal.open(folder / "offers.db")
    engine = await Engine.open(journal, SystemClock())
    await engine.start()
    measured = NextOffer(engine)
    measured.tasks.start(measured.watch())
    for command in opening(agents):
        await engine.submit(command)
    for n in range(1_500 + round(agents * seconds)):
        await engine.submit(c.Arrive(id=f"k{n}-1", contact=f"k{n}", channel="voice"))
        await engine.submit(c.Enqueue(id=f"k{n}-2", contact=f"k{n}", queue=f"q{n % SKILLS}"))
        if len(engine.replica.state.contacts) > 500 + agents:
            measured.measuring = True
            await asyncio.sleep(1 / agents)
    await measured.tasks.close()
    await engine.stop()
    await journal.close()
    taken = measured.taken
    return Figures(
        freed_to_next_offer_p50=_share(taken, 0.5),
        freed_to_next_offer_p99=_share(taken, 0.99),
        freed_to_next_offer_max=round(max(taken), 3),
    )


# -- start-up ---------------------------------------------------------------------------------


async def start_up(folder: Path, entries: int, tail: int) -> Figures:
    """A journal of ``entries`` whose last ``tail`` are not in a snapshot yet: time to open it."""
    path = folder / "long.db"
    size = await _long_journal(path, entries, tail)
    began = time.perf_counter()
    journal = await SqliteJournal.open(path)
    engine = await Engine.open(journal, SystemClock())
    await engine.start()
    assert engine.health().ready
    seconds = time.perf_counter() - began
    assert engine.replica.position >= entries
    began = time.perf_counter()
    engine.replica.state.snapshot()
    blocks = (time.perf_counter() - began) * 1_000
    await engine.stop()
    await journal.close()
    return Figures(
        start_entries=entries,
        start_tail=tail,
        start_seconds=round(seconds, 3),
        journal_megabytes=round(path.stat().st_size / 1e6, 1),
        snapshot_bytes=size,
        snapshot_blocks_loop=round(blocks, 2),
    )


async def _long_journal(path: Path, entries: int, tail: int) -> int:
    """Made by the real core; 1,000 contacts are always live. Returns the snapshot's size."""
    journal = await SqliteJournal.open(path)
    clock = ManualClock(at=1_700_000_000_000_000)
    replica = Replica(await recover(journal))
    decider = Decider(clock, replica)
    stream = _endless_contacts(agents=500, waiting=1_000)
    size = 0
    while replica.position < entries:
        clock.advance(50_000)
        decided = decider.decide([next(stream) for _ in range(500)]).entries
        await journal.append(decided)
        for entry in decided:
            replica.feed(entry)
        if not size and replica.position >= entries - tail:
            state = replica.state
            body = state.snapshot()
            size = len(body)
            await journal.save_snapshot(Snapshot(position=state.position, at=state.at, body=body))
    await journal.close()
    return size


def _endless_contacts(agents: int, waiting: int) -> Iterator[c.Command]:
    yield from opening(agents)
    n = 0
    while True:
        n += 1
        contact = f"k{n}"
        yield c.Arrive(id=f"{contact}-1", contact=contact, channel="voice", address="+15550100")
        yield c.Enqueue(id=f"{contact}-2", contact=contact, queue=f"q{n % SKILLS}")
        if n > waiting:
            yield c.Abandon(id=f"{contact}-3", contact=f"k{n - waiting}")
            yield c.Accept(id=f"{contact}-4", offer=f"{contact}.1")


def _share(values: list[float], share: float) -> float:
    return round(sorted(values)[int(len(values) * share)], 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a tenth of the work")
    parser.add_argument("--folder", type=Path, help="where the journals are written")
    parser.add_argument("--only", choices=["throughput", "single", "offers", "start"])
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    found: dict[str, dict[str, float]] = {}
    share = 0.1 if options.quick else 1.0
    with tempfile.TemporaryDirectory(dir=options.folder) as temporary:
        folder = Path(temporary)
        runs: dict[str, Callable[[], Coroutine[Any, Any, Figures]]] = {
            "throughput": lambda: throughput(folder, seconds=10 * share),
            "single": lambda: one_at_a_time(folder, count=int(5_000 * share)),
            "offers": lambda: freed_to_next_offer(folder, seconds=20 * share),
            "start": lambda: start_up(
                folder, int(1_000_000 * share), tail=EngineLimits().snapshot_every
            ),
        }
        for name, figures in runs.items():
            if options.only in {None, name}:
                shown = msgspec.to_builtins(asyncio.run(figures()))
                found[name] = {key: value for key, value in shown.items() if value}
                print(name)
                for key, value in found[name].items():
                    print(f"  {key.replace('_', ' '):32}{value:>16,}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
