"""Events out: the journal from where the broker last had everything, in order, at least once.

What the broker has confirmed moves a position, which is written down now and then; after a loss of
the connection, or of this process, all that came after it is said again under the same ids.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import partial
from typing import Final, Protocol

from router.core.events import Entry
from router.edge.connection import Connection
from router.edge.messages import messages_of
from router.edge.naming import Topics
from router.edge.settings import Privacy
from router.ports import EntriesTrimmed

SAVE_EVERY: Final = 0.5  # seconds

log = logging.getLogger(__name__)

Follow = Callable[[int | None], AsyncIterator[Entry]]
"""Every entry above a position (None: from now on), in order, until the log ends."""


class PositionUnavailable(Exception):
    """It cannot be read or written now; the text is a sentence."""


class PositionStore(Protocol):
    """Where the position is kept. Raises ``PositionUnavailable``."""

    async def load(self) -> int | None: ...

    async def save(self, position: int) -> None: ...


class MemoryPosition(PositionStore):
    """Forgotten with the process."""

    def __init__(self, position: int | None = None) -> None:
        self.position = position

    async def load(self) -> int | None:
        return self.position

    async def save(self, position: int) -> None:
        self.position = position


class EventPump:
    """``position``: everything up to it the broker has."""

    def __init__(
        self, follow: Follow, store: PositionStore, topics: Topics, privacy: Privacy
    ) -> None:
        self.position = 0
        self._follow = follow
        self._store = store
        self._topics = topics
        self._privacy = privacy
        self._saved = 0
        self._window = Window()

    async def begin(self, now: int) -> None:
        """Take up where it was left; the first time ``now``. A position beyond it belongs to
        another journal. Raises ``PositionUnavailable``.
        """
        known = await self._store.load()
        if known is not None and known > now:
            log.warning("the MQTT edge goes on at entry %d: the journal is another one", now)
        self.position = now if known is None else min(known, now)
        if known != self.position:
            await self._store.save(self.position)
        self._saved = self.position

    async def run(self, connection: Connection) -> None:
        """Say everything after ``position`` until the log ends. Raises ``BrokerLost`` or
        ``BrokerRefuses``.
        """
        self._window = Window()
        async with asyncio.TaskGroup() as group:
            watch = group.create_task(self._window.fails())
            await self._say(connection)
            watch.cancel()

    async def _say(self, connection: Connection) -> None:
        while True:
            try:
                await self._say_all(connection)
            except EntriesTrimmed as gap:
                log.warning("events were not told over MQTT: %s", gap)
                self.position = max(self.position, gap.first - 1)
            else:
                return

    async def _say_all(self, connection: Connection) -> None:
        async for entry in self._follow(self.position):
            messages = messages_of(entry, self._topics, self._privacy)
            window = self._window
            window.add(entry.position, len(messages))
            for message in messages:
                future = await connection.send(message)
                future.add_done_callback(partial(self._said, entry.position))
            self._move()
        await self._window.empty()

    def _said(self, position: int, done: asyncio.Future[None]) -> None:
        self._window.done(position, done)
        self._move()

    def _move(self) -> None:
        self.position = max(self._window.reached, self.position)

    async def keep(self) -> None:
        """Write the position down now and then, for ever."""
        while True:
            await asyncio.sleep(SAVE_EVERY)
            await self.save()

    async def save(self) -> None:
        """Raises nothing: an older position only means that more is said twice."""
        position = self.position
        if position == self._saved:
            return
        try:
            await self._store.save(position)
        except PositionUnavailable as problem:
            log.warning("how far events were told over MQTT cannot be kept: %s", problem)
        else:
            self._saved = position


class Window:
    """Entries whose messages are under way. ``reached``: all up to it is confirmed, 0 at first."""

    def __init__(self) -> None:
        self.reached = 0
        self._problem: BaseException | None = None
        self._failed = asyncio.Event()
        self._order: deque[int] = deque()
        self._missing: dict[int, int] = {}
        self._emptied = asyncio.Event()
        self._emptied.set()

    def add(self, position: int, messages: int) -> None:
        """Positions grow."""
        self._order.append(position)
        self._missing[position] = messages
        self._emptied.clear()
        self._advance()

    def done(self, position: int, confirmed: asyncio.Future[None]) -> None:
        """One message of the entry is settled; the first that was refused ends it all."""
        if confirmed.cancelled():
            return
        if problem := confirmed.exception():
            self._problem = self._problem or problem
            self._failed.set()
            return
        self._missing[position] -= 1
        self._advance()

    async def fails(self) -> None:
        """Wait for the first message that was refused, and raise why."""
        await self._failed.wait()
        if self._problem is not None:
            raise self._problem

    async def empty(self) -> None:
        await self._emptied.wait()

    def _advance(self) -> None:
        while self._order and not self._missing[self._order[0]]:
            self.reached = self._order.popleft()
            del self._missing[self.reached]
        if not self._order:
            self._emptied.set()
