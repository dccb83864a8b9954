"""What pages tell each other in passing, over all nodes: who types, what somebody has read.

None of it is in the log, and none of it is missed when it is lost: it is told again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Final

import msgspec
from redis.asyncio import Redis
from redis.exceptions import RedisError

from router.journal.redis import Keys

MOST: Final = 1_000  # to be sent; more are dropped
PAUSE: Final = 1.0  # seconds, while Redis is out of reach
POLL: Final = 1.0  # seconds

Handler = Callable[..., None]

_log = logging.getLogger(__name__)


class _Whisper(msgspec.Struct, frozen=True, array_like=True):
    node: str
    name: str
    contact: str
    rest: tuple[int | bool, ...]


_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(_Whisper)


class Whispers:
    """Keep ``run`` running. A handler is called here and at every other node."""

    def __init__(self, redis: Redis, tenant: str, node: str) -> None:
        self._redis = redis
        self._channel = Keys.of(tenant).whispers
        self._node = node
        self._handlers: dict[str, Handler] = {}
        self._outbox: asyncio.Queue[bytes] = asyncio.Queue(MOST)

    def everywhere(self, name: str, handler: Handler) -> Handler:
        """Like ``handler``, which takes a contact and numbers or truths, at all nodes."""
        self._handlers[name] = handler

        def tell(contact: str, *rest: int) -> None:
            handler(contact, *rest)
            said = _encoder.encode(_Whisper(self._node, name, contact, rest))
            if not self._outbox.full():
                self._outbox.put_nowait(said)

        return tell

    async def run(self) -> None:
        """Tell and hear for ever; cancel it to stop."""
        await asyncio.gather(self._tell(), self._hear())

    async def _tell(self) -> None:
        while True:
            said = await self._outbox.get()
            try:
                await self._redis.publish(self._channel, said)
            except RedisError:
                await asyncio.sleep(PAUSE)

    async def _hear(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as listening:
                    await listening.subscribe(self._channel)
                    while True:
                        heard = await listening.get_message(
                            ignore_subscribe_messages=True, timeout=POLL
                        )
                        if heard is not None:
                            self._heard(heard.get("data"))
            except RedisError:
                await asyncio.sleep(PAUSE)
            except Exception:  # noqa: BLE001 - it goes on, whatever that was
                _log.exception("whispers of other nodes are listened to again")
                await asyncio.sleep(PAUSE)

    def _heard(self, data: Any) -> None:  # noqa: ANN401 - the client's
        try:
            said = _decoder.decode(data)
        except (msgspec.MsgspecError, TypeError):
            _log.warning("a whisper of another node cannot be read")
            return
        handler = self._handlers.get(said.name)
        if said.node == self._node or handler is None:
            return
        try:
            handler(said.contact, *said.rest)
        except Exception:  # noqa: BLE001 - one page must not silence the others
            _log.exception("a whisper of another node could not be shown")
