"""The relational database: SQLite in a file by default, PostgreSQL when given its URL.

Holds what people know (customers, notes, accounts), never what routing decided: that is the
journal's. ``Base.metadata`` carries every table, whichever package defines it.
"""

from __future__ import annotations

import asyncio
import importlib.util
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import Engine, Executable, MetaData, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase

if TYPE_CHECKING:
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor

BUSY_TIMEOUT: Final = 5_000  # milliseconds SQLite waits for another process's write
WAL_ATTEMPTS, WAL_PAUSE = 100, 0.02  # and seconds between them
POSTGRES_TIMEOUT: Final = 15  # seconds for one statement
POOL_SIZE: Final = 5
# An error that quotes what was to be stored would bring customers' data into the log.
_COMMON: Final[dict[str, Any]] = {"pool_size": POOL_SIZE, "hide_parameters": True}

AnswerT = TypeVar("AnswerT")

# Named constraints, so that a migration can name what it changes on either database.
NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the database."""

    metadata = MetaData(naming_convention=NAMING)


class DatabaseProblem(Exception):
    """The database cannot be used as it is; the text says what to do."""


class DatabaseUnavailable(Exception):
    """The database did not take it now (disk full, locked, out of reach); nothing was changed."""


class Database:
    """Connections to one database. ``url`` names a SQLite file or a PostgreSQL database.

    ``sqlite:///data/patchbay.db`` or ``postgresql://user:secret@host/name``. Raises
    ``DatabaseProblem`` for any other. Nothing is opened before the first use.
    """

    def __init__(self, url: str) -> None:
        self._url = _with_driver(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self.engine = _sqlite_engine(self._url) if self.is_sqlite else _postgres_engine(self._url)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        # SQLite lets one writer in at a time; queueing here is fair, its busy wait is not.
        self._one_writer = asyncio.Lock() if self.is_sqlite else None
        self._threads = _Threads(self._url) if self.is_sqlite else None

    async def migrate(self) -> None:
        """Bring the tables to this version; safe to call from several processes at once.

        Raises ``DatabaseProblem`` when the file is damaged or newer than this program.
        """
        from crm.migrations.upgrade import upgrade

        try:
            async with self._begin_writing() as connection:
                await connection.run_sync(upgrade)
        except DBAPIError as error:
            raise DatabaseProblem(self._cannot_open(error)) from error

    async def ping(self) -> None:
        """Raises ``DatabaseUnavailable`` when a question would not be answered."""
        await self.ask(lambda connection: connection.scalar(text("SELECT 1")))

    async def ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        """What ``question`` reads on a connection, which must be all it does.

        For what is asked with every contact: on SQLite the question as a whole is one visit to a
        thread, where the asyncio driver pays for several with each query. Whoever stops waiting
        breaks no connection by it. Raises ``DatabaseUnavailable``.
        """
        with _outages_named():
            if self._threads is not None:
                return await self._threads.ask(question)
            async with self.engine.connect() as connection:
                return await connection.run_sync(question)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session to read in. Raises ``DatabaseUnavailable``."""
        with _outages_named():
            async with self.sessions() as session:
                yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at its end, or changes nothing. Raises ``DatabaseUnavailable``."""
        with _outages_named():
            async with (
                self._one_writer or nullcontext(),
                self._begin_writing() as connection,
                AsyncSession(bind=connection, expire_on_commit=False) as session,
            ):
                yield session
                await session.flush()

    async def close(self) -> None:
        if self._threads is not None:
            await self._threads.close()
        await self.engine.dispose()

    @asynccontextmanager
    async def _begin_writing(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.connect() as connection:
            await connection.execution_options(patchbay_writing=True)
            async with connection.begin():
                yield connection

    def _cannot_open(self, error: DBAPIError) -> str:
        where = self._url.database if self.is_sqlite else self._url.render_as_string()
        return (
            f"The customer database {where} cannot be used ({error.orig}): "
            "check that it is there and may be written, or restore it from a backup."
        )


class _Threads:
    """A connection and a thread for each of a few questions to a SQLite file."""

    def __init__(self, url: URL) -> None:
        self._engine = _prepared(
            create_engine(url.set(drivername="sqlite"), max_overflow=0, **_COMMON)
        )
        self._pool = ThreadPoolExecutor(POOL_SIZE, thread_name_prefix="database")

    async def ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._ask, question)

    def _ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        with self._engine.connect() as connection:
            return question(connection)

    async def close(self) -> None:
        await asyncio.to_thread(self._pool.shutdown, cancel_futures=True)
        self._engine.dispose()


def stored_at(url: str) -> bool:
    """Whether a database may be there already: a SQLite file is made by its first use."""
    parsed = _with_driver(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").exists()


def upsert(session: AsyncSession, table: type[Base], key: tuple[str, ...]) -> Executable:
    """An insert that replaces the row with the same ``key``; executed with the rows."""
    insert = _insert(session, table)
    columns = {c.name: insert.excluded[c.name] for c in table.__table__.columns}
    return insert.on_conflict_do_update(
        index_elements=key, set_={n: c for n, c in columns.items() if n not in key}
    )


def insert_missing(session: AsyncSession, table: type[Base], key: tuple[str, ...]) -> Executable:
    """An insert that leaves rows with the same ``key`` as they are; executed with the rows."""
    return _insert(session, table).on_conflict_do_nothing(index_elements=key)


def _insert(session: AsyncSession, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    return sqlite.insert(table) if on_sqlite else postgresql.insert(table)


class _outages_named:  # noqa: N801 - reads as a statement where it is used
    """Turns the driver's operational errors into ``DatabaseUnavailable``, one sentence."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, OperationalError | InterfaceError | OSError | TimeoutError):
            cause = error.orig if isinstance(error, DBAPIError) else error
            raise DatabaseUnavailable(
                f"The customer database did not answer ({cause}): check its disk and try again."
            ) from error


def _with_driver(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseProblem(_WHICH_URL) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite" and parsed.database and parsed.database != ":memory:":
        return parsed.set(drivername="sqlite+aiosqlite")
    if backend in {"postgresql", "postgres"}:
        if importlib.util.find_spec("asyncpg") is None:
            raise DatabaseProblem(
                "PostgreSQL needs the driver asyncpg: install Patchbay with the extra `postgres`."
            )
        return parsed.set(drivername="postgresql+asyncpg")
    raise DatabaseProblem(_WHICH_URL)


_WHICH_URL: Final = (
    "A database URL names a file, as sqlite:///data/patchbay.db, "
    "or a server, as postgresql://user:password@host/name."
)


def _sqlite_engine(url: URL) -> AsyncEngine:
    folder = Path(url.database or "").parent
    if not folder.is_dir():
        raise DatabaseProblem(f"The folder {folder} is missing: create it, then start again.")
    engine = create_async_engine(url, max_overflow=0, **_COMMON)
    _prepared(engine.sync_engine)
    return engine


def _prepared(engine: Engine) -> Engine:
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
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


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that starts by reading cannot be made a writing one while another writes.
    writing = connection.get_execution_options().get("patchbay_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


def _postgres_engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        pool_pre_ping=True,
        connect_args={"timeout": POSTGRES_TIMEOUT, "command_timeout": POSTGRES_TIMEOUT},
        **_COMMON,
    )
