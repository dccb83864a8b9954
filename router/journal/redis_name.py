"""The name by which a log is known again: given once, kept with the log, and never changed. Another
log of the same tenant, in another Redis or begun anew, has another one.
"""

from __future__ import annotations

from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.journal.redis import Keys, as_bytes, unavailable

_FIELD = "log"  # of the head


async def name_of(redis: Redis, tenant: str) -> tuple[str, int]:
    """The log's name, empty when it has none, and the last position in it. Raises
    ``JournalUnavailable``.
    """
    try:
        name, last = await redis.hmget(Keys.of(tenant).head, [_FIELD, "last"])
    except RedisError as error:
        raise unavailable(error) from error
    return as_bytes(name).decode(errors="replace"), int(last or 0)


async def give_name(redis: Redis, tenant: str, name: str) -> str:
    """The log's name: ``name`` unless it has one. Raises ``JournalUnavailable``."""
    try:
        await redis.hsetnx(Keys.of(tenant).head, _FIELD, name)
    except RedisError as error:
        raise unavailable(error) from error
    return (await name_of(redis, tenant))[0]
