"""Whoever has a client of a PBX, for tests."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable

from cti_adapters.asterisk.ami.client import AmiClient
from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.ami.settings import AmiSettings
from router.core.durations import MILLISECOND

PATIENCE = 5.0


class Owner:
    """Whoever has a client: what it was told, in order."""

    def __init__(self, **settings: object) -> None:
        given: dict[str, object] = {
            "secret": "not-a-secret",
            "first_wait": 10 * MILLISECOND,
            "longest_wait": 50 * MILLISECOND,
        }
        self.story: list[str] = []
        self.waits: list[float] = []
        self.take_stock: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
        self.client = AmiClient(
            AmiSettings(**(given | settings)),
            on_event=self._event,
            on_up=self._up,
            on_down=self._down,
            chance=random.Random(4),
            sleep=self._sleep,
        )
        self._news = asyncio.Event()

    def _event(self, event: Message) -> None:
        self._tell(event.name)

    async def _up(self) -> None:
        self._tell("up")
        await self.take_stock()
        self._tell("stock taken")

    def _down(self, reason: str) -> None:
        self._tell(f"down: {reason}")

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self._news.set()
        await asyncio.sleep(min(seconds, 0.02))

    def _tell(self, what: str) -> None:
        self.story.append(what)
        self._news.set()

    async def until(self, what: str, count: int = 1) -> None:
        """Until something that begins with ``what`` was told ``count`` times."""
        await self.until_true(lambda: sum(each.startswith(what) for each in self.story) >= count)

    async def until_true(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not true():
                self._news.clear()
                await self._news.wait()
