"""How the node that writes is doing, as it tells the others: a few seconds at a time, in Redis.

The others only read the log, and would look well while nothing can be added to it. What it tells is
written as entries are, so that it also knows by itself when replicas of Redis are missing, before
anybody has asked for anything.
"""

from __future__ import annotations

from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from router.journal import redis_scripts as scripts
from router.journal.redis import Keys, as_bytes, evaluate, refused, unavailable

EVERY: Final = 1.0  # seconds
LASTS: Final = 5_000  # milliseconds; nobody is to suffer from a dead node's trouble
LONGEST: Final = 1_000  # characters


class Word:
    """Of one tenant. ``replicas`` of Redis must have whatever is written."""

    def __init__(self, redis: Redis, tenant: str, replicas: int) -> None:
        self._redis = redis
        head = Keys.of(tenant).head
        self._keys = (head, f"{head}:trouble")
        self._replicas = replicas
        self._told = "?"  # another may have told something before

    async def tell(self, token: int, trouble: str) -> None:
        """As the one that writes: a sentence, empty when all is well.

        Raises ``JournalUnavailable`` when nothing can be stored as it has to be, and
        ``NotTheWriter``.
        """
        if not (trouble or self._told or self._replicas):
            return
        told = (token, trouble[:LONGEST], LASTS)
        try:
            await evaluate(self._redis, scripts.TELL_TROUBLE, self._keys, told, self._replicas)
        except ResponseError as error:
            raise refused(error) from error
        except RedisError as error:
            raise unavailable(error) from error
        self._told = trouble

    async def heard(self) -> str:
        """As one that follows: the sentence. Raises ``JournalUnavailable``."""
        try:
            return as_bytes(await self._redis.get(self._keys[1])).decode(errors="replace")
        except RedisError as error:
            raise unavailable(error) from error
