"""Who writes for a tenant: a lease in Redis with a token that grows, by Redis's own clock.

The token is what protects: the journal compares it with every write, so that a holder who slept
past the lease's end cannot do harm, however sure of itself. The lease only says when to take over.
"""

from __future__ import annotations

from typing import Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.core.durations import MILLISECOND, SECOND
from router.journal import redis_scripts as scripts
from router.journal.redis import Keys, as_bytes, evaluate
from router.journal.redis_words import sentence

LASTS: Final = 2 * SECOND  # unless it is renewed


class LeaseUnknown(Exception):
    """Redis did not answer: whether it is ours nobody can say."""


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """Who has the lease and until when, microseconds by Redis's clock; empty: nobody."""

    holder: str
    token: int
    until: int


class Lease:
    """For one node, named ``holder``: unique among nodes and each start of them."""

    def __init__(self, redis: Redis, tenant: str, holder: str, lasts: int = LASTS) -> None:
        self._redis = redis
        self._head = Keys.of(tenant).head
        self._holder = holder
        self._lasts = lasts // MILLISECOND

    async def take(self) -> int:
        """The token when the lease is ours now, 0 when another has it. Raises ``LeaseUnknown``."""
        return int(await self._ask(scripts.TAKE_LEASE, self._holder, self._lasts))

    async def free(self) -> bool:
        """Whether nobody has it now. Raises ``LeaseUnknown``."""
        return bool(await self._ask(scripts.LEASE_FREE))

    async def renew(self, token: int) -> bool:
        """False when it is another's by now. Raises ``LeaseUnknown``."""
        return bool(await self._ask(scripts.RENEW_LEASE, token, self._lasts))

    async def release(self, token: int) -> None:
        """Let another take it at once. Raises ``LeaseUnknown``."""
        await self._ask(scripts.RELEASE_LEASE, token)

    async def held(self) -> Held:
        """Raises ``LeaseUnknown``."""
        try:
            known = await self._redis.hmget(self._head, ["holder", "token", "until"])
        except RedisError as error:
            raise LeaseUnknown(str(error)) from error
        holder, token, until = (as_bytes(one) for one in known)
        return Held(
            holder=holder.decode(), token=int(token or 0), until=int(until or 0) * MILLISECOND
        )

    async def _ask(self, script: str, *told: object) -> int:
        try:
            return int(await evaluate(self._redis, script, [self._head], told))
        except RedisError as error:
            raise LeaseUnknown(sentence(error)) from error
