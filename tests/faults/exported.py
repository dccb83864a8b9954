"""The log in Redis as it stands there: ``python -m tests.faults.exported URL TENANT`` prints a JSON
line for each entry. It looks at nothing but the records: what is wrong with them is the judge's.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

import msgspec
from redis.asyncio import Redis

from router.journal.codec import decode
from router.journal.redis import Keys, as_bytes

_CHUNK = 1_000  # entries
_PATIENCE = 60  # seconds for them: what stands there must be read, however busy the machine is


async def records(redis: Redis, tenant: str) -> list[dict[str, Any]]:
    """All of them, in the order of the stream. ``AssertionError`` when the first are gone."""
    found: list[dict[str, Any]] = []
    after = "-"
    while rows := await redis.xrange(Keys.of(tenant).log, min=after, count=_CHUNK):
        found += (json.loads(msgspec.json.encode(decode(fields[b"r"]))) for _, fields in rows)
        after = "(" + as_bytes(rows[-1][0]).decode()
    assert not found or found[0]["position"] == 1, "the log was trimmed: nobody can judge it"
    return found


async def export(url: str, tenant: str) -> None:
    async with Redis.from_url(url, socket_timeout=_PATIENCE) as redis:
        for entry in await records(redis, tenant):
            print(json.dumps(entry))


if __name__ == "__main__":
    asyncio.run(export(*sys.argv[1:]))
