"""``router.branch.store``: what was kept is there again, and what cannot be used is said."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import asynccontextmanager

import pytest

from router.branch.messages import Commanded, Replied
from router.branch.store import BranchFolderUnusable, BranchStore
from router.clock import ManualClock
from router.core import commands as c
from router.core.catalog import Catalog
from router.core.state import State
from router.engine import Engine
from router.journal.codec import encode, encode_snapshot
from router.journal.memory import MemoryJournal
from router.ports import Snapshot

HOLD = Commanded(command=c.Hold(id="lee:1/hold/1", contact="lee:1"))
SECRET = Replied(contact="lee:1", turn=1, outcome="answered", text="4929-secret")


@asynccontextmanager
async def opened(folder):
    store = BranchStore(folder)
    store.open()
    try:
        yield store
    finally:
        await store.close()


async def test_requests_come_back_in_their_order_with_their_numbers(tmp_path):
    async with opened(tmp_path) as store:
        await asyncio.gather(*(store.keep(n, HOLD, n * 10) for n in range(1, 6)))
        store.forget(2)
        await store.flush()
    async with opened(tmp_path) as store:
        waiting, next_number = store.requests()
        assert [(one.number, one.since) for one in waiting] == [(1, 10), (3, 30), (4, 40), (5, 50)]
        assert waiting[0].request == HOLD
        assert next_number == 6


async def test_numbers_are_never_given_again(tmp_path):
    async with opened(tmp_path) as store:
        await store.keep(7, HOLD, 0)
        store.forget(7)
        await store.flush()
    async with opened(tmp_path) as store:
        assert store.requests() == ([], 8)


async def test_sessions_are_remembered(tmp_path):
    async with opened(tmp_path) as store:
        await store.begin_session(41)
    async with opened(tmp_path) as store:
        assert store.last_session() == 41


async def test_two_processes_have_no_outbox_in_common(tmp_path):
    async with opened(tmp_path):
        with pytest.raises(BranchFolderUnusable, match="Another adapter"):
            BranchStore(tmp_path).open()
    async with opened(tmp_path):
        pass


async def test_a_request_of_another_version_is_left_out(tmp_path):
    async with opened(tmp_path) as store:
        await store.keep(1, HOLD, 0)
    with sqlite3.connect(tmp_path / "outbox.db") as other:
        other.execute("insert into request values (2, 0, ?)", (b'{"type":"of tomorrow"}',))
    other.close()
    async with opened(tmp_path) as store:
        assert [one.number for one in store.requests()[0]] == [1]


async def test_what_was_answered_is_not_left_on_the_disk(tmp_path):
    async with opened(tmp_path) as store:
        await store.keep(1, SECRET, 0)
        store.forget(1)
        await store.flush()
    found = b"".join(file.read_bytes() for file in tmp_path.glob("outbox*"))
    assert b"4929-secret" not in found


async def test_a_folder_that_is_none_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BranchFolderUnusable, match="cannot be used"):
        BranchStore(tmp_path / "file").open()


def sealed(state):
    return encode_snapshot(Snapshot(position=state.position, at=state.at, body=state.snapshot()))


EMPTY = sealed(State())


# -- the copy of the log -------------------------------------------------------------------------


async def entries():
    engine = await Engine.open(MemoryJournal(), ManualClock(1_000_000))
    await engine.start()
    await engine.submit(c.PublishCatalog(id="catalog", catalog=Catalog(version=1), replaces=0))
    for number in range(5):
        await engine.submit(c.Arrive(id=f"a{number}", contact=f"lee:{number}", channel="voice"))
    await engine.stop()
    return [(one.position, encode(one)) async for one in engine._journal.read()]


async def test_the_copy_of_the_log_is_there_again(tmp_path):
    records = await entries()
    async with opened(tmp_path) as store:
        await store.begin_anew(0, EMPTY)
        await store.keep_records(records[:4])
    async with opened(tmp_path) as store:
        state = store.load_state()
        assert state is not None
        assert state.position == 4
        await store.begin_anew(state.position, sealed(state))
        await store.keep_records(records[4:])
    async with opened(tmp_path) as store:
        state = store.load_state()
        assert state is not None
        assert list(state.contacts) == [f"lee:{number}" for number in range(5)]


async def test_a_copy_with_a_gap_ends_there(tmp_path):
    records = await entries()
    async with opened(tmp_path) as store:
        await store.begin_anew(0, EMPTY)
        await store.keep_records([*records[:2], *records[3:]])
        state = store.load_state()
        assert state is not None
        assert state.position == 2


async def test_a_damaged_copy_is_none(tmp_path):
    records = await entries()
    async with opened(tmp_path) as store:
        assert store.load_state() is None
        await store.begin_anew(0, EMPTY)
        await store.keep_records([(1, b"junk"), records[1]])
        assert store.load_state() is None
        await store.begin_anew(0, b"junk")
        assert store.load_state() is None
