"""Everything that lives off the log, each in a task of its own.

A follower that fails hurts nobody else: the failure is logged and counted, and the follower goes
on from the entry that failed. An entry that fails again and again is stepped over, because one
poisonous record must not silence a desk for ever; while a database or the journal is out of reach,
no entry is to blame, and the follower waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

import structlog

from crm.database import DatabaseUnavailable
from router.core.events import Entry
from router.ports import JournalUnavailable

log = structlog.get_logger(__name__)

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
FINISH_SECONDS = 5.0

Handle = Callable[[Entry], Awaitable[None]]
Follow = Callable[[int], AsyncIterator[Entry]]


class Follower:
    """One fold over the log. ``position`` is the last entry it is done with."""

    def __init__(self, name: str, handle: Handle, position: int) -> None:
        self.name = name
        self.position = position
        self.failures = 0
        self.skipped = 0
        self._handle = handle
        self._attempts = 0
        self._outages = 0  # in a row

    async def run(
        self, follow: Follow, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        """Follow until the log ends (the engine stopped). ``pause`` takes seconds."""
        while True:
            try:
                async for entry in follow(self.position):
                    await self._handle(entry)
                    self._done(entry.position)
            except (DatabaseUnavailable, JournalUnavailable) as outage:
                self._outages += 1
                log.warning("follower_waits", follower=self.name, reason=str(outage))
                await pause(_longer(self._outages))
            except Exception as error:  # noqa: BLE001 - logged, counted and tried again
                self._failed(error)
                if self._attempts:
                    await pause(_longer(self._attempts))
            else:
                return

    def _done(self, position: int) -> None:
        self.position = position
        self._attempts = self._outages = 0

    def _failed(self, error: Exception) -> None:
        self.failures += 1
        self._attempts += 1
        where = self.position + 1
        log.error("follower_failed", follower=self.name, position=where, exc_info=error)
        if self._attempts >= ATTEMPTS:
            log.error("entry_skipped", follower=self.name, position=where)
            self.skipped += 1
            self._done(where)


def _longer(failures: int) -> float:
    """Seconds to pause after so many failures in a row."""
    return min(FIRST_PAUSE_SECONDS * 2.0 ** min(failures, 10), LONGEST_PAUSE_SECONDS)


class FollowerTasks:
    """All followers of one engine, each in its task."""

    def __init__(self, follow: Follow) -> None:
        self._follow = follow
        self._tasks: list[asyncio.Task[None]] = []
        self.all: list[Follower] = []

    def start(self, followers: Iterable[Follower]) -> None:
        for follower in followers:
            self.all.append(follower)
            task = asyncio.create_task(follower.run(self._follow), name=follower.name)
            self._tasks.append(task)

    async def finish(self) -> None:
        """Let them come to the end of the log, which the engine has ended, or cut them short."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISH_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
