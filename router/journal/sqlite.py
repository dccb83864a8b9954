"""The journal of a single machine: one SQLite file in WAL mode, one commit per batch.

All writing happens on one thread and all reading on another, so that neither the event loop nor
the writer waits for a reader. The file's second table keeps the last two snapshots.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

from router.core.events import Entry, Rejected
from router.journal import sqlite_file
from router.journal.codec import (
    RecordDamaged,
    decode,
    decode_snapshot,
    encode,
    encode_snapshot,
)
from router.ports import NOTHING, JournalDamaged, JournalUnavailable, Snapshot

_CHUNK_ENTRIES = 1_000
_CHUNK_BYTES = 4 * 1024 * 1024
_SNAPSHOTS_KEPT = 2

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class SqliteJournal:
    """See ``router.ports.Journal``. Make one with ``open``."""

    def __init__(
        self,
        path: Path,
        claim: sqlite3.Connection,
        writer: sqlite3.Connection,
        reader: sqlite3.Connection,
    ) -> None:
        self._path = path
        self._claim = claim
        self._writer = writer
        self._reader = reader
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="journal-writer")
        self._read_thread = ThreadPoolExecutor(1, thread_name_prefix="journal-reader")
        self._closed = False
        self._last = self._last_position()

    @classmethod
    async def open(cls, path: str | Path) -> SqliteJournal:
        """Open or create the journal in ``path``, for this process alone.

        Raises ``JournalUnavailable`` (in use, no such folder, read-only) or ``JournalDamaged``.
        """
        return await asyncio.to_thread(cls._open, Path(path))

    @classmethod
    def _open(cls, path: Path) -> SqliteJournal:
        claim = sqlite_file.lock(path)
        try:
            writer = sqlite_file.open_writer(path)
        except BaseException:
            claim.close()
            raise
        try:
            return cls(path, claim, writer, sqlite_file.open_reader(path))
        except sqlite3.Error as error:
            writer.close()
            claim.close()
            raise sqlite_file.explained(error, path) from error

    async def append(
        self,
        entries: Sequence[Entry],
        refused: Mapping[str, Rejected] = NOTHING,  # noqa: ARG002 - no copy outlives the process
    ) -> None:
        await self._on(self._write_thread, partial(self._append, entries))

    async def confirm(self, refused: Mapping[str, Rejected] = NOTHING) -> None:
        """The file is one process's."""

    async def read(self, after: int = 0, until: int | None = None) -> AsyncIterator[Entry]:
        end = (1 << 63) - 1 if until is None else until
        while chunk := await self._on(self._read_thread, partial(self._chunk, after, end)):
            for entry in chunk:
                yield entry
            after = chunk[-1].position

    async def save_snapshot(self, snapshot: Snapshot) -> None:
        """Raises ``JournalUnavailable``; the snapshots already there are then untouched."""
        await self._on(self._write_thread, partial(self._save_snapshot, snapshot))

    async def load_snapshot(self) -> Snapshot | None:
        """The newest snapshot that can be read; None when the entries must be folded from 1."""
        return await self._on(self._read_thread, self._load_snapshot)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.to_thread(self._close)

    # -- on the writing thread --------------------------------------------------------------

    def _append(self, entries: Sequence[Entry]) -> None:
        expected = self._last
        rows = []
        for entry in entries:
            expected += 1
            if entry.position != expected:
                raise ValueError(f"entry {entry.position} cannot be stored at {expected}")
            rows.append((expected, encode(entry)))
        self._commit("INSERT INTO entries VALUES (?, ?)", rows)
        self._last = expected

    def _save_snapshot(self, snapshot: Snapshot) -> None:
        record = encode_snapshot(snapshot)
        self._commit(
            "INSERT OR REPLACE INTO snapshots VALUES (?, ?)", [(snapshot.position, record)]
        )
        kept = "SELECT position FROM snapshots ORDER BY position DESC LIMIT ?"
        forget = f"DELETE FROM snapshots WHERE position NOT IN ({kept})"  # noqa: S608
        self._commit(forget, [(_SNAPSHOTS_KEPT,)])

    def _commit(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        try:
            self._writer.execute("BEGIN IMMEDIATE")
            self._writer.executemany(statement, rows)
            self._writer.execute("COMMIT")
        except sqlite3.Error:
            if self._writer.in_transaction:
                self._writer.execute("ROLLBACK")
            raise

    # -- on the reading thread --------------------------------------------------------------

    def _chunk(self, after: int, until: int) -> list[Entry]:
        # Cast, because one flipped bit can make the bytes a text, which would not come out at all.
        rows = self._reader.execute(
            "SELECT position, CAST(record AS BLOB) FROM entries"
            " WHERE position > ? AND position <= ? ORDER BY position LIMIT ?",
            (after, until, _CHUNK_ENTRIES),
        )
        chunk: list[Entry] = []
        size = 0
        try:
            for position, record in rows:
                chunk.append(self._decoded(position, record, expected=after + len(chunk) + 1))
                size += len(record)
                if size >= _CHUNK_BYTES:
                    break
        except (sqlite3.Error, JournalDamaged):
            if not chunk:  # else hand out what is whole; the next chunk begins at the damage
                raise
        finally:
            rows.close()
        return chunk

    def _decoded(self, position: int, record: bytes, expected: int) -> Entry:
        if position != expected:
            raise sqlite_file.damaged(self._path, f"entry {expected} is missing")
        try:
            entry = decode(record)
        except RecordDamaged as problem:
            raise sqlite_file.damaged(self._path, f"entry {position}: {problem}") from problem
        if entry.position != position:
            raise sqlite_file.damaged(self._path, f"entry {position} holds {entry.position}")
        return entry

    def _load_snapshot(self) -> Snapshot | None:
        rows = self._reader.execute(
            "SELECT position, CAST(record AS BLOB) FROM snapshots ORDER BY position DESC"
        ).fetchall()
        if rows and rows[0][0] > self._last:
            raise sqlite_file.damaged(self._path, f"the entries after {self._last} are missing")
        return next((found for row in rows if (found := self._read_snapshot(*row))), None)

    def _read_snapshot(self, position: int, record: bytes) -> Snapshot | None:
        try:
            return decode_snapshot(record)
        except RecordDamaged as problem:
            _log.warning("snapshot %d of %s cannot be used: %s", position, self._path, problem)
        return None

    # -- both -------------------------------------------------------------------------------

    def _last_position(self) -> int:
        return int(self._reader.execute("SELECT max(position) FROM entries").fetchone()[0] or 0)

    async def _on(self, thread: ThreadPoolExecutor, work: Callable[[], _Result]) -> _Result:
        if self._closed:
            raise JournalUnavailable(f"The journal {self._path} is closed; start Patchbay again.")
        try:
            return await asyncio.get_running_loop().run_in_executor(thread, work)
        except sqlite3.Error as error:
            raise sqlite_file.explained(error, self._path) from error

    def _close(self) -> None:
        self._write_thread.shutdown()
        self._read_thread.shutdown()
        self._reader.close()
        self._writer.close()
        self._claim.close()
