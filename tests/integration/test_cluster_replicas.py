"""What nodes say while Redis has fewer replicas than it has to have, and that they go on after."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from router.core.commands import PublishCatalog
from router.ports import Accepted, OutcomeUnknown
from router.tasks import end
from tests.integration.test_cluster import QUICK, Cluster, catalog, sign_in, until
from tests.redis.server import RedisServer, require_redis


@pytest.fixture
async def replicated() -> AsyncIterator[tuple[Cluster, RedisServer]]:
    """Nodes that ask for one replica, which is there."""
    require_redis()
    with RedisServer() as primary, RedisServer(*following(primary)) as replica:
        made = Cluster(primary.url, "short", msgspec.structs.replace(QUICK, replicas=1))
        yield made, replica
        await made.close()


def following(primary: RedisServer) -> tuple[str, ...]:
    return ("--replicaof", "127.0.0.1", str(primary.port))


async def test_without_the_replica_no_node_is_ready_though_nobody_asked_anything(replicated):
    cluster, replica = replicated
    nodes = [await cluster.node(), await cluster.node()]
    writer = await cluster.writer()
    follower = next(node for node in nodes if node is not writer)
    await until(lambda: all(n.health().ready for n in nodes), "all are ready")
    published = PublishCatalog(id="p1", catalog=catalog(1), replaces=0)
    assert isinstance(await follower.submit(published), Accepted)
    await asyncio.to_thread(replica.kill)
    await until(lambda: not any(n.health().ready for n in nodes), "nobody is ready")
    for node in nodes:
        assert "only 0 of 1 replicas have what was written" in node.health().reason
    with pytest.raises(OutcomeUnknown, match="The node that writes says"):
        await follower.submit(sign_in(1))  # said at once
    waiting = asyncio.create_task(writer.submit(sign_in(2)))
    await asyncio.to_thread(replica.start)
    assert isinstance(await waiting, Accepted)
    await until(lambda: all(n.health().ready for n in nodes), "all are ready again")
    assert not any(node.ended.done() for node in nodes)


async def test_a_writer_ends_though_a_command_of_another_node_cannot_be_stored(replicated):
    """The replica is gone for good: what is in hand waits for it, and the end does not."""
    cluster, replica = replicated
    nodes = [await cluster.node(), await cluster.node()]
    writer = await cluster.writer()
    follower = next(node for node in nodes if node is not writer)
    published = PublishCatalog(id="p1", catalog=catalog(1), replaces=0)
    assert isinstance(await follower.submit(published), Accepted)
    await asyncio.to_thread(replica.kill)
    asked = asyncio.create_task(follower._forwarding.send(sign_in(1)))  # it does not know yet
    await until(lambda: writer.health().waiting > 0, "it is in the writer's hands")
    async with asyncio.timeout(20):
        await writer.stop()
    await end(asked)
