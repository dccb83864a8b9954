"""A cluster's backup by script, taken while a node writes, and put back into other servers."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from crm.database import Database
from router.clock import SystemClock
from router.cluster.node import Node
from router.core.catalog import AgentDefinition, Catalog, Profile
from router.core.commands import PublishCatalog, SignIn
from router.journal.redis_address import connect
from router.ports import Accepted
from server.accounts import AccountStore, User
from server.roles import Role
from tests.redis.server import RedisServer, require_redis

SCRIPTS = Path(__file__).parents[3] / "deploy" / "backup"
SUE = User(id="sue", name="Sue", roles=frozenset({Role.ADMIN}))
PASSWORD = "said-to-nobody"


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    require_redis()
    with RedisServer() as running:
        asyncio.run(running.asked("CONFIG", "SET", "requirepass", PASSWORD))
        yield running


async def test_a_cluster_goes_on_from_its_backup_in_other_servers(redis, postgres, tmp_path):
    if shutil.which("pg_dump") is None:
        pytest.skip("pg_dump is not installed")
    url, empty = postgres.new_database(), postgres.new_database()
    files = tmp_path / "files" / "ab"
    files.mkdir(parents=True)
    (files / "content").write_text("a picture")
    await _add(url, SUE)
    async with _writing(redis.url.replace("://", f"://:{PASSWORD}@")) as node:
        assert isinstance(await node.submit(_catalog()), Accepted)
        at_least = [await _signed_in(node, n) for n in range(5)][-1]
        running = asyncio.create_task(_go_on(node))
        settings = {
            "PATCHBAY_DATABASE_URL": url,
            "PATCHBAY_REDIS_URL": redis.url.replace("://", f"://:{PASSWORD}@"),
            "PATCHBAY_FILES_PATH": str(tmp_path / "files"),
            "PATCHBAY_RECORDINGS_PATH": str(tmp_path / "none were recorded yet"),
        }
        await _script("cluster-backup.sh", str(tmp_path / "backup"), settings=settings)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        token = node._token

    other = RedisServer()
    try:
        settings = {
            "PATCHBAY_DATABASE_URL": empty,
            "PATCHBAY_FILES_PATH": str(tmp_path / "elsewhere"),
        }
        await _script(
            "cluster-restore.sh", str(tmp_path / "backup"), str(other.folder), settings=settings
        )
        await asyncio.to_thread(other.start)
        async with _writing(other.url) as node:
            assert node.replica.position >= at_least
            assert node._token > token, "an old writer would not be refused"
            assert await _signed_in(node, 19) > at_least
        assert (tmp_path / "elsewhere" / "ab" / "content").read_text() == "a picture"
        assert await _users(empty) == 1
    finally:
        other.close()


@asynccontextmanager
async def _writing(url: str) -> AsyncIterator[Node]:
    async with connect(url) as client, asyncio.timeout(60):
        node = await Node.open(client, "main", "n", SystemClock())
        await node.start()
        while not node.writes:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        try:
            yield node
        finally:
            await node.stop()


async def _go_on(node: Node) -> None:
    for number in range(5, 19):
        await _signed_in(node, number)
        await asyncio.sleep(0.05)


async def _signed_in(node: Node, number: int) -> int:
    outcome = await node.submit(SignIn(id=f"in-{number}", agent=f"a{number}"))
    assert isinstance(outcome, Accepted)
    return outcome.position


def _catalog() -> PublishCatalog:
    people = {f"a{n}": AgentDefinition(id=f"a{n}", name="A", profile="all") for n in range(20)}
    profiles = {"all": Profile(id="all", label="All", queues=(), capacity={"voice": 1})}
    catalog = Catalog(version=1, agents=people, profiles=profiles)
    return PublishCatalog(id="p1", catalog=catalog, replaces=0)


async def _add(url: str, user: User) -> None:
    database = Database(url)
    await database.migrate()
    await AccountStore(database).add_user(user, "no password fits", SystemClock().now())
    await database.close()


async def _users(url: str) -> int:
    database = Database(url)
    try:
        return await AccountStore(database).count_users()
    finally:
        await database.close()


async def _script(name: str, *arguments: str, settings: dict[str, str]) -> None:
    process = await asyncio.create_subprocess_exec(
        *("sh", str(SCRIPTS / name), *arguments),
        env={"PATH": os.environ["PATH"], **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
