"""What waits to be sent on one connection: bounded, numbered as it leaves, never with a gap.

A connection that reads too slowly is not sent the changes it missed, one by one: they are thrown
away and it gets one fresh snapshot instead. Replies are kept, because nothing repeats them.
"""

from __future__ import annotations

from collections import deque

import msgspec

from agents.messages import ServerMessage

MAX_CHANGES = 128
MAX_REPLIES = 256

_ENCODER = msgspec.json.Encoder()
_NUMBER = b'"n":0'


class Parcel:
    """A message encoded once for any number of connections; each adds its own number."""

    __slots__ = ("_head", "_tail")

    def __init__(self, message: ServerMessage) -> None:
        # ``n`` is declared first and given as 0, so the first match is the number itself.
        self._head, self._tail = _ENCODER.encode(message).split(_NUMBER, 1)

    def numbered(self, n: int) -> bytes:
        return b'%b"n":%d%b' % (self._head, n, self._tail)


class Outbox:
    """``stale``: the page must be sent a snapshot before anything else."""

    def __init__(self) -> None:
        self.stale = True
        self._changes: deque[tuple[Parcel, bool]] = deque()
        self._replies = 0
        self._n = 0

    def change(self, message: Parcel) -> None:
        """Queue a change, unless a snapshot that will include it is due anyway."""
        if self.stale:
            return
        if len(self._changes) - self._replies >= MAX_CHANGES:
            self.lag()
        else:
            self._changes.append((message, False))

    def reply(self, message: Parcel) -> bool:
        """Queue what must not be lost; False when the other side has stopped reading."""
        if self._replies >= MAX_REPLIES:
            return False
        self._replies += 1
        self._changes.append((message, True))
        return True

    def lag(self) -> None:
        """Give up on single changes: the next thing sent is a snapshot."""
        self.stale = True
        self._changes = deque(kept for kept in self._changes if kept[1])

    def refreshed(self, snapshot: Parcel) -> bytes:
        """The snapshot, numbered; changes count from here."""
        self.stale = False
        return self._number(snapshot)

    def next(self) -> bytes | None:
        """The next frame, None when nothing waits."""
        if not self._changes:
            return None
        message, is_reply = self._changes.popleft()
        self._replies -= is_reply
        return self._number(message)

    def _number(self, message: Parcel) -> bytes:
        self._n += 1
        return message.numbered(self._n)
