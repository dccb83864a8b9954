"""What a backup holds, and what stops it or its return before anything is harmed."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from router.core.events import Entry
from router.files import name_of
from router.journal.reading import read_entries
from router.journal.sqlite import SqliteJournal
from server.backup import BackupProblem, put_back, take
from server.statistics_file import save_statistics
from tests import migrated

AT = 1_700_000_000_000_000
PICTURE = b"a picture"


def settings_of(folder: Path, **given: object) -> Settings:
    return load_settings(data_directory=folder, **given)


def entry(position: int) -> Entry:
    return Entry(position=position, at=AT + position, cause=f"c{position}", by="test", events=())


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of an installation with a little in it."""
    data = tmp_path / "data"
    data.mkdir()
    migrated.put_into(data)
    (data / "secret.key").write_text("ab" * 32)
    name = name_of(PICTURE)
    (data / "files" / name[:2]).mkdir(parents=True)
    (data / "files" / name[:2] / name).write_bytes(PICTURE)
    asyncio.run(_journal(data / "journal.db"))
    return settings_of(data)


async def _journal(path: Path) -> None:
    journal = await SqliteJournal.open(path)
    await journal.append([entry(n) for n in range(1, 4)])
    await journal.close()


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_what_was_taken_comes_back_elsewhere(settings, tmp_path):
    manifest = take(settings, tmp_path / "backup", AT)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    assert put_back(settings_of(elsewhere), tmp_path / "backup") == manifest

    assert [one.cause for one in read_entries(elsewhere / "journal.db")] == ["c1", "c2", "c3"]
    name = name_of(PICTURE)
    assert (elsewhere / "files" / name[:2] / name).read_bytes() == PICTURE
    assert (elsewhere / "secret.key").read_text() == "ab" * 32
    with closing(sqlite3.connect(elsewhere / "patchbay.db")) as database:
        assert database.execute("SELECT count(*) FROM customers").fetchone() == (0,)


def test_a_backup_is_its_owners_alone(settings, tmp_path):
    take(settings, tmp_path / "backup", AT)
    modes = {p.name: p.stat().st_mode & 0o077 for p in (tmp_path / "backup").glob("*.*")}
    assert (tmp_path / "backup").stat().st_mode & 0o077 == 0
    assert {modes[name] for name in ("journal.db", "patchbay.db", "secret.key")} == {0}


def test_a_backup_is_taken_while_the_journal_is_claimed_and_holds_what_was_committed(
    settings, tmp_path
):
    async def taken_meanwhile() -> int:
        journal = await SqliteJournal.open(settings.journal_file)
        await journal.append([entry(4)])
        manifest = await asyncio.to_thread(take, settings, tmp_path / "backup", AT)
        await journal.append([entry(5)])
        await journal.close()
        return manifest.entries

    assert asyncio.run(taken_meanwhile()) == 4


def test_the_journal_is_copied_after_the_database(settings, tmp_path, monkeypatch):
    copied = []
    from server import backup

    monkeypatch.setattr(backup, "_copy_sqlite", lambda source, _: copied.append(source.name))
    with pytest.raises(BackupProblem):
        take(settings, tmp_path / "backup", AT)
    assert copied == ["patchbay.db", "journal.db"]


def test_files_that_are_just_being_written_are_left_out(settings, tmp_path):
    name = name_of(PICTURE)
    (settings.files_folder / name[:2] / ".half").write_bytes(b"half")
    settings.recordings_folder.mkdir()
    (settings.recordings_folder / "coming-x").write_bytes(b"half")
    manifest = take(settings, tmp_path / "backup", AT)
    assert (manifest.files, manifest.recordings) == (1, 0)
    assert not any("half" in str(path) for path in everything(tmp_path / "backup"))


def test_a_backup_that_fails_leaves_nothing(settings, tmp_path):
    settings.journal_file.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5_000)
    with pytest.raises(BackupProblem):
        take(settings, tmp_path / "backup", AT)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data"]


def test_a_damaged_entry_stops_the_backup(settings, tmp_path):
    with closing(sqlite3.connect(settings.journal_file)) as journal, journal:
        journal.execute("UPDATE entries SET record = x'00112233445566' WHERE position = 2")
    with pytest.raises(BackupProblem, match="entry 2"):
        take(settings, tmp_path / "backup", AT)


def test_nothing_is_replaced_by_a_backup(settings, tmp_path):
    (tmp_path / "backup").mkdir()
    with pytest.raises(BackupProblem, match="is there already"):
        take(settings, tmp_path / "backup", AT)


def test_a_cluster_is_told_how_it_is_backed_up(settings, tmp_path):
    cluster = settings_of(settings.data_directory, redis_url="redis://127.0.0.1:1/0")
    for work in (lambda: take(cluster, tmp_path / "b", AT), lambda: put_back(cluster, tmp_path)):
        with pytest.raises(BackupProblem, match=r"docs/cluster\.md"):
            work()


def test_an_installation_that_is_not_there_is_not_made_by_looking(tmp_path):
    with pytest.raises(BackupProblem, match="--config"):
        take(settings_of(tmp_path / "nothing"), tmp_path / "backup", AT)
    assert not list(tmp_path.iterdir())


