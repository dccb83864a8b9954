"""The database: schema, transactions, outages."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from crm.database import Base, Database, DatabaseProblem, DatabaseUnavailable
from crm.migrations.upgrade import newest


async def _positions(database: Database) -> int:
    async with database.reading() as session:
        return await session.scalar(text("SELECT count(*) FROM followers")) or 0


async def _add(database: Database, name: str) -> None:
    async with database.writing() as session:
        await session.execute(text("SELECT count(*) FROM customers"))  # reads before it writes
        await session.execute(text("INSERT INTO followers VALUES (:name, 1)"), {"name": name})


async def test_migrated_tables_are_exactly_those_the_models_describe(database: Database) -> None:
    async with database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda c: compare_metadata(
                MigrationContext.configure(c, opts={"compare_type": True}), Base.metadata
            )
        )
    assert differences == []


async def test_migrating_twice_or_at_once_is_migrating_once(
    empty_database: Database, empty_url: str
) -> None:
    other = Database(empty_url)
    try:
        await asyncio.gather(empty_database.migrate(), other.migrate())
        await empty_database.migrate()
    finally:
        await other.close()
    async with empty_database.reading() as session:
        assert await session.scalar(text("SELECT version_num FROM alembic_version")) == newest()


async def test_a_database_of_a_newer_version_is_refused_unchanged(
    empty_database: Database,
) -> None:
    database = empty_database
    await database.migrate()
    async with database.writing() as session:
        await session.execute(text("UPDATE alembic_version SET version_num = '9999_future'"))
    with pytest.raises(DatabaseProblem, match="newer Patchbay"):
        await database.migrate()
    async with database.reading() as session:
        version = await session.scalar(text("SELECT version_num FROM alembic_version"))
    assert version == "9999_future"


async def test_a_migration_that_fails_leaves_no_table_behind(empty_database: Database) -> None:
    async with empty_database.writing() as session:
        await session.execute(text("CREATE TABLE notes (id INTEGER)"))  # in the way of ours
    with pytest.raises(DatabaseProblem):
        await empty_database.migrate()
    with pytest.raises(Exception, match="customers"):
        async with empty_database.reading() as session:
            await session.execute(text("SELECT count(*) FROM customers"))


async def test_writing_that_raises_changes_nothing(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.writing() as session:
            await session.execute(text("INSERT INTO followers VALUES ('x', 1)"))
            raise KeyError

    with pytest.raises(KeyError):
        await write_and_fail()
    assert await _positions(database) == 0


async def test_many_writers_at_once_all_get_their_turn(
    database: Database, database_url: str
) -> None:
    other = Database(database_url)  # as another process would
    try:
        writers = [
            _add(each, f"{each is other}{n}") for n in range(20) for each in (database, other)
        ]
        await asyncio.gather(*writers)
    finally:
        await other.close()
    assert await _positions(database) == 40


async def test_cancelled_work_leaves_the_connections_usable(database: Database) -> None:
    for n in range(20):
        task = asyncio.create_task(_add(database, str(n)))
        for _ in range(n):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.wait_for(_add(database, "after"), 5)
    assert await _positions(database) >= 1


def _names(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT name FROM followers ORDER BY name")))


async def test_a_question_is_answered_from_what_is_committed(database: Database) -> None:
    await _add(database, "before")
    async with database.writing() as session:
        await session.execute(text("INSERT INTO followers VALUES ('later', 1)"))
        assert await database.ask(_names) == ["before"]
    assert await database.ask(_names) == ["before", "later"]


async def test_questions_nobody_waits_for_any_more_leave_the_connections_usable(
    database: Database,
) -> None:
    await _add(database, "kept")
    for n in range(30):
        task = asyncio.create_task(database.ask(_names))
        for _ in range(n % 10):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    answers = await asyncio.wait_for(asyncio.gather(*(database.ask(_names) for _ in range(20))), 5)
    assert answers == [["kept"]] * 20


async def test_a_full_disk_is_an_outage_and_keeps_what_was_there(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'patchbay.db'}")
    await database.migrate()
    await _add(database, "before")

    async def write_past_the_end() -> None:
        async with database.writing() as session:
            pages = await session.scalar(text("PRAGMA page_count"))
            await session.execute(text(f"PRAGMA max_page_count = {pages}"))
            body = {"body": b"x" * 1_000_000}
            await session.execute(text("INSERT INTO open_contacts VALUES ('c', :body)"), body)

    with pytest.raises(DatabaseUnavailable, match="full"):
        await write_past_the_end()
    assert await _positions(database) == 1
    await database.close()


async def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "patchbay.db"
    file.write_bytes(b"precious notes, not a database" * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(DatabaseProblem, match="restore it from a backup"):
        await database.migrate()
    await database.close()
    assert file.read_bytes() == b"precious notes, not a database" * 100


async def test_a_writer_that_holds_on_too_long_is_an_outage_not_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.database.BUSY_TIMEOUT", 50)
    database = Database(f"sqlite:///{tmp_path / 'patchbay.db'}")
    await database.migrate()
    async with database.engine.connect() as connection:
        await connection.exec_driver_sql("SELECT 1")
    holder = sqlite3.connect(tmp_path / "patchbay.db", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with pytest.raises(DatabaseUnavailable, match="locked"):
            async with database.writing():
                pytest.fail("the other writer still holds the lock")
    finally:
        holder.close()
        await database.close()


async def test_an_unreachable_server_is_an_outage() -> None:
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable):
        await database.ping()
    await database.close()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_other_urls_are_refused_with_an_example(url: str) -> None:
    with pytest.raises(DatabaseProblem, match="postgresql://"):
        Database(url)


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(DatabaseProblem, match=r"/nowhere/at-all is missing"):
        Database("sqlite:////nowhere/at-all/patchbay.db")
