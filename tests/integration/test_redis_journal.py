"""The journal in a real Redis: fenced, and sent again without being written twice."""

from __future__ import annotations

import asyncio
import secrets
from typing import Any

import msgspec
import pytest
from redis.exceptions import RedisError

from router.clock import SystemClock
from router.cluster.tail import Tail
from router.core.catalog import Catalog
from router.core.commands import PublishCatalog
from router.core.durations import MILLISECOND, SECOND
from router.core.events import SCHEMA, AgentReady, Entry
from router.core.state import State
from router.engine import Engine
from router.journal import codec
from router.journal import redis as redis_journal
from router.journal.redis import Keys, RedisJournal
from router.journal.redis_address import connect
from router.lease import Lease, LeaseUnknown
from router.ports import (
    Accepted,
    EngineStopped,
    JournalDamaged,
    JournalUnavailable,
    NotTheWriter,
    OutcomeUnknown,
    Snapshot,
)
from router.recovery import recover
from tests.faults.proxy import Proxy
from tests.redis.server import RedisServer, require_redis

SHORT = 800 * MILLISECOND  # a lease that may lapse while a test runs


def entry(position: int, agent: str = "ann") -> Entry:
    return Entry(
        position=position,
        at=position,
        cause=f"c{position}",
        by="",
        events=(AgentReady(agent=agent),),
    )


async def positions(journal: RedisJournal) -> list[int]:
    return [one.position async for one in journal.read()]


# -- fencing --------------------------------------------------------------------------------------


async def test_who_lost_the_lease_writes_nothing_more(redis, tenant):
    first, second = Lease(redis, tenant, "one", lasts=SHORT), Lease(redis, tenant, "two")
    old = await RedisJournal.open(redis, tenant, await first.take())
    await old.append([entry(1)])
    assert await second.take() == 0
    await asyncio.sleep(SHORT / SECOND + 0.1)
    new = await RedisJournal.open(redis, tenant, await second.take())
    await new.append([entry(2, "ben")])
    for _ in range(3):
        with pytest.raises(NotTheWriter):
            await old.append([entry(2)])
    with pytest.raises(NotTheWriter):
        await old.confirm()
    with pytest.raises(NotTheWriter):
        await old.save_snapshot(Snapshot(position=1, at=1, body=b""))
    assert [one.events[0].agent async for one in new.read()] == ["ann", "ben"]
    assert not await first.renew(1)


async def test_a_lease_that_is_renewed_or_released_does_as_told(redis, tenant):
    one, two = Lease(redis, tenant, "one", lasts=SHORT), Lease(redis, tenant, "two")
    token = await one.take()
    for _ in range(4):
        await asyncio.sleep(SHORT / SECOND / 3)
        assert await one.renew(token)
    assert (await one.held()).holder == "one"
    assert await two.take() == 0
    await one.release(token)
    assert await two.take() > token
    await one.release(token)
    assert (await two.held()).holder == "two"


async def test_two_who_take_it_at_once_are_never_both_the_writer(redis, tenant):
    leases = [Lease(redis, tenant, f"node {number}") for number in range(20)]
    tokens = await asyncio.gather(*(lease.take() for lease in leases))
    assert sorted(map(bool, tokens)) == [False] * 19 + [True]


async def test_who_never_had_the_lease_only_reads(redis, tenant):
    writer = await RedisJournal.open(redis, tenant, await Lease(redis, tenant, "one").take())
    await writer.append([entry(1)])
    reader = await RedisJournal.open(redis, tenant)
    assert await positions(reader) == [1]
    with pytest.raises(NotTheWriter):
        await reader.append([entry(2)])


# -- sent again -----------------------------------------------------------------------------------


async def test_what_was_written_though_no_answer_came_is_written_once(redis_server, tenant):
    async with (
        Proxy(redis_server.port) as network,
        connect(f"redis://127.0.0.1:{network.port}/0") as far,
    ):
        journal = await RedisJournal.open(far, tenant, await Lease(far, tenant, "one").take())
        await journal.append([entry(1)])
        network.eats = 1
        with pytest.raises(JournalUnavailable):
            await journal.append([entry(2), entry(3)])
        await journal.append([entry(2), entry(3)])
        await journal.append([entry(4)])
        assert await positions(journal) == [1, 2, 3, 4]


