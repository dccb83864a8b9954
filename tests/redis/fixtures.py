"""A Redis for the tests of one module, a client of it, and a name that no other test has."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Iterator

import pytest
from redis.asyncio import Redis

from router.journal.redis_address import connect
from tests.redis.server import RedisServer, require_redis


@pytest.fixture(scope="module")
def redis_server() -> Iterator[RedisServer]:
    require_redis()
    with RedisServer() as running:
        yield running


@pytest.fixture
async def redis(redis_server: RedisServer) -> AsyncIterator[Redis]:
    async with connect(redis_server.url) as client:
        yield client


@pytest.fixture
def tenant() -> str:
    return secrets.token_hex(4)
