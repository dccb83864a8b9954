"""Connections to Redis that let a cancelled task go, and that end alike on every event loop.

Before Python 3.12 the client's ``asyncio.wait_for`` may return as if nothing was asked of it though
its task was cancelled, or its ``asyncio.timeout`` was over, while a command went out: so an endless
loop over Redis would go on, and whoever ends it would wait for ever.

To write to a connection that was reset is an ``OSError`` of asyncio's own loop, and a
``RuntimeError`` of uvloop, which the client does not expect.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import ConnectionError as Unreachable

from router.tasks import heeded

_made: Final[dict[type, type]] = {}


def heeding(redis: Redis) -> Redis:
    """The same client, whose connections from now on are of that kind."""
    pool = redis.connection_pool
    kind = pool.connection_class
    if kind not in _made:
        _made[kind] = type(f"Heeding{kind.__name__}", (_Heeding, kind), {})
    pool.connection_class = _made[kind]
    return redis


class _Heeding:
    """In front of any kind of connection."""

    async def connect(self) -> None:
        with heeded():
            await super().connect()  # type: ignore[misc]

    async def send_packed_command(self, *told: Any, **options: Any) -> None:  # noqa: ANN401
        try:
            with heeded():
                await super().send_packed_command(*told, **options)  # type: ignore[misc]
        except asyncio.CancelledError:  # what is answered would be taken for the next one's answer
            await self.disconnect(nowait=True)  # type: ignore[attr-defined]
            raise
        except RuntimeError as closed:
            await self.disconnect(nowait=True)  # type: ignore[attr-defined]
            raise Unreachable(f"The connection to Redis was closed ({closed}).") from closed
