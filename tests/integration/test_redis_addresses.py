"""Redis behind TLS, and behind Sentinels that have chosen another primary."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from router.core.events import AgentReady, Entry
from router.journal.redis import RedisJournal
from router.journal.redis_address import IN_TURN, AddressRefused, connect
from router.lease import Lease
from router.ports import JournalUnavailable
from tests.asterisk.free_ports import free_port
from tests.mail.certificates import write_certificates
from tests.redis.server import RedisServer, require_redis

WITHIN = 60.0


def entry(position: int) -> Entry:
    ready = (AgentReady(agent="ann"),)
    return Entry(position=position, at=position, cause=f"c{position}", by="", events=ready)


async def write(url: str, tenant: str, *, replicas: int = 0) -> None:
    """An entry more, whoever wrote before."""
    async with connect(url) as redis:
        await redis.hset(f"patchbay:{{{tenant}}}:head", "until", "0")
        token = await Lease(redis, tenant, secrets.token_hex(4)).take()
        journal = await RedisJournal.open(redis, tenant, token, replicas=replicas)
        await journal.append([entry(journal.last + 1)])


async def test_a_journal_is_kept_behind_tls(tmp_path: Path):
    require_redis()
    write_certificates(tmp_path)
    port = free_port()
    pair = ("--tls-cert-file", f"{tmp_path}/server.pem", "--tls-key-file", f"{tmp_path}/server.key")
    trust = ("--tls-ca-cert-file", f"{tmp_path}/ca.pem", "--tls-auth-clients", "no")
    with RedisServer("--tls-port", str(port), *pair, *trust):
        await write(f"rediss://localhost:{port}/0?ssl_ca_certs={tmp_path}/ca.pem", "acme")
        with pytest.raises(JournalUnavailable):  # an authority that nobody here knows
            async with connect(f"rediss://localhost:{port}/0") as stranger:
                await RedisJournal.open(stranger, "acme")


@pytest.fixture
async def sentinel(tmp_path: Path) -> AsyncIterator[tuple[str, RedisServer]]:
    """Its address, and the primary that it knows, which has a replica."""
    require_redis()
    with RedisServer() as primary, RedisServer("--replicaof", "127.0.0.1", str(primary.port)):
        port = free_port()
        (tmp_path / "sentinel.conf").write_text(
            f"port {port}\nbind 127.0.0.1\ndir {tmp_path}\n"
            f"sentinel monitor centre 127.0.0.1 {primary.port} 1\n"
            "sentinel down-after-milliseconds centre 500\n"
            "sentinel failover-timeout centre 3000\n"
        )
        async with sentinel_on(tmp_path / "sentinel.conf"):
            yield f"sentinel://127.0.0.1:{port}/centre", primary


async def test_the_primary_is_asked_for_and_the_next_one_after_a_failover(sentinel):
    address, primary = sentinel
    while "state=online" not in await primary.asked("INFO", "replication"):  # noqa: ASYNC110
        await asyncio.sleep(0.1)
    await surely(address, replicas=1)  # it is not promised before the replica has it
    await asyncio.sleep(1.5)  # Sentinel looks for replicas now and then
    await asyncio.to_thread(primary.kill)
    await surely(address)
    async with connect(address) as redis:
        journal = await RedisJournal.open(redis, "acme")
        assert [one.position async for one in journal.read()] == [1, 2]


async def test_sentinels_may_want_a_password_and_the_primary_may_speak_tls(tmp_path: Path):
    require_redis()
    write_certificates(tmp_path)
    secure, port = free_port(), free_port()
    pair = ("--tls-cert-file", f"{tmp_path}/server.pem", "--tls-key-file", f"{tmp_path}/server.key")
    trust = ("--tls-ca-cert-file", f"{tmp_path}/ca.pem", "--tls-auth-clients", "no")
    with RedisServer("--tls-port", str(secure), *pair, *trust):
        # The Sentinel does not have to reach it: it is asked only where the primary is.
        (tmp_path / "sentinel.conf").write_text(
            f"port {port}\nbind 127.0.0.1\ndir {tmp_path}\nrequirepass asked-for\n"
            f"sentinel monitor centre 127.0.0.1 {secure} 1\n"
            "sentinel down-after-milliseconds centre 600000\n"
        )
        async with sentinel_on(tmp_path / "sentinel.conf"):
            address = f"sentinels://127.0.0.1:{port}/centre?ssl_ca_certs={tmp_path}/ca.pem"
            await surely(f"{address}&sentinel_password=asked-for")
            for wrong in (
                address,
                f"sentinels://127.0.0.1:{port}/centre?sentinel_password=asked-for",
            ):
                async with connect(wrong) as redis:
                    with pytest.raises(JournalUnavailable):
                        await RedisJournal.open(redis, "acme")


@asynccontextmanager
async def sentinel_on(configuration: Path) -> AsyncIterator[None]:
    watching = await asyncio.create_subprocess_exec(
        *("redis-server", str(configuration), "--sentinel"), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        watching.kill()
        await watching.wait()


async def test_more_than_there_are_connections_wait_for_their_turn(sentinel):
    address, primary = sentinel
    for url in (primary.url, address):
        async with connect(url, in_turn=True) as redis:
            answers = await asyncio.gather(*(redis.set(f"k{n}", n) for n in range(5 * IN_TURN)))
            assert all(answers)
            assert len(await redis.client_list()) <= IN_TURN + 10  # replica and Sentinel as well


async def surely(address: str, *, replicas: int = 0) -> None:
    async with asyncio.timeout(WITHIN):
        while True:
            try:
                return await write(address, "acme", replicas=replicas)
            except Exception:  # noqa: BLE001 - nobody is the primary yet
                await asyncio.sleep(0.2)


@pytest.mark.parametrize(
    "address",
    [
        "sentinel://a:26379/centre?ssl_ca_certs=/ca.pem",
        "sentinels://a:26379/centre?sentinel_pasword=x",
        "redis+cluster://a:6379?ssl_ca_certs=/ca.pem",
        "rediss+cluster://a:6379?sentinel_password=x",
    ],
)
def test_what_would_have_no_effect_is_refused(address):
    with pytest.raises(AddressRefused, match=r"does not know \?s\w+; (it takes|remove it)"):
        connect(address)


@pytest.mark.parametrize(
    "address",
    [
        "http://redis:6379",
        "redis://",
        "sentinel://a:26379",
        "sentinel://a:b/centre",
        "sentinel://,/centre",
        "redis://host:99999/0",
        "sentinel://a:0/centre",
        "",
    ],
)
def test_what_is_no_address_is_refused_in_one_sentence(address):
    with pytest.raises(AddressRefused, match="redis://HOST"):
        connect(address)
