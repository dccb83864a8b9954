"""Commands of other nodes wait while Redis is away; the log says so once."""

from __future__ import annotations

import asyncio
from typing import Any

from redis.exceptions import ConnectionError as Unreachable

from router.clock import ManualClock
from router.cluster import serving
from router.cluster.serving import CommandService
from router.engine import Engine
from router.journal.memory import MemoryJournal
from router.journal.redis_refusals import Refusals


class Redis:
    """Away at first, then without commands."""

    def __init__(self, away: int) -> None:
        self.away = away
        self.asked = 0
        self.service: CommandService | None = None

    def pipeline(self, **_: Any) -> Redis:
        return self

    def xread(self, *_: Any, **__: Any) -> None: ...

    def time(self) -> None: ...

    async def execute(self) -> tuple[list[Any], tuple[int, int]]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.asked <= self.away:
            raise Unreachable("refused")
        assert self.service is not None
        self.service.stop()
        return [], (1, 0)


async def test_an_outage_of_the_command_stream_is_told_once_and_so_is_its_end(caplog, monkeypatch):
    monkeypatch.setattr(serving, "PAUSE", 0.0)
    caplog.set_level("INFO", "router.cluster")
    redis = Redis(away=20)
    sink = await Engine.open(MemoryJournal(), ManualClock(0))
    redis.service = CommandService(redis, "acme", 1, sink, Refusals())  # type: ignore[arg-type]
    await redis.service.run()
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 2
    assert said[0].startswith("the command stream waits: Redis does not answer")
    assert said[1] == "the command stream goes on"
