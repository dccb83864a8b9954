"""One tenant's door: what comes in is let in at its rate, and what is too much is refused without
work.

A refusal is held for a moment before it is given. Who asks again as soon as they are answered is
slowed by that to a rate that costs the other tenants nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from router.core.durations import SECOND
from server.errors import error_response
from server.tenants.limiter import AGAIN, Limiter, Refusal

HELD_SECONDS: Final = 3.0
MOST_HELD: Final = 600  # refusals of one tenant; others are given at once, and the connection ends


class Door:
    """An ASGI application in front of a tenant's own, which ``app`` gives; None: not there now."""

    def __init__(
        self,
        limiter: Limiter,
        app: Callable[[], ASGIApp | None],
        now: Callable[[], int],
        *,
        held_seconds: float = HELD_SECONDS,
    ) -> None:
        """``now`` is microseconds."""
        self._limiter = limiter
        self._app = app
        self._now = now
        self._held_seconds = held_seconds
        self.held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app()
        if app is None:
            response = error_response(503, "not_served", AWAY, {"Retry-After": "5"})
            await answer(response, scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(app, scope, receive, send)
        else:
            await self._request(app, scope, receive, send)

    async def _request(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        wait = self._limiter.request(self._now())
        if isinstance(wait, Refusal):
            await self._refuse(wait, scope, receive, send)
            return
        try:
            await _until_turn(wait)
            await app(scope, receive, send)
        finally:
            self._limiter.request_ended()

    async def _socket(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        wait = self._limiter.socket(self._now())
        if isinstance(wait, Refusal):
            await self._refuse(wait, scope, receive, send)
            return

        async def paced() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                await _until_turn(self._limiter.message(self._now()))
            return message

        try:
            await _until_turn(wait)
            await app(scope, paced, send)
        finally:
            self._limiter.socket_ended()

    async def _refuse(self, refusal: Refusal, scope: Scope, receive: Receive, send: Send) -> None:
        headers = {"Retry-After": str(AGAIN)}
        if self.held < MOST_HELD:
            self.held += 1
            try:
                await asyncio.sleep(self._held_seconds)
            finally:
                self.held -= 1
        else:
            headers["Connection"] = "close"
        response = error_response(refusal.status, refusal.code, refusal.message, headers)
        await answer(response, scope, receive, send)


async def _until_turn(wait: int) -> None:
    """``wait`` is microseconds."""
    if wait:
        await asyncio.sleep(wait / SECOND)


AWAY: Final = "This centre is not served at the moment: try again in a few seconds."


async def answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    """``response`` to a request, or to who wants to open a websocket."""
    if scope["type"] == "websocket":
        await WebSocket(scope, receive, send).send_denial_response(response)
    else:
        await response(scope, receive, send)
