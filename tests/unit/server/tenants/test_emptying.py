"""What was asked of an application is answered before it ends, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from typing import Any

from server.tenants.emptying import Emptying


class Slow:
    def __init__(self) -> None:
        self.may_end = asyncio.Event()

    async def __call__(self, *_: Any) -> None:
        await self.may_end.wait()


async def nothing(*_: Any) -> Any:
    return None


async def test_it_is_empty_when_every_request_is_answered() -> None:
    slow = Slow()
    app = Emptying(slow, within_seconds=3600)
    await app.empty()
    requests = [asyncio.create_task(app({"type": "http"}, nothing, nothing)) for _ in range(2)]
    await asyncio.sleep(0)
    emptying = asyncio.create_task(app.empty())
    await asyncio.sleep(0)
    assert not emptying.done()
    slow.may_end.set()
    await asyncio.gather(*requests, emptying)


async def test_websockets_and_what_hangs_are_not_waited_for() -> None:
    slow = Slow()
    app = Emptying(slow, within_seconds=0)
    asked = [
        asyncio.create_task(app({"type": kind}, nothing, nothing)) for kind in ("websocket", "http")
    ]
    await asyncio.sleep(0)
    await app.empty()
    slow.may_end.set()
    await asyncio.gather(*asked)