async def test_another_entry_in_the_place_of_one_that_was_written_is_damage(redis, tenant):
    token = await Lease(redis, tenant, "one").take()
    journal = await RedisJournal.open(redis, tenant, token)
    behind = await RedisJournal.open(redis, tenant, token)
    await journal.append([entry(1)])
    with pytest.raises(JournalDamaged):
        await behind.append([entry(1, "ben")])


async def test_the_engine_goes_on_when_answers_are_eaten(redis_server, tenant):
    async with (
        Proxy(redis_server.port) as network,
        connect(f"redis://127.0.0.1:{network.port}/0") as far,
    ):
        journal = await RedisJournal.open(far, tenant, await Lease(far, tenant, "one").take())
        engine = await Engine.open(journal, SystemClock())
        await engine.start()
        network.eats = 3
        for number in range(5):
            catalog = PublishCatalog(
                id=f"publish-{number}", catalog=Catalog(version=number + 1), replaces=number
            )
            async with asyncio.timeout(20):
                while not isinstance(await _tried(engine, catalog), Accepted):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
        assert engine.replica.state.catalog.version == 5
        await engine.stop()
        assert await positions(await RedisJournal.open(far, tenant)) == [1, 2, 3, 4, 5]


async def test_an_engine_whose_lease_is_anothers_stops_and_says_so(redis, tenant):
    first, second = Lease(redis, tenant, "one", lasts=SHORT), Lease(redis, tenant, "two")
    journal = await RedisJournal.open(redis, tenant, await first.take())
    engine = await Engine.open(journal, SystemClock())
    await engine.start()
    await asyncio.sleep(SHORT / SECOND + 0.1)
    await second.take()
    for number in range(3):
        command = PublishCatalog(id=f"p{number}", catalog=Catalog(version=1), replaces=0)
        with pytest.raises(EngineStopped, match="Another node"):
            await engine.submit(command)
    assert engine.replica.position == 0
    await engine.stop()
    assert await positions(journal) == []


async def _tried(engine: Engine, command: PublishCatalog):
    try:
        return await engine.submit(command)
    except JournalUnavailable as error:
        return error


# -- restarts -------------------------------------------------------------------------------------


async def test_what_was_acknowledged_is_there_after_redis_was_killed():
    require_redis()
    with RedisServer() as server:
        async with connect(server.url) as client:
            journal = await RedisJournal.open(
                client, "acme", await Lease(client, "acme", "one", lasts=60 * SECOND).take()
            )
            for number in range(1, 101):
                await journal.append([entry(number)])
            await asyncio.to_thread(server.kill)
            with pytest.raises(JournalUnavailable):
                await journal.append([entry(101)])
            with pytest.raises(LeaseUnknown):
                await Lease(client, "acme", "one").held()
            await asyncio.to_thread(server.start)
            await journal.append([entry(101)])
            assert await positions(journal) == list(range(1, 102))


async def test_scripts_that_redis_has_forgotten_are_sent_again(redis, tenant):
    journal = await RedisJournal.open(redis, tenant, await Lease(redis, tenant, "one").take())
    await redis.script_flush()
    await journal.append([entry(1)])
    assert await positions(journal) == [1]


# -- trimming -------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", [True, False], ids=["answer lost", "request lost"])
@pytest.mark.parametrize("at", [1, 2, 3], ids="part {}".format)
async def test_a_batch_in_several_parts_that_failed_midway_is_sent_again_whole(
    redis, tenant, monkeypatch, at, written
):
    """As the engine does, of which nobody knows how far it had come."""
    calls = 0
    evaluate = redis_journal.evaluate

    async def failing(*asked: Any) -> Any:
        nonlocal calls
        calls += 1
        answer = await evaluate(*asked) if written or calls != at else None
        if calls == at:
            raise RedisError("gone")
        return answer

    journal = await RedisJournal.open(redis, tenant, await Lease(redis, tenant, "one").take())
    await journal.append([entry(1)])
    monkeypatch.setattr(redis_journal, "AT_ONCE", 2)
    monkeypatch.setattr(redis_journal, "evaluate", failing)
    batch = [entry(number) for number in range(2, 8)]
    with pytest.raises(OutcomeUnknown):
        await journal.append(batch)
    await journal.append(batch)
    assert await positions(journal) == list(range(1, 8))
    with pytest.raises(ValueError, match="cannot be stored"):
        await journal.append(batch)
    await journal.append([entry(8)])


