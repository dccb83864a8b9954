"""Work that goes on beside whoever began it: kept alive, ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

Result = TypeVar("Result")
Failed = Callable[[asyncio.Task[Any]], None]
"""Told of a task that raised, and was not cancelled."""


AGAIN: Final = 20.0  # seconds: longer than any orderly end takes


async def end(*tasks: asyncio.Task[Any], again: float = AGAIN) -> None:
    """Cancel all of them, and wait until they have ended, however they do.

    A cancellation can be lost where ``heeded`` does not look. Who still goes on is cancelled
    ``again`` after so many seconds.
    """
    going = set(tasks)
    while going:
        for task in going:
            task.cancel()
        _, going = await asyncio.wait(going, timeout=again)
    await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def heeded() -> Iterator[None]:
    """Around what may lose a cancellation, or raise something else: it is raised in the end.

    Before Python 3.12 ``asyncio.wait_for`` returns though its task was cancelled, when what it
    waits for was done a moment before. Not around an ``asyncio.TaskGroup``: before Python 3.13 a
    task whose group failed counts as cancelled for ever.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    finally:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError


class Tasks:
    """``start`` work, ``close`` all. Without ``failed``, asyncio reports what nobody awaits."""

    def __init__(self, failed: Failed | None = None) -> None:
        self._failed = failed
        self._under_way: set[asyncio.Task[Any]] = set()  # the loop itself keeps no task alive

    def __len__(self) -> int:
        return len(self._under_way)

    def start(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        task = asyncio.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._finished)
        return task

    async def close(self) -> None:
        await end(*self._under_way)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if self._failed is not None and not task.cancelled() and task.exception() is not None:
            self._failed(task)
