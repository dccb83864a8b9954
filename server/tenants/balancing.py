"""Who writes for more tenants than its share hands one over, see ``router.cluster.balance``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import structlog

from router.cluster.balance import Balance, BalancePace
from router.cluster.spreading import EVERY, Spreading
from server.tenants.hosting import Hosted

log = structlog.get_logger(__name__)


class Balancing:
    """Of one process that serves ``hosted``. Keep ``run`` running; ``now`` is microseconds."""

    def __init__(
        self,
        spreading: Spreading,
        hosted: Sequence[Hosted],
        now: Callable[[], int],
        pace: BalancePace | None = None,
    ) -> None:
        self._spreading = spreading
        self._hosted = hosted
        self._now = now
        self._balance = Balance(spreading.node, len(hosted), pace)

    async def run(self) -> None:
        """Look for ever; cancel it to stop."""
        while True:
            try:
                self.look()
            except Exception:
                log.exception("balancing_failed")
            await asyncio.sleep(EVERY)

    def look(self) -> None:
        """Once."""
        self._spreading.serves = sum(one.sound for one in self._hosted)
        if not self._balance.look(self._spreading.standings, self._now()):
            return
        given = quietest(self._hosted)
        if given is not None:
            log.info("tenant_is_handed_over", tenant=given.id)
            given.hand_over()


def quietest(hosted: Sequence[Hosted]) -> Hosted | None:
    """Of those that this process writes for the one with the fewest pages here: they connect
    again.
    """
    written = [one for one in hosted if one.writes]
    return min(written, key=lambda one: (one.limiter.sockets, one.id), default=None)
