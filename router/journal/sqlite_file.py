"""The journal's SQLite file: who may open it, what it must look like, what its errors mean."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from router.ports import JournalDamaged, JournalUnavailable

_APPLICATION_ID = 0x50617463  # "Patc": tells our file from any other SQLite database
_FORMAT = 1  # of the tables; the records carry their own schema number

_TABLES = f"""
BEGIN IMMEDIATE;
CREATE TABLE entries (position INTEGER PRIMARY KEY, record BLOB NOT NULL);
CREATE TABLE snapshots (position INTEGER PRIMARY KEY, record BLOB NOT NULL);
PRAGMA application_id = {_APPLICATION_ID};
PRAGMA user_version = {_FORMAT};
COMMIT;
"""

_UNAVAILABLE = {
    sqlite3.SQLITE_FULL: "the disk is full: free some space",
    sqlite3.SQLITE_BUSY: "another program has locked it: close that program",
    sqlite3.SQLITE_LOCKED: "another program has locked it: close that program",
    sqlite3.SQLITE_READONLY: "it is read-only: allow Patchbay to write to it and to its folder",
    sqlite3.SQLITE_IOERR: "the disk reports an error: check the disk and the space left on it",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened: check that its folder exists and is writable",
    sqlite3.SQLITE_PERM: "it may not be opened: allow Patchbay to read and write it",
}
_NOT_OURS = "is not a Patchbay journal: name another file, or move this one away"


def damaged(path: Path, what: str) -> JournalDamaged:
    return JournalDamaged(
        f"The journal {path} is damaged ({what}): put a backup of it in its place,"
        " or move it away to start with an empty one."
    )


def explained(error: sqlite3.Error, path: Path) -> Exception:
    """What ``error`` means for the journal in ``path``; the error itself when it is our bug."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary in _UNAVAILABLE:
        return JournalUnavailable(f"The journal {path} cannot be used, {_UNAVAILABLE[primary]}.")
    if primary == sqlite3.SQLITE_NOTADB:
        return JournalDamaged(f"The file {path} {_NOT_OURS}.")
    if primary == sqlite3.SQLITE_CORRUPT:
        return damaged(path, "SQLite cannot read a part of the file")
    return error


def lock(path: Path) -> sqlite3.Connection:
    """Claim the journal for this process; the claim ends when the connection or process does.

    The claim is SQLite's own lock on an empty file beside the journal, which works on every
    platform and leaves nothing to clean up after ``kill -9``.
    """
    beside = path.with_name(path.name + ".lock")
    claim = _connect(beside, timeout=0)
    try:
        claim.execute("BEGIN EXCLUSIVE")
    except sqlite3.Error as error:
        claim.close()
        if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise JournalUnavailable(
                f"Another Patchbay is already writing the journal {path}:"
                " stop it first, or give this one another file."
            ) from error
        raise explained(error, beside) from error
    return claim


def open_writer(path: Path) -> sqlite3.Connection:
    """A connection that makes every commit durable. Raises ``JournalUnavailable`` or
    ``JournalDamaged``; a file that is not ours is left as it was found.
    """
    connection = _connect(path, timeout=1)
    try:
        fresh = _is_fresh(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if fresh:
            connection.executescript(_TABLES)
    except sqlite3.Error as error:
        connection.close()
        raise explained(error, path) from error
    except JournalDamaged:
        connection.close()
        raise
    return connection


def open_reader(path: Path) -> sqlite3.Connection:
    """A second connection, so that long reads never hold up the writer."""
    connection = _connect(path, timeout=1)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _connect(path: Path, timeout: float) -> sqlite3.Connection:
    try:
        return sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as error:
        raise explained(error, path) from error


def _is_fresh(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the file is still empty. Raises ``JournalDamaged`` when it is not a journal."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if application == 0 and version == 0 and tables == 0:
        return True
    if application != _APPLICATION_ID:
        raise JournalDamaged(f"The file {path} {_NOT_OURS}.")
    if version > _FORMAT:
        raise JournalDamaged(
            f"The journal {path} was written by a newer Patchbay: install that version again."
        )
    return False


def require_journal(connection: sqlite3.Connection, path: Path) -> None:
    """Raises ``JournalDamaged`` for a file that is not a journal, an empty one too."""
    if _is_fresh(connection, path):
        raise JournalDamaged(f"The file {path} {_NOT_OURS}.")
