"""An IMAP server that says what a test tells it, however wrong."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

Deed = Callable[["Talk"], Awaitable[None]]
Answer = bytes | Deed
"""What is said to a command, with TAG for its tag; or what is done."""

WELL: dict[str, Answer] = {
    "CAPABILITY": b"* CAPABILITY IMAP4rev1 IDLE MOVE UIDPLUS\r\nTAG OK done\r\n",
    "LOGIN": b"TAG OK welcome\r\n",
    "SELECT": (
        b"* 3 EXISTS\r\n* OK [UIDVALIDITY 7] fixed\r\n* OK [UIDNEXT 13] next\r\n"
        b"* OK [PERMANENTFLAGS (\\Seen \\*)] kept\r\nTAG OK [READ-WRITE] selected\r\n"
    ),
    "LOGOUT": b"* BYE see you\r\nTAG OK done\r\n",
    "": b"TAG OK done\r\n",
}


class Talk:
    """One connection, at one command."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.tag = b""

    async def say(self, data: bytes) -> None:
        self.writer.write(data.replace(b"TAG", self.tag))
        await self.writer.drain()

    async def say_for_ever(self, data: bytes) -> None:
        """Until nobody listens."""
        while True:
            self.writer.write(data)
            await self.writer.drain()
            await asyncio.sleep(0)


class FakeImap:
    """``answers`` are looked for by how a command begins; the longest beginning counts."""

    def __init__(
        self, answers: Mapping[str, Answer] | None = None, greeting: bytes = b"* OK hello\r\n"
    ) -> None:
        self.answers = {**WELL, **(answers or {})}
        self.greeting = greeting
        self.commands: list[str] = []  # that came, without their tags
        self.connections = 0
        self.ended = asyncio.Event()  # a connection ended
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
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await self._talk(Talk(reader, writer))
        except asyncio.CancelledError:
            pass
        finally:
            writer.transport.abort()
            self.ended.set()

    async def _talk(self, talk: Talk) -> None:
        await talk.say(self.greeting)
        while line := await talk.reader.readline():
            tag, _, command = line.rstrip(b"\r\n").partition(b" ")
            talk.tag = tag
            words = command.decode("latin-1")
            self.commands.append(words)
            answer = self.answers[self._key(words)]
            await (talk.say(answer) if isinstance(answer, bytes) else answer(talk))

    def _key(self, words: str) -> str:
        return max((key for key in self.answers if words.startswith(key)), key=len)


async def hang_up(talk: Talk) -> None:
    talk.writer.transport.abort()


async def hang(talk: Talk) -> None:
    await asyncio.Future[None]()


def then(data: bytes, deed: Deed) -> Deed:
    """Say this, then do that."""

    async def both(talk: Talk) -> None:
        await talk.say(data)
        await deed(talk)

    return both


def endless(data: bytes) -> Deed:
    async def run(talk: Talk) -> None:
        await talk.say_for_ever(data)

    return run
