"""Nine tenants over three nodes and a real Redis: who writes for whom spreads by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from router.clock import SystemClock
from router.cluster.balance import Standing
from router.cluster.node import Node, Timing
from router.cluster.spreading import KEYS, STEP, Spreading
from router.core.durations import MILLISECOND
from router.journal.redis_address import connect
from router.lease import Lease
from router.tasks import end
from tests.redis.server import RedisServer

QUICK = Timing(lease=1_000 * MILLISECOND, renew=0.2, contend=0.1)
TENANTS = tuple(f"tenant{n}" for n in range(9))
WITHIN = 60.0


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as opened:
        yield opened


class Process:
    """A node of the cluster: it serves every tenant, and writes for some."""

    def __init__(self, url: str, name: str) -> None:
        self.name = name
        self._url = url
        self._stack = AsyncExitStack()
        self.nodes: dict[str, Node] = {}

    async def start(self) -> None:
        redis = await self._stack.enter_async_context(connect(self._url))
        self._redis = redis
        self.spreading = Spreading(redis, self.name)
        await self.spreading.exchange()
        telling = asyncio.create_task(self.spreading.run())
        self._stack.callback(telling.cancel)
        for tenant in TENANTS:
            client = await self._stack.enter_async_context(connect(self._url))
            self.nodes[tenant] = await Node.open(
                client, tenant, self.name, SystemClock(), timing=QUICK, spreading=self.spreading
            )
        for node in self.nodes.values():
            await node.start()

    @property
    def writes(self) -> int:
        return sum(node.writes and not node.ended.done() for node in self.nodes.values())

    async def stop(self) -> None:
        """In order: leases are given back."""
        await self.spreading.leave()
        for node in self.nodes.values():
            node.stand_down()
        await asyncio.gather(*(node.stop() for node in self.nodes.values()))
        self.nodes.clear()
        await self._stack.aclose()

    async def die(self) -> None:
        """Nothing is given back."""
        tasks = [task for node in self.nodes.values() for task in node._tasks]
        await end(*tasks)
        for node in self.nodes.values():
            if node._engine is not None:
                await node._engine.stop()
        self.nodes.clear()
        await self._stack.aclose()


async def comes(true: Callable[[], bool]) -> float:
    """Seconds until it is so."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    async with asyncio.timeout(WITHIN):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    return loop.time() - began


def spread(processes: list[Process]) -> list[int]:
    return sorted(one.writes for one in processes)


async def test_leases_spread_at_the_start_and_after_a_hand_over_and_a_death(
    redis_server: RedisServer, stack: AsyncExitStack
) -> None:
    first, second, third = (Process(redis_server.url, f"node{n}") for n in range(3))
    alive = [first, second, third]
    for one in alive:
        stack.push_async_callback(one.die)
    await asyncio.gather(*(one.start() for one in alive))
    await comes(lambda: sum(spread(alive)) == 9)
    assert min(spread(alive)) >= 1, spread(alive)

    await first.stop()
    alive = [second, third]
    await comes(lambda: sum(spread(alive)) == 9)
    assert min(spread(alive)) >= 2, spread(alive)

    await third.die()
    taken = await comes(lambda: second.writes == 9)
    print(f"taken over within {taken:.2f} s of a death, with leases of 1 s")
    async with connect(redis_server.url) as redis:
        holders = Counter([(await Lease(redis, one, "looks").held()).holder for one in TENANTS])
    assert holders == {"node1": 9}


async def test_one_who_writes_for_fewest_goes_first(redis_server: RedisServer) -> None:
    async with connect(redis_server.url) as redis:
        await redis.flushall()
        few, many = Spreading(redis, "few"), Spreading(redis, "many")
        few.writes, many.writes = 1, 3
        for one in (few, many, few):
            await one.exchange()
        assert few.patience == 0
        assert many.patience == 2 * STEP
        assert await many.take(Lease(redis, "free", "many"), free_for=STEP) == 0
        assert await few.take(Lease(redis, "free", "few"), free_for=0)
        await few.leave()
        await many.exchange()
        await many.leave()


async def test_nobody_waits_for_who_is_gone(redis_server: RedisServer) -> None:
    async with connect(redis_server.url) as redis:
        await redis.flushall()
        gone, here = Spreading(redis, "gone"), Spreading(redis, "here")
        here.writes = 4
        await gone.exchange()
        await here.exchange()
        assert here.patience == 4 * STEP
        await gone.leave()
        await here.exchange()
        here._began = 0  # long ago: nobody else is starting either
        assert here.patience == 0
        await here.leave()


async def test_a_lease_that_is_handed_over_is_left_to_the_others(redis_server: RedisServer) -> None:
    async with connect(redis_server.url) as redis:
        await redis.flushall()
        gives, takes = Spreading(redis, "gives"), Spreading(redis, "takes")
        for one in (gives, takes, gives):
            await one.exchange()
        mine, other = (
            one.turn_at(Lease(redis, "even", one.node), "even") for one in (gives, takes)
        )
        with gives.handing_over("even"):
            assert await mine.take() == 0
        assert await mine.take() == 0
        assert await other.take()
        assert gives.left_to_others("even")
        await takes.leave()
        await gives.exchange()
        assert not gives.left_to_others("even"), "nobody else is there to take it"
        await gives.leave()


async def test_nodes_know_how_all_stand_also_one_of_before_they_told_it(
    redis_server: RedisServer,
) -> None:
    async with connect(redis_server.url) as redis:
        await redis.flushall()
        new, newer = (Spreading(redis, name, version="2") for name in ("new", "newer"))
        new.writes, new.serves = 3, 4
        await redis.zadd(KEYS[0], {"old": 2**53})
        await redis.hset(KEYS[1], "old", "1")
        await new.exchange()
        await newer.exchange()
        assert newer.standings == {
            "new": Standing(writes=3, serves=4, version="2"),
            "newer": Standing(writes=0, serves=0, version="2"),
            "old": Standing(writes=1, serves=0, version=""),
        }
        await redis.zrem(KEYS[0], "old")
        for one in (new, newer):
            await one.leave()
            assert one.standings == {}
