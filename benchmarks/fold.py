"""A long log in a Redis of its own: what it takes there, and how fast another node reads it.

``patchbay bench fold [--entries N] [--agents N] [--json FILE]``, with ``redis-server``. Chats that
a core decided (found out who it is, queued, accepted, one message, ended) are written as one writer
would write them; then a node without a snapshot reads and folds all of it, as a start does.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from redis.asyncio import Redis as Client
from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.cluster import Redis
from benchmarks.engine import SKILLS, opening
from router.clock import ManualClock
from router.core import commands as c
from router.core.durations import MINUTE, SECOND
from router.core.events import Entry, Offered
from router.core.model import CustomerRef
from router.core.state import State
from router.decider import Decider
from router.journal.redis import Keys, RedisJournal
from router.journal.redis_address import connect
from router.lease import Lease
from router.ports import Accepted
from router.recovery import recover
from router.replica import Replica

TENANT = "folded"
BATCH = 500
APART = SECOND // 10  # between two chats
TEXT = "Good morning, my parcel has not come yet and the page says it was delivered yesterday."


class Figures(msgspec.Struct, kw_only=True):
    """``megabytes`` of 1,000,000 bytes that Redis holds for the log. Seconds of ``folded`` are
    processor time of this process, of ``read`` what passed.
    """

    entries: int
    agents: int
    contacts: int
    megabytes: float
    bytes_each: int
    folded_seconds: float
    read_seconds: float
    folded_a_second: int
    load_average: tuple[float, float, float]


class Centre:
    """Decides chats one after the other and keeps the entries that are still to be written."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.contacts = 0
        self._clock = ManualClock(1_700_000_000 * SECOND)
        self._replica = Replica(State())
        self._decider = Decider(self._clock, self._replica)

    def say(self, command: c.Command) -> Accepted:
        decisions = self._decider.decide([command])
        for entry in decisions.entries:
            self._replica.feed(entry)
        self.entries += decisions.entries
        outcome = decisions.outcomes[0]
        if not isinstance(outcome, Accepted):
            sys.exit(f"A command of the benchmark was refused: {outcome}")
        return outcome

    def chat(self) -> None:
        self.contacts += 1
        self._clock.advance(APART)
        contact = f"chat-{self.contacts:020}"
        self.say(c.Arrive(id=f"{contact}/arrive", by="chat", contact=contact, channel="voice"))
        customer = CustomerRef(id=f"{self.contacts:021x}", name=f"Customer {self.contacts}")
        self.say(c.IdentifyCustomer(id=f"{contact}/who", contact=contact, customer=customer))
        said = f"{contact}-1"
        self.say(
            c.PostMessage(id=said, contact=contact, message=said, author="customer", text=TEXT)
        )
        queue = f"q{self.contacts % SKILLS}"
        placed = self.say(c.Enqueue(id=f"{contact}/enqueue", contact=contact, queue=queue))
        offer = next(event.offer for event in placed.events if isinstance(event, Offered))
        self.say(c.Accept(id=f"{contact}/accept", offer=offer))
        self._clock.advance(MINUTE)
        self.say(c.EndContact(id=f"{contact}/end", contact=contact))


async def write(client: Client, wanted: int, agents: int) -> Centre:
    """A log of ``wanted`` entries, or a few more."""
    token = await Lease(client, TENANT, "fold", lasts=3_600 * SECOND).take()
    journal = await RedisJournal.open(client, TENANT, token)
    centre = Centre()
    for command in opening(agents):
        centre.say(command)
    while journal.last + len(centre.entries) < wanted:
        centre.chat()
        if len(centre.entries) >= BATCH:
            await journal.append(centre.entries)
            centre.entries = []
    await journal.append(centre.entries)
    return centre


async def measure(wanted: int, agents: int, folder: Path) -> Figures:
    redis = Redis(folder / "redis")
    async with redis.running(), connect(redis.url) as client:
        centre = await write(client, wanted, agents)
        size = int(await client.memory_usage(Keys.of(TENANT).log, samples=0) or 0)
        journal = await RedisJournal.open(client, TENANT)
        spent, began = time.process_time(), time.perf_counter()
        state = await recover(journal)
        spent, passed = time.process_time() - spent, time.perf_counter() - began
    return Figures(
        entries=state.position,
        agents=agents,
        contacts=centre.contacts,
        megabytes=round(size / 1e6, 1),
        bytes_each=round(size / state.position),
        folded_seconds=round(spent, 2),
        read_seconds=round(passed, 2),
        folded_a_second=round(state.position / spent),
        load_average=os.getloadavg(),
    )


def rows_of(f: Figures) -> Iterator[tuple[str, str]]:
    yield "the log", f"{f.entries:,} entries of {f.contacts:,} chats, {f.agents:,} agents"
    yield "memory of Redis for it", f"{f.megabytes} MB, {f.bytes_each} bytes an entry"
    yield "read and folded", f"in {f.read_seconds} s ({f.folded_seconds} s of processor)"
    yield "for each second of processor", f"{f.folded_a_second:,} entries"
    yield "load average", " ".join(f"{load:.1f}" for load in f.load_average)


def show(console: Console, figures: Figures) -> None:
    table = Table(show_header=False)
    for row in rows_of(figures):
        table.add_row(*row)
    console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=25_000, help="length of the log")
    parser.add_argument("--agents", type=int, default=500, help="who is signed in")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    if shutil.which("redis-server") is None:
        sys.exit("This needs redis-server: install Redis 7.0 or newer.")
    if given.agents < 1 or given.entries <= 2 * given.agents:
        parser.error("take more than two entries for each agent: signing in is two of them")
    console = Console()
    with (
        tempfile.TemporaryDirectory(prefix="patchbay-bench-") as folder,
        console.status("Writing a long log"),
    ):
        figures = asyncio.run(measure(given.entries, given.agents, Path(folder)))
    show(console, figures)
    if given.json is not None:
        given.json.write_bytes(msgspec.json.format(msgspec.json.encode(figures)) + b"\n")


if __name__ == "__main__":
    main()
