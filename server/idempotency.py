"""Writes that do not go through the core, done once however often they are sent.

The core remembers its own command ids durably. For the rest (customers, notes) the answers of the
last ten minutes are kept in memory, which is what a page that tries again after a broken
connection needs. Times are microseconds.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from fastapi import Response

from router.core.durations import MINUTE
from router.ports import Clock

KEPT_FOR = 10 * MINUTE
KEPT_AT_MOST = 10_000


class OnceOnly:
    """Answers by the id of the write that caused them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._answers: OrderedDict[str, tuple[int, asyncio.Future[Response]]] = OrderedDict()

    async def do(self, write: str, work: Callable[[], Awaitable[Response]]) -> Response:
        """The answer of ``work``, or the one it gave before. A failure is not remembered."""
        self._forget_old()
        known = self._answers.get(write)
        if known is None:
            task = asyncio.ensure_future(_awaited(work))
            known = self._answers[write] = (self._clock.now(), task)
            task.add_done_callback(lambda done: self._forget_failed(write, done))
        # Shielded: the work goes on when the first asker hangs up, and the second gets its answer.
        return await asyncio.shield(known[1])

    def _forget_failed(self, write: str, task: asyncio.Future[Response]) -> None:
        if task.cancelled() or task.exception() is not None:
            self._answers.pop(write, None)

    def _forget_old(self) -> None:
        oldest = self._clock.now() - KEPT_FOR
        while self._answers:
            at, _ = next(iter(self._answers.values()))
            if at > oldest and len(self._answers) < KEPT_AT_MOST:
                return
            self._answers.popitem(last=False)


async def _awaited(work: Callable[[], Awaitable[Response]]) -> Response:
    return await work()
