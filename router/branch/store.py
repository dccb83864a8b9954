"""What a branch keeps on its own disk: requests that have no answer, and a copy of the log.

Two SQLite files in one folder, because they promise different things. ``outbox.db`` is on the disk
before a request counts as made (``synchronous=FULL``). ``replica.db`` outlives the process; what a
power cut takes from it the centre says again. One thread writes; what waits for it is stored
together.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Final

from router.branch.messages import Request, read_request, write
from router.branch.outbox import Waiting
from router.core.state import State
from router.journal.codec import RecordDamaged, decode, decode_snapshot

KEPT_RECORDS: Final = 5_000  # after a snapshot, before the next

_OUTBOX: Final = """
create table if not exists request (number integer primary key, since integer, body blob) strict;
create table if not exists counter (name text primary key, value integer) strict;
"""
_REPLICA: Final = """
create table if not exists image (one integer primary key, position integer, body blob) strict;
create table if not exists record (position integer primary key, body blob) strict;
"""

log = logging.getLogger(__name__)


class BranchFolderUnusable(Exception):
    """The branch cannot keep what it must; the text is a sentence for the operator."""


class BranchStore:
    """``open`` it, ``close`` it. All methods may be awaited at once; writes keep their order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, "branch store")
        self._pending: list[tuple[str, tuple[Any, ...]]] = []
        self._waiting: list[asyncio.Future[None]] = []
        self._storing: asyncio.Task[None] | None = None
        self._outbox: sqlite3.Connection | None = None
        self._replica: sqlite3.Connection | None = None
        self._lock = -1

    def open(self) -> None:
        """Raises ``BranchFolderUnusable``."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock_folder()
            self._outbox = self._opened("outbox.db", _OUTBOX, "full")
            self._replica = self._opened("replica.db", _REPLICA, "normal")
        except (OSError, sqlite3.Error) as problem:
            self._shut()
            raise BranchFolderUnusable(
                f"The folder {self._folder} of the branch cannot be used: {problem}."
            ) from problem

    def _lock_folder(self) -> None:
        self._lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._shut()
            raise BranchFolderUnusable(
                f"Another adapter works in {self._folder}: stop it, or give this one a data"
                " directory of its own."
            ) from None

    def _opened(self, name: str, tables: str, synchronous: str) -> sqlite3.Connection:
        file = self._folder / name
        file.touch(0o600)
        connection = sqlite3.connect(file, check_same_thread=False, isolation_level=None)
        connection.execute("pragma journal_mode=wal")
        connection.execute(f"pragma synchronous={synchronous}")
        connection.execute("pragma secure_delete=on")  # answers to secret questions stand here
        connection.executescript(tables)
        return connection

    async def close(self) -> None:
        if self._storing is not None:
            await asyncio.gather(self._storing, return_exceptions=True)
        await asyncio.to_thread(self._thread.shutdown)
        self._shut()

    def _shut(self) -> None:
        for connection in (self._outbox, self._replica):
            if connection is not None:
                connection.close()
        self._outbox = self._replica = None
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    # -- requests -----------------------------------------------------------------------------

    def requests(self) -> tuple[list[Waiting], int]:
        """Those without an answer, oldest first, and the number of the next."""
        rows = self._box.execute("select number, since, body from request order by number")
        found: list[Waiting] = []
        for number, since, body in rows:
            request = read_request(body)
            if request is None:
                log.error("request %d of the outbox cannot be read and is left out", number)
                continue
            found.append(Waiting(number=number, since=since, request=request))
        return found, self._counter("number") + 1

    def last_session(self) -> int:
        return self._counter("session")

    def _counter(self, name: str) -> int:
        row = self._box.execute("select value from counter where name = ?", (name,)).fetchone()
        return 0 if row is None else int(row[0])

    async def keep(self, number: int, request: Request, since: int) -> None:
        """Return when it is on the disk. Raises ``BranchFolderUnusable``."""
        self._pending.append(
            ("insert into request values (?, ?, ?)", (number, since, write(request)))
        )
        self._pending.append(_count("number", number))
        await self._stored()

    async def begin_session(self, number: int) -> None:
        self._pending.append(_count("session", number))
        await self._stored()

    def forget(self, number: int) -> None:
        """It was answered. Stored with what comes next; lost, it is asked again and answered."""
        self._pending.append(("delete from request where number = ?", (number,)))

    async def flush(self) -> None:
        if self._pending:
            await self._stored()

    async def _stored(self) -> None:
        """Return when all that waits now is stored, together with what came in the same turn."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(stored)
        if self._storing is None or self._storing.done():
            self._storing = asyncio.ensure_future(self._store_all())
        await stored

    async def _store_all(self) -> None:
        while self._waiting:
            await asyncio.sleep(0)  # whoever else asks in this turn shares the commit
            statements, self._pending = self._pending, []
            waiting, self._waiting = self._waiting, []
            problem: BranchFolderUnusable | None = None
            try:
                await self._in_thread(partial(_transact, self._box, statements))
            except BranchFolderUnusable as full:
                problem = full
            for one in waiting:
                if not one.done():
                    one.set_result(None) if problem is None else one.set_exception(problem)

    # -- the copy of the log ------------------------------------------------------------------

    def load_state(self) -> State | None:
        """As far as it was kept; None when there is nothing that can be used."""
        rows = self._log.execute("select body from image").fetchone()
        if rows is None:
            return None
        try:
            state = State.restore(decode_snapshot(rows[0]).body)
            state.set_index_aside()
            records = self._log.execute(
                "select body from record where position > ? order by position", (state.position,)
            )
            for (body,) in records:
                entry = decode(body)
                if entry.position != state.position + 1:
                    break
                state.apply_entry(entry)
            state.reindex(state.at)
        except (RecordDamaged, ValueError, KeyError, sqlite3.Error) as problem:
            log.warning("the copy of the log cannot be used, the centre is asked anew: %s", problem)
            return None
        return state

    async def keep_records(self, records: Sequence[tuple[int, bytes]]) -> None:
        statement = "insert or replace into record values (?, ?)"
        many = [(statement, record) for record in records]
        await self._in_thread(lambda: _transact(self._log, many))

    async def begin_anew(self, position: int, body: bytes) -> None:
        """``body`` is a sealed snapshot. It takes the place of all that was kept before."""
        await self._in_thread(
            lambda: _transact(
                self._log,
                [
                    ("delete from record", ()),
                    ("insert or replace into image values (1, ?, ?)", (position, body)),
                ],
            )
        )

    async def _in_thread(self, work: Callable[[], None]) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, work)
        except sqlite3.Error as problem:
            raise BranchFolderUnusable(
                f"The branch cannot write to {self._folder}: {problem}. Make room for it."
            ) from problem

    @property
    def _box(self) -> sqlite3.Connection:
        return _open(self._outbox)

    @property
    def _log(self) -> sqlite3.Connection:
        return _open(self._replica)


def _open(connection: sqlite3.Connection | None) -> sqlite3.Connection:
    if connection is None:
        raise BranchFolderUnusable("The branch's folder is closed.")
    return connection


def _count(name: str, value: int) -> tuple[str, tuple[Any, ...]]:
    return "insert or replace into counter values (?, ?)", (name, value)


def _transact(
    connection: sqlite3.Connection, statements: Sequence[tuple[str, tuple[Any, ...]]]
) -> None:
    connection.execute("begin immediate")
    try:
        for statement, values in statements:
            connection.execute(statement, values)
        connection.execute("commit")
    except BaseException:
        with contextlib.suppress(sqlite3.Error):
            connection.execute("rollback")
        raise
