"""A mail bomb through everything that a mail goes through, beside its simulation.

The real run: customers write a mail a while each; then once more, while thousands of mails of one
sender come into the same mailbox, and once while they come of as many senders. What is measured is
the way from the mailbox into the queue. The simulation (``mail_bomb_simulated``) has agents: how
long others wait for one, over hours.
"""

# ruff: noqa: ARG002 - stands in for a mail server, whatever that is given
from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, stdev

import msgspec

from benchmarks.mail_bomb_simulated import MAILS, Waits, as_customers, bomb_of, waits
from benchmarks.mail_samples import support_mail
from benchmarks.mail_through import Folder, Nobody, centre
from cti_adapters.email.imap.outcomes import Fetched
from cti_adapters.email.turns import Pace
from router.core.events import ContactArrived, Enqueued
from router.core.model import CustomerRef
from router.customers import Identification

CUSTOMERS = "customers.example"
EVERY = 0.5  # seconds, that another customer writes
LOADS = (0.7, 0.85, 0.95)
SEEDS = {0.7: 64}  # at 70 % busy, waits of 3 s differ by half from seed to seed
USUAL_SEEDS = 32


class Round(msgspec.Struct, kw_only=True):
    """Milliseconds from the mailbox into the queue, of the others; ``fetched`` is how many of the
    bomb's mails were brought meanwhile, ``let_in`` how many of them are contacts.
    """

    name: str
    others: int
    p50: float
    p99: float
    fetched: int
    let_in: int


class Bomb(msgspec.Struct, kw_only=True):
    """``waited``: minutes that customers waited for one of 20 agents, on average over the seeds;
    ``longer``: seconds more than without it, ``give_or_take`` one standard error. Agents had so
    many of its ``mails``; ``as_work``: minutes, had these been customers' mails. ``caught``:
    strangers who wrote meanwhile and were taken for its own, of all ``others``.
    """

    senders: int
    waited: float
    longer: float
    give_or_take: float
    mails: float
    as_work: float
    caught: float
    others: float


class Simulated(msgspec.Struct, kw_only=True):
    """Agents ``load`` busy with the others, who wait ``usual`` minutes without a bomb."""

    load: float
    usual: float
    bombs: tuple[Bomb, ...]


class Bombed(Folder):
    """The bomb's mails lie in it from the beginning; customers' come by and by."""

    def __init__(self, senders: int) -> None:
        super().__init__(0)
        self._senders = senders
        self._there = MAILS if senders else 0
        self.came: dict[str, float] = {}  # by address
        self._customers: dict[int, str] = {}  # by UID
        self.fetched = 0

    def customer_writes(self) -> None:
        self._there += 1
        address = f"c{self._there}@{CUSTOMERS}"
        self._customers[self._there] = address
        self.came[address] = time.perf_counter()
        self._news.set()

    def _sender(self, uid: int) -> str:
        return self._customers.get(uid) or f"b{uid % self._senders}@bomb.example"

    async def senders(self, uids: Sequence[int]) -> dict[int, bytes]:
        return {uid: f"From: {self._sender(uid)}".encode() for uid in uids}

    async def fetch(self, uid: int, largest: int) -> Fetched:
        self.fetched += uid not in self._customers
        _, _, rest = support_mail(uid).partition(b"\r\n")
        return Fetched(uid=uid, raw=f"From: {self._sender(uid)}\r\n".encode() + rest)


class Customers(Nobody):
    """Who has been a customer before."""

    async def identify(self, channel: str, address: str) -> Identification:
        if not address.endswith(CUSTOMERS):
            return Identification()
        return Identification(customers=(CustomerRef(id=address),))


async def measure(seconds: float, workers: int) -> list[Round]:
    rounds = (("no bomb", 0), ("one sender", 1), (f"{MAILS:,} senders", MAILS))
    return [await _round(name, senders, seconds, workers) for name, senders in rounds]


