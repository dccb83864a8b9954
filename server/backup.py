"""A copy of what an installation keeps on this machine, taken while it serves, and its return.

The order is what makes the parts fit. The customer database knows how far it has read the journal,
so it is copied first and the journal after it: the journal then holds all that the database has
read, and what ended in between is read from it again. Files and recordings come last: they are kept
before anything names them and never change, so whatever the other two name is there by then.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from config.settings import Settings
from crm.database import sqlite_file
from router.journal.reading import read_entries
from router.ports import JournalDamaged, JournalUnavailable
from server.secret import FILE as SECRET

FORMAT: Final = 2
LISTED_SINCE: Final = 2  # before, only how many files there were was written down
MANIFEST: Final = "backup.json"
JOURNAL: Final = "journal.db"
DATABASE: Final = "patchbay.db"
STATISTICS: Final = "statistics.bin"  # another journal's figures must not be taken for this one's
FOLDERS: Final = ("files", "recordings")
LISTS: Final = tuple(f"{name}.list" for name in FOLDERS)  # a name a line
BESIDE: Final = ("", "-wal", "-shm")  # of a SQLite file

_NAME: Final = re.compile(r"[0-9a-f]{64}")  # of a file: what it holds

IN_REDIS: Final = (
    "The journal of a cluster is in Redis: docs/cluster.md says how Redis and PostgreSQL are backed"
    " up together."
)


class BackupProblem(Exception):
    """It cannot be taken or put back; the text is one sentence that says what to do."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a backup holds. ``at`` is when it began, microseconds UTC; ``sums`` are SHA-256 by name.

    What stands under ``FOLDERS`` is named by its SHA-256; ``LISTS`` say what was there.
    ``database`` is False where PostgreSQL keeps the customers: it is dumped by its own means.
    """

    format: int
    at: int
    entries: int
    files: int
    recordings: int
    database: bool
    secret: bool
    sums: dict[str, str]


def take(settings: Settings, folder: Path, at: int) -> Manifest:
    """Copy into ``folder``, which appears whole or not at all. Raises ``BackupProblem``."""
    _check_alone(settings)
    draft = folder.with_name(f"{folder.name}.part")
    for path in (folder, draft):
        if path.exists():
            raise BackupProblem(f"{path} is there already: name a folder that does not exist.")
    try:
        draft.mkdir(mode=0o700, parents=True)
        try:
            manifest = _taken(settings, draft, at)
            os.sync()
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft, ignore_errors=True)
            raise
    except (OSError, sqlite3.Error, JournalDamaged, JournalUnavailable) as error:
        raise BackupProblem(f"The backup was not taken: {error}") from error
    return manifest


def put_back(settings: Settings, folder: Path) -> Manifest:
    """Put what ``take`` has copied where ``settings`` want it. Nothing that is there is replaced;
    what can be seen to be wrong stops it before anything is written. Raises ``BackupProblem``.
    """
    _check_alone(settings)
    manifest = _read_manifest(folder)
    _check_copies(folder, manifest)
    _check_room(settings, manifest)
    try:
        _put_back(settings, folder, manifest)
        os.sync()
    except OSError as error:
        raise BackupProblem(f"The backup was not put back whole: {error}") from error
    return manifest


# -- taking ---------------------------------------------------------------------------------------


def _taken(settings: Settings, draft: Path, at: int) -> Manifest:
    database = sqlite_file(settings.database)
    if database is not None:
        _copy_sqlite(database, draft / DATABASE)
    _copy_sqlite(settings.journal_file, draft / JOURNAL)
    entries = sum(1 for _ in read_entries(draft / JOURNAL))
    sources = (settings.files_folder, settings.recordings_folder)
    counts = [
        _copy_files(source, draft / name, draft / listed)
        for source, name, listed in zip(sources, FOLDERS, LISTS, strict=True)
    ]
    secret = settings.data_directory / SECRET
    if secret.is_file():
        _copy_private(secret, draft / SECRET)
    tops = [path for path in sorted(draft.iterdir()) if path.is_file()]
    manifest = Manifest(
        format=FORMAT,
        at=at,
        entries=entries,
        files=counts[0],
        recordings=counts[1],
        database=database is not None,
        secret=secret.is_file(),
        sums={path.name: _sum(path) for path in tops},
    )
    (draft / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    return manifest


def _copy_sqlite(source: Path, copy: Path) -> None:
    """In one step, which sees one moment: whoever writes goes on meanwhile."""
    if not source.is_file():
        raise BackupProblem(f"There is no {source}: name the settings of the service by --config.")
    with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(copy)) as writing:
        reading.execute("PRAGMA query_only = ON")
        reading.backup(writing)
        found = writing.execute("PRAGMA quick_check(1)").fetchone()[0]
    copy.chmod(0o600)
    if found != "ok":
        raise BackupProblem(f"{source} is damaged ({found}): look at its disk.")


def _copy_files(source: Path, copy: Path, listed: Path) -> int:
    """How many there were; their names are ``listed``."""
    copy.mkdir(mode=0o700)
    count = 0
    with listed.open("w", encoding="ascii") as names:
        for path in _kept(source):
            beside = copy / path.parent.name
            beside.mkdir(exist_ok=True)
            try:
                shutil.copyfile(path, beside / path.name)
            except FileNotFoundError:  # discarded a moment ago
                continue
            names.write(f"{path.name}\n")
            count += 1
    return count


def _kept(folder: Path) -> Iterator[Path]:
    """What stands under its name for good, not what is just being written."""
    return (path for path in sorted(folder.glob("??/*")) if _NAME.fullmatch(path.name))


def _copy_private(source: Path, copy: Path) -> None:
    descriptor = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as writing, source.open("rb") as reading:
        shutil.copyfileobj(reading, writing)


# -- putting back ---------------------------------------------------------------------------------


def _read_manifest(folder: Path) -> Manifest:
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        raise BackupProblem(
            f"{folder} is no whole backup: name a folder that `patchbay backup` has made."
        ) from None
    if manifest.format > FORMAT:
        raise BackupProblem(f"A newer Patchbay has made {folder}: install that version.")
    return manifest


def _check_copies(folder: Path, manifest: Manifest) -> None:
    expected = {JOURNAL, *([DATABASE] if manifest.database else ())}
    if manifest.format >= LISTED_SINCE:
        expected |= set(LISTS)
    if not expected <= manifest.sums.keys() <= {*expected, SECRET}:
        raise BackupProblem(f"{folder / MANIFEST} does not fit: take another backup.")
    for name, wanted in manifest.sums.items():
        try:
            whole = _sum(folder / name) == wanted
        except OSError:
            whole = False
        if not whole:
            raise BackupProblem(f"{folder / name} is not what was copied: take another backup.")
    for name, listed, count in zip(
        FOLDERS, LISTS, (manifest.files, manifest.recordings), strict=True
    ):
        _check_files(folder / name, folder / listed, count)


def _check_files(folder: Path, listed: Path, count: int) -> None:
    there = set()
    for path in _kept(folder):
        if _sum(path) != path.name:
            raise BackupProblem(f"{path} is not what was copied: take another backup.")
        there.add(path.name)
    wanted = set(listed.read_text(encoding="ascii").split()) if listed.exists() else set()
    missing = max(len(wanted - there), count - len(there))
    if missing > 0:
        such = f", such as {min(wanted - there)}" if wanted - there else ""
        raise BackupProblem(
            f"{missing:,} of the {count:,} files that were copied are missing from {folder}{such}:"
            " copy the backup again, or take another one."
        )


def _check_room(settings: Settings, manifest: Manifest) -> None:
    database = sqlite_file(settings.database)
    if manifest.database != (database is not None):
        raise BackupProblem(
            "The backup and these settings keep customers in different databases: set"
            " PATCHBAY_DATABASE_URL as it was when the backup was taken."
        )
    taken = [_beside(settings.journal_file, end) for end in BESIDE]
    taken += [_beside(database, end) for end in BESIDE] if database is not None else []
    for path in (*taken, settings.data_directory / STATISTICS):
        if path.exists():
            raise BackupProblem(f"{path} is there already: stop the service and move it away.")
    secret = settings.data_directory / SECRET
    if manifest.secret and secret.is_file() and _sum(secret) != manifest.sums[SECRET]:
        raise BackupProblem(f"{secret} is another secret than the backup's: move it away.")


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _put_back(settings: Settings, folder: Path, manifest: Manifest) -> None:
    for source, target in zip(
        FOLDERS, (settings.files_folder, settings.recordings_folder), strict=True
    ):
        _return_files(folder / source, target)
    secret = settings.data_directory / SECRET
    if manifest.secret and not secret.exists():
        _copy_private(folder / SECRET, secret)
    if (database := sqlite_file(settings.database)) is not None:
        _copy_private(folder / DATABASE, database)
    _copy_private(folder / JOURNAL, settings.journal_file)


def _return_files(source: Path, target: Path) -> None:
    for path in _kept(source):
        place = target / path.parent.name / path.name
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            draft = place.with_name(f".{place.name}")
            shutil.copyfile(path, draft)
            draft.replace(place)


def _check_alone(settings: Settings) -> None:
    if settings.redis_url is not None:
        raise BackupProblem(IN_REDIS)


def _sum(path: Path) -> str:
    with path.open("rb") as reading:
        return hashlib.file_digest(reading, "sha256").hexdigest()
