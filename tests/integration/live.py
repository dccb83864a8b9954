"""A whole Patchbay behind uvicorn on a port of its own, and rough ways to talk to it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import websockets

from router.core.durations import HOUR
from server.app import create_app
from server.bootstrap import Patchbay, running
from server.guard import COOKIE
from server.http_server import HttpServer, http_server, listen
from tests import migrated

PATIENCE = 30  # seconds; the machine may be busy
TEXT, BINARY, CONTINUATION, CLOSE, PING = 1, 2, 0, 8, 9


class Live:
    """A running service. Everybody in it has a session; ``cookie`` says which."""

    def __init__(self, patchbay: Patchbay, port: int, uvicorn: HttpServer) -> None:
        self.patchbay = patchbay
        self.port = port
        self.origin = f"http://127.0.0.1:{port}"
        self.uvicorn = uvicorn

    @property
    def state(self) -> Any:
        return self.patchbay.replica.state

    async def token(self, user: str) -> str:
        return await self.patchbay.accounts.open_session(user, self.patchbay.clock.now(), HOUR)

    def connect(self, path: str, token: str = "", **options: Any) -> Any:
        headers = {"Cookie": f"{COOKIE}={token}"} if token else {}
        given = {"origin": self.origin, "max_size": None, "max_queue": None} | options
        address = f"ws://127.0.0.1:{self.port}{path}"
        return websockets.connect(address, additional_headers=headers, **given)

    async def raw(self, *, small: bool = False) -> Raw:
        """A plain TCP connection; ``small`` takes little before it has been read."""
        plain = socket.socket()
        if small:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
        plain.setblocking(False)
        await asyncio.get_running_loop().sock_connect(plain, ("127.0.0.1", self.port))
        return Raw(plain)

    async def shaken(self, path: str, token: str = "", *, small: bool = False) -> Raw:
        """A plain TCP connection after the handshake of a websocket."""
        raw = await self.raw(small=small)
        lines = [
            f"GET {path} HTTP/1.1",
            "Host: 127.0.0.1",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            f"Origin: {self.origin}",
            f"Cookie: {COOKIE}={token}",
        ]
        await raw.send("\r\n".join((*lines, "", "")).encode())
        assert b" 101 " in await raw.until(b"\r\n\r\n")
        return raw


class Raw:
    """Bytes to and from the service, with nothing that behaves in between."""

    def __init__(self, plain: socket.socket) -> None:
        self.socket = plain

    async def send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.socket, data)

    async def receive(self) -> bytes:
        """What comes next; empty when the service has closed, in whatever way."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await asyncio.get_running_loop().sock_recv(self.socket, 65_536)
            except ConnectionError:
                return b""

    async def until(self, mark: bytes) -> bytes:
        got = b""
        while mark not in got:
            more = await self.receive()
            assert more, f"closed after {got!r}"
            got += more
        return got

    async def rest(self) -> bytes:
        """All that comes until the service closes."""
        got = b""
        while more := await self.receive():
            got += more
        return got

    def close(self) -> None:
        self.socket.close()

    def cut(self) -> None:
        """End without a word, as a machine does that lost its power and came back."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def frame(kind: int, payload: bytes = b"", *, fin: bool = True, masked: bool = True) -> bytes:
    """One websocket frame of a client."""
    size, mask = len(payload), 0x80 if masked else 0
    head = bytes([(0x80 if fin else 0) | kind])
    if size < 126:
        head += bytes([mask | size])
    elif size < 65_536:
        head += bytes([mask | 126]) + struct.pack("!H", size)
    else:
        head += bytes([mask | 127]) + struct.pack("!Q", size)
    return head + (bytes(4) if masked else b"") + payload


async def hear(connection: Any, kind: str, **fields: Any) -> dict[str, Any]:
    """The next message of that kind with those fields."""
    async with asyncio.timeout(PATIENCE):
        while True:
            message: dict[str, Any] = json.loads(await connection.recv())
            if message["type"] == kind and fields.items() <= message.items():
                return message


async def ask(connection: Any, kind: str, **fields: Any) -> dict[str, Any]:
    """The reply to an act."""
    act = {"type": kind, "id": os.urandom(12).hex()} | fields
    await connection.send(json.dumps(act))
    return await hear(connection, "reply", to=act["id"])


async def comes(true: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Return when ``true()`` is; nobody says when that is."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(settings: Any, users: Any) -> AsyncIterator[Live]:
    """A running service with ``users``, none of whom has a password that fits."""
    migrated.put_into(settings.data_directory)
    with listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        async with running(settings, port) as patchbay:
            for user in users:
                await patchbay.accounts.add_user(user, "no password fits", patchbay.clock.now())
            app = create_app(patchbay.services, static=Path(settings.data_directory) / "static")
            uvicorn = http_server(app, max_frame=settings.max_frame)
            task = asyncio.create_task(uvicorn.serve(sockets=[listening]))
            await comes(lambda: uvicorn.started)
            try:
                yield Live(patchbay, port, uvicorn)
            finally:
                uvicorn.should_exit = True
                with suppress(asyncio.CancelledError):
                    await task
