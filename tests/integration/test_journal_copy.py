"""A journal of one machine becomes a log in Redis, whole or not at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from router.clock import SystemClock
from router.cluster import copying
from router.cluster.copying import CopyRefused, copy
from router.cluster.node import Node
from router.core.commands import Arrive
from router.engine import Engine, EngineLimits
from router.journal.redis import Keys, RedisJournal
from router.journal.sqlite import SqliteJournal
from router.lease import Lease
from router.ports import NOTHING, Accepted
from router.recovery import recover
from server.cli.root import outcome
from tests.integration.test_cluster import publish, sign_in, until


@pytest.fixture
async def file(tmp_path: Path) -> Path:
    """What a machine leaves behind that was stopped in order: 21 entries and a snapshot."""
    path = tmp_path / "journal.db"
    journal = await SqliteJournal.open(path)
    engine = await Engine.open(journal, SystemClock(), limits=EngineLimits(snapshot_every=8))
    await engine.start()
    for command in (publish(1), *map(sign_in, range(10)), *map(_arrive, range(10))):
        assert isinstance(await engine.submit(command), Accepted)
    await engine.stop()
    await journal.close()
    return path


def _arrive(number: int) -> Arrive:
    return Arrive(id=f"arrive-{number}", contact=f"k{number}", channel="voice")


@pytest.fixture
async def source(file: Path) -> AsyncIterator[SqliteJournal]:
    journal = await SqliteJournal.open(file)
    yield journal
    await journal.close()


async def test_the_log_in_redis_holds_the_same_entries_and_gives_the_same_state(
    source, redis, tenant
):
    copied = await copy(source, redis, tenant)
    log = await RedisJournal.open(redis, tenant)
    there = [entry async for entry in log.read()]
    assert there == [entry async for entry in source.read()]
    assert (copied.first, copied.last, copied.contacts) == (1, 21, 10)
    assert (await recover(log)).snapshot() == (await recover(source)).snapshot()
    assert await left(redis, tenant) == []
    keys = Keys.of(tenant)
    assert [await redis.ttl(key) for key in (keys.head, keys.log, keys.snapshots)] == [-1] * 3


async def test_a_node_goes_on_where_the_machine_was(source, redis, tenant):
    copied = await copy(source, redis, tenant)
    node = await Node.open(redis, tenant, "one", SystemClock())
    await node.start()
    try:
        await until(lambda: node.writes, "the node writes")
        again = await node.submit(sign_in(3))  # the machine has done that
        assert isinstance(again, Accepted)
        assert again.events == ()
        more = await node.submit(sign_in(11))
        assert isinstance(more, Accepted)
        assert more.position == copied.last + 1
    finally:
        await node.stop()


async def test_of_a_long_journal_the_end_is_copied_and_a_snapshot_of_all(source, redis, tenant):
    copied = await copy(source, redis, tenant, kept=5)
    assert (copied.first, copied.last) == (17, 21)
    log = await RedisJournal.open(redis, tenant)
    assert [entry.position async for entry in log.read(after=16)] == [17, 18, 19, 20, 21]
    assert (await recover(log)).snapshot() == (await recover(source)).snapshot()


async def test_a_log_that_is_there_is_never_touched(source, redis, tenant):
    await copy(source, redis, tenant)
    before = await redis.xrange(Keys.of(tenant).log)
    with pytest.raises(CopyRefused, match="has a log of this tenant already"):
        await copy(source, redis, tenant)
    assert await redis.xrange(Keys.of(tenant).log) == before
    assert await left(redis, tenant) == []


async def test_while_a_node_runs_nothing_is_put_in_place(source, redis, tenant):
    assert await Lease(redis, tenant, "a node").take()
    with pytest.raises(CopyRefused, match="stop all nodes"):
        await copy(source, redis, tenant)
    assert await redis.exists(Keys.of(tenant).log) == 0
    assert await left(redis, tenant) == []


async def test_it_is_asked_before_anything_is_written(source, redis, tenant, monkeypatch):
    class Silent(RedisJournal):
        async def append(self, *_given):
            raise AssertionError("nothing is to be written")

    monkeypatch.setattr(copying, "RedisJournal", Silent)
    assert await Lease(redis, tenant, "a node").take()
    with pytest.raises(CopyRefused, match="stop all nodes"):
        await copy(source, redis, tenant)


async def test_two_copies_at_once_do_not_mix_and_one_stands(source, redis, tenant):
    both = await asyncio.gather(
        *(copy(source, redis, tenant) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in both) == ["Copied", "CopyRefused"]
    log = await RedisJournal.open(redis, tenant)
    assert [e async for e in log.read()] == [e async for e in source.read()]
    assert await left(redis, tenant) == []


async def test_a_node_that_begins_meanwhile_is_not_overwritten(source, redis, tenant, monkeypatch):
    class Overtaken(RedisJournal):
        async def save_snapshot(self, snapshot):
            await super().save_snapshot(snapshot)
            assert len(await left(redis, tenant)) == 3
            assert 0 < await redis.ttl(self._keys.log) <= 3_600
            assert await Lease(redis, tenant, "a node").take()

    monkeypatch.setattr(copying, "RedisJournal", Overtaken)
    with pytest.raises(CopyRefused, match="stop all nodes"):
        await copy(source, redis, tenant)
    assert await left(redis, tenant) == []


async def left(redis, tenant):
    return [key async for key in redis.scan_iter(f"*{tenant}*:copy*")]


async def test_a_token_that_was_given_before_is_never_given_again(source, redis, tenant):
    lease = Lease(redis, tenant, "a node")
    for _ in range(3):
        token = await lease.take()
    await lease.release(token)
    await copy(source, redis, tenant)
    assert await lease.take() > token


async def test_a_copy_that_differs_is_not_put_in_place(source, redis, tenant, monkeypatch):
    class Forgetful(RedisJournal):
        async def append(self, entries, refused=NOTHING):
            await super().append(entries, refused)
            await redis.xdel(self._keys.log, f"{entries[-1].position}-0")

    monkeypatch.setattr(copying, "RedisJournal", Forgetful)
    with pytest.raises(CopyRefused, match="nothing was put in place"):
        await copy(source, redis, tenant)
    assert await redis.exists(Keys.of(tenant).log) == 0
    assert await left(redis, tenant) == []


async def test_the_command_says_what_it_has_copied_and_refuses_a_second_time(
    file, redis_server, tenant, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PATCHBAY_REDIS_URL", redis_server.url)
    monkeypatch.setenv("PATCHBAY_TENANT", tenant)
    command = ["journal", "copy", str(file), "--json", str(tmp_path / "copied.json")]
    assert await asyncio.to_thread(outcome, command) == 0
    assert "Entries 1 to 21 are in Redis" in capsys.readouterr().out
    assert json.loads((tmp_path / "copied.json").read_bytes())["contacts"] == 10
    assert await asyncio.to_thread(outcome, command) == 1
    assert "has a log of this tenant already" in capsys.readouterr().err
    assert await asyncio.to_thread(outcome, ["journal", "copy", str(tmp_path / "none.db")]) == 2


async def test_an_empty_journal_is_refused(tmp_path, redis, tenant):
    journal = await SqliteJournal.open(tmp_path / "empty.db")
    with pytest.raises(CopyRefused, match="nothing in this journal"):
        await copy(journal, redis, tenant)
    await journal.close()
