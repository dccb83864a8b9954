"""The three websockets: who may open one, and the pump between a socket and its session.

Origin and sign-in are checked before the handshake is accepted, so a foreign page gets a plain
403 and never a connection. After that every message is authorised again (``session_watch``).
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from crm.database import DatabaseUnavailable
from server.accounts import Identity
from server.errors import error_response
from server.guard import COOKIE
from server.roles import OPERATIONS, PUBLIC, may
from server.services import Services, SocketSession
from server.session_watch import WatchedSocket

log = structlog.get_logger(__name__)

CLOSE_SIGNED_OUT = 4401
CLOSE_NORMAL = 1000


class SocketRoutes:
    """The websockets over the running services."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection: an ASGI application for websockets."""
        socket = WebSocket(scope, receive, send)
        match scope["path"]:
            case "/ws/desk":
                await self.desk_socket(socket)
            case "/ws/board":
                await self.board_socket(socket)
            case "/ws/chat":
                await self.chat_socket(socket)
            case _:
                await socket.close()  # before it was accepted: answered with 403

    async def desk_socket(self, socket: WebSocket) -> None:
        identity = await self._admit(socket, "desk_socket")
        if identity is None:
            return
        if not identity.user.agent:
            await _refuse(socket, 403, "no_agent", "Your user is not an agent of the catalog.")
            return
        await self._signed_in(socket, "desk_socket", identity)

    async def board_socket(self, socket: WebSocket) -> None:
        identity = await self._admit(socket, "board_socket")
        if identity is not None:
            await self._signed_in(socket, "board_socket", identity)

    async def chat_socket(self, socket: WebSocket) -> None:
        if not self._services.chat_origins.allow(socket.headers.get("origin")):
            await _refuse(socket, 403, "foreign_origin", "This site may not use this chat.")
            return
        await socket.accept()
        source = socket.client.host if socket.client else ""
        site = socket.headers.get("origin", "")
        await pump(socket, self._services.chat.connect(source, site), None)

    async def _admit(self, socket: WebSocket, operation: str) -> Identity | None:
        """Who opens the socket, None after refusing."""
        if not self._services.origins.allow(socket.headers.get("origin")):
            await _refuse(socket, 403, "foreign_origin", "This page may not talk to Patchbay.")
            return None
        try:
            identity = await self._services.sign_in.identity(socket.cookies.get(COOKIE))
        except DatabaseUnavailable as outage:
            log.error("database_unavailable", reason=str(outage))  # noqa: TRY400 - no fault of ours
            await _refuse(socket, 503, "database_unavailable", "Try again in a moment.")
            return None
        if identity is None:
            await _refuse(socket, 401, "not_signed_in", "Sign in first.")
            return None
        if OPERATIONS[operation] is PUBLIC or not may(operation, identity.roles):
            await _refuse(socket, 403, "not_allowed", "Your role does not allow this.")
            return None
        return identity

    async def _signed_in(self, socket: WebSocket, operation: str, identity: Identity) -> None:
        await socket.accept()
        if operation == "desk_socket":
            session = self._services.connect_desk(identity.user.agent)
        else:
            session = self._services.connect_board()
        watched = WatchedSocket(identity, operation, session.close)
        self._services.watch.add(watched)
        try:
            await pump(socket, session, watched)
        finally:
            self._services.watch.remove(watched)


async def pump(socket: WebSocket, session: SocketSession, watched: WatchedSocket | None) -> None:
    """Carry messages both ways until either side ends. ``watched`` is None for the public."""
    sending = asyncio.create_task(_send_all(socket, session))
    reading = asyncio.create_task(_receive_all(socket, session, watched))
    try:
        await asyncio.wait({sending, reading}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        session.close()
        await _finish(sending, reading)
        signed_out = watched is not None and not watched.authorised
        if socket.application_state is not WebSocketState.DISCONNECTED:
            with suppress(RuntimeError, WebSocketDisconnect, OSError):
                await socket.close(CLOSE_SIGNED_OUT if signed_out else CLOSE_NORMAL)


async def _receive_all(
    socket: WebSocket, session: SocketSession, watched: WatchedSocket | None
) -> None:
    while await _receive_one(socket, session, watched):
        pass


async def _receive_one(
    socket: WebSocket, session: SocketSession, watched: WatchedSocket | None
) -> bool:
    """Every message is authorised when it comes, not only the first. False when it was the last."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        return False
    if watched is not None and not watched.authorised:
        return False
    text: str | None = message.get("text")
    await session.receive(text.encode() if text is not None else message.get("bytes") or b"")
    return True


async def _send_all(socket: WebSocket, session: SocketSession) -> None:
    async for frame in session.outgoing():
        await socket.send_text(frame.decode())
        del frame  # a snapshot is large, and the next message may be long in coming


async def _finish(*tasks: asyncio.Task[None]) -> None:
    """End the tasks; a broken connection is the normal way for them to fail."""
    for task in tasks:
        task.cancel()
    expected = (asyncio.CancelledError, WebSocketDisconnect, OSError, RuntimeError)
    for outcome in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, expected):
            log.error("socket_failed", exc_info=outcome)


async def _refuse(socket: WebSocket, status: int, code: str, message: str) -> None:
    """Answer the handshake with a plain HTTP error."""
    response: Response = error_response(status, code, message)
    await socket.send_denial_response(response)
