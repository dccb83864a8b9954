"""Serving a running Patchbay over HTTP and websockets until a signal ends it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable

from router.tasks import end
from server.app import create_app
from server.bootstrap import Patchbay
from server.http_server import HttpServer, http_server
from server.interpreter import spare_what_stays, take_short_turns
from server.open_files import allow_many
from server.signals import EndSignals

LOOK_EVERY_SECONDS = 0.05


class NodeEnded(Exception):
    """A node of a cluster cannot go on, and is to be started again; the text says why."""


async def serve(
    patchbay: Patchbay,
    listening: socket.socket,
    signals: EndSignals,
    ready: Callable[[], Awaitable[None]],
) -> None:
    """Serve on ``listening``; ``ready`` is called once, when contacts can be taken in.

    Raises ``NodeEnded``.
    """
    allow_many()
    take_short_turns()
    app = create_app(patchbay.services)
    server = http_server(app, max_frame=patchbay.settings.max_frame)
    signals.serving(server)
    ended = patchbay.ended
    beside = [
        asyncio.create_task(_announce(patchbay, server, ready)),
        asyncio.create_task(_end_with(ended, server)),
    ]
    try:
        await server.serve(sockets=[listening])
    finally:
        await end(*beside)
    if ended.done():
        raise NodeEnded(ended.result())


async def _end_with(ended: asyncio.Future[str], server: HttpServer) -> None:
    await asyncio.shield(ended)
    server.should_exit = True


async def _announce(
    patchbay: Patchbay, server: HttpServer, ready: Callable[[], Awaitable[None]]
) -> None:
    # Neither uvicorn nor the database says when it is ready: they are asked.
    while not server.started or await patchbay.readiness.reasons():  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY_SECONDS)
    spare_what_stays()
    await ready()
