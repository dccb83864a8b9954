"""A system that flows ask, as it should not be: it answers as the last segment of the path says."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
from collections.abc import Awaitable, Callable
from typing import Self

Writer = asyncio.StreamWriter
BOMB = gzip.compress(b'{"balance": "' + b"0" * 5_000_000 + b'"}')
PATCH = 64 * 1024


def response(body: bytes | str, kind="application/json", status=200, *more: str) -> bytes:
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Type: {kind}", *more]
    head = "\r\n".join([*lines, f"Content-Length: {len(content)}", "", ""])
    return head.encode() + content


class Foreign:
    """``async with`` it. ``asked`` are the requests that came in, whole; ``sent`` counts bytes."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.asked: list[bytes] = []
        self.arrived = 0  # connections
        self.sent = 0
        self.released = asyncio.Event()
        self._come = asyncio.Semaphore(0)
        self._talks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._came, "127.0.0.1", 0, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.released.set()
        self._server.close()
        await self._server.wait_closed()
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def comes(self, times: int = 1) -> None:
        """Until somebody has come so many times more."""
        for _ in range(times):
            await self._come.acquire()

    def _came(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self.arrived += 1
        self._come.release()
        talk = asyncio.ensure_future(self._serve(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        try:
            request = await self._read(reader)
            self.asked.append(request)
            path = request.split(b" ", 2)[1].split(b"?")[0].decode()
            await self._answers(path.rpartition("/")[2])(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the other one has gone
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> bytes:
        head = await reader.readuntil(b"\r\n\r\n")
        length = [one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length:")]
        body = await reader.readexactly(int(length[0].split(b":")[1])) if length else b""
        return head + body

    def _answers(self, name: str) -> Callable[[Writer], Awaitable[None]]:
        own = getattr(self, f"_{name}", None)
        if own is not None:
            return own

        async def ready(writer: Writer) -> None:
            await self._send(writer, READY[name])

        return ready

    async def _send(self, writer: Writer, piece: bytes) -> None:
        writer.write(piece)
        await writer.drain()
        self.sent += len(piece)

    async def _hang(self, writer: Writer) -> None:
        await self.released.wait()

    async def _later(self, writer: Writer) -> None:
        """Only who asks again gets an answer."""
        if sum(b"/later" in one for one in self.asked) == 1:
            await self.released.wait()
        await self._send(writer, READY["good"])

    async def _drip(self, writer: Writer) -> None:
        for byte in response(json.dumps({"balance": "1" * 200})):
            await self._send(writer, bytes([byte]))
            await asyncio.sleep(0.05)

    async def _huge(self, writer: Writer) -> None:
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        await self._send(writer, f"{head}Content-Length: 10000000000\r\n\r\n".encode())
        for _ in range(10_000_000_000 // PATCH):
            await self._send(writer, b" " * PATCH)

    async def _endless(self, writer: Writer) -> None:
        """It never says how large it is."""
        await self._send(writer, b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        for _ in range(10_000_000_000 // PATCH):
            await self._send(writer, b" " * PATCH)

    async def _crumbs(self, writer: Writer) -> None:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
        await self._send(writer, head + b"\r\n\r\n")
        while True:
            await self._send(writer, b"1;" + b"x" * 2_000 + b"\r\n \r\n")

    async def _heads(self, writer: Writer) -> None:
        while True:
            await self._send(writer, b"HTTP/1.1 103 Soon\r\nX-A: " + b"b" * 4_000 + b"\r\n\r\n")

    async def _head(self, writer: Writer) -> None:
        await self._send(writer, b"HTTP/1.1 200 OK\r\n")
        while True:
            await self._send(writer, b"X-A: " + b"b" * 4_000 + b"\r\n")


READY = {
    "good": response('{"balance": 12.50, "name": "An\\u202en\\u0000"}'),
    "none": response("{}", "application/json", 404),
    "closed": response('{"state": "closed"}'),
    "error": response('{"error": {"code": 7}}'),
    "refused": response("{}", "application/json", 401),
    "broken": response("oops", "text/plain", 503),
    "redirect": response(
        "", "text/plain", 302, "Location: http://169.254.169.254/latest/meta-data/"
    ),
    "bomb": response(BOMB, "application/json", 200, "Content-Encoding: gzip"),
    "nonsense": response('{"balance": '),
    "types": response('{"balance": {"amount": [1, 2]}}'),
    "html": response("<html><script>alert(1)</script>", "text/html"),
    "twice": response('{"balance": "1", "balance": "1000000"}'),
    "deep": response("[" * 30_000),
    "midway": response('{"balance": "12"}').replace(b"Content-Length: 17", b"Content-Length: 99"),
    "silent": b"",
    "ssh": b"SSH-2.0-OpenSSH_9.6\r\n",
    "binary": bytes(range(256)) * 20,
    "smuggled": response('{"balance": "1"}') + response('{"balance": "2"}'),
}
CRUEL = {  # and how a look-up ends
    "hang": "timeout",
    "drip": "timeout",
    "huge": "too_large",
    "endless": "too_large",
    "crumbs": "too_large",
    "heads": "too_large",
    "head": "broken",
    "bomb": "unreadable",
    "redirect": "status",
    "refused": "status",
    "broken": "status",
    "error": "said_failed",
    "nonsense": "unreadable",
    "types": "unreadable",
    "html": "unreadable",
    "twice": "unreadable",
    "deep": "unreadable",
    "midway": "broken",
    "silent": "broken",
    "ssh": "broken",
    "binary": "broken",
}
