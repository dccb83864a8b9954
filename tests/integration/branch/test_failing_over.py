"""A branch beside a cluster whose writing node is killed under its calls: none is lost, none is
there twice, and each contact's requests are decided in the order in which they were made.

Two ``patchbay serve`` on a real Redis, a real Mosquitto, and the branch's adapter over an Asterisk
in memory. Judged by who called and by the log.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from random import Random

import pytest
import websockets

from router.clock import SystemClock
from router.core.events import ContactArrived, OfferAccepted, Terminal
from router.edge.settings import EdgeSettings
from router.journal.redis import RedisJournal
from router.journal.redis_address import connect
from server.accounts import User
from server.roles import Role
from tests.asterisk.fake_asterisk import FakeAsterisk
from tests.branch.world import BRANCH, SYSTEM, Branch
from tests.faults.branch import Customers, Told, listen_in, order_of
from tests.integration.live import ask, hear
from tests.integration.served import PATIENCE, Served, prepare, served
from tests.mqtt.centre import comes
from tests.mqtt.server import Mosquitto, require_mosquitto
from tests.redis.server import RedisServer, require_redis

AGENTS = ("ann", "ben")
CATALOG = """
queues:
  care: {label: Care, steps: [], offer_for: 20s, wrap_up: 0s}
profiles:
  all: {label: Everything, queues: [care], capacity: {voice: 1}}
agents:
  ann: {name: Ann Lindqvist, profile: all}
  ben: {name: Ben Okafor, profile: all}
entry_points:
  line: {label: Customer line, channel: voice, queue: care}
"""
SYSTEMS = """
pbxs:
  lee: {branch: leeds, host: 127.0.0.1, secret_env: NONE_HERE, numbers: {"100": line}}
"""
CALLS = 24


class Site:
    """Both nodes, what they share, and people at their desks at the second one."""

    def __init__(self, folder: Path, redis: RedisServer, broker: Mosquitto) -> None:
        self.folder = folder
        self.redis = redis
        self.broker = broker
        self.tokens: dict[str, str] = {}

    async def prepare(self) -> None:
        (self.folder / "catalog.yaml").write_text(CATALOG)
        (self.folder / "asterisk.yaml").write_text(SYSTEMS)
        url = f"mqtt://127.0.0.1:{self.broker.port}"
        (self.folder / "mqtt.yaml").write_text(f"mqtt: {{url: '{url}', username: patchbay}}")
        people = [User(id=n, name=n, roles=frozenset({Role.AGENT}), agent=n) for n in AGENTS]
        self.tokens = await prepare(self.folder / "shared", [(one, "") for one in people])

    @asynccontextmanager
    async def node(self, name: str) -> AsyncIterator[Served]:
        own = self.folder / name
        own.mkdir()
        settings = {
            "PATCHBAY_REDIS_URL": self.redis.url,
            "PATCHBAY_NODE_NAME": name,
            "PATCHBAY_DATABASE_URL": f"sqlite:///{self.folder / 'shared' / 'patchbay.db'}",
            "PATCHBAY_FILES_PATH": str(self.folder / "shared" / "files"),
            "PATCHBAY_SECRET_KEY": "0123456789abcdef0123456789abcdef",
            "PATCHBAY_ASTERISK_PATH": str(self.folder / "asterisk.yaml"),
            "PATCHBAY_MQTT_PATH": str(self.folder / "mqtt.yaml"),
        }
        log = self.folder / f"{name}.log"
        catalog = self.folder / "catalog.yaml"
        async with served(own, catalog, log, settings=settings) as node:
            yield node

    async def at_the_desk(self, agent: str, node: Served) -> None:
        """For ever; whoever missed an offer says that they are ready again."""
        while True:
            with suppress(websockets.ConnectionClosed, TimeoutError):
                async with node.connect("/ws/desk", self.tokens[agent]) as desk:
                    await hear(desk, "desk_snapshot")
                    while True:
                        await ask(desk, "go_ready")
                        await asyncio.sleep(1)
            await asyncio.sleep(0.2)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    require_redis()
    require_mosquitto()
    with RedisServer() as redis, Mosquitto() as broker:
        made = Site(tmp_path, redis, broker)
        await made.prepare()
        yield made


@asynccontextmanager
async def branch_at(site: Site) -> AsyncIterator[Branch]:
    settings = EdgeSettings(host="127.0.0.1", port=site.broker.port, username=BRANCH)
    branch = Branch(settings, site.folder / "branch", FakeAsterisk(SystemClock(), AGENTS))
    await branch.start()
    try:
        yield branch
    finally:
        await branch.stop()


async def looking(branch: Branch, customers: Customers) -> None:
    while True:
        customers.look()
        branch.asterisk.look_at_clock()
        await asyncio.sleep(0.1)


async def test_a_writer_killed_under_calls_of_a_branch_loses_none_and_doubles_none(
    site: Site,
) -> None:
    told = Told()
    async with AsyncExitStack() as stack:
        one = await stack.enter_async_context(site.node("one"))
        two = await stack.enter_async_context(site.node("two"))
        branch = await stack.enter_async_context(branch_at(site))
        listen_in(branch, told)
        customers = Customers(branch, Random(7), AGENTS)
        people = [asyncio.create_task(looking(branch, customers))]
        people += [asyncio.create_task(site.at_the_desk(agent, two)) for agent in AGENTS]
        for task in people:
            stack.push_async_callback(ended, task)
        await comes(lambda: branch.process.channel is not None, PATIENCE)
        await comes(lambda: branch.process.site.connected, PATIENCE)
        for number in range(CALLS):
            customers.call()
            await asyncio.sleep(0.2)
            if number == CALLS // 3:
                await comes(lambda: customers.talking, PATIENCE)
                one.kill()
        await comes(lambda: "node two" in two.words and "writes from" in two.words, PATIENCE)
        await comes(lambda: not branch.asterisk.channels, PATIENCE)
        await comes(lambda: branch.process.site.waiting == 0, PATIENCE)
        await all_over(site, len(customers.made))
        assert branch.asterisk.complaints == []
    await judge(site, customers, told)


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def log_of(site: Site) -> list:
    async with connect(site.redis.url) as redis:
        return [entry async for entry in (await RedisJournal.open(redis, "main")).read()]


async def all_over(site: Site, calls: int) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            found = [event for entry in await log_of(site) for event in entry.events]
            if sum(isinstance(one, Terminal) for one in found) >= calls:
                return
            await asyncio.sleep(0.2)


async def judge(site: Site, customers: Customers, told: Told) -> None:
    log = await log_of(site)
    events = [event for entry in log for event in entry.events]
    arrived = Counter(one.contact for one in events if isinstance(one, ContactArrived))
    over = Counter(one.contact for one in events if isinstance(one, Terminal))
    assert arrived == over == Counter(customers.made)
    causes = [entry.cause for entry in log if entry.cause.startswith(f"{SYSTEM.id}:")]
    assert len(causes) == len(set(causes)), "no request took effect twice"
    for contact, found, wanted in order_of(causes, told):
        assert found == wanted, contact
    answered = sum(isinstance(one, OfferAccepted) for one in events)
    print(f"{len(customers.made)} calls, {told.count} requests, {answered} answered")
    assert answered