def test_without_a_file_of_customers_the_rest_is_copied(settings, tmp_path):
    elsewhere = settings_of(settings.data_directory, database_url="postgresql://h/n")
    manifest = take(elsewhere, tmp_path / "backup", AT)
    assert not manifest.database
    assert not (tmp_path / "backup" / "patchbay.db").exists()
    with pytest.raises(BackupProblem, match="DATABASE_URL"):
        put_back(settings_of(tmp_path / "new"), tmp_path / "backup")


# -- putting back ---------------------------------------------------------------------------------


@pytest.fixture
def backup(settings, tmp_path) -> Path:
    take(settings, tmp_path / "backup", AT)
    return tmp_path / "backup"


def refused(backup: Path, elsewhere: Path) -> str:
    before = everything(elsewhere)
    with pytest.raises(BackupProblem) as problem:
        put_back(settings_of(elsewhere), backup)
    assert everything(elsewhere) == before
    return str(problem.value)


@pytest.fixture
def elsewhere(tmp_path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("name", ["journal.db", "patchbay.db", "secret.key", "files.list"])
@pytest.mark.parametrize("harm", ["a flipped bit", "cut", "gone"])
def test_what_was_harmed_in_the_backup_is_not_put_back(backup, elsewhere, name, harm):
    file = backup / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    match harm:
        case "a flipped bit":
            file.write_bytes(content)
        case "cut":
            os.truncate(file, len(content) - 1)
        case _:
            file.unlink()
    assert name in refused(backup, elsewhere)


def test_a_file_that_is_not_what_its_name_says_is_not_put_back(backup, elsewhere):
    name = name_of(PICTURE)
    (backup / "files" / name[:2] / name).write_bytes(b"another picture")
    assert name in refused(backup, elsewhere)


def test_a_file_that_is_missing_from_the_backup_stops_its_return(backup, elsewhere):
    name = name_of(PICTURE)
    (backup / "files" / name[:2] / name).unlink()
    told = refused(backup, elsewhere)
    assert told.startswith(f"1 of the 1 files that were copied are missing from {backup / 'files'}")
    assert name in told


def test_a_file_in_the_place_of_a_missing_one_is_not_it(backup, elsewhere):
    name, other = name_of(PICTURE), name_of(b"another")
    (backup / "files" / name[:2] / name).unlink()
    (backup / "files" / other[:2]).mkdir(exist_ok=True)
    (backup / "files" / other[:2] / other).write_bytes(b"another")
    assert name in refused(backup, elsewhere)


def _as_before_there_were_lists(backup):
    manifest = json.loads((backup / "backup.json").read_text())
    for name in ("files.list", "recordings.list"):
        (backup / name).unlink()
        del manifest["sums"][name]
    (backup / "backup.json").write_text(json.dumps({**manifest, "format": 1}))


def test_a_backup_of_before_there_were_lists_is_put_back(backup, elsewhere):
    _as_before_there_were_lists(backup)
    put_back(settings_of(elsewhere), backup)
    name = name_of(PICTURE)
    assert (elsewhere / "files" / name[:2] / name).read_bytes() == PICTURE


def test_of_a_backup_of_before_there_were_lists_the_files_are_counted(backup, elsewhere):
    _as_before_there_were_lists(backup)
    name = name_of(PICTURE)
    (backup / "files" / name[:2] / name).unlink()
    assert "1 of the 1 files" in refused(backup, elsewhere)


@pytest.mark.parametrize(
    "manifest",
    [b"", b"[]", b"{}", b'{"format": 2}', b"\xff", b"[" * 10_000],
)
def test_what_is_no_manifest_is_refused(backup, elsewhere, manifest):
    (backup / "backup.json").write_bytes(manifest)
    assert "is no whole backup" in refused(backup, elsewhere)


@pytest.mark.parametrize("name", ["../outside", "/etc/hosts", "files", "statistics.bin"])
def test_a_manifest_names_no_other_files(backup, elsewhere, name):
    file = backup / "backup.json"
    file.write_bytes(file.read_bytes().replace(b'"sums": {', f'"sums": {{"{name}": "", '.encode()))
    assert "does not fit" in refused(backup, elsewhere)


def test_a_backup_of_a_newer_patchbay_is_refused(backup, elsewhere):
    file = backup / "backup.json"
    file.write_bytes(file.read_bytes().replace(b'"format": 2', b'"format": 3'))
    assert "newer Patchbay" in refused(backup, elsewhere)


@pytest.mark.parametrize(
    "name", ["journal.db", "journal.db-wal", "patchbay.db", "patchbay.db-wal", "statistics.bin"]
)
def test_what_is_there_is_never_replaced_or_joined(backup, elsewhere, name):
    (elsewhere / name).write_bytes(b"")
    assert name in refused(backup, elsewhere)


def test_another_secret_is_not_replaced(backup, elsewhere):
    (elsewhere / "secret.key").write_text("cd" * 32)
    assert "another secret" in refused(backup, elsewhere)


def test_figures_of_the_day_are_folded_again(settings, tmp_path):
    save_statistics(settings.data_directory / "statistics.bin", b"figures")
    take(settings, tmp_path / "backup", AT)
    assert not (tmp_path / "backup" / "statistics.bin").exists()
