"""An event loop in which time passes only when there is nothing left to do, and then at once.

A test sleeps a minute and has it in a millisecond, always with the same outcome; to sleep for a
moment is to wait until everything that was begun has come to rest. No sockets, no threads.
"""

from __future__ import annotations

import asyncio
import functools
import math
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, TypeVar

from router.clock import ManualClock
from router.core.durations import SECOND

START: Final = 1_700_000_000 * SECOND
MOMENT: Final = 1e-6  # seconds
RESTLESS: Final = 50_000  # turns in which no time passes

Result = TypeVar("Result")


class VirtualLoop(asyncio.SelectorEventLoop):
    """``clock`` goes with it."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        super().__init__(_Jumping(self.clock))
        self.set_default_executor(_AtOnce())

    def time(self) -> float:
        return (self.clock.now() - START) / SECOND

    def finish(self) -> None:
        """Close it; nothing may be under way any more."""
        left = asyncio.all_tasks(self)
        self.close()
        assert not left, f"left behind: {left}"


def in_virtual_time(
    test: Callable[..., Coroutine[Any, Any, Result]],
) -> Callable[..., Result]:
    """A test that is a coroutine, run to its end in a loop of its own."""

    @functools.wraps(test)
    def run(*arguments: Any, **named: Any) -> Result:
        loop = VirtualLoop()
        try:
            return loop.run_until_complete(test(*arguments, **named))
        finally:
            loop.finish()

    return run


def clock_of_loop() -> ManualClock:
    """Of the loop that runs."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop), "only in_virtual_time"
    return loop.clock


async def rest() -> None:
    """Until everything has come to rest."""
    await asyncio.sleep(MOMENT)


class _Jumping(selectors.DefaultSelector):
    """Nobody waits: the time that would be waited for has passed."""

    def __init__(self, clock: ManualClock) -> None:
        super().__init__()
        self._clock = clock
        self._restless = 0

    def select(
        self, timeout: float | None = None
    ) -> list[tuple[selectors.SelectorKey, selectors._EventMask]]:
        assert timeout is not None, "nothing is left that could ever happen"
        self._restless = 0 if timeout else self._restless + 1
        assert self._restless < RESTLESS, "it never comes to rest"
        self._clock.advance(math.ceil(max(timeout, 0) * SECOND))
        return super().select(0)


class _AtOnce(ThreadPoolExecutor):
    """What would be done in a thread is done here and now."""

    def submit(self, work: Any, /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(work(*arguments, **named))
        except BaseException as error:  # noqa: BLE001 -- it is the caller's
            future.set_exception(error)
        return future
