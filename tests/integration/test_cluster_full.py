"""What a cluster says and does when Redis has no room for anything more, and when it has again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from router.core.commands import PublishCatalog
from router.ports import Accepted
from tests.integration.test_cluster import Cluster, catalog, sign_in, until
from tests.redis.server import RedisServer


@pytest.fixture
async def cluster(redis_server: RedisServer) -> AsyncIterator[Cluster]:
    made = Cluster(redis_server.url, "full")
    yield made
    await made.close()


async def test_while_redis_is_full_nothing_is_taken_and_every_node_says_why(
    redis_server: RedisServer, cluster: Cluster
) -> None:
    node, follower = await cluster.node(), await cluster.node()
    writer = await cluster.writer()
    first = await node.submit(PublishCatalog(id="p1", catalog=catalog(1), replaces=0))
    assert isinstance(first, Accepted)
    await redis_server.asked("CONFIG", "SET", "maxmemory", "1")
    waiting = asyncio.create_task(writer.submit(sign_in(1)))
    await until(lambda: not writer.health().ready, "the writer is not ready")
    reason = writer.health().reason
    assert "OOM" in reason
    assert "give it more memory" in reason
    await until(lambda: not follower.health().ready, "the follower is not ready")
    assert "OOM" in follower.health().reason
    await redis_server.asked("CONFIG", "SET", "maxmemory", "0")
    assert isinstance(await waiting, Accepted)
    await until(lambda: writer.health().ready, "the writer is ready again")
    await until(lambda: follower.health().ready, "the follower is ready again")
