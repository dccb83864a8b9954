"""A network that fails when it is told to: a TCP proxy on loopback, between what is under test and
the server it talks to.

    async with Proxy(5038) as network:
        client.connect("127.0.0.1", network.port)
        network.cut()
"""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Self

PIECE = 65_536
LONGEST_MARK = 1_000
_TURNS = 4  # of the loop, until who was accepted is served
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Proxy:
    """``delay`` (seconds), ``piece`` (bytes), ``away`` and ``eats`` may be set at any time.

    With ``eats`` the next thing that the server says on any connection is swallowed, and that
    connection is reset: what was asked was done, and nobody was told. Each ``piece`` is held up
    for ``delay`` before it goes on: one byte and one second are a line that carries a byte a
    second. While the server is ``away``, who connects is sent off.
    """

    def __init__(self, server: int) -> None:
        """``server``: its port."""
        self.port = 0
        self.made = 0  # connections so far that reached the server
        self.delay = 0.0
        self.piece = PIECE
        self.away = False
        self.eats = 0  # so many answers
        self._to = server
        self._mark = b""
        self._marked = asyncio.Event()
        self._links: set[_Link] = set()
        self._served: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for task in self._served:
            task.cancel()
        await asyncio.gather(*self._served)
        await self._server.wait_closed()

    @property
    def connections(self) -> int:
        return len(self._links)

    def lead_to(self, server: int) -> None:
        """Another server from now on; connections to the one before are reset."""
        self._to = server
        self.cut()

    def cut(self) -> None:
        """Reset every connection, on both sides at once."""
        for link in self._links:
            link.cut()

    async def cut_after(self, mark: bytes) -> None:
        """Let what the server says pass up to the end of ``mark``, wherever that comes next, and
        nothing of what follows. Returns when it came and everything is reset.
        """
        self._mark = mark
        self._marked.clear()
        await self._marked.wait()

    def go_dark(self) -> None:
        """On every connection nothing passes any more, in neither direction, and neither side is
        told, not even when the other one ends. Connections made later are well.
        """
        for link in self._links:
            link.dark = True

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        near, task = _End(reader, writer), asyncio.current_task()
        assert task is not None
        self._served.add(task)
        try:
            far = None if self.away else await self._reach()
            if far is not None:
                await self._connect(near, far)
        except asyncio.CancelledError:
            pass  # by ``__aexit__``; asyncio's streams would complain of it
        finally:
            near.reset()
            self._served.discard(task)

    async def _connect(self, near: _End, far: _End) -> None:
        self.made += 1
        link = _Link(self, near, far)
        self._links.add(link)
        try:
            await link.carry()
        finally:
            link.cut()
            self._links.discard(link)

    async def _reach(self) -> _End | None:
        try:
            return _End(*await asyncio.open_connection("127.0.0.1", self._to))
        except OSError:
            return None

    def seen(self, before: bytes, data: bytes) -> bytes | None:
        """What of ``data`` still passes, when the mark comes in it; None when it does not."""
        start = max(len(before) - len(self._mark) + 1, 0)
        found = (before + data).find(self._mark, start) if self._mark else -1
        if found < 0:
            return None
        passes = data[: max(found + len(self._mark) - len(before), 0)]
        self._mark = b""
        return passes

    def told(self) -> None:
        """The mark has passed."""
        self.cut()
        self._marked.set()


class _End:
    """The proxy's connection with one of the two sides."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self._writer = writer

    async def write(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    def close(self) -> None:
        self._writer.close()

    def reset(self) -> None:
        if not self._writer.is_closing():
            plain = self._writer.get_extra_info("socket")
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            self._writer.transport.abort()


class _Link:
    """One connection with each side. It lasts until one of them ends, or it is cut."""

    def __init__(self, proxy: Proxy, near: _End, far: _End) -> None:
        self.dark = False
        self._proxy = proxy
        self._near, self._far = near, far
        self._pumps: list[asyncio.Future[None]] = []

    async def carry(self) -> None:
        self._pumps = [
            asyncio.ensure_future(self._pump(self._near, self._far)),
            asyncio.ensure_future(self._pump(self._far, self._near)),
        ]
        await asyncio.wait(self._pumps, return_when=asyncio.FIRST_COMPLETED)
        self._stop()
        outcomes = await asyncio.gather(*self._pumps, return_exceptions=True)
        broken = any(isinstance(outcome, ConnectionError) for outcome in outcomes)
        for end in (self._near, self._far):
            end.reset() if broken else end.close()

    def cut(self) -> None:
        self._near.reset()
        self._far.reset()
        self._stop()

    def _stop(self) -> None:
        for pump in self._pumps:
            pump.cancel()

    async def _pump(self, source: _End, target: _End) -> None:
        """Until the source ends, or for ever when it is dark."""
        try:
            await self._carry(source, target)
        except ConnectionError:
            if not self.dark:
                raise
        if self.dark:
            await asyncio.Future[None]()

    async def _carry(self, source: _End, target: _End) -> None:
        before = b""
        while data := await source.reader.read(self._proxy.piece):
            if self._proxy.delay:
                await asyncio.sleep(self._proxy.delay)
            if self.dark:
                return
            if source is self._far and self._proxy.eats:
                self._proxy.eats -= 1
                self.cut()
                return
            passes = self._proxy.seen(before, data) if source is self._far else None
            await target.write(data if passes is None else passes)
            if passes is not None:
                self._proxy.told()
            before = (before + data)[-LONGEST_MARK:]
