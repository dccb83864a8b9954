"""Rings at a moment, on the event loop's own timer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from router.core.durations import SECOND
from router.ports import Clock


class Alarm:
    """Rings once for what it was set to last. It may ring a little early: whoever hears it looks
    at the clock, and sets it again.
    """

    def __init__(self, clock: Clock, ring: Callable[[], None]) -> None:
        self._clock = clock
        self._ring = ring
        self._moment: int | None = None
        self._timer: asyncio.TimerHandle | None = None

    def set(self, moment: int | None) -> None:
        """``moment`` is microseconds UTC; None: it does not ring."""
        if moment == self._moment:
            return
        self.stop()
        if moment is not None:
            self._moment = moment
            seconds = max(moment - self._clock.now(), 0) / SECOND
            self._timer = asyncio.get_running_loop().call_later(seconds, self._rings)

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._moment = self._timer = None

    def _rings(self) -> None:
        self._moment = self._timer = None
        self._ring()
