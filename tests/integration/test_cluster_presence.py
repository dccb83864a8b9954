"""Nobody is thought gone while nodes cannot tell who is there, nor at once after that."""

from __future__ import annotations

import asyncio

from router.cluster.presence import SharedPresence
from router.journal.redis_address import connect
from router.tasks import end
from tests.integration.test_cluster import until
from tests.redis.server import RedisServer, require_redis


async def test_without_redis_and_a_while_after_anybody_may_be_at_another_node() -> None:
    require_redis()
    with RedisServer() as server:
        async with connect(server.url) as client:
            one = SharedPresence(client, "acme", "one", lambda: ["agent/ann"])
            two = SharedPresence(client, "acme", "two", lambda: ["agent/ben"])
            await two.exchange()
            running = asyncio.create_task(one.run())
            await until(lambda: one.has("agent/ben"), "ben is known")
            assert not one.has("agent/cleo")
            await asyncio.to_thread(server.kill)
            await until(lambda: one.has("agent/cleo"), "nobody can say where cleo is")
            await asyncio.to_thread(server.start)
            await one.exchange()
            assert one.has("agent/cleo")  # her page may not have come back yet
            await end(running)
