"""Handing stored entries to whoever follows, each at their own pace.

The last entries are kept in one ring shared by all followers; a follower is only a position. One
who falls behind the ring reads from the journal until they have caught up, so a slow follower
costs the writer nothing and memory does not grow with their number.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from router.core.events import Entry
from router.ports import Journal


class Followers:
    """The writer publishes, followers iterate. Not thread-safe: one event loop."""

    def __init__(self, journal: Journal, position: int, recent: int = 4_096) -> None:
        self._journal = journal
        self._position = position
        self._kept = recent
        self._recent: dict[int, Entry] = {}
        self._waiting: set[asyncio.Event] = set()
        self._closed = False

    def publish(self, entries: Sequence[Entry]) -> None:
        """Let consecutive, durable entries be seen."""
        for entry in entries:
            self._position = entry.position
            self._recent[entry.position] = entry
            self._recent.pop(entry.position - self._kept, None)
        if entries:  # an engine that has nothing to do says so every second
            self._wake()

    def recent(self, position: int) -> Entry | None:
        """The entry at ``position`` if it is one of the last."""
        return self._recent.get(position)

    def close(self) -> None:
        """No more will come: every follower ends after the last published entry."""
        self._closed = True
        self._wake()

    def follow(self, after: int | None) -> AsyncGenerator[Entry]:
        """Every entry above ``after`` (None: from now on), in order, until ``close``.

        Raises ``ValueError`` when ``after`` is not a position the journal has reached.
        """
        start = self._position if after is None else after
        if not 0 <= start <= self._position:
            raise ValueError(f"follow from 0 to {self._position}, not from {start}")
        return self._entries(start)

    async def _entries(self, after: int) -> AsyncGenerator[Entry]:
        while True:
            while (entry := self._recent.get(after + 1)) is not None:
                after += 1
                yield entry
            if after < self._position:
                async for stored in self._journal.read(after, until=self._position):
                    after = stored.position
                    yield stored
            elif self._closed:
                return
            else:
                await self._news()

    async def _news(self) -> None:
        event = asyncio.Event()
        self._waiting.add(event)
        try:
            await event.wait()
        finally:
            self._waiting.discard(event)

    def _wake(self) -> None:
        for event in self._waiting:
            event.set()
