"""What one connection still has to send: bounded, numbered without gaps when it leaves.

A reader who falls behind loses the single changes and gets the whole chat afresh instead.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import msgspec

from cti_adapters.webchat.messages import Reply, ServerMessage, Session

_ENCODER = msgspec.json.Encoder()
KEPT_REPLIES = 16


class Outbox:
    """``session`` makes the fresh session of the chat, or None when there is no chat to show."""

    def __init__(self, limit: int, session: Callable[[], Session | None]) -> None:
        self._limit = limit
        self._session = session
        self._waiting: deque[ServerMessage] = deque()
        self._something = asyncio.Event()
        self._sent = 0
        self.closed = False

    def put(self, message: ServerMessage) -> None:
        if self.closed:
            return
        if len(self._waiting) >= self._limit:
            self._coalesce()
        self._waiting.append(message)
        self._something.set()

    def close(self) -> None:
        """Nothing more comes in; what is there can still be sent."""
        self.closed = True
        self._something.set()

    def drain(self) -> list[bytes]:
        """Everything there is to send now."""
        frames = []
        while self._waiting:
            frames.append(self._next())
        self._something.clear()
        return frames

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames as they come, until closed and empty. For one reader."""
        while True:
            while self._waiting:
                yield self._next()
            if self.closed:
                return
            self._something.clear()
            await self._something.wait()

    def _coalesce(self) -> None:
        replies = [message for message in self._waiting if isinstance(message, Reply)]
        self._waiting.clear()
        session = self._session()
        if session is not None:
            self._waiting.append(session)
        self._waiting.extend(replies[-KEPT_REPLIES:])

    def _next(self) -> bytes:
        self._sent += 1
        return _ENCODER.encode(msgspec.structs.replace(self._waiting.popleft(), n=self._sent))
