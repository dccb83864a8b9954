"""Every database test runs on SQLite and on a real PostgreSQL of its own."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

import server.accounts
import server.catalog_versions
import server.drafts
import server.flow_versions
import server.mail_store
import server.recordings  # noqa: F401 - their tables are in the same metadata
from crm.database import Base, Database
from crm.store import CustomerStore
from router.clock import ManualClock
from router.core.durations import DAY
from tests import migrated

NOW = 20_000 * DAY


class PostgresServer:
    """A private cluster on a free port of this machine, gone afterwards."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._shared = ""
        # PostgreSQL refuses to run as root; its package makes a user for it.
        self._user = "postgres" if os.geteuid() == 0 else None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]

    def start(self) -> None:
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "-D", "data", "-A", "trust", "-U", "patchbay", "-E", "UTF8", "-N")
        options = f"-p {self._port} -c listen_addresses=127.0.0.1 -c fsync=off -k {self._folder}"
        self._run("pg_ctl", "-D", "data", "-w", "-l", "log", "-o", options, "start")

    def stop(self) -> None:
        self._run("pg_ctl", "-D", "data", "-w", "-m", "immediate", "stop")

    def shared_database(self) -> str:
        """The URL of one database for all who leave it empty."""
        self._shared = self._shared or self.new_database()
        return self._shared

    def new_database(self) -> str:
        """The URL of a fresh, empty database."""
        name = f"test_{secrets.token_hex(4)}"
        where = ("-h", "127.0.0.1", "-p", str(self._port), "-U", "patchbay")
        self._run("createdb", *where, name)
        return f"postgresql+asyncpg://patchbay@127.0.0.1:{self._port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self._programs / program), *arguments],
            cwd=self._folder,
            user=self._user,
            check=True,
            stdout=subprocess.DEVNULL,
            timeout=60,
        )


def _programs() -> Path | None:
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return versions[-1] if versions else None


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: the package is called postgresql")
    # Not pytest's own folder: that is closed to the user the server runs as.
    folder = Path(tempfile.mkdtemp(prefix="patchbay-pg-"))
    server = PostgresServer(programs, folder)
    try:
        server.start()
        yield server
        server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database of the test's own, without tables."""
    if kind == "sqlite":
        return f"sqlite:///{tmp_path / 'patchbay.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def database_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database to use; the one PostgreSQL has is emptied after each test, which is quicker."""
    if kind == "sqlite":
        migrated.put_into(tmp_path)
        return f"sqlite:///{tmp_path / migrated.NAME}"
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.shared_database()


@pytest.fixture
async def empty_database(empty_url: str) -> AsyncIterator[Database]:
    database = Database(empty_url)
    yield database
    await database.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url)
    await database.migrate()
    yield database
    if not database.is_sqlite:
        tables = ", ".join(table.name for table in Base.metadata.sorted_tables)
        await database.change(lambda connection: connection.execute(text(f"TRUNCATE {tables}")))
    await database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def store(database: Database, clock: ManualClock) -> CustomerStore:
    return CustomerStore(database, clock, region="GB")
