"""The one task of a simulated party: wait until something is due, do it, look again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from router.core.durations import SECOND
from router.ports import Clock
from router.tasks import end

LONGEST_WAIT = 5.0  # seconds; a clock that jumps is noticed after this
AFTER_FAILURE = 1.0  # seconds

log = logging.getLogger(__name__)


class Pace:
    """Calls ``step`` when ``next_deadline()`` (microseconds) has come and after ``wake``."""

    def __init__(
        self,
        clock: Clock,
        step: Callable[[], Awaitable[None]],
        next_deadline: Callable[[], int | None],
    ) -> None:
        self._clock = clock
        self._step = step
        self._next_deadline = next_deadline
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """The deadline may have changed."""
        self._news.set()

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            await end(task)

    async def _run(self) -> None:
        while True:
            self._news.clear()
            try:
                await self._step()
            except Exception:
                log.exception("a step of the simulation failed; it goes on")
                await asyncio.sleep(AFTER_FAILURE)
            await self._wait()

    async def _wait(self) -> None:
        deadline = self._next_deadline()
        wait = LONGEST_WAIT
        if deadline is not None:
            wait = min(max(0, deadline - self._clock.now()) / SECOND, LONGEST_WAIT)
        try:
            async with asyncio.timeout(wait):
                await self._news.wait()
        except TimeoutError:
            return
