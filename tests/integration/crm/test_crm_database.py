"""The database: schema, transactions, outages."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, event, text

from crm.database import Base, Database, DatabaseProblem, DatabaseUnavailable
from crm.migrations.upgrade import newest
from crm.sqlite import SqliteThreads
from tests import migrated

LONG = 60  # seconds; nobody waits so long but where something is broken


async def _positions(database: Database) -> int:
    count = text("SELECT count(*) FROM followers")
    return await database.ask(lambda connection: connection.scalar(count)) or 0


async def _add(database: Database, name: str) -> None:
    await database.change(lambda connection: _added(connection, name))


def _added(connection: Connection, name: str) -> int:
    connection.execute(text("SELECT count(*) FROM customers"))  # reads before it writes
    added = connection.execute(text("INSERT INTO followers VALUES (:name, 1)"), {"name": name})
    return added.rowcount


def _names(connection: Connection) -> list[str]:
    return list(connection.scalars(text("SELECT name FROM followers ORDER BY name")))


def _schema(connection: Connection) -> str:
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


async def test_migrated_tables_are_exactly_those_the_models_describe(database: Database) -> None:
    differences = await database.ask(
        lambda connection: compare_metadata(
            MigrationContext.configure(connection, opts={"compare_type": True}), Base.metadata
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
    assert await empty_database.ask(_schema) == newest()


async def test_two_files_are_migrated_at_once(tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path / name}") for name in ("one.db", "two.db")]
    await asyncio.gather(*(database.migrate() for database in databases))
    assert [await database.ask(_schema) for database in databases] == [newest()] * 2
    for database in databases:
        await database.close()


async def test_a_database_of_a_newer_version_is_refused_unchanged(
    empty_database: Database,
) -> None:
    database = empty_database
    await database.migrate()
    future = text("UPDATE alembic_version SET version_num = '9999_future'")
    await database.change(lambda connection: connection.execute(future))
    with pytest.raises(DatabaseProblem, match="newer Patchbay"):
        await database.migrate()
    assert await database.ask(_schema) == "9999_future"


async def test_a_migration_that_fails_leaves_no_table_behind(empty_database: Database) -> None:
    notes = text("CREATE TABLE notes (id INTEGER)")  # in the way of ours
    await empty_database.change(lambda connection: connection.execute(notes))
    with pytest.raises(DatabaseProblem):
        await empty_database.migrate()
    customers = text("SELECT count(*) FROM customers")
    with pytest.raises(Exception, match="customers"):
        await empty_database.ask(lambda connection: connection.execute(customers))


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


async def test_a_change_that_raises_changes_nothing(database: Database) -> None:
    def change(connection: Connection) -> None:
        _added(connection, "one")
        raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await database.change(change)
    assert await _positions(database) == 0
    assert await database.change(lambda c: _added(c, "one")) == 1


async def test_changes_nobody_waits_for_any_more_leave_the_connections_usable(
    database: Database,
) -> None:
    for number in range(30):
        task = asyncio.create_task(_add(database, f"{number}"))
        await asyncio.sleep(0.001 * (number % 3))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    await asyncio.wait_for(_add(database, "after all"), LONG)
    assert 1 <= await _positions(database) <= 31


# -- SQLite's one writer ----------------------------------------------------------------------


@pytest.fixture
async def in_a_file(tmp_path: Path) -> AsyncIterator[Database]:
    migrated.put_into(tmp_path)
    database = Database(f"sqlite:///{tmp_path / migrated.NAME}")
    yield database
    await database.close()


def _write_at_once(folder: Path) -> None:
    """As another process that does not wait for a lock."""
    file = folder / migrated.NAME
    with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")


STEPS = 3  # of a change


async def _cancelled(database: Database, step: int, times: int) -> None:
    """A change that is cancelled, again and again, while it stands before one of its steps."""
    loop, heard = asyncio.get_running_loop(), threading.Event()

    def cancel(times: int) -> None:
        if times:
            task.cancel()
            loop.call_soon(cancel, times - 1)
        else:
            heard.set()

    def change(connection: Connection) -> None:
        for number in range(STEPS):
            if number == step:
                loop.call_soon_threadsafe(cancel, times)
                assert heard.wait(LONG)
            _added(connection, f"step {number}")

    task = asyncio.create_task(database.change(change))
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("step", range(STEPS))
async def test_a_change_that_is_cancelled_is_taken_back_and_its_lock_with_it(
    in_a_file: Database, tmp_path: Path, step: int, times: int
) -> None:
    await _cancelled(in_a_file, step, times)
    _write_at_once(tmp_path)
    assert await _positions(in_a_file) == 0


@pytest.mark.parametrize("times", [1, 2])
async def test_whenever_a_change_is_cancelled_others_may_write_at_once(
    in_a_file: Database, tmp_path: Path, times: int
) -> None:
    for number in range(60):
        task = asyncio.create_task(_add(in_a_file, f"{number}"))
        for _ in range(number % 30):
            await asyncio.sleep(0 if number < 30 else 0.0002)
        for _ in range(times):
            task.cancel()
            await asyncio.sleep(0)
        await asyncio.gather(task, return_exceptions=True)
        _write_at_once(tmp_path)


async def test_questions_are_answered_from_what_is_committed_however_many_wait_to_write(
    in_a_file: Database,
) -> None:
    await _add(in_a_file, "before")
    loop, under_way, go_on = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def change(connection: Connection) -> None:
        _added(connection, "long")
        loop.call_soon_threadsafe(under_way.set)
        assert go_on.wait(LONG)

    async with asyncio.timeout(LONG), asyncio.TaskGroup() as writers:
        writers.create_task(in_a_file.change(change))
        await under_way.wait()
        for number in range(20):
            writers.create_task(_add(in_a_file, f"{number}"))
        answers = await asyncio.gather(*(in_a_file.ask(_names) for _ in range(20)))
        assert answers == [["before"]] * 20
        go_on.set()
    assert await _positions(in_a_file) == 22


async def test_changes_are_made_in_the_order_they_were_asked_for(in_a_file: Database) -> None:
    made: list[int] = []
    await asyncio.gather(
        *(in_a_file.change(lambda _, number=number: made.append(number)) for number in range(20))
    )
    assert made == list(range(20))


class Held:
    """Somebody who writes until told to go on, so that others wait."""

    def __init__(self) -> None:
        self._under_way, self._go_on = asyncio.Event(), threading.Event()
        self._loop = asyncio.get_running_loop()

    def change(self, _: Connection) -> None:
        self._loop.call_soon_threadsafe(self._under_way.set)
        assert self._go_on.wait(LONG)

    async def others(
        self, database: Database, changes: list[Callable[[Connection], int]], cancelled: int = -1
    ) -> list[int | BaseException]:
        """What became of ``changes``, all of which waited; one is cancelled while it does."""
        first = asyncio.create_task(database.change(self.change))
        await self._under_way.wait()
        waiting = [asyncio.create_task(database.change(change)) for change in changes]
        await asyncio.sleep(0)
        if cancelled >= 0:
            waiting[cancelled].cancel()
        self._go_on.set()
        await first
        return await asyncio.gather(*waiting, return_exceptions=True)


def _adds(name: str) -> Callable[[Connection], int]:
    return lambda connection: _added(connection, name)


async def test_what_waits_to_be_written_is_written_together(in_a_file: Database) -> None:
    commits: list[object] = []
    assert isinstance(in_a_file._way_in, SqliteThreads)
    event.listen(in_a_file._way_in._engine, "commit", commits.append)
    outcomes = await Held().others(in_a_file, [_adds(f"{number}") for number in range(50)])
    assert outcomes == [1] * 50
    assert await _positions(in_a_file) == 50
    assert len(commits) == 2


def _refuses(connection: Connection) -> int:
    _added(connection, "refused")
    raise LookupError


async def test_of_what_is_written_together_one_that_raises_is_taken_back_alone(
    in_a_file: Database,
) -> None:
    outcomes = await Held().others(in_a_file, [_adds("a"), _refuses, _adds("b")])
    assert outcomes[::2] == [1, 1]
    assert isinstance(outcomes[1], LookupError)
    assert await in_a_file.ask(_names) == ["a", "b"]


async def test_of_what_waits_one_that_is_cancelled_is_never_made(in_a_file: Database) -> None:
    changes = [_adds("a"), _adds("cancelled"), _adds("b")]
    outcomes = await Held().others(in_a_file, changes, cancelled=1)
    assert outcomes[::2] == [1, 1]
    assert isinstance(outcomes[1], asyncio.CancelledError)
    assert await in_a_file.ask(_names) == ["a", "b"]


async def test_of_what_is_written_together_one_that_is_cancelled_is_taken_back_alone(
    in_a_file: Database,
) -> None:
    loop, heard = asyncio.get_running_loop(), threading.Event()

    def is_cancelled(connection: Connection) -> int:
        added = _added(connection, "cancelled")
        loop.call_soon_threadsafe(lambda: (cancelled.cancel(), loop.call_soon(heard.set)))
        assert heard.wait(LONG)
        return added

    held = Held()
    first = asyncio.create_task(in_a_file.change(held.change))
    await held._under_way.wait()
    changes = (_adds("a"), is_cancelled, _adds("b"))
    before, cancelled, after = (asyncio.create_task(in_a_file.change(one)) for one in changes)
    await asyncio.sleep(0)
    held._go_on.set()
    outcomes = await asyncio.gather(first, before, cancelled, after, return_exceptions=True)
    assert isinstance(outcomes.pop(2), asyncio.CancelledError)
    assert outcomes == [None, 1, 1]
    assert await in_a_file.ask(_names) == ["a", "b"]


async def test_among_those_that_refuse_others_are_made_once_and_committed_together(
    in_a_file: Database,
) -> None:
    made, commits = [], []
    assert isinstance(in_a_file._way_in, SqliteThreads)
    event.listen(in_a_file._way_in._engine, "commit", commits.append)

    def add(connection: Connection) -> int:
        made.append(1)
        return _added(connection, f"{len(made)}")

    outcomes = await Held().others(in_a_file, [add, _refuses] * 20)
    assert outcomes[::2] == [1] * 20
    assert len(made) == 20
    assert len(commits) == 2


async def test_a_change_that_runs_out_of_items_stops_nobody_else(in_a_file: Database) -> None:
    outcomes = await Held().others(in_a_file, [lambda _: next(iter(())), _adds("after")])
    assert isinstance(outcomes[0], RuntimeError)
    assert outcomes[1] == 1


# -- outages ----------------------------------------------------------------------------------


async def test_a_full_disk_is_an_outage_and_keeps_what_was_there(in_a_file: Database) -> None:
    database = in_a_file
    await _add(database, "before")

    def write_past_the_end(connection: Connection) -> None:
        pages = connection.scalar(text("PRAGMA page_count"))
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        body = {"body": b"x" * 1_000_000}
        connection.execute(text("INSERT INTO open_contacts VALUES ('c', :body)"), body)

    with pytest.raises(DatabaseUnavailable, match="full"):
        await database.change(write_past_the_end)
    assert await _positions(database) == 1


async def test_a_file_that_is_no_database_is_named_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "patchbay.db"
    file.write_bytes(b"precious notes, not a database" * 100)
    database = Database(f"sqlite:///{file}")
    with pytest.raises(DatabaseProblem, match="restore it from a backup"):
        await database.migrate()
    await database.close()
    assert file.read_bytes() == b"precious notes, not a database" * 100


async def test_a_writer_that_holds_on_too_long_is_an_outage_not_a_crash(
    in_a_file: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm.sqlite.BUSY_TIMEOUT", 50)
    await in_a_file.ping()
    with closing(sqlite3.connect(tmp_path / migrated.NAME, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable, match="locked"):
            await in_a_file.change(lambda _: pytest.fail("the other writer still holds the lock"))


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


async def test_an_address_that_names_the_driver_of_earlier_days_still_works(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'patchbay.db'}")
    await database.ping()
    await database.close()
