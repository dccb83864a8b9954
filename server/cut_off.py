"""Pages at a node that does not hear Redis go to another: what they show is old, and the node that
writes no longer hears that anybody is at them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from router.cluster.hearing import STALE

LOOK_EVERY_SECONDS = 0.5

log = structlog.get_logger(__name__)


class CutOff:
    """``silent`` tells for how many seconds Redis has been. Each of ``close`` ends pages, which
    connect again by themselves: to another node behind the proxy, where there is one that hears.

    They are ended once in a silence: those that come back here stay.
    """

    def __init__(self, silent: Callable[[], float], close: Sequence[Callable[[], None]]) -> None:
        self._silent = silent
        self._close = close
        self._lasts = False

    async def run(self) -> None:
        """Look for ever; cancel it to stop."""
        while True:
            await asyncio.sleep(LOOK_EVERY_SECONDS)
            self.look()

    def look(self) -> None:
        """Once."""
        was, self._lasts = self._lasts, self._silent() > STALE
        if self._lasts and not was:
            log.warning("pages_sent_elsewhere", reason="this node does not hear Redis")
            for close in self._close:
                close()
        elif was and not self._lasts:
            log.warning("redis_is_heard_again")
