"""The nodes under test, each of which lives again and again."""

from __future__ import annotations

import asyncio
import signal

from tests.faults.node import START_AGAIN, Life
from tests.faults.nursery import Nursery

RECOVERED_WITHIN = 60.0  # seconds


class Member:
    """A node as a process, started again whenever it ends. ``life`` is how it begins the next."""

    def __init__(self, life: Life, nursery: Nursery) -> None:
        self.life = life
        self.takeovers = 0
        self.began_anew = 0
        self.writes = False
        self._nursery = nursery
        self._over = False
        self._ready = asyncio.Event()

    async def live(self) -> None:
        """Until ``end``."""
        while not self._over:
            ended = await self._nursery.live(self.life, self._heard)
            self.began_anew += ended == START_AGAIN
            self._ready.clear()
            self.writes = False
            if ended > 0 and ended != START_AGAIN:
                await asyncio.sleep(0.2)  # it could not begin: its log says why

    def _heard(self, word: str) -> None:
        if word == "ready":
            self._ready.set()
        elif word == "writes":
            self.writes = True
            self.takeovers += 1

    async def ready(self) -> None:
        await asyncio.wait_for(self._ready.wait(), RECOVERED_WITHIN)

    def signal(self, number: signal.Signals) -> None:
        self._nursery.signal(self.life.name, number)

    def may_write(self, size: int) -> None:
        """See ``Nursery.may_write``."""
        self._nursery.may_write(self.life.name, size)

    def end(self) -> None:
        self._over = True
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)

    def kill(self) -> None:
        self._over = True
        self.signal(signal.SIGKILL)
