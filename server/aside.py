"""A node that cannot read the log, because another version of Patchbay wrote it, stands aside.

It takes part in nothing: no lease, no command, no page. It stays up and says why, so that whoever
supervises it does not start it for ever, a proxy leaves it out, and an operator sees what to do.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final

import structlog
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from server.errors import error_response
from server.http_server import http_server
from server.signals import EndSignals

SAY_EVERY_SECONDS: Final = 60.0
AWAY: Final = "This node stands aside, see /readyz: use another."

log = structlog.get_logger(__name__)


async def stand_aside(
    reason: str,
    listening: socket.socket,
    signals: EndSignals,
    max_frame: int,
    say: Callable[[], Awaitable[None]],
) -> None:
    """Answer ``/healthz`` and ``/readyz`` until a signal ends it; ``say`` is called once."""
    server = http_server(Aside(reason), max_frame=max_frame)
    signals.serving(server)
    saying = asyncio.create_task(_say(reason))
    try:
        await say()
        await server.serve(sockets=[listening])
    finally:
        saying.cancel()
        await asyncio.gather(saying, return_exceptions=True)


async def _say(reason: str) -> None:
    while True:
        log.error("node_stands_aside", reason=reason)
        await asyncio.sleep(SAY_EVERY_SECONDS)


class Aside:
    """An ASGI application: alive, and not ready."""

    def __init__(self, reason: str) -> None:
        self._reason = reason

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope["path"])(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": 1013})

    def _answer(self, path: str) -> Response:
        match path:
            case "/healthz":
                return JSONResponse({"alive": True})
            case "/readyz":
                body = {"ready": False, "reasons": [self._reason], "warnings": [], "position": 0}
                return JSONResponse(body, status_code=503)
            case _:
                return error_response(503, "stands_aside", AWAY)
