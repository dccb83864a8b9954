"""What is over and old is forgotten, a little at a time: mails, webhooks' events, kept files.

The log and the history of contacts are not touched: they have times of their own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from router.core.durations import DAY
from router.files import InUse
from router.ports import Clock

AT_ONCE: Final = 200  # others wait to write while so many are forgotten
PAUSE: Final = 0.2  # seconds between two batches
FIRST: Final = 60.0  # seconds after the start, which is busy enough …
EVERY: Final = 3_600.0  # … and then again
MARGIN: Final = 7 * DAY  # a file stays longer than what names it

log = logging.getLogger(__name__)


class Prunable(Protocol):
    async def prune(self, before: int, most: int) -> bool:
        """Forget up to ``most`` of before then, microseconds UTC; whether there may be more."""


class Forgettable(Protocol):
    async def forget(self, before: int, in_use: InUse) -> int:
        """Remove the files of before then that are not in use; how many were removed."""


class Retention:
    """Days of 0 are for ever. ``in_use`` says which files are, though nothing young names them;
    ``pause`` sleeps for the seconds it is given.
    """

    def __init__(
        self,
        mails: Prunable,
        hooks: Prunable,
        files: Forgettable,
        clock: Clock,
        *,
        in_use: InUse,
        days: int,
        hook_days: int,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._mails = mails
        self._hooks = hooks
        self._files = files
        self._in_use = in_use
        self._clock = clock
        self._days = days
        self._hook_days = hook_days
        self._pause = pause

    async def run(self) -> None:
        """Until cancelled."""
        await self._pause(FIRST)
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("what is old could not be forgotten; it is tried again in an hour")
            await self._pause(EVERY)

    async def look(self) -> None:
        """Forget everything that is old by now."""
        now = self._clock.now()
        if self._hook_days:
            await self._prune(self._hooks, now - self._hook_days * DAY)
        if self._days:
            await self._prune(self._mails, now - self._days * DAY)
            before = now - self._days * DAY - MARGIN
            await self._files.forget(before, self._in_use)

    async def _prune(self, store: Prunable, before: int) -> None:
        while await store.prune(before, AT_ONCE):
            await self._pause(PAUSE)
