"""The relational database: SQLite in a file by default, PostgreSQL when given its URL.

Holds what people know (customers, notes, accounts), never what routing decided: that is the
journal's. ``Base.metadata`` carries every table, whichever package defines it.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from sqlalchemy import Executable, MetaData, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import DeclarativeBase

from crm.postgres import Postgres
from crm.sqlite import SqliteThreads

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

    ``ask`` and ``change`` are the only ways in. Both take a function on a connection, which on
    SQLite runs in a thread: it is to do nothing else, and to touch nothing that others change.
    """

    def __init__(self, url: str) -> None:
        self._url = _with_driver(url)
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._way_in = _sqlite(self._url) if self.is_sqlite else Postgres(self._url)

    async def migrate(self) -> None:
        """Bring the tables to this version; safe to call from several processes at once.

        Raises ``DatabaseProblem`` when the file is damaged or newer than this program.
        """
        from crm.migrations.upgrade import upgrade

        try:
            await self._way_in.change(upgrade)
        except DBAPIError as error:
            raise DatabaseProblem(self._cannot_open(error)) from error

    async def ping(self) -> None:
        """Raises ``DatabaseUnavailable`` when a question would not be answered."""
        await self.ask(lambda connection: connection.scalar(text("SELECT 1")))

    async def ask(self, question: Callable[[Connection], AnswerT]) -> AnswerT:
        """What ``question`` reads on a connection, which must be all it does.

        On SQLite all of it is one visit to a thread, however many queries it holds. Whoever stops
        waiting breaks no connection by it. Raises ``DatabaseUnavailable``.
        """
        with _outages_named():
            return await self._way_in.ask(question)

    async def change(self, change: Callable[[Connection], AnswerT]) -> AnswerT:
        """What ``change`` answers, once what it wrote on a connection is durable; nothing of it is
        when it raises or is cancelled in time. It is not to take long: others wait to write.

        Raises ``DatabaseUnavailable``.
        """
        with _outages_named():
            return await self._way_in.change(change)

    async def close(self) -> None:
        await self._way_in.close()

    def _cannot_open(self, error: DBAPIError) -> str:
        where = self._url.database if self.is_sqlite else self._url.render_as_string()
        return (
            f"The customer database {where} cannot be used ({error.orig}): "
            "check that it is there and may be written, or restore it from a backup."
        )


def stored_at(url: str) -> bool:
    """Whether a database may be there already: a SQLite file is made by its first use."""
    file = sqlite_file(url)
    return file is None or file.exists()


def sqlite_file(url: str) -> Path | None:
    """Where the database is kept; None when a server keeps it. Raises ``DatabaseProblem``."""
    parsed = _with_driver(url)
    return Path(parsed.database or "") if parsed.get_backend_name() == "sqlite" else None


def upsert(connection: Connection, table: type[Base], key: tuple[str, ...]) -> Executable:
    """An insert that replaces the row with the same ``key``; executed with the rows."""
    insert = _insert(connection, table)
    columns = {c.name: insert.excluded[c.name] for c in table.__table__.columns}
    return insert.on_conflict_do_update(
        index_elements=key, set_={n: c for n, c in columns.items() if n not in key}
    )


def insert_missing(connection: Connection, table: type[Base], key: tuple[str, ...]) -> Executable:
    """An insert that leaves rows with the same ``key`` as they are; executed with the rows."""
    return _insert(connection, table).on_conflict_do_nothing(index_elements=key)


def _insert(connection: Connection, table: type[Base]) -> sqlite.Insert | postgresql.Insert:
    on_sqlite = connection.dialect.name == "sqlite"
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
        return parsed.set(drivername="sqlite")
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


def _sqlite(url: URL) -> SqliteThreads:
    folder = Path(url.database or "").parent
    if not folder.is_dir():
        raise DatabaseProblem(f"The folder {folder} is missing: create it, then start again.")
    return SqliteThreads(url)
