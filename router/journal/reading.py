"""Reading a journal without opening it for work: nothing is claimed, and nothing is written.

A service may go on writing it meanwhile; what it had committed when the reading began is read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from router.core.events import Entry
from router.journal import sqlite_file
from router.journal.codec import RecordDamaged, decode

_SIGN = b"SQLite format 3\x00"


def is_journal(path: Path) -> bool:
    """Whether ``path`` is a file of the kind that holds journals; ``read_entries`` looks closer."""
    try:
        with path.open("rb") as file:
            return file.read(len(_SIGN)) == _SIGN
    except OSError:
        return False


def count_entries(path: Path) -> int:
    """Raises what ``read_entries`` raises."""
    try:
        with closing(_opened(path)) as reader:
            return int(reader.execute("SELECT count(*) FROM entries").fetchone()[0])
    except sqlite3.Error as error:
        raise sqlite_file.explained(error, path) from error


def read_entries(path: Path) -> Iterator[Entry]:
    """All entries from the first. Raises ``JournalUnavailable`` or ``JournalDamaged``."""
    query = "SELECT position, CAST(record AS BLOB) FROM entries ORDER BY position"
    try:
        with closing(_opened(path)) as reader:
            for expected, (position, record) in enumerate(reader.execute(query), 1):
                yield _decoded(path, position, record, expected)
    except sqlite3.Error as error:
        raise sqlite_file.explained(error, path) from error


def _opened(path: Path) -> sqlite3.Connection:
    reader = sqlite_file.open_reader(path)
    try:
        sqlite_file.require_journal(reader, path)
    except BaseException:
        reader.close()
        raise
    return reader


def _decoded(path: Path, position: int, record: bytes, expected: int) -> Entry:
    if position != expected:
        raise sqlite_file.damaged(path, f"entry {expected} is missing")
    try:
        return decode(record)
    except RecordDamaged as problem:
        raise sqlite_file.damaged(path, f"entry {position}: {problem}") from problem
