"""Somebody who asks one tenant for as much as they can, in a process of their own.

``python -m benchmarks.tenants_flood ORIGIN COOKIE …`` until it is ended; it says when it begins.
Requests on kept connections one after the other, chats that are begun and left, and agents who
change their state as fast as a socket takes it. It honours no ``Retry-After``.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from contextlib import suppress
from urllib.parse import urlsplit

import msgspec
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidHandshake, WebSocketException
from websockets.typing import Origin

from agents.messages import GoNotReady, GoReady
from benchmarks.desk_service import ENTRY, REASON, queue
from cti_adapters.webchat.messages import StartChat
from server.guard import COOKIE

CONNECTIONS = 50
CHATTERS = 50
FAILED = (OSError, WebSocketException, InvalidHandshake, TimeoutError, EOFError)


async def requests(origin: str, cookie: str) -> None:
    """One after the other, for ever."""
    parts = urlsplit(origin)
    lines = (
        "GET /api/v1/session HTTP/1.1",
        f"Host: {parts.netloc}",
        f"Cookie: {COOKIE}={cookie}",
    )
    request = "\r\n".join((*lines, "", "")).encode()
    while True:
        with suppress(*FAILED):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                while True:
                    writer.write(request)
                    head = await reader.readuntil(b"\r\n\r\n")
                    length = next(
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length")
                    )
                    await reader.readexactly(length)
            finally:
                writer.close()


async def chats(origin: str, own: int) -> None:
    for number in itertools.count():
        with suppress(*FAILED):
            async with connect(_ws(origin, "/ws/chat"), origin=Origin(origin), proxy=None) as chat:
                start = StartChat(
                    id=f"flood-{own:08}-{number:012}",
                    entry_point=ENTRY,
                    name="Flood",
                    text="x" * 500,
                    choice=queue(number),
                )
                await chat.send(msgspec.json.encode(start), text=True)
                await chat.recv()


async def acts(origin: str, cookie: str) -> None:
    while True:
        with suppress(*FAILED):
            async with connect(
                _ws(origin, "/ws/desk"),
                origin=Origin(origin),
                additional_headers={"Cookie": f"{COOKIE}={cookie}"},
                max_size=None,
                proxy=None,
            ) as desk:
                reading = asyncio.create_task(_drain(desk.recv))
                try:
                    for number in itertools.count():
                        named = f"flood{number}"
                        act = (
                            GoNotReady(id=named, reason=REASON) if number % 2 else GoReady(id=named)
                        )
                        await desk.send(msgspec.json.encode(act), text=True)
                        await asyncio.sleep(0.001)
                finally:
                    reading.cancel()


async def _drain(receive) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    with suppress(*FAILED):
        while True:
            await receive()


def _ws(origin: str, path: str) -> str:
    return f"ws{origin.removeprefix('http')}{path}"


async def flood(origin: str, cookies: list[str]) -> None:
    work = [requests(origin, cookies[0]) for _ in range(CONNECTIONS)]
    work += [chats(origin, number) for number in range(CHATTERS)]
    work += [acts(origin, cookie) for cookie in cookies]
    await asyncio.gather(*work)


if __name__ == "__main__":
    os.nice(10)  # the one who measures goes first
    print("ready", flush=True)
    asyncio.run(flood(sys.argv[1], sys.argv[2:]))
