"""A Redis Cluster of three primaries: scripts, streams and messages of a tenant work where its slot
is, and go on where it is after a failover.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from router.clock import SystemClock
from router.cluster.node import Node, Timing
from router.core.durations import SECOND
from router.journal.redis import Keys, RedisJournal
from router.journal.redis_address import AddressRefused, connect
from router.ports import Accepted, JournalUnavailable, Overloaded
from tests.asterisk.free_ports import free_port
from tests.integration.test_cluster import publish, sign_in, until
from tests.redis.server import RedisServer, require_redis

TENANT = "acme"
KEY = Keys.of(TENANT).head
THIRDS = (("0", "5460"), ("5461", "10922"), ("10923", "16383"))
WITHIN = 60.0
# A lease that outlasts the failover: else who writes afterwards is whoever comes first.
TIMING = Timing(lease=30 * SECOND, renew=0.15, contend=0.05, replicas=1)


class Member:
    """A server of the cluster."""

    def __init__(self) -> None:
        self.bus = free_port()
        self.server = RedisServer(
            *("--cluster-enabled", "yes", "--cluster-port", str(self.bus)),
            *("--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0"),
        )

    async def asked(self, *command: str) -> str:
        return (await self.server.asked(*command)).strip()


class Cluster:
    """``owner`` has the tenant's slot, ``replica`` follows it."""

    def __init__(self, primaries: list[Member], owner: Member, replica: Member) -> None:
        self.primaries, self.owner, self.replica = primaries, owner, replica

    @property
    def address(self) -> str:
        """Of two of them: the others are learned."""
        others = [one for one in self.primaries if one is not self.owner]
        return "redis+cluster://" + ",".join(f"127.0.0.1:{one.server.port}" for one in others)


@pytest.fixture
async def cluster() -> AsyncIterator[Cluster]:
    require_redis()
    members = [Member() for _ in range(4)]
    with contextlib.ExitStack() as stack:
        for member in members:
            stack.enter_context(member.server)
        *primaries, replica = members
        for member, (first, last) in zip(primaries, THIRDS, strict=True):
            await member.asked("CLUSTER", "ADDSLOTSRANGE", first, last)
            place = ("127.0.0.1", str(member.server.port), str(member.bus))
            await replica.asked("CLUSTER", "MEET", *place)
        slot = int(await replica.asked("CLUSTER", "KEYSLOT", KEY))
        owner = next(
            one for one, (first, last) in zip(primaries, THIRDS, strict=True)
            if int(first) <= slot <= int(last)
        )  # fmt: skip
        for member in members:
            await comes(member, "cluster_known_nodes:4", "CLUSTER", "INFO")
        await replica.asked("CLUSTER", "REPLICATE", await owner.asked("CLUSTER", "MYID"))
        await comes(replica, "master_link_status:up", "INFO", "replication")
        for member in members:
            await comes(member, "cluster_state:ok", "CLUSTER", "INFO")
            await comes(member, "slave", "CLUSTER", "NODES")
        yield Cluster(primaries, owner, replica)


async def comes(member: Member, word: str, *command: str) -> None:
    async with asyncio.timeout(WITHIN):
        while word not in await member.asked(*command):  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def accepted(node: Node, number: int) -> Accepted:
    """However often it takes."""
    async with asyncio.timeout(WITHIN):
        while True:
            try:
                outcome = await node.submit(sign_in(number))
            except (JournalUnavailable, Overloaded):
                await asyncio.sleep(0.1)
            else:
                assert isinstance(outcome, Accepted)
                return outcome


async def test_a_tenant_lives_in_a_redis_cluster_and_survives_its_failover(cluster: Cluster):
    async with AsyncExitStack() as stack:
        nodes = []
        for name in ("one", "two"):
            client = await stack.enter_async_context(connect(cluster.address, KEY))
            sending = await stack.enter_async_context(connect(cluster.address, KEY, in_turn=True))
            named = f"{name}-{secrets.token_hex(3)}"
            node = await Node.open(
                client, TENANT, named, SystemClock(), timing=TIMING, sending=sending
            )
            stack.push_async_callback(node.stop)
            await node.start()
            nodes.append(node)
        await until(lambda: any(node.writes for node in nodes), "a node writes")
        follower = next(node for node in nodes if not node.writes)
        assert isinstance(await follower.submit(publish(1)), Accepted)
        for number in range(5):
            await accepted(nodes[number % 2], number)

        await asyncio.to_thread(cluster.owner.server.kill)
        await comes(cluster.replica, "role:master", "INFO", "replication")
        await asyncio.to_thread(cluster.owner.server.start)  # it comes back as the replica
        for number in range(5, 10):
            await accepted(nodes[number % 2], number)

        assert not any(node.ended.done() for node in nodes)
        reader = await stack.enter_async_context(connect(cluster.address, KEY))
        journal = await RedisJournal.open(reader, TENANT)
        causes = [entry.cause async for entry in journal.read()]
        assert sorted(causes) == sorted(["p1", *(f"in-{number}" for number in range(10))])


async def test_messages_in_passing_reach_other_nodes(cluster: Cluster):
    async with connect(cluster.address, KEY) as here, connect(cluster.address, KEY) as there:
        async with there.pubsub() as listening:
            await listening.subscribe(Keys.of(TENANT).whispers)
            async with asyncio.timeout(WITHIN):
                while await listening.get_message(timeout=1) is None:
                    pass
                await here.publish(Keys.of(TENANT).whispers, b"hush")
                while (heard := await listening.get_message(timeout=1)) is None:
                    pass
        assert heard["data"] == b"hush"


async def test_a_cluster_that_nobody_can_ask_is_unavailable():
    async with connect(f"redis+cluster://127.0.0.1:{free_port()}", KEY) as redis:
        with pytest.raises(JournalUnavailable, match="no server of the cluster"):
            await RedisJournal.open(redis, TENANT)


@pytest.mark.parametrize(
    "address", ["redis+cluster://", "redis+cluster://a:b", "redis+cluster://a,b/3", "cluster://a"]
)
def test_what_is_no_address_of_a_cluster_is_refused_in_one_sentence(address):
    with pytest.raises(AddressRefused, match=r"redis\+cluster://HOST"):
        connect(address, KEY)
