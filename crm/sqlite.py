"""SQLite in a few threads: a question or a change as a whole is one visit to one of them.

Nothing is awaited within a visit. So a task that is cancelled while it writes cannot leave a
transaction, and with it the lock of all writers, open behind it.

What waits to be written while somebody writes is written together next: on a slow disk a hundred
changes take as long as two, and who writes seldom does not queue behind each of those who flood.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

THREADS: Final = 5  # one of them writes at most: the others answer questions meanwhile
BUSY_TIMEOUT: Final = 5_000  # milliseconds SQLite waits for another process's write
TOGETHER: Final = 64  # changes at most
WAL_ATTEMPTS, WAL_PAUSE = 100, 0.02  # and seconds between them

AnswerT = TypeVar("AnswerT")


class SqliteThreads:
    """A thread and a connection for each of a few visits to a SQLite file at once."""

    def __init__(self, url: URL) -> None:
        # An error that quotes what was to be stored would bring customers' data into the log.
        # The connection used last has its pages and statements at hand; the others know none.
        self._engine = create_engine(
            url, pool_size=THREADS, max_overflow=0, pool_use_lifo=True, hide_parameters=True
        )
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="database")
        # SQLite lets one writer in at a time; queueing here is fair, its busy wait is not.
        self._waiting: deque[_Visit] = deque()
        self._under_way = False

    async def ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        return await asyncio.wrap_future(self._threads.submit(self._ask, question))

    async def change(self, change: Callable[[Connection], AnswerT]) -> AnswerT:
        """A change that is cancelled before it was made is taken back. The next one writes,
        and the one who is cancelled goes on, only when its thread has left the database.
        """
        visit = _Visit(change)
        self._waiting.append(visit)
        self._go_on()
        try:
            answer: AnswerT = await asyncio.shield(visit.done)
        except asyncio.CancelledError:
            await self._take_back(visit)
            raise
        return answer

    async def _take_back(self, visit: _Visit) -> None:
        if visit in self._waiting:
            self._waiting.remove(visit)
            return
        visit.unwanted.set()
        while not visit.done.done():  # however often the one who waits is cancelled meanwhile
            with suppress(asyncio.CancelledError):
                await asyncio.wait({visit.done})
        if not visit.done.cancelled():
            visit.done.exception()  # nobody else asks what became of it

    def _go_on(self) -> None:
        """Write what waits, unless somebody writes."""
        if self._under_way or not self._waiting:
            return
        count = min(len(self._waiting), TOGETHER)
        visits = [self._waiting.popleft() for _ in range(count)]
        try:
            written = asyncio.wrap_future(self._threads.submit(self._write, visits))
        except RuntimeError as closed:
            for visit in (*visits, *self._waiting):
                visit.settle(closed)
            self._waiting.clear()
            return
        self._under_way = True
        # No task does it: one that is cancelled would leave the others waiting for ever.
        written.add_done_callback(partial(self._written, visits))

    def _written(
        self, visits: Sequence[_Visit], written: asyncio.Future[Sequence[_Outcome]]
    ) -> None:
        self._under_way = False
        if written.cancelled():  # the threads are closed
            for visit in visits:
                visit.done.cancel()
        else:
            for visit, outcome in zip(visits, written.result(), strict=True):
                visit.settle(outcome)
        self._go_on()

    async def close(self) -> None:
        await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        self._engine.dispose()

    # -- in a thread --------------------------------------------------------------------------

    def _ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        with self._engine.connect() as connection:
            return question(connection)

    def _write(self, visits: Sequence[_Visit]) -> Sequence[_Outcome]:
        """All together; what one of them wrote is taken back alone when it will not."""
        try:
            with self._transaction() as connection:
                return [_made(visit, connection) for visit in visits]
        except BaseException as error:  # noqa: BLE001 - whoever asked for a change is told
            return [error] * len(visits)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with (
            self._engine.connect().execution_options(patchbay_writing=True) as connection,
            connection.begin(),
        ):
            yield connection


class _Answer:
    """Of a change that is durable."""

    def __init__(self, answer: Any) -> None:  # noqa: ANN401 - any change's
        self.answer = answer


_Outcome = _Answer | BaseException


class _Visit:
    """A change that waits to be made, and the one who waits for it."""

    def __init__(self, change: Callable[[Connection], Any]) -> None:
        self.change = change
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.unwanted = threading.Event()

    def settle(self, outcome: _Outcome) -> None:
        if self.done.done():
            return
        match outcome:
            case _Answer(answer=answer):
                self.done.set_result(answer)
            case StopIteration():  # which no future takes
                self.done.set_exception(RuntimeError("a change came to an end of something"))
            case _:
                self.done.set_exception(outcome)


class _Unwanted(Exception):
    """Takes back what nobody waits for any more."""


def _made(visit: _Visit, connection: Connection) -> _Outcome:
    """Raises only what took back the others' writing as well, as a full disk does."""
    savepoint = connection.begin_nested()
    try:
        answer = visit.change(connection)
    except BaseException as error:
        if not _in_transaction(connection):
            raise
        savepoint.rollback()
        return error
    if visit.unwanted.is_set():
        savepoint.rollback()
        return _Unwanted()
    savepoint.commit()
    return _Answer(answer)


def _in_transaction(connection: Connection) -> bool:
    return bool(connection.connection.in_transaction)


# -- a connection -----------------------------------------------------------------------------


def _prepare(connection: DBAPIConnection, _record: object) -> None:
    # The driver's own transaction handling commits before DDL and begins too late to be exact.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT}",
        "synchronous = FULL",  # a note an agent saved survives a power cut
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: DBAPICursor) -> None:
    """Two who open a new file at once: the one thing for which SQLite does not wait its time."""
    for _ in range(WAL_ATTEMPTS):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            time.sleep(WAL_PAUSE)
        else:
            return
    cursor.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    # A transaction that starts by reading cannot be made a writing one while another writes.
    writing = connection.get_execution_options().get("patchbay_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
