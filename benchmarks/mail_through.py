"""Mails through everything between two servers: read, kept, routed and recorded.

The folder is in memory; all else is what a centre has: processes that read, files and database and
journal that are durable (SQLite), the channel, the router. Each contact ends when it is in its
queue, or the router's memory would be what is measured.
"""

# ruff: noqa: ANN401, ARG002 - stands in for parts of others, whatever those are given
from __future__ import annotations

import asyncio
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import linear_regression
from typing import Any

import msgspec

from benchmarks.mail_samples import megabytes, readers_megabytes, support_mail
from crm.database import Database
from cti_adapters.email.channel import EmailChannel, MailParts
from cti_adapters.email.imap.outcomes import Fetched, Selected
from cti_adapters.email.outbox import Delivery
from cti_adapters.email.reader_pool import ReaderPool
from cti_adapters.email.settings import Account, ImapSettings, MailboxSettings, SmtpSettings
from cti_adapters.email.turns import Pace
from ivr.entry import route
from router.clock import SystemClock
from router.core.catalog import Catalog, EntryPoint, Queue
from router.core.commands import Abandon, PublishCatalog
from router.core.events import Enqueued
from router.core.state import REMEMBERED_COMMANDS
from router.customers import Identification
from router.engine import Engine
from router.files import FileFolder
from router.intake import Intake
from router.journal.sqlite import SqliteJournal
from router.limits import Rate
from router.ports import CustomerDirectory
from server.allocator import keep_together
from server.interpreter import take_short_turns
from server.mail_store import SqlMailStore

AT_ONCE = 200  # mails that lie in the folder unread
EVERYBODY_AT_ONCE = Pace(a_sender=Rate(burst=10**9, every=1), strangers=10**9, known=10**9)
BOX = MailboxSettings(
    id="help",
    address="help@example.com",
    entry_point="mail",
    imap=ImapSettings(host="localhost", account=Account(username="help")),
    smtp=SmtpSettings(host="localhost"),
    from_the_first=True,
)
WATCHED = {
    "files": ("keep",),
    "reader": ("read",),
    "store": ("keep_all", "move_cursor", "settle", "waiting", "next_due", "threads_of",
              "threads_about", "thread", "outgoing_with"),
    "intake": ("receive",),
    "sink": ("submit",),
}  # fmt: skip


class Mark(msgspec.Struct, kw_only=True):
    """After so many ``mails``: the least ``megabytes`` that this process had since the mark before,
    and the ``most`` (a snapshot takes some for a moment); those of the processes that read, all
    together; how many commands the router remembers, of ``REMEMBERED_COMMANDS``; and how many mails
    ``a_second`` went through since the mark before.
    """

    mails: int
    megabytes: float
    most: float
    readers: float
    remembered: int
    a_second: float

    def line(self) -> str:
        return (
            f"{self.mails:>9,} mails {self.megabytes:7.1f} to {self.most:.1f} MB,"
            f" readers {self.readers:6.1f} MB, {self.remembered:>6,} commands remembered,"
            f" {self.a_second:6.1f} mails a second"
        )


class Through(msgspec.Struct, kw_only=True):
    """``spent``: milliseconds a mail spent in each step, of which many go on at once. ``grows`` is
    what this process grew by in 10,000 mails, megabytes, from the first mark on at which the router
    remembered all the commands that it does; None when there are too few marks from then on.
    """

    mails: int
    through_per_second: float
    processor: float  # milliseconds a mail, of this process: it says more on a busy machine
    spent: dict[str, float]
    marks: tuple[Mark, ...]
    grows: float | None
    database_megabytes: float