async def test_entries_long_before_the_older_snapshot_go_and_two_snapshots_stay(
    redis, tenant, monkeypatch
):
    monkeypatch.setattr(redis_journal, "KEPT_BEHIND", 5)
    journal = await RedisJournal.open(redis, tenant, await Lease(redis, tenant, "one").take())
    await journal.append([entry(number) for number in range(1, 101)])
    for position in (30, 60, 90):
        await journal.save_snapshot(Snapshot(position=position, at=position, body=b"x"))
    assert [one.position async for one in journal.read(after=54)][:1] == [55]
    with pytest.raises(JournalDamaged, match="no longer kept"):
        await positions(journal)
    assert (await journal.load_snapshot()).position == 90
    assert await redis.hlen(Keys.of(tenant).snapshots) == 2
    await redis.hset(Keys.of(tenant).snapshots, "90", b"spoilt")
    assert (await journal.load_snapshot()).position == 60


async def trimmed(redis, tenant, monkeypatch, schema: int) -> RedisJournal:
    """A log whose first entries are gone, with a snapshot that another version wrote."""
    monkeypatch.setattr(redis_journal, "KEPT_BEHIND", 5)
    journal = await RedisJournal.open(redis, tenant, await Lease(redis, tenant, "one").take())
    entries = [entry(number) for number in range(1, 41)]
    await journal.append(entries)
    state = State()
    for one in entries:
        state.apply_entry(msgspec.structs.replace(one, events=()))
        if one.position in (20, 30):
            taken = Snapshot(position=one.position, at=one.at, body=state.snapshot())
            await journal.save_snapshot(taken)
            record = codec.seal(msgspec.msgpack.encode(taken), schema=schema)
            await redis.hset(Keys.of(tenant).snapshots, str(one.position), record)
    return journal


async def test_a_rolling_upgrade_begins_from_the_snapshot_of_the_version_before(
    redis, tenant, monkeypatch
):
    monkeypatch.setitem(codec.SNAPSHOT_UPGRADES, SCHEMA - 1, lambda image: image)
    journal = await trimmed(redis, tenant, monkeypatch, SCHEMA - 1)
    assert (await journal.load_snapshot()).position == 30
    with pytest.raises(JournalDamaged, match="no longer kept"):
        await positions(journal)
    read = [one.position async for one in journal.read(after=30)]
    assert read == list(range(31, 41))


@pytest.mark.parametrize("schema", [SCHEMA - 1, SCHEMA + 1])
async def test_a_log_that_only_another_version_can_read_is_refused_with_a_sentence(
    redis, tenant, monkeypatch, schema
):
    journal = await trimmed(redis, tenant, monkeypatch, schema)
    with pytest.raises(JournalDamaged, match="start the version that wrote the newest one"):
        await recover(journal)


async def test_an_entry_of_a_newer_version_asks_for_that_version_and_no_backup(redis, tenant):
    journal = await RedisJournal.open(redis, tenant, await Lease(redis, tenant, "one").take())
    await journal.append([entry(1)])
    newer = codec.seal(b"whatever", schema=SCHEMA + 1)
    await redis.xadd(Keys.of(tenant).log, {"r": newer, "t": "1"}, id="2-0")
    for reading in (positions(journal), Tail(redis, tenant, 1).next(0)):
        with pytest.raises(JournalDamaged, match="install that version here") as problem:
            await reading
        assert "backup" not in str(problem.value)


async def test_tenants_share_nothing(redis):
    one, two = secrets.token_hex(4), secrets.token_hex(4)
    journal = await RedisJournal.open(redis, one, await Lease(redis, one, "n").take())
    await journal.append([entry(1)])
    other = await RedisJournal.open(redis, two, await Lease(redis, two, "n").take())
    assert await positions(other) == []
    assert {Keys.of(one).head, Keys.of(one).log} & {Keys.of(two).head, Keys.of(two).log} == set()
