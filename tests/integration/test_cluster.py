"""Nodes over a real Redis, in one process: who writes, who follows, and what a command becomes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Sequence

import msgspec
import pytest
from redis.asyncio import Redis

from router.clock import SystemClock
from router.cluster.messages import write_command
from router.cluster.node import Node, Timing
from router.cluster.tail import LogDiverged, Tail
from router.core.catalog import AgentDefinition, Catalog, Profile
from router.core.commands import PublishCatalog, SignIn
from router.core.durations import MILLISECOND, SECOND
from router.core.events import SCHEMA, AgentReady, CatalogPublished, Entry, Rejected
from router.journal.codec import seal
from router.journal.redis import Keys, RedisJournal
from router.journal.redis_address import IN_TURN, connect
from router.lease import Lease
from router.ports import Accepted, EngineStopped, JournalUnavailable, NotOurVersion, Overloaded
from tests.redis.server import RedisServer, require_redis

QUICK = Timing(lease=700 * MILLISECOND, renew=0.15, contend=0.05)
WITHIN = 20.0


class Cluster:
    def __init__(self, url: str, tenant: str, timing: Timing = QUICK) -> None:
        self.url, self.tenant, self.timing = url, tenant, timing
        self.nodes: list[Node] = []
        self._clients: list[Redis] = []
        self._names = itertools.count(1)
        self.duties: list[str] = []

    async def node(self) -> Node:
        client, sending = connect(self.url), connect(self.url, in_turn=True)
        self._clients += [client, sending]
        name = f"node-{next(self._names)}"
        node = await Node.open(
            client, self.tenant, name, SystemClock(), timing=self.timing, sending=sending
        )

        async def duties() -> None:
            self.duties.append(name)

        await node.start(duties)
        self.nodes.append(node)
        return node

    async def writer(self, *others: Node) -> Node:
        """Whoever writes, once somebody other than ``others`` does."""

        def found() -> Node | None:
            writing = (one for one in self.nodes if one.writes and one not in others)
            return next((one for one in writing if not one.ended.done()), None)

        return await until(found, "a node writes")

    async def close(self) -> None:
        await asyncio.gather(*(node.stop() for node in self.nodes))
        for client in self._clients:
            await client.aclose()


@pytest.fixture
async def cluster(redis_server: RedisServer, tenant: str) -> AsyncIterator[Cluster]:
    made = Cluster(redis_server.url, tenant)
    yield made
    await made.close()


async def until(found: Callable[[], object], what: str):
    async with asyncio.timeout(WITHIN):
        while not (one := found()):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        return one


def catalog(version: int, agents: int = 20) -> Catalog:
    names = [f"a{n}" for n in range(agents)]
    people = {name: AgentDefinition(id=name, name=name, profile="all") for name in names}
    profiles = {"all": Profile(id="all", label="All", queues=(), capacity={"voice": 1})}
    return Catalog(version=version, agents=people, profiles=profiles)


def publish(version: int) -> PublishCatalog:
    return PublishCatalog(id=f"p{version}", catalog=catalog(version), replaces=version - 1)


def sign_in(number: int) -> SignIn:
    return SignIn(id=f"in-{number}", agent=f"a{number}")


async def same_position(*nodes: Node) -> int:
    def equal() -> bool:
        return len({node.replica.position for node in nodes}) == 1

    await until(equal, "all have read the same")
    return nodes[0].replica.position


# -- commands -------------------------------------------------------------------------------------


async def test_any_node_takes_commands_and_has_what_they_caused_before_it_answers(cluster):
    first = await cluster.node()
    assert await cluster.writer() is first
    second, third = await cluster.node(), await cluster.node()
    outcome = await second.submit(publish(1))
    assert isinstance(outcome, Accepted)
    assert isinstance(outcome.events[0], CatalogPublished)
    assert second.replica.position >= outcome.position
    for number, node in zip(range(15), itertools.cycle([first, second, third])):
        outcome = await node.submit(sign_in(number))
        assert isinstance(outcome, Accepted), outcome
        assert outcome.events
        assert node.replica.state.agents[f"a{number}"].state.value != "signed_out"
    await same_position(first, second, third)
    assert cluster.duties == ["node-1"]


async def test_a_burst_at_a_node_that_follows_waits_for_its_turn_at_redis(cluster):
    await cluster.node()
    await cluster.writer()
    second = await cluster.node()
    many = 5 * IN_TURN
    published = PublishCatalog(id="p1", catalog=catalog(1, agents=many), replaces=0)
    assert isinstance(await second.submit(published), Accepted)
    outcomes = await asyncio.gather(*(second.submit(sign_in(n)) for n in range(many)))
    assert all(isinstance(one, Accepted) for one in outcomes)


async def test_a_refusal_reaches_the_node_that_asked_with_its_reason(cluster):
    await cluster.node()
    second = await cluster.node()
    await cluster.writer()
    outcome = await second.submit(sign_in(1))
    assert isinstance(outcome, Rejected)
    assert outcome.code
    assert outcome.reason


async def test_the_same_command_from_two_nodes_has_one_effect(cluster):
    nodes = [await cluster.node() for _ in range(3)]
    await cluster.writer()
    outcomes = await asyncio.gather(*(node.submit(publish(1)) for node in nodes))
    assert all(isinstance(one, Accepted) for one in outcomes)
    assert sum(bool(one.events) for one in outcomes) >= 1
    assert await same_position(*nodes) == 1


async def test_followers_of_every_node_are_told_every_entry_in_order(cluster):
    nodes = [await cluster.node() for _ in range(3)]
    await cluster.writer()
    heard: dict[str, list[int]] = {node.name: [] for node in nodes}

    async def follow(node: Node) -> None:
        async for entry in node.follow(0):
            heard[node.name].append(entry.position)

    tasks = [asyncio.create_task(follow(node)) for node in nodes]
    await nodes[1].submit(publish(1))
    await asyncio.gather(*(nodes[n % 3].submit(sign_in(n)) for n in range(20)))
    last = await same_position(*nodes)
    await until(lambda: all(len(one) == last for one in heard.values()), "all were told")
    assert all(one == list(range(1, last + 1)) for one in heard.values())
    await cluster.close()
    await asyncio.gather(*tasks)  # they end with their node
    cluster.nodes.clear()


# -- taking over ----------------------------------------------------------------------------------


async def test_a_planned_hand_over_loses_no_command_and_refuses_none_elsewhere(cluster):
    first = await cluster.node()
    await cluster.writer()
    second, third = await cluster.node(), await cluster.node()
    await second.submit(publish(1))
    asked = [asyncio.create_task(third.submit(sign_in(n))) for n in range(10)]
    await first.stop()
    cluster.nodes.remove(first)
    asked += [asyncio.create_task(third.submit(sign_in(n))) for n in range(10, 20)]
    assert await cluster.writer() in (second, third)
    assert all(isinstance(one, Accepted) for one in await asyncio.gather(*asked))
    assert await same_position(second, third) == 21
    assert len(cluster.duties) == 2


async def test_nobody_takes_over_before_the_duties_of_who_stops_are_over(cluster, redis, tenant):
    lease = Lease(redis, tenant, "nobody")
    tokens: set[int] = set()

    async def duties() -> None:
        """They hang at their end for longer than a lease lasts without being renewed."""
        try:
            await asyncio.Event().wait()
        finally:
            renewed = set()
            async with asyncio.timeout(WITHIN):
                while len(renewed) < 8:  # that takes longer than one lease lasts
                    held = await lease.held()
                    tokens.add(held.token)
                    renewed.add(held.until)
                    await asyncio.sleep(0.02)

    async with connect(cluster.url) as client:
        first = await Node.open(client, tenant, "first", SystemClock(), timing=QUICK)
        await first.start(duties)
        await until(lambda: first.writes, "the first writes")
        second = await cluster.node()
        await first.stop()
        (token,) = tokens
        assert not first.ended.done()
        assert await cluster.writer() is second
        assert (await lease.held()).token > token  # it was taken after that


async def test_who_slept_past_the_lease_writes_nothing_more_and_ends(cluster, redis, tenant):
    first = await cluster.node()
    await cluster.writer()
    second = await cluster.node()
    await second.submit(publish(1))
    held = first._lease.renew
    first._lease.renew = _sleeping  # it is not renewed any more, and nobody told it
    assert await cluster.writer(first) is second
    with pytest.raises(EngineStopped, match="Another node"):
        await first.submit(sign_in(1))
    assert isinstance(await second.submit(sign_in(2)), Accepted)
    first._lease.renew = held
    assert "node" in await asyncio.wait_for(first.ended, WITHIN)
    assert not first.health().ready
    assert [entry.cause async for entry in (await RedisJournal.open(redis, tenant)).read()] == [
        "p1",
        "in-2",
    ]


async def test_who_slept_past_the_lease_is_told_before_it_connects_to_anything(cluster):
    """Another has its name at the broker by then."""
    first = await cluster.node()
    await cluster.writer()
    await first.still_writes()
    second = await cluster.node()
    held, first._lease.renew = first._lease.renew, _sleeping
    assert await cluster.writer(first) is second
    first._lease.renew = held
    with pytest.raises(EngineStopped):
        await first.still_writes()
    await second.still_writes()


async def test_who_slept_past_the_lease_refuses_nobody_from_what_it_knew_then(cluster):
    first = await cluster.node()
    await cluster.writer()
    second = await cluster.node()
    first._lease.renew = _sleeping
    assert await cluster.writer(first) is second
    await second.submit(publish(1))
    with pytest.raises(EngineStopped, match="Another node"):  # not: there is no such agent
        await first.submit(sign_in(1))


async def _sleeping(_token: int) -> bool:
    return True


async def test_commands_sent_while_nobody_wrote_are_decided_by_who_comes(cluster, redis, tenant):
    assert await Lease(redis, tenant, "a dead node", lasts=1500 * MILLISECOND).take()
    first, second = await cluster.node(), await cluster.node()
    assert isinstance(await second.submit(publish(1)), Accepted)
    assert first.writes != second.writes


async def test_a_writer_that_died_before_it_answered_is_no_reason_to_do_it_twice(
    cluster, redis, tenant
):
    first = await cluster.node()
    await cluster.writer()
    second = await cluster.node()
    await second.submit(publish(1))
    await second.submit(sign_in(1))
    await first.stop()
    cluster.nodes.remove(first)
    unanswered = {"n": second.name, "i": 77, "c": write_command(sign_in(1))}
    await redis.xadd(Keys.of(tenant).commands, unanswered)
    await cluster.writer()
    assert isinstance(await second.submit(sign_in(2)), Accepted)
    await answered(redis, tenant)
    causes = [entry.cause async for entry in (await RedisJournal.open(redis, tenant)).read()]
    assert causes == ["p1", "in-1", "in-2"]


async def test_a_command_that_was_refused_and_is_sent_again_is_not_decided_anew(
    cluster, redis, tenant
):
    await cluster.node()
    await cluster.writer()
    second = await cluster.node()
    assert isinstance(await second.submit(sign_in(1)), Rejected)  # there is no such agent yet
    await second.submit(publish(1))
    again = {"n": second.name, "i": 1, "c": write_command(sign_in(1))}
    await redis.xadd(Keys.of(tenant).commands, again)
    assert isinstance(await second.submit(sign_in(2)), Accepted)
    assert second.replica.state.agents["a1"].state.value == "signed_out"


async def asked_now(redis: Redis) -> str:
    """As an id of the stream."""
    seconds, rest = await redis.time()
    return f"{seconds * 1_000 + rest // 1_000}-0"


async def answered(redis: Redis, tenant: str) -> None:
    """Return when no command waits in the stream."""
    async with asyncio.timeout(WITHIN):
        while await redis.xlen(Keys.of(tenant).commands):  # noqa: ASYNC110 - until it is answered
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("told_by", ["a follower", "the writer"])
async def test_a_copy_of_what_was_refused_is_not_done_by_the_next_writer(
    cluster, redis, tenant, told_by
):
    first = await cluster.node()
    await cluster.writer()
    second = await cluster.node()
    before = await asked_now(redis)
    asked = second if told_by == "a follower" else first
    assert isinstance(await asked.submit(sign_in(1)), Rejected)  # there is no such agent yet
    await second.submit(publish(1))
    await first.stop()
    cluster.nodes.remove(first)
    copy = {"n": "elsewhere", "i": 5, "c": write_command(sign_in(1)), "f": before}
    await redis.xadd(Keys.of(tenant).commands, copy)
    await cluster.writer()
    await answered(redis, tenant)
    assert second.replica.state.agents["a1"].state.value == "signed_out"
    assert isinstance(await second.submit(sign_in(1)), Accepted)  # asked after that: decided anew


async def test_copies_that_are_read_together_get_one_answer(cluster, redis, tenant):
    """As after a take-over, when the first has waited longer than its sender."""
    before = await asked_now(redis)
    stream = Keys.of(tenant).commands
    copy = {"n": "elsewhere", "i": 7, "c": write_command(sign_in(1)), "f": before}
    await redis.xadd(stream, copy)
    await redis.xadd(stream, {"n": "elsewhere", "i": 8, "c": write_command(publish(1))})
    await redis.xadd(stream, copy)
    node = await cluster.node()
    await cluster.writer()
    await answered(redis, tenant)
    assert node.replica.state.agents["a1"].state.value == "signed_out"


async def test_what_nobody_waits_for_any_more_is_not_done(cluster, redis, tenant):
    await redis.xadd(
        Keys.of(tenant).commands,
        {"n": "gone", "i": 5, "c": write_command(publish(1)), "f": "1790000000000-0"},
    )
    node = await cluster.node()
    await cluster.writer()
    await answered(redis, tenant)
    assert node.replica.position == 0


# -- Redis is away --------------------------------------------------------------------------------


async def test_redis_killed_under_load_costs_nobody_anything_that_was_promised(tmp_path):
    require_redis()
    with RedisServer() as server:
        cluster = Cluster(server.url, "acme")
        try:
            nodes = [await cluster.node() for _ in range(3)]
            await cluster.writer()
            await nodes[1].submit(publish(1))
            accepted: list[int] = []

            async def work(number: int) -> None:
                while True:
                    node = nodes[number % 3]
                    try:
                        outcome = await node.submit(sign_in(number))
                    except (Overloaded, JournalUnavailable):
                        await asyncio.sleep(0.1)
                        if node.ended.done():
                            return
                    else:
                        assert isinstance(outcome, Accepted)
                        accepted.append(number)
                        return

            working = [asyncio.create_task(work(number)) for number in range(20)]
            await asyncio.sleep(0.002)
            await asyncio.to_thread(server.kill)
            await asyncio.sleep(0.3)
            await asyncio.to_thread(server.start)
            await asyncio.gather(*working)
            async with connect(server.url) as client:
                journal = await RedisJournal.open(client, "acme")
                causes = [entry.cause async for entry in journal.read()]
            assert len(causes) == len(set(causes))
            assert {f"in-{number}" for number in accepted} <= set(causes)
            assert len(accepted) >= 13  # of two nodes at least
        finally:
            await cluster.close()


async def test_without_redis_the_writer_is_as_unready_as_the_others_though_nobody_asked_anything(
    tmp_path,
):
    require_redis()
    with RedisServer() as server:
        cluster = Cluster(server.url, "idle")
        try:
            nodes = [await cluster.node(), await cluster.node()]
            writer = await cluster.writer()
            await asyncio.to_thread(server.freeze)
            await until(lambda: not any(n.health().ready for n in nodes), "nobody is ready")
            assert writer.writes
            for node in nodes:
                assert "Redis has not answered for" in node.health().reason
                assert node.silent > QUICK.lease / SECOND
            await asyncio.to_thread(server.thaw)
            await until(lambda: all(n.health().ready for n in nodes if not n.ended.done()), "well")
            assert min(node.silent for node in nodes) < 3
        finally:
            await cluster.close()


async def test_what_redis_lost_in_a_failover_is_written_again_by_a_node_that_has_it(
    cluster, redis, tenant
):
    first = await cluster.node()
    await cluster.writer()
    second = await cluster.node()
    await second.submit(publish(1))
    for number in range(5):
        await second.submit(sign_in(number))
    assert await same_position(first, second) == 6
    keys = Keys.of(tenant)
    first._lease.renew = _sleeping
    await redis.xdel(keys.log, "5-0", "6-0")
    await redis.execute_command("XSETID", keys.log, "4-0")
    await redis.hset(keys.head, "last", "4")
    assert await cluster.writer(first) is second
    assert isinstance(await second.submit(sign_in(7)), Accepted)
    causes = [entry.cause async for entry in (await RedisJournal.open(redis, tenant)).read()]
    assert causes == ["p1", "in-0", "in-1", "in-2", "in-3", "in-4", "in-7"]


async def test_a_log_that_went_on_differently_is_noticed(redis, tenant):
    journal = await RedisJournal.open(redis, tenant, await Lease(redis, tenant, "one").take())
    await journal.append([_ready(1, "ann"), _ready(2, "ann")])
    tail = Tail(redis, tenant, 0)
    assert len(await tail.next(0)) == 2
    await redis.xdel(Keys.of(tenant).log, "2-0")
    await redis.execute_command("XSETID", Keys.of(tenant).log, "1-0")
    await redis.hset(Keys.of(tenant).head, mapping={"last": "1", "until": "0"})
    other = await RedisJournal.open(redis, tenant, await Lease(redis, tenant, "two").take())
    await other.append([_ready(2, "ben"), _ready(3, "ben")])
    with pytest.raises(LogDiverged):
        await tail.next(0)


def _ready(position: int, agent: str) -> Entry:
    return Entry(
        position=position,
        at=position,
        cause=f"c{position}",
        by="",
        events=(AgentReady(agent=agent),),
    )


# -- versions that differ -------------------------------------------------------------------------


def of_another_version(position: int, kind: str) -> bytes:
    """An entry of a newer schema, or an intact one with an event that this version knows not."""
    if kind == "schema":
        return seal(b"whatever", schema=SCHEMA + 1)
    event = {"type": "agent_teleported", "agent": "a1"}
    entry = {"position": position, "at": 1, "cause": "c", "events": [event], "schema": SCHEMA}
    return seal(msgspec.msgpack.encode(entry))


async def put(redis: Redis, tenant: str, record: bytes, position: int) -> None:
    await redis.xadd(Keys.of(tenant).log, {"r": record, "t": "7"}, id=f"{position}-0")
    await redis.hset(Keys.of(tenant).head, mapping={"last": str(position)})


@pytest.mark.parametrize("kind", ["schema", "event"])
async def test_who_follows_and_meets_an_entry_of_a_newer_version_ends_and_skips_nothing(
    cluster, redis, tenant, kind
):
    await Lease(redis, tenant, "newer", 3600 * SECOND).take()
    old = await cluster.node()
    await put(redis, tenant, of_another_version(1, kind), 1)
    assert "version" in await asyncio.wait_for(old.ended, WITHIN)
    assert (old.health().ready, old.replica.position) == (False, 0)
    with pytest.raises(NotOurVersion):
        await cluster.node()


@pytest.mark.parametrize("kind", ["schema", "event"])
async def test_who_takes_over_and_finds_what_it_cannot_read_writes_nothing(
    cluster, redis, tenant, kind
):
    newer = Lease(redis, tenant, "newer", 3600 * SECOND)
    token = await newer.take()
    old = await cluster.node()
    read, may_read = old._tail.next, asyncio.Event()

    async def late(wait: int) -> Sequence[Entry]:
        """It has not read the last entries when the lease comes free."""
        if wait and not may_read.is_set():
            await asyncio.sleep(0.01)
            return ()
        return await read(wait)

    old._tail.next = late
    await put(redis, tenant, of_another_version(1, kind), 1)
    await newer.release(token)
    assert "version" in await asyncio.wait_for(old.ended, WITHIN)
    assert (await newer.held()).token > token, "it had the lease"
    assert cluster.duties == []
    assert await redis.xlen(Keys.of(tenant).log) == 1
    assert not old.writes
