"""A token server that says what a test tells it, over HTTP on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Self
from urllib.parse import parse_qsl

Deed = Callable[[asyncio.StreamWriter], Awaitable[None]]


class TokenServer:
    """Answers with ``status`` and ``says``, unless it does ``instead``."""

    def __init__(self) -> None:
        self.status = 200
        self.says: object = {"access_token": "access-1", "expires_in": 3_600}
        self.instead: Deed | None = None
        self.forms: list[dict[str, str]] = []  # that came
        self.heads: list[str] = []
        self.port = 0
        self._server: asyncio.Server | None = None
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/oauth2/token?tenant=x"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._answer(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        lengths = [line for line in head.lower().splitlines() if line.startswith("content-length:")]
        form = await reader.readexactly(int(lengths[0].partition(":")[2]))
        self.heads.append(head)
        self.forms.append(dict(parse_qsl(form.decode("ascii"))))
        if self.instead is not None:
            await self.instead(writer)
            return
        said = self.says if isinstance(self.says, bytes) else json.dumps(self.says).encode()
        writer.write(b"HTTP/1.1 %d x\r\nContent-Length: %d\r\n\r\n" % (self.status, len(said)))
        writer.write(said)
        await writer.drain()