class Watch:
    """How long calls of some methods took, all together."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def most(self) -> list[tuple[str, float]]:
        """What took longest comes first."""
        return sorted(self.seconds.items(), key=lambda one: -one[1])

    def over(self, name: str, thing: Any) -> Any:
        return _Watched(self, name, thing)


class _Watched:
    def __init__(self, watch: Watch, name: str, thing: Any) -> None:
        self._watch, self._name, self._thing = watch, name, thing

    def __getattr__(self, method: str) -> Any:
        found = getattr(self._thing, method)
        return self._timed(method, found) if method in WATCHED[self._name] else found

    def _timed(self, method: str, call: Callable[..., Awaitable[Any]]) -> Any:
        async def timed(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return await call(*given, **named)
            finally:
                self._watch.seconds[f"{self._name}.{method}"] += time.perf_counter() - began

        return timed


class Folder:
    """Mails appear in it as fast as they are routed; and a way out that nobody takes."""

    confirms = True

    def __init__(self, mails: int, mail: Callable[[int], bytes] = support_mail) -> None:
        self._mails = mails
        self._mail = mail
        self._there = min(AT_ONCE, mails)
        self._news = asyncio.Event()

    def routed(self, count: int) -> None:
        self._there = min(count + AT_ONCE, self._mails)
        self._news.set()

    async def connect(self) -> None: ...
    async def close(self) -> None: ...
    async def create(self, folder: str) -> None: ...
    async def mark(self, uids: Sequence[int], flags: Sequence[str]) -> None: ...

    async def select(self, folder: str = "", *, read_only: bool = False) -> Selected:
        there = self._there
        return Selected(
            folder="INBOX", uidvalidity=1, uidnext=there + 1, exists=there, keywords=True
        )

    async def new_uids(self, after: int, most: int = 200) -> tuple[int, ...]:
        return tuple(range(after + 1, min(after + most, self._there) + 1))

    async def senders(self, uids: Sequence[int]) -> dict[int, bytes]:
        return {uid: b"From: c%d@example.org" % (uid % 5_000) for uid in uids}

    async def fetch(self, uid: int, largest: int) -> Fetched:
        return Fetched(uid=uid, raw=self._mail(uid))

    async def wait(self, seconds: float) -> bool:
        await self._news.wait()
        self._news.clear()
        return True

    async def send(self, sender: str, recipients: Sequence[str], content: bytes) -> Delivery:
        raise AssertionError("nobody answers here")


class Servers:
    def __init__(self, folder: Any) -> None:
        self._folder = folder

    def folder(self, box: MailboxSettings) -> Any:
        return self._folder

    def post(self, box: MailboxSettings) -> Any:
        return self._folder


class Nobody(CustomerDirectory):
    async def identify(self, channel: str, address: str) -> Identification:
        return Identification()


async def measure(mails: int, workers: int, mail: Callable[[int], bytes] = support_mail) -> Through:
    """``mail`` makes one of its number. This process is set up as a service is."""
    keep_together()
    take_short_turns()
    with tempfile.TemporaryDirectory() as temporary:
        return await _measure(mails, workers, mail, Path(temporary))


async def _measure(mails: int, workers: int, mail: Callable[[int], bytes], place: Path) -> Through:
    watch, folder = Watch(), Folder(mails, mail)
    async with centre(place, folder, workers, watch=watch) as engine:
        following = engine.follow(engine.replica.position)
        began, worked = time.perf_counter(), time.process_time()
        marks = await _until_routed(mails, following, engine, folder)
        elapsed, worked = time.perf_counter() - began, time.process_time() - worked
    return Through(
        mails=mails,
        through_per_second=round(mails / elapsed, 1),
        processor=round(worked * 1_000 / mails, 2),
        spent={name: round(s * 1_000 / mails, 3) for name, s in watch.most()},
        marks=tuple(marks),
        grows=_grows(marks),
        database_megabytes=round((place / "patchbay.db").stat().st_size / 1_000_000, 1),
    )


@asynccontextmanager
async def centre(
    place: Path,
    folder: Any,
    workers: int,
    *,
    watch: Watch | None = None,
    pace: Pace = EVERYBODY_AT_ONCE,
    directory: CustomerDirectory | None = None,
) -> AsyncIterator[Engine]:
    """All but the mail servers, for which ``folder`` stands."""
    clock, watch, directory = SystemClock(), watch or Watch(), directory or Nobody()
    database = Database(f"sqlite:///{place / 'patchbay.db'}")
    await database.migrate()
    journal = await SqliteJournal.open(place / "journal.db")
    engine = await Engine.open(journal, clock)
    await engine.start()
    queue = {"care": Queue(id="care", label="Care")}
    entry = {"mail": EntryPoint(id="mail", channel="email", queue="care")}
    catalog = Catalog(version=1, queues=queue, entry_points=entry)
    await engine.submit(PublishCatalog(id="catalog", catalog=catalog, replaces=0))
    sink = watch.over("sink", engine)
    intake = Intake(sink, engine.replica, directory, flow=route)
    channel = EmailChannel(
        sink,
        watch.over("intake", intake),
        engine.replica,
        clock,
        MailParts(
            boxes=(BOX,),
            store=watch.over("store", SqlMailStore(database)),
            files=watch.over("files", FileFolder(place / "files")),
            reader=watch.over("reader", ReaderPool(workers=workers)),
            connections=Servers(folder),
            directory=directory,
            secret=b"s" * 32,
            pace=pace,
        ),
    )
    await channel.start()
    try:
        yield engine
    finally:
        await channel.stop()
        await intake.close()
        await engine.stop()
        await journal.close()
        await database.close()


async def _until_routed(mails: int, following: Any, engine: Engine, folder: Folder) -> list[Mark]:
    """A mark at each tenth of the way, told as it is reached."""
    routed, found, sizes = 0, list[Mark](), list[float]()
    tenth, looks = max(mails // 10, 1), max(mails // 200, 1)
    began = time.perf_counter()
    async for entry in following:
        for event in entry.events:
            if not isinstance(event, Enqueued):
                continue
            routed += 1
            folder.routed(routed)
            if routed % looks == 0:
                sizes.append(megabytes())
            if routed % tenth == 0:
                pace = tenth / (time.perf_counter() - began)
                found.append(_mark(routed, sizes or [megabytes()], engine, pace))
                print(found[-1].line(), file=sys.stderr, flush=True)
                began, sizes = time.perf_counter(), []
            await engine.submit(Abandon(id=f"{event.contact}/gone", contact=event.contact))
        if routed >= mails:
            return found
    raise AssertionError("the log ended")


def _mark(mails: int, sizes: Sequence[float], engine: Engine, pace: float) -> Mark:
    return Mark(
        mails=mails,
        megabytes=round(min(sizes), 1),
        most=round(max(sizes), 1),
        readers=round(readers_megabytes(), 1),
        remembered=len(engine.replica.state.commands),
        a_second=round(pace, 1),
    )


def _grows(marks: Sequence[Mark]) -> float | None:
    """The slope of a line through the marks (least squares)."""
    full = [one for one in marks if one.remembered >= REMEMBERED_COMMANDS]
    if len(full) < 3:
        return None
    slope, _ = linear_regression([one.mails for one in full], [one.megabytes for one in full])
    return round(slope * 10_000, 2)
