"""A node with the wrong Redis does not start: it would decide beside the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm.database import Database
from router.cluster.copying import copy
from router.journal.redis import Keys
from router.journal.redis_address import connect
from router.lease import Lease
from server.accounts import User
from server.cli.root import outcome
from server.log_identity import AnotherLog, adopt, check_alone, check_log
from server.roles import Role
from tests import migrated
from tests.integration.served import prepare
from tests.integration.test_journal_copy import file, source  # noqa: F401 - fixtures
from tests.redis.server import RedisServer, require_redis


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    migrated.put_into(tmp_path)
    made = Database(f"sqlite:///{tmp_path / migrated.NAME}")
    yield made
    await made.close()


async def read(database: Database, position: int) -> None:
    """As a service leaves it that has stored past contacts."""
    from crm.database import upsert
    from crm.history import FOLLOWER
    from crm.models import FollowerRow

    row = [{"name": FOLLOWER, "position": position}]
    await database.change(lambda c: c.execute(upsert(c, FollowerRow, key=("name",)), row))


async def test_nodes_of_one_log_and_one_database_find_each_other(database, redis, tenant):
    first, second = await asyncio.gather(*(check_log(database, redis, tenant) for _ in range(2)))
    assert first == second == await check_log(database, redis, tenant)


async def test_another_redis_is_refused_and_nothing_is_written_there(database, redis, tenant):
    await check_log(database, redis, tenant)
    require_redis()
    with RedisServer(fsync="no") as wrong:
        async with connect(wrong.url) as other:
            with pytest.raises(AnotherLog, match=r"PATCHBAY_REDIS_URL.*patchbay journal adopt"):
                await check_log(database, other, tenant)
            assert await other.dbsize() == 0
            await other.hset(Keys.of(tenant).head, "log", "another")
            with pytest.raises(AnotherLog):  # one that has a name of its own as well
                await check_log(database, other, tenant)


async def test_a_log_that_takes_the_place_of_one_is_said_to(database, redis, tenant):
    await check_log(database, redis, tenant)
    await redis.delete(Keys.of(tenant).head)
    with pytest.raises(AnotherLog):
        await check_log(database, redis, tenant)
    assert await adopt(database, redis, tenant) == 0
    await check_log(database, redis, tenant)


async def test_a_database_that_has_read_a_log_is_not_begun_with_an_empty_one(
    database, redis, tenant
):
    await read(database, 7)
    with pytest.raises(AnotherLog):
        await check_log(database, redis, tenant)
    assert not await redis.exists(Keys.of(tenant).head)


async def test_the_log_that_a_machine_has_left_is_the_one_that_its_database_has_read(
    source,  # noqa: F811 - the fixture
    database,
    redis,
    tenant,
):
    await read(database, 7)
    await copy(source, redis, tenant)
    assert await check_log(database, redis, tenant)
    assert await Lease(redis, tenant, "a node").take()


async def test_a_machine_alone_does_not_take_the_database_of_a_cluster(database, redis, tenant):
    await check_alone(database)
    await check_log(database, redis, tenant)
    with pytest.raises(AnotherLog, match="set PATCHBAY_REDIS_URL"):
        await check_alone(database)
    await adopt(database, None, tenant)
    await check_alone(database)
    await check_log(database, redis, tenant)


def test_serve_refuses_it_with_both_ways_out_and_the_command_is_one(
    redis_server, tenant, tmp_path, monkeypatch, capsys
):
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("PATCHBAY_REDIS_URL", redis_server.url)
    monkeypatch.setenv("PATCHBAY_TENANT", tenant)
    asyncio.run(_left_by_another(tmp_path, redis_server.url, tenant))
    assert outcome(["serve", "--port", "0"]) == 1
    words = capsys.readouterr().err
    assert "PATCHBAY_REDIS_URL" in words
    assert "patchbay journal adopt" in words
    assert outcome(["journal", "adopt"]) == 0
    assert "of 0 entries" in capsys.readouterr().out
    asyncio.run(_checked(tmp_path, redis_server.url, tenant))


async def _left_by_another(folder: Path, url: str, tenant: str) -> None:
    await prepare(folder, [(User(id="sue", name="Sue", roles=frozenset({Role.ADMIN})), "")])
    await _checked(folder, url, tenant)
    async with connect(url) as redis:
        await redis.hset(Keys.of(tenant).head, "log", "another")


async def _checked(folder: Path, url: str, tenant: str) -> None:
    database = Database(f"sqlite:///{folder / migrated.NAME}")
    try:
        async with connect(url) as redis:
            await check_log(database, redis, tenant)
    finally:
        await database.close()
