"""An application that another takes the place of: what it was asked is answered before it ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

WITHIN_SECONDS: Final = 5.0  # then requests that are under way fail


class Emptying:
    """An ASGI application in front of ``app``, which counts its requests; websockets are closed by
    whoever holds them.
    """

    def __init__(self, app: ASGIApp, *, within_seconds: float = WITHIN_SECONDS) -> None:
        self._app = app
        self._within = within_seconds
        self._requests = 0
        self._answered = asyncio.Event()
        self._answered.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        self._requests += 1
        self._answered.clear()
        try:
            await self._app(scope, receive, send)
        finally:
            self._requests -= 1
            if not self._requests:
                self._answered.set()

    async def empty(self) -> None:
        """Once nothing more is asked of it: until all requests are answered."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._within):
                await self._answered.wait()
