"""What is kept by its name, in memory and in a folder alike."""

import hashlib
import os

import pytest

from router.core.durations import SECOND
from router.files import FileFolder, FilesUnavailable, MemoryFiles, _old


@pytest.fixture(params=["memory", "folder"])
def files(request, tmp_path):
    return MemoryFiles() if request.param == "memory" else FileFolder(tmp_path / "files")


async def test_what_was_kept_is_found_by_its_name(files):
    name = await files.keep(b"one")
    assert name == hashlib.sha256(b"one").hexdigest()
    assert await files.content(name) == b"one"


async def test_keeping_twice_is_keeping_once(files):
    assert await files.keep(b"one") == await files.keep(b"one")
    assert await files.content(await files.keep(b"")) == b""


@pytest.mark.parametrize(
    "name", ["", "../../etc/passwd", "A" * 64, "0" * 63, "0" * 64, "\x00" * 64]
)
async def test_what_is_no_name_names_nothing(files, name):
    await files.keep(b"one")
    assert await files.content(name) is None


async def test_a_folder_has_it_after_a_restart_and_no_leftovers(tmp_path):
    name = await FileFolder(tmp_path).keep(b"one")
    assert await FileFolder(tmp_path).content(name) == b"one"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [name]


async def test_where_nothing_can_be_written_it_says_so(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FilesUnavailable, match="free some space"):
        await FileFolder(tmp_path / "file").keep(b"one")


async def test_a_folder_takes_no_more_than_it_may_and_says_what_to_do(tmp_path):
    files = FileFolder(tmp_path / "files", limit=10)
    name = await files.keep(b"12345678")
    with pytest.raises(FilesUnavailable, match="raise PATCHBAY_FILES_LIMIT"):
        await files.keep(b"abc")
    assert await files.keep(b"12345678") == name  # it is there already
    await files.keep(b"ab")
    assert await files.used() == 10
    assert await FileFolder(tmp_path / "files").used() == 10


async def test_a_folder_leaves_some_of_the_disk_to_others(tmp_path):
    with pytest.raises(FilesUnavailable, match="for the journal"):
        await FileFolder(tmp_path / "files", spare=2**62).keep(b"abc")


async def nothing_in_use(_):
    return ()


async def test_what_was_not_kept_again_since_is_forgotten(tmp_path):
    files = FileFolder(tmp_path / "files", limit=100)
    old, again, new = [await files.keep(content) for content in (b"old", b"again", b"new")]
    for name in (old, again):
        os.utime(files.path(name), (1_000, 1_000))
    await files.keep(b"again")
    assert await files.forget(1_000 * SECOND, nothing_in_use) == 0
    assert await files.forget(2_000 * SECOND, nothing_in_use) == 1
    assert await files.content(old) is None
    assert {await files.content(again), await files.content(new)} == {b"again", b"new"}
    assert await files.used() == 8


async def aged(files, *contents):
    names = [await files.keep(content) for content in contents]
    for name in names:
        os.utime(files.path(name), (1_000, 1_000))
    return names


async def test_what_is_in_use_stays_however_old_it_is(tmp_path):
    files = FileFolder(tmp_path / "files")
    used, unused = await aged(files, b"used", b"unused")
    asked = []

    async def in_use(names):
        asked.extend(names)
        return {used}

    assert await files.forget(2_000 * SECOND, in_use) == 1
    assert sorted(asked) == sorted([used, unused])
    assert await files.content(used) == b"used"
    assert await files.used() == 4


async def test_what_is_kept_again_while_others_are_forgotten_stays(tmp_path):
    files = FileFolder(tmp_path / "files")
    (name,) = await aged(files, b"again")

    async def kept_again(_):
        assert await files.keep(b"again") == name
        await files.keep(b"more")
        return ()

    assert await files.forget(2_000 * SECOND, kept_again) == 0
    assert await files.content(name) == b"again"


async def test_every_file_is_looked_at_once(tmp_path, monkeypatch):
    files = FileFolder(tmp_path / "files")
    names = await aged(files, *(b"%d" % number for number in range(50)))
    walked = []

    def old(part, before):
        walked.append(part)
        return _old(part, before)

    monkeypatch.setattr("router.files._old", old)
    monkeypatch.setattr("router.files.ASKED_AT_ONCE", 7)
    assert await files.forget(2_000 * SECOND, nothing_in_use) == 50
    assert len(walked) == len(set(walked)) == len({name[:2] for name in names})
