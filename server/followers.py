"""Everything that lives off the log.

A follower that fails hurts nobody else: the failure is logged and counted, and the follower goes
on from the entry that failed. An entry that fails again and again is stepped over, because one
poisonous record must not silence a desk for ever; while a database or the journal is out of reach,
no entry is to blame, and the follower waits.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable
from contextlib import aclosing, suppress

import structlog

from crm.database import DatabaseUnavailable
from router.core.events import Entry
from router.ports import EntriesTrimmed, Heard, JournalUnavailable
from router.tasks import end

log = structlog.get_logger(__name__)

ATTEMPTS = 5
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
FINISH_SECONDS = 5.0

Handle = Callable[[Entry], Heard]
Follow = Callable[[int], AsyncGenerator[Entry, None]]


def _never() -> bool:
    return False


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

    def hear(self, entry: Entry) -> Heard:
        """Take in ``entry``, the next or one of before; what is left of it where it cannot be
        done with at once. Raises nothing.
        """
        if entry.position <= self.position:
            return None
        self.skipped += entry.position - self.position - 1
        self.position = entry.position - 1
        try:
            left = self._handle(entry)
        except Exception as error:  # noqa: BLE001 - whoever awaits it looks at it
            return _raised(error)
        if left is not None:
            return self._rest(entry, left)
        self._done(entry.position)
        return None

    async def run(
        self,
        follow: Follow,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        left: Heard = None,
        until: Callable[[], bool] = _never,
    ) -> None:
        """Follow until the log ends (the engine stopped), or ``until`` says that it is far enough.
        ``pause`` takes seconds; ``left`` is what ``hear`` answered to the next entry.
        """
        while True:
            try:
                rest, left = left, None
                if rest is not None:
                    await rest
                await self._go_through(follow, until)
            except EntriesTrimmed as gap:
                missed = gap.first - 1 - self.position
                log.critical("entries_missed", follower=self.name, count=missed, reason=str(gap))
                self.skipped += missed
                self._done(gap.first - 1)
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

    async def _go_through(self, follow: Follow, until: Callable[[], bool]) -> None:
        async with aclosing(follow(self.position)) as entries:
            while not until():
                entry = await anext(entries, None)
                if entry is None:
                    return
                left = self._handle(entry)
                if left is not None:
                    await left
                self._done(entry.position)

    async def _rest(self, entry: Entry, left: Awaitable[None]) -> None:
        await left
        self._done(entry.position)

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


async def _raised(error: Exception) -> None:
    raise error


class FollowerTasks:
    """All followers of one engine. Those at the end of the log hear what is new together, one after
    the other in one task; who has to wait for something, failed or lies behind goes on alone, in a
    task of their own, until they are there again.
    """

    def __init__(self, follow: Follow) -> None:
        self.all: list[Follower] = []
        self._follow = follow
        self._tasks: set[asyncio.Task[None]] = set()
        self._abreast: list[Follower] = []
        self._front: Follower | None = None

    def start(self, followers: Iterable[Follower]) -> None:
        new = list(followers)
        self.all += new
        if self._front is None:
            furthest = max((follower.position for follower in new), default=0)
            self._front = Follower("together", self._tell, furthest)
            self._spawn(self._front.run(self._follow), "followers")
        for follower in new:
            self._let_go(follower, self._front)

    def _tell(self, entry: Entry) -> None:
        for follower in tuple(self._abreast):
            left = follower.hear(entry)
            if left is not None and self._front is not None:
                self._abreast.remove(follower)
                self._let_go(follower, self._front, left)

    def _let_go(self, follower: Follower, front: Follower, left: Heard = None) -> None:
        self._spawn(self._alone(follower, front, left), follower.name)

    async def _alone(self, follower: Follower, front: Follower, left: Heard) -> None:
        def there() -> bool:
            return follower.position >= front.position

        await follower.run(self._follow, left=left, until=there)
        self._abreast.append(follower)

    def _spawn(self, work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def finish(self) -> None:
        """Let them come to the end of the log, which the engine has ended, or cut them short."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISH_SECONDS):
                while self._tasks:
                    await asyncio.wait(self._tasks)
        await end(*self._tasks)
