"""What one connection still has to send: bounded, numbered without gaps when it leaves.

A reader who falls behind loses the single changes and gets the whole chat afresh instead.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import msgspec

from cti_adapters.webchat.messages import LineAdded, ServerMessage, Session, StatusChanged

_ENCODER = msgspec.json.Encoder()
_IN_SESSION = (Session, StatusChanged, LineAdded)  # what a fresh session says as well


class Outbox:
    """``session`` makes the session of the chat as it is, or None when there is none to show."""

    def __init__(self, limit: int, session: Callable[[], Session | None]) -> None:
        self._session = session
        self._limit = limit
        self._waiting: deque[ServerMessage] = deque()
        self._behind = False  # changes were dropped: a fresh session goes out first
        self._something = asyncio.Event()
        self._sent = 0
        self.closed = False

    def __len__(self) -> int:
        return len(self._waiting) + self._behind

    def put(self, message: ServerMessage) -> None:
        if self.closed or (self._behind and isinstance(message, _IN_SESSION)):
            return
        self._waiting.append(message)
        if len(self._waiting) > self._limit:
            self._fall_behind()
        self._something.set()

    def close(self) -> None:
        """Nothing more comes in; what is there can still be sent."""
        self.closed = True
        self._something.set()

    def drain(self) -> list[bytes]:
        """Everything there is to send now."""
        frames = []
        while (message := self._next()) is not None:
            frames.append(self._numbered(message))
        return frames

    async def frames(self) -> AsyncIterator[bytes]:
        """Frames as they come, until closed and empty. For one reader."""
        while True:
            while (message := self._next()) is not None:
                yield self._numbered(message)
            if self.closed:
                return
            self._something.clear()
            await self._something.wait()

    def _fall_behind(self) -> None:
        """Replies are nowhere else, so the latest of them stay."""
        self._behind = True
        others = [message for message in self._waiting if not isinstance(message, _IN_SESSION)]
        self._waiting = deque(others[-self._limit // 2 :])

    def _next(self) -> ServerMessage | None:
        if self._behind:
            self._behind = False
            session = self._session()
            if session is not None:
                return session
        return self._waiting.popleft() if self._waiting else None

    def _numbered(self, message: ServerMessage) -> bytes:
        self._sent += 1
        return _ENCODER.encode(msgspec.structs.replace(message, n=self._sent))
