"""Which agents and visitors have a page at which node, told to all nodes.

Each node writes whom it has, for a few seconds at a time; what a dead node wrote lapses by itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.elsewhere import Elsewhere
from router.journal import redis_scripts as scripts
from router.journal.redis import Keys, as_bytes, evaluate

EVERY: Final = 1.0  # seconds
LASTS: Final = 5_000  # milliseconds
RETURNING: Final = 20.0  # seconds; pages that were sent away wait for 15 at most between two tries

_log = logging.getLogger(__name__)


class SharedPresence(Elsewhere):
    """``here`` are the names that this node has a page of. Keep ``run`` running."""

    def __init__(
        self, redis: Redis, tenant: str, node: str, here: Callable[[], Iterable[str]]
    ) -> None:
        self._redis = redis
        self._at = Keys.of(tenant).present
        self._node = node
        self._here = here
        self._others: frozenset[str] = frozenset()
        self._failing = False
        self._unsure_until = 0.0  # by the loop's clock

    def has(self, name: str) -> bool:
        """Out of reach of Redis, and until pages had the time to come back after that, anybody may
        be there: nobody is thought gone because nobody can say.
        """
        return name in self._others or asyncio.get_running_loop().time() < self._unsure_until

    async def run(self) -> None:
        """Tell and ask for ever; cancel it to stop."""
        while True:
            try:
                await self.exchange()
                self._failing = False
            except RedisError as problem:
                self._unsure_until = asyncio.get_running_loop().time() + RETURNING
                if not self._failing:
                    _log.warning("nodes cannot tell each other who is present: %s", problem)
                self._failing = True
            except Exception:  # noqa: BLE001 - it goes on, whatever that was
                _log.exception("telling who is present failed; it is tried again")
            await asyncio.sleep(EVERY)

    async def exchange(self) -> None:
        """Once. Raises ``RedisError``."""
        keys = [self._at, self._of(self._node)]
        found = await evaluate(
            self._redis, scripts.TELL_PRESENT, keys, (self._node, LASTS, *self._here())
        )
        others = [self._of(as_bytes(node).decode()) for node in found]
        names = await self._redis.sunion(others) if others else ()
        self._others = frozenset(as_bytes(name).decode() for name in names)

    async def leave(self) -> None:
        """Nobody is here any more."""
        try:
            await self._redis.delete(self._of(self._node))
        except RedisError as problem:
            _log.warning("who was here lapses by itself: %s", problem)

    def _of(self, node: str) -> str:
        return f"{self._at}:{node}"
