"""An SMTP server that says what a test tells it, however wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

Deed = Callable[[asyncio.StreamWriter], Awaitable[None]]
Answer = bytes | Deed

WELL: dict[str, Answer] = {
    "greeting": b"220 hello\r\n",
    "EHLO": b"250-here\r\n250-SIZE 1000000\r\n250-AUTH PLAIN LOGIN\r\n250 8BITMIME\r\n",
    "AUTH": b"235 welcome\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go on\r\n",
    "body": b"250 taken as 1\r\n",
    "QUIT": b"221 bye\r\n",
    "": b"500 what\r\n",
}


class FakeSmtp:
    """``answers`` by a command's beginning; ``greeting`` comes first, ``body`` after a mail."""

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        self.answers = {**WELL, **(answers or {})}
        self.commands: list[str] = []
        self.mails: list[bytes] = []
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

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._talks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._talk(reader, writer)
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._say("greeting", writer)
        while line := await reader.readline():
            words = line.decode("utf-8", "replace").rstrip("\r\n")
            self.commands.append(words)
            key = self._key(words)
            await self._say(key, writer)
            answer = self.answers[key]
            if key == "DATA" and isinstance(answer, bytes) and answer.startswith(b"354"):
                self.mails.append(await reader.readuntil(b"\r\n.\r\n"))
                await self._say("body", writer)

    async def _say(self, key: str, writer: asyncio.StreamWriter) -> None:
        answer = self.answers[key]
        if isinstance(answer, bytes):
            writer.write(answer)
            await writer.drain()
        else:
            await answer(writer)

    def _key(self, words: str) -> str:
        return max((key for key in self.answers if words.startswith(key)), key=len)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


async def hang(writer: asyncio.StreamWriter) -> None:
    await asyncio.Future[None]()


def endless(data: bytes) -> Deed:
    async def run(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(data)
            await writer.drain()
            await asyncio.sleep(0)

    return run
