"""What a process that serves several tenants gives to the parts of each: nothing that is kept."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec

from router.cluster.spreading import Spreading
from router.core.commands import Command
from router.core.durations import SECOND
from router.limits import Pace, Rate
from router.ports import Clock, CommandSink, Outcome, Overloaded

BATCH: Final = 32  # commands decided at once: then the others have their turn
PATIENCE: Final = SECOND  # that a command waits for its turn; beyond that it is refused
TOGETHER: Final = SECOND // 10
"""Those who wait go on together, ten times a second, and one commit stores them: evenly spread each
would have a commit of its own, and the other tenants share the disk."""


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """``commands_per_second`` into this tenant's engine; ``spreading`` of a cluster."""

    commands_per_second: int
    spreading: Spreading | None = None

    def paced(self, sink: CommandSink, clock: Clock) -> PacedSink:
        return PacedSink(sink, clock, self.commands_per_second)


class PacedSink:
    """So many commands a second, a few of them at once; others wait for their turn, and nobody
    overtakes: channels count on the order in which they gave their commands.
    """

    def __init__(self, sink: CommandSink, clock: Clock, per_second: int) -> None:
        self._sink = sink
        self._clock = clock
        self._most = per_second
        self._line = asyncio.Lock()  # lets in who has waited for longest
        self._waiting = 0
        rate = Rate(burst=max(5, per_second // 4), every=SECOND // per_second)
        self._pace = Pace(rate, clock.now())

    async def submit(self, command: Command) -> Outcome:
        """Also raises ``Overloaded`` when the turn of ``command`` is too far away."""
        if self._waiting >= self._most:  # a second's worth
            raise self._overloaded()
        self._waiting += 1
        try:
            async with self._line:
                await self._turn()
        finally:
            self._waiting -= 1
        return await self._sink.submit(command)

    async def _turn(self) -> None:
        now = self._clock.now()
        wait = self._pace.turn(now, within=PATIENCE)
        if wait is None:
            raise self._overloaded()
        if wait:
            wait += -(now + wait) % TOGETHER
            await asyncio.sleep(wait / SECOND)

    def _overloaded(self) -> Overloaded:
        return Overloaded(f"More than {self._most} commands a second came: try again in a bit.")
