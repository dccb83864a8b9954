"""A laboratory in one process: nodes in this event loop on a real Redis, faults at marked places.

Cheap enough for one run for each seeded bug. Nothing in it waits for a fixed time: a run goes on
by what was accepted, so it finds on a slow machine what it finds on a fast one.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final, Self, TypeVar

import msgspec
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as Unreachable

from router.clock import SystemClock
from router.cluster.node import Node, Timing
from router.core.durations import MILLISECOND, SECOND
from router.engine import EngineLimits
from router.journal import redis_scripts as scripts
from router.journal.redis import Keys
from router.ports import JournalDamaged, JournalUnavailable
from tests.faults.centre import CAPACITY
from tests.faults.checker import Fact, judge, read_lines
from tests.faults.client import Observer
from tests.faults.exported import records
from tests.faults.history import History
from tests.faults.load import Haste, Load
from tests.faults.service import Service

TIMING: Final = Timing(lease=400 * MILLISECOND, renew=0.1, contend=0.05)
LIMITS: Final = EngineLimits(inbox=2_000, batch=64, snapshot_every=150, first_retry=0.05)
HASTE: Final = Haste(
    lines=4, customers=3, agents=8, doubled=0.2, accepted_twice=0.2, written_up=0.2
)
SLOWER: Final = 30 * SECOND  # each start of a node has a clock so far behind the one before
_BEGINNING: Final = 32  # bytes, in which a message says what it is
STUCK: Final = 3.0  # seconds without anything accepted, after which a spoilt run is over

_FORGET_THE_TAIL: Final = """
local last = tonumber(redis.call('HGET', KEYS[1], 'last'))
local kept = last - tonumber(ARGV[1])
for position = kept + 1, last do redis.call('XDEL', KEYS[2], position .. '-0') end
redis.call('XSETID', KEYS[2], kept .. '-0')
redis.call('HSET', KEYS[1], 'last', string.format('%d', kept))
"""

T = TypeVar("T")

_lives = itertools.count(1)


class Broken(Exception):
    """Nothing more can come of this run."""


class Line(Redis):
    """What one life of a node says to Redis, and the faults of that."""

    def begin(self) -> Self:
        self.up = asyncio.Event()
        self.up.set()
        self.asleep = False  # renewals of the lease are not sent, and the node thinks they were
        self.eats = 0  # so many answers to appends do not come
        return self

    async def execute_command(self, *told: Any, **options: Any) -> Any:
        await self.up.wait()
        if self.asleep and _is(told, scripts.RENEW_LEASE):
            return 1
        answer = await super().execute_command(*told, **options)
        if self.eats and _is(told, scripts.APPEND):
            self.eats -= 1
            raise Unreachable("the answer was eaten")
        return answer


def _is(told: tuple[Any, ...], script: str) -> bool:
    digest = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
    return told[0] in {"EVAL", "EVALSHA"} and told[1] in {script, digest}


class Member:
    """A node that begins anew whenever it has ended or died, at the same socket."""

    def __init__(self, laboratory: Small, number: int) -> None:
        self.socket = str(laboratory.folder / f"n{number}.sock")
        self.mute = False  # its answers reach nobody
        self.ready = asyncio.Event()
        self.node: Node | None = None
        self.line: Line
        self._laboratory = laboratory
        self._voices: set[_Voice] = set()
        self._dead = asyncio.Event()

    @property
    def writes(self) -> bool:
        return self.node is not None and self.node.writes and not self.node.ended.done()

    async def live(self) -> None:
        while True:
            self._dead.clear()
            self.mute = False
            self.line = self._laboratory.line()
            try:
                await self._life()
            except JournalDamaged as problem:
                self._laboratory.damaged(str(problem))
                return
            finally:
                self.ready.clear()
                await self.line.aclose()
            await asyncio.sleep(0.02)

    async def _life(self) -> None:
        life = next(_lives)
        clock = SystemClock(lambda: time.time_ns() - self._laboratory.life() * SLOWER * 1_000)
        with suppress(JournalUnavailable):
            self.node = await Node.open(
                self.line, self._laboratory.tenant, f"life{life}", clock,
                limits=LIMITS, timing=TIMING,
            )  # fmt: skip
            await self.node.start()
            server = await asyncio.start_unix_server(self._serve, self.socket)
            self.ready.set()
            dead = asyncio.ensure_future(self._dead.wait())
            try:
                await asyncio.wait({self.node.ended, dead}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                dead.cancel()
                server.close()
                self._fall_silent()
                await self._buried(self.node)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert self.node is not None
        voice = _Voice(self, writer)
        self._voices.add(voice)
        await Service(self.node).serve(reader, voice)  # type: ignore[arg-type]
        self._voices.discard(voice)

    def _fall_silent(self) -> None:
        for voice in self._voices:
            voice.abort()

    def die(self) -> None:
        """At once: nothing is finished, nothing is released, nobody is told."""
        self.line.up.clear()
        self._fall_silent()
        self._dead.set()

    async def _buried(self, node: Node) -> None:
        """End every task of it, as the end of a process does."""
        self.line.up.clear()
        engine = node._engine
        of_engine = () if engine is None else (engine._writer, engine._snapshot)
        left = {*node._tasks, *filter(None, of_engine)}
        while left:  # what one waits for in its last moments is cancelled the next time
            for task in left:
                task.cancel()
            _, left = await asyncio.wait(left, timeout=0.01)
        node._followers.close()


class _Voice:
    """Says what a node says to a client, but no answers while it is mute."""

    def __init__(self, member: Member, writer: asyncio.StreamWriter) -> None:
        self._member = member
        self._writer = writer

    def write(self, data: bytes) -> None:
        if not self._member.mute or b"Answered" not in data[:_BEGINNING]:
            self._writer.write(data)

    async def drain(self) -> None:
        await self._writer.drain()

    def close(self) -> None:
        self._writer.close()

    def abort(self) -> None:
        self._member.mute = True
        self._writer.transport.abort()


Plot = Callable[["Small"], Awaitable[None]]


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    problems: list[str]
    drained: bool
    contacts: int
    over: str  # why it ended before its time


class Small:
    """``run`` once."""

    def __init__(
        self, url: str, tenant: str, folder: Path, nodes: int = 3, patience: float = STUCK
    ) -> None:
        """``patience``: seconds without anything accepted, after which the run is over."""
        self.url = url
        self.tenant = tenant
        self.folder = folder
        self.members = [Member(self, number) for number in range(nodes)]
        self.load = Load([m.socket for m in self.members], folder, 7, HASTE)
        self._patience = patience
        self._lines: list[Line] = []
        self._over = asyncio.Event()
        self._damaged = False  # the log: nobody can begin anew
        self._why = ""
        self._started = 0

    def life(self) -> int:
        self._started += 1
        return self._started

    def line(self) -> Line:
        self._lines.append(Line.from_url(self.url, retry=Retry(NoBackoff(), 0)).begin())
        return self._lines[-1]

    def damaged(self, why: str) -> None:
        self._damaged = True
        self.broken(why)

    def broken(self, why: str) -> None:
        self._why = self._why or why
        self._over.set()

    async def run(self, plot: Plot, drain: float) -> Verdict:
        """Up to ``drain`` seconds for the last contacts to end."""
        living = [asyncio.create_task(member.live()) for member in self.members]
        watching = []
        drained = False
        async with Redis.from_url(self.url) as redis:
            self._redis = redis
            try:
                await asyncio.gather(*(member.ready.wait() for member in self.members))
                watching = self._watchers()
                try:
                    await self._within(self.load.start())
                    await plot(self)
                    drained = drain > 0 and await self._drained(drain)
                except Broken:
                    pass
                finally:
                    await self.load.close()
                live, position = await self._settled()
            finally:
                tasks = (*living, *(task for task, _ in watching))
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                for line in self._lines:  # a member that was cancelled may not have got to it
                    await line.aclose()
                for _, history in watching:
                    history.close()
            entries = [e for e in await records(redis, self.tenant) if _upto(e, position)]
        return self._judged(entries, live, drained)

    def _judged(self, entries: list[Fact], live: dict[str, str], drained: bool) -> Verdict:
        histories = [read_lines(path) for path in sorted(self.folder.glob("*.jsonl"))]
        types = [event["type"] for entry in entries for event in entry["events"]]
        return Verdict(
            problems=judge(entries, histories, CAPACITY, live),
            drained=drained,
            contacts=types.count("contact_arrived"),
            over=self._why,
        )

    def _watchers(self) -> list[tuple[asyncio.Task[None], History]]:
        made = []
        for number, member in enumerate(self.members):
            history = History(self.folder / f"watcher{number}.jsonl")
            watcher = Observer(f"watcher{number}", [member.socket], history)
            made.append((asyncio.create_task(watcher.run()), history))
        return made

    async def _drained(self, within: float) -> bool:
        return await self._within(self.load.finish(within))

    async def _settled(self) -> tuple[dict[str, str], int]:
        """What a node that has all that was answered says about live contacts, and at which
        position: what timers did later is not looked at.
        """
        last = int(await self._redis.hget(Keys.of(self.tenant).head, "last") or 0)
        end = time.monotonic() + self._patience
        while not self._damaged and time.monotonic() < end:
            for member in self.members:
                if member.ready.is_set() and member.node.replica.position >= last:
                    state = member.node.replica.state
                    return {c.id: c.state.value for c in state.contacts.values()}, state.position
            await asyncio.sleep(0.01)
        return {}, 0

    # -- what plots are made of -----------------------------------------------------------------

    async def accepted(self, more: int) -> None:
        """Go on until so many more commands have been accepted. Raises ``Broken``."""
        goal = self.load.accepted + more
        await self.until(lambda: self.load.accepted >= goal)

    async def until(self, there: Callable[[], bool]) -> None:
        """Raises ``Broken`` when nothing more is accepted for long."""
        last, since = self.load.accepted, time.monotonic()
        while not there():
            if self.load.accepted != last:
                last, since = self.load.accepted, time.monotonic()
            if time.monotonic() - since > self._patience:
                self.broken("nothing more was accepted")
            if self._over.is_set():
                raise Broken
            await asyncio.sleep(0.005)

    async def writer(self) -> Member:
        await self.until(lambda: any(member.writes for member in self.members))
        return next(member for member in self.members if member.writes)

    def another_writes(self, last: Node | None) -> bool:
        return any(member.writes and member.node is not last for member in self.members)

    async def forget_the_tail(self, entries: int) -> None:
        """Redis comes back from a failover without its last entries."""
        keys = Keys.of(self.tenant)
        await self._redis.eval(_FORGET_THE_TAIL, 2, keys.head, keys.log, entries)

    async def _within(self, work: Coroutine[Any, Any, T]) -> T:
        """Raises ``Broken`` when the run is over before."""
        task = asyncio.ensure_future(work)
        try:
            await self.until(task.done)
        finally:
            task.cancel()
        return task.result()


# -- plots --------------------------------------------------------------------------------------


async def calm(laboratory: Small) -> None:
    await laboratory.accepted(250)


async def death(laboratory: Small) -> None:
    """The writer dies, and its last answers have reached nobody."""
    await laboratory.accepted(150)
    writer = await laboratory.writer()
    writer.mute = True
    await laboratory.accepted(20)
    writer.die()
    await laboratory.accepted(150)


async def deaths(laboratory: Small) -> None:
    """One writer after the other dies in the middle of its work."""
    for _ in range(3):
        await laboratory.accepted(60)
        writer = await laboratory.writer()
        last = writer.node
        writer.die()
        await laboratory.until(partial(laboratory.another_writes, last))
    await laboratory.accepted(60)


async def sleep(laboratory: Small) -> None:
    """The writer does not renew its lease, and goes on for all that another one writes."""
    await laboratory.accepted(100)
    writer = await laboratory.writer()
    last = writer.node
    writer.line.asleep = True
    await laboratory.until(partial(laboratory.another_writes, last))
    await laboratory.accepted(150)


async def amnesia(laboratory: Small) -> None:
    """Redis loses what it had said was written."""
    await laboratory.accepted(150)
    await laboratory.forget_the_tail(8)
    await laboratory.accepted(100)


async def deafness(laboratory: Small) -> None:
    """What is written is written, and the writer is not told."""
    for _ in range(3):
        await laboratory.accepted(50)
        (await laboratory.writer()).line.eats = 1
    await laboratory.accepted(50)


async def everything(laboratory: Small) -> None:
    for plot in (death, deaths, sleep, amnesia, deafness):
        await plot(laboratory)


def _upto(entry: Fact, position: int) -> bool:
    return not position or entry["position"] <= position
