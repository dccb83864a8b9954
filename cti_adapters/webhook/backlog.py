"""How much may wait to be taken in: a hook that sends faster than that is told to come later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from cti_adapters.webhook.ports import HookStore
from router.core.durations import SECOND
from router.ports import Clock

MOST: Final = 5_000  # events of a hook; a request that finds room is kept whole
COUNT_EVERY: Final = SECOND


class Backlog:
    """About: it is counted once a second, and what is kept here in between is added. What other
    nodes keep in that second is not known.
    """

    def __init__(self, store: HookStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._counted_at: int | None = None
        self._counted: Mapping[str, int] = {}
        self._before: Counter[str] = Counter()  # kept before the count that is under way …
        self._since: Counter[str] = Counter()  # … and after it began

    async def has_room(self, hook: str) -> bool:
        """Whether more may wait now. Raises ``StoreUnavailable``."""
        now = self._clock.now()
        if self._counted_at is None or now - self._counted_at >= COUNT_EVERY:
            self._counted_at = now
            await self._count()
        waiting = self._counted.get(hook, 0) + self._before[hook] + self._since[hook]
        return waiting < MOST

    def add(self, hook: str, count: int) -> None:
        """So many are about to be kept."""
        self._since[hook] += count

    def remove(self, hook: str, count: int) -> None:
        """So many of those were there already, or could not be kept."""
        self._since[hook] -= count

    async def _count(self) -> None:
        self._before.update(self._since)
        self._since.clear()
        self._counted = await self._store.waiting()
        self._before.clear()
