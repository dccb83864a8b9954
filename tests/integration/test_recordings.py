"""``server.recordings`` on a database: versions are added, and nobody hears a change halfway."""

import asyncio

import pytest

from crm.database import Database
from ivr.uploads import UnusableRecording
from router.clock import ManualClock
from server import recordings as module
from server.recording_files import RecordingFiles
from server.recordings import RecordingStore, TooManyRecordings
from tests.unit.ivr.test_uploads import tone, wav

KEY = ("welcome", "en")


@pytest.fixture
async def database(tmp_path):
    made = Database(f"sqlite:///{tmp_path}/patchbay.db")
    await made.migrate()
    yield made
    await made.close()


@pytest.fixture
def clock():
    return ManualClock(1_000)


@pytest.fixture
def opened(database, tmp_path, clock):
    async def opened():
        store = RecordingStore(database, RecordingFiles(tmp_path / "recordings"), clock)
        await store.load()
        return store

    return opened


@pytest.fixture
async def store(opened):
    return await opened()


async def add(store, hertz, key=KEY, replaces=0, label=None, seconds=0.1):
    async with store.files.coming() as upload:
        await store.files.append(upload, wav(tone(hertz, seconds=seconds)))
        return await store.add(key, upload, label=label, replaces=replaces, by="adam")


def kept(store):
    return sorted(file.name for file in store.files.folder.rglob("*") if file.is_file())


async def test_who_came_before_it_was_replaced_hears_what_was_there(store, clock):
    first = await add(store, 440, label="Welcome")
    clock.set(2_000)
    second = await add(store, 880, replaces=1)
    assert (second.version, second.label, second.by, second.at) == (2, "Welcome", "adam", 2_000)
    heard = [store.content("welcome", "en", at) for at in (999, 1_000, 1_999, 2_000, 9_999, 0)]
    assert heard == [first.content] * 3 + [second.content] * 3
    assert await store.read(first.content) != await store.read(second.content)


async def test_it_is_there_after_a_restart(store, opened, clock):
    await add(store, 440, label="Welcome")
    clock.set(2_000)
    await add(store, 880, replaces=1)
    again = await opened()
    assert again.versions(KEY) == store.versions(KEY)
    assert again.content("welcome", "en", 1_500) == store.versions(KEY)[0].content


@pytest.mark.parametrize(
    ("asked", "heard"),
    [("en", "en"), ("EN", "en"), ("en-GB", "en"), ("zh", "zh-TW"), ("zh_TW", "zh-TW"), ("", "en")],
)
async def test_a_language_is_found_by_its_kin(store, asked, heard):
    for hertz, language in ((440, "en"), (880, "zh-TW")):
        await add(store, hertz, ("welcome", language))
    found = store.versions(("welcome", heard))[-1].content
    assert store.content("welcome", asked, 0) == found
    assert store.content("welcome", "fr", 0) == "", "another language is nobody's kin"
    assert store.content("other", asked, 0) == ""
    assert store.languages() == {"welcome": ("en", "zh-TW")}


async def test_what_was_deleted_is_still_heard_by_who_is_in_it_and_can_be_taken_back(store, clock):
    first = await add(store, 440, label="Welcome")
    clock.set(2_000)
    gone = await store.delete(KEY, replaces=1, by="eve")
    assert (gone.version, gone.content, list(store.in_force())) == (2, "", [])
    assert store.content("welcome", "en", 1_500) == first.content
    assert store.content("welcome", "en", 2_000) == store.content("welcome", "en", 0) == ""
    clock.set(3_000)
    back = await store.restore(KEY, 1, replaces=2, by="eve")
    assert (back.version, back.content, back.label) == (3, first.content, "Welcome")


async def test_after_it_was_deleted_one_begins_anew(store):
    await add(store, 440)
    await store.delete(KEY, replaces=1, by="eve")
    assert (await add(store, 880, replaces=0)).version == 3


async def test_replacing_is_taken_back_by_pointing_back(store):
    first = await add(store, 440)
    await add(store, 880, replaces=1)
    back = await store.restore(KEY, 1, replaces=2, by="eve")
    assert (back.content, back.length) == (first.content, first.length)
    assert len(kept(store)) == 2, "nothing was copied"


async def test_a_new_label_leaves_the_sound(store):
    first = await add(store, 440)
    named = await store.rename(KEY, "欢迎", replaces=1, by="eve")
    assert (named.label, named.content) == ("欢迎", first.content)


async def test_who_has_not_seen_the_newest_version_changes_nothing(store):
    await add(store, 440)
    await add(store, 880, replaces=1)
    for replaces in (0, 1, 3):
        assert await add(store, 660, replaces=replaces) is None
        assert await store.rename(KEY, "x", replaces=replaces, by="eve") is None
        assert await store.delete(KEY, replaces=replaces, by="eve") is None
        assert await store.restore(KEY, 1, replaces=replaces, by="eve") is None
    assert await store.restore(KEY, 9, replaces=2, by="eve") is None
    assert len(store.versions(KEY)) == len(kept(store)) == 2


async def test_of_two_at_once_one_is_taken(store):
    await add(store, 440)
    both = await asyncio.gather(*[add(store, hertz, replaces=1) for hertz in (660, 880)])
    assert sum(one is not None for one in both) == 1


async def test_another_process_that_was_faster_is_a_conflict(store, opened):
    other = await opened()
    await add(other, 440)
    assert await add(store, 880) is None


async def test_the_oldest_versions_and_their_sounds_go(store, monkeypatch):
    monkeypatch.setattr(module, "KEPT_VERSIONS", 2)
    for number, hertz in enumerate((440, 550, 660)):
        await add(store, hertz, replaces=number)
    await add(store, 440, ("bye", "en"))  # the same sound as the first, which had gone
    await add(store, 770, replaces=3)
    versions = store.versions(KEY)
    assert [one.version for one in versions] == [3, 4]
    used = {one.content for one in (*versions, *store.versions(("bye", "en")))}
    assert kept(store) == sorted(used)


async def test_there_are_only_so_many(store, monkeypatch):
    monkeypatch.setattr(module, "MAX_RECORDINGS", 1)
    await add(store, 440)
    with pytest.raises(TooManyRecordings, match="replace one instead"):
        await add(store, 440, ("bye", "en"))
    assert await add(store, 880, replaces=1)


async def test_what_cannot_be_used_changes_nothing(store):
    with pytest.raises(UnusableRecording):
        await add(store, 440, seconds=0)
    assert store.versions(KEY) == ()
    assert kept(store) == []
