"""The SQLite journal against damaged, cut, foreign and busy files, and a full disk."""
# ruff: noqa: ASYNC240  # reading and spoiling files is the test

from __future__ import annotations

import asyncio
import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from router.core.events import SCHEMA, AgentNotReady, Entry
from router.journal import export as exporting
from router.journal.codec import encode, seal
from router.journal.sqlite import SqliteJournal
from router.ports import JournalDamaged, JournalUnavailable, Snapshot


def entries(first: int, last: int) -> list[Entry]:
    reason = "a reason long enough to fill pages " * 4
    return [
        Entry(
            position=position,
            at=position,
            cause=f"c{position}",
            by="",
            events=(AgentNotReady(agent="ann", reason=f"{reason}{position}"),),
        )
        for position in range(first, last + 1)
    ]


async def stored(path: Path, last: int) -> None:
    journal = await SqliteJournal.open(path)
    await journal.append(entries(1, last))
    await journal.close()


async def read(path: Path) -> list[int]:
    journal = await SqliteJournal.open(path)
    try:
        return [entry.position async for entry in journal.read()]
    finally:
        await journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.db"


def change(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement, values)
    connection.close()


# -- what survives ----------------------------------------------------------------------------


async def test_entries_and_snapshot_survive_closing(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    await journal.append(entries(1, 10))
    await journal.save_snapshot(Snapshot(position=10, at=10, body=b"state"))
    await journal.close()

    journal = await SqliteJournal.open(path)
    assert [entry async for entry in journal.read()] == entries(1, 10)
    assert await journal.load_snapshot() == Snapshot(position=10, at=10, body=b"state")
    await journal.append(entries(11, 11))
    await journal.close()


async def test_commits_are_flushed_to_the_disk(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    assert journal._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    assert journal._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    await journal.close()


async def test_a_log_cut_anywhere_loses_whole_batches_from_its_end_and_nothing_else(
    path: Path, tmp_path: Path
) -> None:
    journal = await SqliteJournal.open(path)
    for batch in range(20):
        await journal.append(entries(batch * 5 + 1, batch * 5 + 5))
    database = path.read_bytes()
    log = path.with_name("journal.db-wal").read_bytes()
    await journal.close()

    survivors = []
    for cut in range(0, len(log), len(log) // 23):
        copy = tmp_path / f"cut{cut}.db"
        copy.write_bytes(database)
        copy.with_name(f"cut{cut}.db-wal").write_bytes(log[:cut])
        left = await read(copy)
        assert left == list(range(1, len(left) + 1))
        assert len(left) % 5 == 0
        survivors.append(len(left))
    assert survivors == sorted(survivors)
    assert len(set(survivors)) > 10


async def test_only_the_last_two_snapshots_are_kept(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    await journal.append(entries(1, 4))
    for position in (1, 2, 3, 4):
        await journal.save_snapshot(Snapshot(position=position, at=0, body=b""))
    await journal.close()
    with sqlite3.connect(path) as connection:
        kept = connection.execute("SELECT position FROM snapshots ORDER BY 1").fetchall()
    connection.close()
    assert kept == [(3,), (4,)]


async def test_a_damaged_snapshot_is_passed_over_for_the_one_before(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    await journal.append(entries(1, 4))
    await journal.save_snapshot(Snapshot(position=3, at=0, body=b"good"))
    await journal.save_snapshot(Snapshot(position=4, at=0, body=b"lost"))
    await journal.close()
    change(path, "UPDATE snapshots SET record = x'0011' WHERE position = 4")
    journal = await SqliteJournal.open(path)
    assert await journal.load_snapshot() == Snapshot(position=3, at=0, body=b"good")
    await journal.close()


async def test_a_snapshot_of_another_schema_is_not_used(path: Path) -> None:
    await stored(path, 2)
    change(path, "INSERT INTO snapshots VALUES (2, ?)", seal(b"whatever", schema=SCHEMA + 1))
    journal = await SqliteJournal.open(path)
    assert await journal.load_snapshot() is None
    await journal.close()


# -- what is damaged --------------------------------------------------------------------------


async def test_a_flipped_bit_is_noticed_and_the_entries_before_it_are_still_read(
    path: Path,
) -> None:
    await stored(path, 20)
    content = bytearray(path.read_bytes())
    place = content.index(b"pages 13", content.index(b"a reason"))
    content[place] ^= 4
    path.write_bytes(content)
    journal = await SqliteJournal.open(path)
    assert [entry.position async for entry in journal.read(until=12)] == list(range(1, 13))
    stream = journal.read()
    assert [(await anext(stream)).position for _ in range(12)] == list(range(1, 13))
    with pytest.raises(JournalDamaged, match=r"journal\.db is damaged \(entry 13.*backup"):
        await anext(stream)
    await journal.close()


async def test_a_missing_entry_is_noticed(path: Path) -> None:
    await stored(path, 5)
    change(path, "DELETE FROM entries WHERE position = 3")
    with pytest.raises(JournalDamaged, match="entry 3 is missing"):
        await read(path)


async def test_a_record_in_another_records_place_is_noticed(path: Path) -> None:
    await stored(path, 5)
    change(path, "UPDATE entries SET record = ? WHERE position = 4", encode(entries(2, 2)[0]))
    with pytest.raises(JournalDamaged, match="entry 4 holds 2"):
        await read(path)


async def test_entries_missing_behind_a_snapshot_are_noticed(path: Path) -> None:
    await stored(path, 5)
    change(path, "INSERT INTO snapshots VALUES (9, x'00')")
    journal = await SqliteJournal.open(path)
    with pytest.raises(JournalDamaged, match="entries after 5 are missing"):
        await journal.load_snapshot()
    await journal.close()


@pytest.mark.parametrize("spoil", ["cut", "overwrite"])
async def test_a_file_whose_last_pages_are_lost_is_called_damaged(path: Path, spoil: str) -> None:
    await stored(path, 400)
    content = path.read_bytes()
    half = len(content) // 2 // 4096 * 4096
    rest = b"" if spoil == "cut" else b"\xff" * (len(content) - half)
    path.write_bytes(content[:half] + rest)
    with pytest.raises(JournalDamaged, match=r"journal\.db .*backup"):
        await read(path)


async def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"customers;names\n" * 500)
    before = path.read_bytes()
    with pytest.raises(JournalDamaged, match=r"journal\.db is not a Patchbay journal"):
        await SqliteJournal.open(path)
    assert path.read_bytes() == before


async def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    change(path, "CREATE TABLE songs (title TEXT)")
    before = path.read_bytes()
    with pytest.raises(JournalDamaged, match="not a Patchbay journal"):
        await SqliteJournal.open(path)
    assert path.read_bytes() == before


async def test_a_journal_of_a_newer_program_is_refused(path: Path) -> None:
    await stored(path, 1)
    change(path, "PRAGMA user_version = 99")
    with pytest.raises(JournalDamaged, match="newer Patchbay"):
        await SqliteJournal.open(path)


# -- what is unavailable ----------------------------------------------------------------------


async def test_a_second_writer_is_refused_and_told_why(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    with pytest.raises(JournalUnavailable, match="Another Patchbay is already writing"):
        await SqliteJournal.open(path)
    await journal.append(entries(1, 1))
    await journal.close()
    assert await read(path) == [1]


def _open_elsewhere(path: Path, answer: multiprocessing.SimpleQueue[str]) -> None:
    try:
        asyncio.run(SqliteJournal.open(path))
        answer.put("opened")
    except JournalUnavailable as problem:
        answer.put(str(problem))


async def test_a_second_process_is_refused(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    context = multiprocessing.get_context("spawn")
    answer = context.SimpleQueue()
    process = context.Process(target=_open_elsewhere, args=(path, answer))
    process.start()
    await asyncio.to_thread(process.join)
    assert "Another Patchbay" in answer.get()
    answer.close()
    process.close()
    await journal.close()


async def test_a_full_disk_stores_nothing_and_is_survived(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    await journal.append(entries(1, 5))
    pages = journal._writer.execute("PRAGMA page_count").fetchone()[0]
    journal._writer.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(JournalUnavailable, match="disk is full"):
        await journal.append(entries(6, 500))
    assert [entry.position async for entry in journal.read()] == [1, 2, 3, 4, 5]
    journal._writer.execute("PRAGMA max_page_count = 1000000")
    await journal.append(entries(6, 500))
    await journal.close()
    assert await read(path) == list(range(1, 501))


async def test_a_file_locked_by_another_program_is_survived(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = await SqliteJournal.open(path)
    await journal.append(entries(1, 1))
    journal._writer.execute("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(JournalUnavailable, match="locked"):
        await journal.append(entries(2, 2))
    other.execute("ROLLBACK")
    other.close()
    await journal.append(entries(2, 2))
    await journal.close()
    assert await read(path) == [1, 2]


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="check that its folder exists"):
        await SqliteJournal.open(tmp_path / "nowhere" / "journal.db")


async def test_a_failed_open_releases_the_claim(path: Path) -> None:
    path.write_bytes(b"not a database, and long enough to be looked at" * 100)
    with pytest.raises(JournalDamaged):
        await SqliteJournal.open(path)
    path.unlink()
    assert await read(path) == []


# -- export -----------------------------------------------------------------------------------


def test_export_writes_one_line_an_entry(path: Path, tmp_path: Path) -> None:
    asyncio.run(stored(path, 3))
    lines = tmp_path / "entries.jsonl"
    with lines.open("wb") as to:
        assert exporting.export(path, to) == 3
    assert [line.count('"position"') for line in lines.read_text().splitlines()] == [1, 1, 1]


def test_export_of_a_journal_that_is_not_there_creates_none(path: Path, tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as to, pytest.raises(JournalUnavailable, match="no journal"):
        exporting.export(path, to)
    assert not path.exists()
