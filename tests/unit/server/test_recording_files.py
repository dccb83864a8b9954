"""``server.recording_files``: nothing stays of what was not uploaded as a whole."""

import os
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from ivr.uploads import UnusableRecording
from router.files import FilesUnavailable
from server.recording_files import AT_ONCE, RecordingFiles, TooManyAtOnce
from tests.unit.ivr.test_uploads import tone, wav


@pytest.fixture
async def files(tmp_path):
    made = RecordingFiles(tmp_path / "recordings")
    await made.open()
    return made


async def filled(files, upload, sound):
    for begin in range(0, len(sound), 1_000):
        await files.append(upload, sound[begin : begin + 1_000])


def names(files):
    return sorted(file.name for file in files.folder.rglob("*") if file.is_file())


async def test_what_came_in_parts_is_converted_as_a_whole(files):
    async with files.coming() as upload:
        await filled(files, upload, wav(tone()))
        converted = await files.convert(upload)
    content = await files.keep(converted.sound)
    assert await files.content(content) == converted.sound
    assert names(files) == [content]


async def test_what_cannot_be_used_is_refused(files):
    async with files.coming() as upload:
        await filled(files, upload, b"<html>")
        with pytest.raises(UnusableRecording):
            await files.convert(upload)
    assert names(files) == []


async def test_only_so_many_are_uploaded_at_once(files):
    async with AsyncExitStack() as stack:
        for _ in range(AT_ONCE):
            await stack.enter_async_context(files.coming())
        with pytest.raises(TooManyAtOnce):
            await stack.enter_async_context(files.coming())
    async with files.coming():
        assert len(names(files)) == 1


async def test_what_a_crash_left_is_cleared_away_and_what_is_kept_stays(files):
    content = await files.keep(b"sound")
    (files.folder / "coming-1").write_bytes(b"half of it")
    await files.open()
    assert names(files) == [content]


async def test_what_is_discarded_is_gone_and_what_is_lost_no_trouble(files):
    content = await files.keep(b"sound")
    for name in (content, content, "../../etc/passwd"):
        await files.discard(name)
    assert names(files) == []


async def test_a_full_disk_is_one_sentence(files, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    async with files.coming() as upload:
        monkeypatch.setattr(Path, "open", full)
        for trouble in (files.append(upload, b"x"), files.convert(upload)):
            with pytest.raises(FilesUnavailable, match=r"\(No space left .*\): free some space"):
                await trouble
        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(FilesUnavailable, match="free some space"):
            await files.keep(b"sound")
    assert names(files) == []


async def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(FilesUnavailable, match="let this service write there"):
        await RecordingFiles(tmp_path / "file").open()
