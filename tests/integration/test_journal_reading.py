"""A journal read from beside the service that writes it."""

from __future__ import annotations

from pathlib import Path

import pytest

from router.core import events as e
from router.journal.reading import count_entries, is_journal, read_entries
from router.journal.sqlite import SqliteJournal
from router.ports import JournalDamaged


def entry(position: int) -> e.Entry:
    event = e.AgentSignedIn(agent="ann")
    return e.Entry(position=position, at=position, cause="c", by="", events=(event,))


@pytest.fixture
async def journal(tmp_path: Path) -> Path:
    opened = await SqliteJournal.open(tmp_path / "journal.db")
    await opened.append([entry(n) for n in range(1, 6)])
    await opened.close()
    return tmp_path / "journal.db"


async def test_entries_are_read_while_a_service_writes_on(journal: Path) -> None:
    service = await SqliteJournal.open(journal)
    reading = read_entries(journal)
    assert next(reading).position == 1
    await service.append([entry(6)])
    assert [one.position for one in reading] == [2, 3, 4, 5]
    assert count_entries(journal) == 6
    await service.close()


async def test_a_record_that_is_damaged_and_one_that_is_missing_are_told(journal: Path) -> None:
    opened = await SqliteJournal.open(journal)
    opened._writer.execute("DELETE FROM entries WHERE position = 2")
    opened._writer.execute("UPDATE entries SET record = x'00' WHERE position = 1")
    with pytest.raises(JournalDamaged, match="entry 1"):
        list(read_entries(journal))
    opened._writer.execute("DELETE FROM entries WHERE position = 1")
    with pytest.raises(JournalDamaged, match="entry 1 is missing"):
        list(read_entries(journal))
    await opened.close()


def test_other_files_are_no_journals(tmp_path: Path) -> None:
    text = tmp_path / "calls.csv"
    text.write_text("a,b\n")
    assert not is_journal(text)
    assert not is_journal(tmp_path / "none")
    assert not is_journal(tmp_path)
