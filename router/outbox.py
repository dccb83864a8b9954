"""What waits to be sent on one connection: bounded, numbered as it leaves, never with a gap.

A connection that reads too slowly is not sent the changes it missed, one by one: they are thrown
away and it gets one fresh snapshot instead. Replies are kept, because nothing repeats them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

import msgspec

MAX_CHANGES = 128
MAX_REPLIES = 256

_ENCODER = msgspec.json.Encoder()
_NUMBER = b'"n":0'


class Parcel:
    """A message encoded once for any number of connections; each adds its own number."""

    __slots__ = ("_head", "_tail")

    def __init__(self, message: msgspec.Struct) -> None:
        # ``n`` is declared first and given as 0, so the first match is the number itself.
        self._head, self._tail = _ENCODER.encode(message).split(_NUMBER, 1)

    def numbered(self, n: int) -> bytes:
        return b'%b"n":%d%b' % (self._head, n, self._tail)


class Outbox:
    """``snapshot`` draws everything the other side may see now, None while that is nothing: it is
    sent first, and again whenever the outbox is ``stale``. For one reader.
    """

    def __init__(
        self, snapshot: Callable[[], Parcel | None], *, max_changes: int = MAX_CHANGES
    ) -> None:
        self.stale = True
        self.closed = False
        self._snapshot = snapshot
        self._max_changes = max_changes
        self._waiting: deque[tuple[Parcel, bool]] = deque()
        self._replies = 0
        self._sent = 0
        self._something = asyncio.Event()

    def change(self, message: Parcel) -> None:
        """Queue a change, unless a snapshot that will include it is due anyway."""
        if self.stale or self.closed:
            return
        if len(self._waiting) - self._replies >= self._max_changes:
            self.refresh()
        else:
            self._waiting.append((message, False))
            self._something.set()

    def reply(self, message: Parcel) -> bool:
        """Queue what must not be lost; False when the other side has stopped reading."""
        if self.closed or self._replies >= MAX_REPLIES:
            return False
        self._replies += 1
        self._waiting.append((message, True))
        self._something.set()
        return True

    def refresh(self) -> None:
        """Give up on single changes: the next thing sent is a snapshot."""
        self.stale = True
        self._waiting = deque(kept for kept in self._waiting if kept[1])
        self._something.set()

    def close(self) -> None:
        """Nothing more comes in; what is there can still be sent."""
        self.closed = True
        self._something.set()

    def take(self) -> bytes | None:
        """The next frame, None when there is none now."""
        if self.stale and not self.closed and (snapshot := self._snapshot()) is not None:
            self.stale = False
            return self._numbered(snapshot)
        if not self._waiting:
            return None
        message, is_reply = self._waiting.popleft()
        self._replies -= is_reply
        return self._numbered(message)

    async def next(self) -> bytes | None:
        """The next frame as soon as there is one, None at the end."""
        while (frame := self.take()) is None and not self.closed:
            self._something.clear()
            await self._something.wait()
        return frame

    def __len__(self) -> int:
        return len(self._waiting)

    def _numbered(self, message: Parcel) -> bytes:
        self._sent += 1
        return message.numbered(self._sent)