async def _round(name: str, senders: int, seconds: float, workers: int) -> Round:
    folder, took, let_in = Bombed(senders), [], 0
    addresses: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as place:
        made = centre(Path(place), folder, workers, pace=Pace(), directory=Customers())
        async with made as engine:
            following = engine.follow(engine.replica.position)
            writing = asyncio.create_task(_write(folder, seconds))
            async for entry in following:
                for event in entry.events:
                    if isinstance(event, ContactArrived):
                        addresses[event.contact] = event.address
                    elif isinstance(event, Enqueued):
                        came = folder.came.get(addresses[event.contact])
                        let_in += came is None
                        if came is not None:
                            took.append((time.perf_counter() - came) * 1_000)
                if writing.done() and len(took) == len(folder.came):
                    break
            await writing
    took.sort()
    return Round(
        name=name,
        others=len(took),
        p50=round(took[len(took) // 2], 1),
        p99=round(took[min(int(len(took) * 0.99), len(took) - 1)], 1),
        fetched=folder.fetched,
        let_in=let_in,
    )


async def _write(folder: Bombed, seconds: float) -> None:
    """The last one comes when the others are through: it ends the round."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        await asyncio.sleep(EVERY)
        folder.customer_writes()
    await asyncio.sleep(5)
    folder.customer_writes()


def simulate(load: float) -> Simulated:
    usual = [waits(load, seed) for seed in range(1, SEEDS.get(load, USUAL_SEEDS) + 1)]
    return Simulated(
        load=load,
        usual=round(fmean(one.known for one in usual), 4),
        bombs=tuple(_bombed(load, senders, usual) for senders in (1, MAILS)),
    )


def _bombed(load: float, senders: int, usual: Sequence[Waits]) -> Bomb:
    seeds = range(1, len(usual) + 1)
    runs = [waits(load, seed, bomb_of(senders, seed)) for seed in seeds]
    more = [
        waits(load, seed, as_customers(run.bombs, seed))
        for seed, run in zip(seeds, runs, strict=True)
    ]
    longer = [60 * (run.known - one.known) for run, one in zip(runs, usual, strict=True)]
    return Bomb(
        senders=senders,
        waited=round(fmean(run.known for run in runs), 4),
        longer=round(fmean(longer), 2),
        give_or_take=round(stdev(longer) / len(longer) ** 0.5, 2),
        mails=round(fmean(run.bombs for run in runs), 1),
        as_work=round(fmean(run.known for run in more), 4),
        caught=round(fmean(run.caught for run in runs), 1),
        others=round(fmean(run.others for run in runs), 1),
    )


def report(seconds: float, workers: int) -> dict[str, object]:
    """Measure, simulate and print both."""
    rounds = asyncio.run(measure(seconds, workers))
    print(f"{MAILS:,} mails in one mailbox at once; others, from the mailbox into the queue:")
    for one in rounds:
        print(
            f"  {one.name:14} p50 {one.p50:,.0f} ms, p99 {one.p99:,.0f} ms ({one.others} mails;"
            f" of the bomb's {one.fetched:,} fetched, {one.let_in} let in)"
        )
    print(f"{MAILS:,} mails in ten minutes, simulated: customers' minutes until an agent has them")
    simulated = [simulate(load) for load in LOADS]
    for found in simulated:
        print(f"  agents {found.load:.0%} busy: usual {found.usual:.3f}")
        for bomb in found.bombs:
            print(
                f"    {bomb.senders:>5,} senders {bomb.waited:.3f}"
                f" ({bomb.waited / found.usual - 1:+.0%}, {bomb.longer:+.1f} s ± "
                f"{bomb.give_or_take:.1f}); its {bomb.mails:.0f} mails as customers'"
                f" {bomb.as_work:.3f} ({bomb.as_work / found.usual - 1:+.0%});"
                f" {bomb.caught:.0f} of {bomb.others:.0f} others caught in it"
            )
    return {
        "real": msgspec.to_builtins(rounds),
        "simulated": msgspec.to_builtins(simulated),
    }
